/* SPDX-License-Identifier: Apache-2.0 */
/* The report of diag for people: slaves, cables, states, who else is on the wire. */
#include "cli/diag.h"

#include <stdio.h>

#define RING_NAMES 32	 /* told */
#define SILENT_FRAMES 10 /* lost one after the other: that is no accident */

/* What has happened to it while it ran, else what keeps it from running. */
static void print_fault(const struct diag *diag, int number)
{
	const struct ecr_slave_summary *slave = &diag->survey.slaves[number];
	const struct ecr_fault *fault = &slave->fault;
	struct ecr_failure failure = { 0 };
	int error = fault->error;
	uint16_t code = fault->al_code;

	if (fault->kind != ECR_FAULT_NONE)
		printf("  %s%s", ecr_fault_name(fault->kind), error ? ": " : "");
	else if (cli_survey_failure(&diag->survey, number, &failure))
		printf("  ");
	if (failure.error) {
		error = failure.error;
		code = failure.al_code;
	}
	printf("%s", error ? ecr_error_text(error) : "");
	if (code)
		printf(" (0x%04x %s)", code, ecr_al_code_text(code));
	if (slave->next_attempt_ns >= 0)
		printf(", next attempt in %.1f s", (double)slave->next_attempt_ns / 1e9);
}

/* A session that finds its slaves gives them names of its own. */
static void print_ring(const struct cli_ring *ring)
{
	const char *name;

	if (!ring)
		return;
	printf("the simulated ring, as --fault calls it:");
	for (int i = 0; (name = cli_ring_name(ring, i)) && i < RING_NAMES; i++)
		printf("%s #%d %s", i ? "," : "", i, name);
	printf("%s\n", name ? ", ..." : "");
}

static void print_slaves(const struct diag *diag)
{
	printf("slaves: %d\n", diag->survey.slave_count);
	for (int i = 0; i < diag->survey.slave_count; i++) {
		const struct ecr_slave_summary *slave = &diag->survey.slaves[i];
		struct ecr_slave_info info;

		printf("  %3d  0x%04x  %-16s %-6s", slave->position, slave->station, slave->name,
		       cli_survey_state_name(slave));
		if (ecr_slave_info(diag->survey.master, slave->name, &info) == 0)
			printf("  %s%s", info.device, info.sii_warnings ? "  (odd EEPROM)" : "");
		print_fault(diag, i);
		printf("\n");
	}
}

static void print_tree(const struct diag *diag)
{
	if (diag->survey.link_count < 0)
		return;
	printf("topology: ");
	cli_tree_print(&diag->tree);
}

/* How many have been told, `told` of them before. */
static int print_bad(const struct ecr_link_report *links, int count, int told)
{
	char text[320];

	for (int i = 0; i < count; i++)
		if (ecr_link_text(&links[i], text, sizeof(text)))
			printf("%s  %s\n", told++ ? "" : "cables:\n", text);
	return told;
}

static void print_cables(const struct diag *diag)
{
	const struct cli_survey *survey = &diag->survey;
	int bad;

	if (survey->link_count < 0) {
		printf("cables: %s (%s)\n", ecr_error_text(survey->link_count),
		       ecr_error_hint(survey->link_count));
		return;
	}
	bad = print_bad(survey->links, survey->link_count, 0);
	bad = print_bad(survey->ends, survey->end_count, bad);
	if (!survey->link_count)
		printf("cables: nothing is known of them while no slave answers\n");
	else if (!bad)
		printf("cables: %d, none with an error\n", survey->link_count);
}

static void print_differences(const struct diag *diag)
{
	char text[320];

	for (int i = 0; i < diag->difference_count; i++) {
		ecr_difference_text(&diag->differences[i], text, sizeof(text));
		printf("otherwise than it should be: %s\n", text);
	}
}

