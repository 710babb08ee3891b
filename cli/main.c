/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static const struct cli_verb verbs[] = {
	{ "demo", cli_demo, 0,
	  "[--ring LIST] [--redundant] [--wire A.N=B.M]... [--duration S] [--fault SENTENCE]... "
	  "[--json] [--record FILE.pcapng]",
	  "a master and a simulated ring in this process, live" },
	{ "run", cli_run, 0,
	  "-i IF [--backup IF2] [--wait] [--cycle 1ms] [--duration S] [--json] "
	  "[--scheduling fifo|rr|other]\n"
	  "        [--priority N|none] [--cpu N] [--stack KIB] [--no-spin] [--spin-replies] "
	  "[--no-lock] [--no-sleep-states] [--no-ring] "
	  "[--bypass-qdisc] [--hardware-stamps] [--record FILE.pcapng]",
	  "find the ring, map everything, go to OP and show the signals" },
	{ "budget", cli_budget, 1, "RING [--cycle 1ms] [--json]",
	  "what a ring costs on the wire: frame time, shortest cycle, utilisation" },
	{ "doctor", cli_doctor, 0, "-i IF", "what this machine lacks for a quiet cycle on IF" },
	{ "scan", cli_scan, 0, "-i IF [--json]", "what is on the ring; leaves it as it was" },
	{ "sim", cli_sim, 0,
	  "-i IF [--backup IF2] | --udp ADDR[:PORT] [--ring LIST] [--wire A.N=B.M]... "
	  "[--fault SENTENCE]... [--duration S]",
	  "serve a simulated ring to any master" },
	{ "dc", cli_dc, 0,
	  "-i IF [--backup IF2] | --ring LIST [--redundant] [--cycle 1ms] [--duration S] [--json] "
	  "[--plot FILE.svg]",
	  "hold the slaves' clocks together (in PREOP) and show how far they are apart" },
	{ "diag", cli_diag, 0,
	  "-i IF [--backup IF2] | --ring LIST [--redundant] [--fault SENTENCE]... [--cycle 1ms] "
	  "[--duration S]\n"
	  "        [--compare FILE] [--json]",
	  "what is wrong with a ring: slaves, cables, states, other senders" },
	{ "topology", cli_topology, 0,
	  "-i IF [--backup IF2] | --ring LIST [--redundant] [--fault SENTENCE]... [--duration S] "
	  "[--json | --svg FILE] [--compare FILE]",
	  "the tree of slaves, as text or as a drawing, and what is otherwise than FILE says" },
	{ "sii", cli_sii, 1, "FILE | -i IF --slave N [--json]", "print a decoded EEPROM image" },
	{ "upload", cli_upload, 2, "-i IF -p POS [-t TYPE] [--complete] [--json] INDEX SUBINDEX",
	  "read an object of the slave at a position" },
	{ "download", cli_download, 3, "-i IF -p POS [-t TYPE] [--complete] INDEX SUBINDEX VALUE",
	  "write an object of the slave at a position" },
	{ "sdos", cli_sdos, 0, "-i IF [-p POS] [--json]",
	  "the objects that a slave, or every one, describes" },
	{ "pdos", cli_pdos, 0, "-i IF [-p POS] [--json]",
	  "what a slave, or every one, exchanges cyclically" },
	{ "emergencies", cli_emergencies, 0, "-i IF [-p POS] [--duration S] [--json]",
	  "the emergency messages that slaves send meanwhile" },
	{ "world", cli_world, 0, "[--seed N] [--count M] [--shrink] [--trace] [--only LIST]",
	  "a ring, its session and all that happens to them, drawn from a seed (1)" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *to)
{
	fprintf(to, "ecring %s: an EtherCAT master for Linux user space\n\n", ecr_version_string());
	for (size_t i = 0; i < VERBS; i++)
		fprintf(to, "  ecring %-8s %s\n        %s\n", verbs[i].name, verbs[i].usage,
			verbs[i].what);
	fprintf(to, "\nIF is a network interface, or udp:HOST[:PORT]. Elements of a ring are "
		    "EK1100, EL1809, EL2809,\nEL3202, analog_coe, mailbox, drive, awkward (each "
		    "with habits:\nEL3202+slow), "
		    "digital:OUTS:INS, analog:OUTS:INS or an SII file; NAME:ELEMENT names one, "
		    "ELEMENT*N repeats it.\n"
		    "TYPE is bool, int8 to int64, uint8 to uint64, sm8 to sm64 (sign and "
		    "magnitude), float, double,\nstring, octet_string, unicode_string or raw. "
		    "With --complete an object is read or written as a whole\n(SUBINDEX 0 or 1, 0 "
		    "when left out). Behind -- nothing is an option; values below zero need none.\n"
		    "What asks a slave brings the ring to PREOP first, and leaves it in INIT.\n"
		    "SENTENCE breaks the simulated ring: 'at 5s disconnect outputs for 2s' "
		    "(a wrong one lists what can be said).\n"
		    "Exit status: 0 success, 1 not reached, 2 wrong arguments, 3 interface, "
		    "permission or file.\n");
}

int main(int argc, char **argv)
{
	struct cli_options options = { 0 };

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(argc < 2 ? stderr : stdout);
		return argc < 2 ? CLI_USAGE : CLI_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("ecring %s\n", ecr_version_string());
		return CLI_OK;
	}
	for (size_t i = 0; i < VERBS; i++) {
		int error;

		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		error = cli_parse(argc - 2, argv + 2, &verbs[i], &options);
		if (error || options.help) {
			fprintf(error ? stderr : stdout, "usage: ecring %s %s\n  %s\n",
				verbs[i].name, verbs[i].usage, verbs[i].what);
			return error;
		}
		return verbs[i].run(&options);
	}
	fprintf(stderr, "ecring: no such verb: %s (ecring --help lists them)\n", argv[1]);
	return CLI_USAGE;
}
