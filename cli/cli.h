/* SPDX-License-Identifier: Apache-2.0 */
/* The program's verbs, and what they share. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#define CLI_SLAVES 4096 /* of a ring, at most */

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1, /* what was asked for was not reached */
	CLI_USAGE = 2,	/* wrong arguments */
	CLI_SYSTEM = 3, /* interface, permission, file */
};

/* Options that several verbs know. */
struct cli_options {
	const char *interface; /* -i, or udp:... from --udp */
	const char *udp;
	const char *ring;
	const char *wires[32];
	int wire_count;
	const char *faults[32]; /* sentences for the simulated ring */
	int fault_count;
	const char *file;
	const char *plot;
	ecr_time duration; /* 0: until interrupted */
	ecr_time cycle;
	int slave;
	bool json;
	bool help;
};

/* Fills options from the arguments behind the verb; CLI_OK or CLI_USAGE with a message. */
int cli_parse(int argc, char **argv, struct cli_options *options);
/* "250us", "1ms", "10s", "1.5s"; false when it is no duration. */
bool cli_duration(const char *text, ecr_time *duration);

/* Ctrl-C asks for an orderly end. */
void cli_catch_signals(void);
bool cli_interrupted(void);

/* A simulated ring by its description "EK1100,EL1809,2*digital..."; NULL with a message. Freed by
 * cli_ring_free. */
struct cli_ring;
struct cli_ring *cli_ring_make(const char *description, const char *const *wires, int wire_count);
/* Injects the sentences, times counted from now; false with a message. */
bool cli_ring_say(struct cli_ring *ring, const struct cli_options *options);
struct ecr_sim *cli_ring_sim(struct cli_ring *ring);
/* NULL behind the last one. */
const char *cli_ring_name(const struct cli_ring *ring, int slave);
void cli_ring_free(struct cli_ring *ring);

/* JSON strings. */
void cli_json_string(const char *text);
void cli_print_value(const struct ecr_value *value, bool json);

/* Keys of the live view, each with what it says to the simulated ring: a sentence, or its two halves
 * around the slave's name. */
struct cli_key {
	char key;
	const char *label;
	const char *sentence;
	const char *rest; /* NULL: no slave is meant */
};
/* From here to cli_keys_close the terminal gives single keys. */
void cli_keys_open(void);
void cli_keys_close(void);
/* Waits so long for a key; 0 none. */
char cli_keys_wait(ecr_time time);

/* Runs a session until it is time to stop, with a live view; used by demo and run. Exit status. */
struct cli_show {
	const char *title;
	bool toggle_outputs; /* the demo moves its outputs */
	bool json;
	ecr_time duration;
	const struct cli_key *keys; /* ends with key 0; NULL none */
	const char *victim;	    /* the slave that they mean */
};
int cli_run_session(struct ecr_master *master, const struct ecr_config *config,
		    const struct cli_show *show);

int cli_demo(const struct cli_options *options);
int cli_sim(const struct cli_options *options);
int cli_scan(const struct cli_options *options);
int cli_run(const struct cli_options *options);
int cli_sii(const struct cli_options *options);
int cli_dc(const struct cli_options *options);

/* Differences of clocks over time, in ns: `slaves` values for each of `samples`, INT32_MIN unknown. */
struct cli_trace {
	int32_t *values;
	char (*names)[ECR_NAME_SIZE];
	int slaves;
	int samples;
	ecr_time interval; /* between samples */
	int32_t threshold;
};

/* An SVG of the curves and of their histogram; false when the file cannot be written. */
bool cli_plot(const char *file, const struct cli_trace *trace);

#endif