static void print_suspects(const struct diag *diag)
{
	if (!diag->suspect_count)
		return;
	printf("the counter lacked a share %.1f s ago although all answered; it may be that of\n",
	       (double)(ecr_now() - diag->suspected_at) / 1e9);
	for (int i = 0; i < diag->suspect_count; i++)
		printf("  %3d  0x%04x  %s\n", diag->suspects[i].position, diag->suspects[i].station,
		       diag->suspects[i].name);
}

static bool is_silent(const struct diag *diag)
{
	return diag->survey.bus.timeout_count >= SILENT_FRAMES;
}

static void print_domain(const struct diag *diag)
{
	const struct ecr_domain_info *domain = &diag->domain;

	if (!diag->cycling)
		return;
	printf("cycles: %llu valid, %llu not; counter %u of %u%s%s\n",
	       (unsigned long long)domain->cycle_count,
	       (unsigned long long)domain->total_miss_count, domain->actual_wkc,
	       domain->expected_wkc, is_silent(diag) ? " in the last frame that came back" : "",
	       domain->degraded ? "; degraded" : "");
	print_suspects(diag);
}

/* Since the report began. */
static void print_states(const struct diag *diag)
{
	struct ecr_al_entry entries[ECR_AL_HISTORY];

	printf("AL states as seen, after so many seconds:\n");
	for (int i = 0; i < diag->survey.slave_count; i++) {
		const struct ecr_slave_summary *slave = &diag->survey.slaves[i];
		int count =
			ecr_al_history(diag->survey.master, slave->name, entries, ECR_AL_HISTORY);

		printf("  %3d  ", slave->position);
		for (int k = 0; k < count; k++) {
			printf("%s%.1f %s", k ? " > " : "",
			       (double)(entries[k].at - diag->began) / 1e9,
			       entries[k].status ? ecr_al_state_name(entries[k].status) : "lost");
			if (entries[k].code)
				printf(" (0x%04x %s)", entries[k].code,
				       ecr_al_code_text(entries[k].code));
		}
		printf("\n");
	}
}

static void print_break(const struct diag *diag)
{
	const struct ecr_redundancy_info *info = &diag->survey.bus.redundancy;

	printf("the ring is broken between ");
	cli_tree_print_break(&diag->tree);
	printf(": the ports reach %d and %d slaves\n", info->reach[0], info->reach[1]);
}

static void print_wire(const struct diag *diag)
{
	const struct ecr_bus_info *bus = &diag->survey.bus;
	const struct ecr_link_info *link = &bus->link;
	const uint8_t *mac = link->foreign_source;

	printf("interface: %s, lost %u times; %llu frames sent, %llu lost\n",
	       ecr_link_status_name(link->status), link->losses,
	       (unsigned long long)bus->frames_sent, (unsigned long long)bus->frames_lost);
	if (is_silent(diag))
		printf("no frame comes back: look at the first slave's power and cable, and for a "
		       "cable "
		       "or slave that damages every frame\n");
	if (bus->redundancy.redundant)
		printf("frames pass by the first port: %s, by the second: %s\n",
		       bus->redundancy.port_up[0] ? "yes" : "no",
		       bus->redundancy.port_up[1] ? "yes" : "no");
	if (bus->redundancy.split)
		print_break(diag);
	if (link->foreign_frames)
		printf("a second master? %llu frames of %02x:%02x:%02x:%02x:%02x:%02x\n",
		       (unsigned long long)link->foreign_frames, mac[0], mac[1], mac[2], mac[3],
		       mac[4], mac[5]);
}

int diag_print_text(struct diag *diag, const struct cli_options *options)
{
	printf("session: %s\n", ecr_state_name(diag->survey.state));
	print_ring(diag->survey.ring);
	print_slaves(diag);
	print_tree(diag);
	print_cables(diag);
	print_differences(diag);
	print_domain(diag);
	print_states(diag);
	print_wire(diag);
	cli_survey_print_failures(&diag->survey, stdout);
	return cli_wanted_compare(&diag->wanted, &diag->survey, options);
}
