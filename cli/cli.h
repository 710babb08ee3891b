/* SPDX-License-Identifier: Apache-2.0 */
/* The program's verbs, and what they share. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#define CLI_SLAVES 4096		   /* of a ring, at most */
#define CLI_SLICE ECR_MS(100)	   /* from one look at a session to the next */
#define CLI_HEAL_PATIENCE ECR_S(7) /* the longest pause between attempts, and one more */

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

#include <stdio.h>

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
	const char *backup; /* the interface at the ring's other end */
	const char *ring;
	bool redundant; /* the ring is closed at a second port of the master */
	const char *wires[32];
	int wire_count;
	const char *faults[32]; /* sentences for the simulated ring */
	int fault_count;
	const char *plot;
	const char *svg;
	const char *compare; /* FILE that says how the ring is to be */
	const char *record;  /* FILE.pcapng */
	const char *seed;    /* of worlds */
	const char *count;
	const char *only;
	bool shrink;
	bool trace;
	const char *words[4]; /* that belong to no option */
	int word_count;
	const char *type;  /* -t */
	ecr_time duration; /* 0: until interrupted */
	ecr_time cycle;
	int slave;
	struct ecr_realtime realtime;
	struct ecr_raw_options raw;
	bool json;
	bool complete; /* an object as a whole */
	bool wait;     /* for interface and ring, however long */
	bool help;
};

/* What a verb takes: its options are those that its usage names. */
struct cli_verb {
	const char *name;
	int (*run)(const struct cli_options *options);
	int words; /* at most, that belong to no option */
	const char *usage;
	const char *what;
};

/* Fills options from the arguments behind the verb; CLI_OK or CLI_USAGE with a message. */
int cli_parse(int argc, char **argv, const struct cli_verb *verb, struct cli_options *options);
/* The whole text is a number within the range, in decimal or hexadecimal. */
bool cli_number(const char *text, long least, long most, long *number);

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
/* With --redundant a cable leads from the last slave back to a second port of the master; false with a message. */
bool cli_ring_close(struct cli_ring *ring, const struct cli_options *options,
		    struct ecr_config *config);
bool cli_ring_has_clocks(const struct cli_ring *ring);
/* NULL behind the last one. */
const char *cli_ring_name(const struct cli_ring *ring, int slave);
/* What the configuration of a slave says that may be absent; others are left alone. */
void cli_ring_presence(const struct cli_ring *ring, int slave,
		       struct ecr_presence_config *presence);
/* Slaves are passed in the order of the description, as many as are there. */
bool cli_ring_keeps_order(const struct cli_ring *ring);
/* A configuration of each of them like this one, by its name; the caller frees it; NULL: no memory. */
struct ecr_slave_config *cli_ring_slaves(const struct cli_ring *ring,
					 const struct ecr_slave_config *each);
void cli_ring_free(struct cli_ring *ring);

/* JSON strings, of UTF-8, and of a slave's text, taken as Latin-1. */
void cli_json_string(const char *text);
void cli_json_text(const char *text);
void cli_print_value(const struct ecr_value *value, bool json);

/* From here to cli_keys_close the terminal gives single keys. */
void cli_keys_open(void);
void cli_keys_close(void);
/* Waits so long for a key: a character, or one of these; 0 none. */
enum { CLI_KEY_NEXT = 256, CLI_KEY_PREVIOUS }; /* arrows */
int cli_keys_wait(ecr_time time);

struct cli_breaker;

/* Runs a session that has begun until it is time to stop or it has ended, with a live view from the start on; used by demo and
 * run, which stop it then: one that has ended is idle before. Exit status. */
struct cli_show {
	const char *title;
	bool toggle_outputs; /* the demo moves its outputs */
	bool json;
	/* From when it is operational, or had the time to be; 0: until interrupted. */
	ecr_time duration;
	ecr_time started;	     /* when the session was begun */
	struct cli_breaker *breaker; /* keys that break the ring; NULL none */
	bool told;		     /* what is wrong with the ring has been said already */
};
int cli_run_session(struct ecr_master *master, const struct cli_show *show);
/* In a terminal, that is. */
bool cli_show_is_live(const struct cli_show *show);

/* On standard error: what was said last is not said again, unless a view has been drawn over it. */
void cli_tell(const char *text);
void cli_tell_failure(const struct ecr_failure *failure);
/* It has been well since: the same would be news. */
void cli_tell_anew(void);

/* Slaves' warnings from here on; told when asked, each once. */
#define CLI_WARNINGS 32

struct cli_warnings {
	struct ecr_master *master;
	struct ecr_subscription *subscription; /* NULL: none could be had */
	struct ecr_event events[CLI_WARNINGS]; /* told already */
	int count;
};

struct cli_warnings cli_warnings_open(struct ecr_master *master);
void cli_warnings_tell(struct cli_warnings *warnings);
void cli_warnings_close(struct cli_warnings *warnings);

/* Waits until a ring is there, all of it in PREOP: CLI_OK, or CLI_FAILED and a message when no slaves are found for
 * 30 s, 5 s of them without a link, or when the session gives them up. `interface` NULL: simulated. */
int cli_await_ring(struct ecr_master *master, const char *verb, const char *interface);
/* The same, but after so long on their way to PREOP slaves are there as well, and so they are when the session is kept
 * from where it should be and goes on trying: the state tells. */
int cli_await_slaves(struct ecr_master *master, const char *verb, const char *interface,
		     ecr_time preop_patience);
/* As ecr_await_operational, until interrupted. */
int cli_await_operational(struct ecr_master *master, ecr_time patience);

/* A session that holds every slave in PREOP, for verbs that ask one of them. */
struct cli_session {
	struct ecr_master *master;
	char slave[ECR_NAME_SIZE]; /* the one at -p, "" none */
};

/* CLI_OK, or another status with a message; to be closed in either case. */
int cli_session_open(const char *verb, const struct cli_options *options,
		     struct cli_session *session);
void cli_session_close(struct cli_session *session);

/* Runs `show` for the slave at -p, or for every one when none was given: then what has no CoE is left out
 * unless it is to be told in JSON, where all stand in an array "slaves". `show` prints one, as an object in
 * JSON, and returns an exit status. The worst of them. */
struct cli_shown {
	int position;
	bool coe;
	bool alone; /* it was asked for by -p */
};
int cli_each_slave(const char *verb, const struct cli_options *options,
		   int (*show)(const struct cli_options *options, const struct cli_session *session,
			       const struct cli_shown *shown));

/* How an object's bytes are read and written. */
enum cli_kind {
	CLI_BOOL,
	CLI_SIGNED,
	CLI_UNSIGNED,
	CLI_MAGNITUDE, /* sign and magnitude */
	CLI_REAL,
	CLI_STRING,
	CLI_OCTETS,
	CLI_UNICODE,
	CLI_RAW,
};

struct cli_type {
	const char *name;
	uint16_t data_type; /* of ETG.1000.6; 0 none */
	uint8_t kind;	    /* enum cli_kind */
	uint8_t bytes;	    /* 0: any number */
};

/* NULL: there is none. */
const struct cli_type *cli_type_named(const char *name);
const struct cli_type *cli_type_of(uint16_t data_type);
void cli_list_types(FILE *to);
bool cli_type_fits(const struct cli_type *type, size_t size);
void cli_put_value(const struct cli_type *type, const uint8_t *bytes, size_t size, bool json);
/* The number of bytes, -1 when the text is no such value. `room`: 8 or more. */
int cli_parse_value(const struct cli_type *type, const char *text, uint8_t *to, size_t room);

#define CLI_SURVEY_ROOM 4096
#define CLI_SURVEY_DOMAIN "io"

/* A ring in PREOP, or cycling in OP where --cycle asks for that, from an interface or simulated, and what it
 * tells. */
struct cli_survey {
	const char *verb;
	struct ecr_master *master;
	struct cli_ring *ring;
	bool (*prepare)(struct cli_survey *survey); /* the simulated ring, before it is looked at */
	struct ecr_slave_summary slaves[CLI_SURVEY_ROOM];
	int slave_count;
	struct ecr_link_report links[CLI_SURVEY_ROOM];
	int link_count;				      /* or an error */
	struct ecr_link_report ends[CLI_SURVEY_ROOM]; /* cables that lead to nobody now */
	int end_count;
	struct ecr_bus_info bus;
	enum ecr_state state;
	uint64_t sent;
	uint64_t lost;
};

/* CLI_OK, or the exit status with a message told; close it in any case. */
int cli_survey_open(struct cli_survey *survey, const struct cli_options *options);
/* Long frames for so long: cables that are bad show it. */
void cli_survey_traffic(struct cli_survey *survey, ecr_time duration);
void cli_survey_look(struct cli_survey *survey);
/* What has kept the slave of this number from its state; false: nothing. */
bool cli_survey_failure(const struct cli_survey *survey, int slave, struct ecr_failure *failure);
/* Of every slave, else of the session where it is not where it should be: in words, and as a further member of a
 * JSON object. */
void cli_survey_print_failures(const struct cli_survey *survey, FILE *to);
void cli_survey_failures_json(const struct cli_survey *survey);
/* Whether there is any, or slaves are still on their way. */
bool cli_survey_fails(const struct cli_survey *survey);
/* CLI_OK, or CLI_FAILED when something fails. */
int cli_survey_result(const struct cli_survey *survey);
/* "OP", "absent", or "-" for one that does not answer. */
const char *cli_survey_state_name(const struct ecr_slave_summary *slave);
void cli_survey_close(struct cli_survey *survey);

int cli_demo(const struct cli_options *options);
int cli_diag(const struct cli_options *options);
int cli_topology(const struct cli_options *options);
int cli_sim(const struct cli_options *options);
int cli_scan(const struct cli_options *options);
int cli_run(const struct cli_options *options);
int cli_sii(const struct cli_options *options);
int cli_budget(const struct cli_options *options);
int cli_doctor(const struct cli_options *options);
int cli_dc(const struct cli_options *options);
int cli_upload(const struct cli_options *options);
int cli_download(const struct cli_options *options);
int cli_sdos(const struct cli_options *options);
int cli_pdos(const struct cli_options *options);
int cli_world(const struct cli_options *options);
int cli_emergencies(const struct cli_options *options);

/* Differences of clocks over time, in ns: `slaves` values for each of `samples`, INT32_MIN unknown. */
struct cli_trace {
	int32_t *values;
	char (*names)[ECR_NAME_SIZE];
	int slaves;
	int samples;
	ecr_time interval; /* between samples */
	int32_t threshold;
	int reference; /* whose clock the others are compared with; -1 the master's */
};

/* An SVG of the curves and of their histogram; false when the file cannot be written. */
bool cli_plot(const char *file, const struct cli_trace *trace);

#endif
