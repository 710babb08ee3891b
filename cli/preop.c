/* SPDX-License-Identifier: Apache-2.0 */
/* A session that holds every slave in PREOP, for verbs that ask one of them. */
#include "cli/cli.h"

#include <stdio.h>

static int find_slave(const char *verb, const struct cli_options *options,
		      struct cli_session *session)
{
	struct ecr_slave_summary none[1];
	struct ecr_slave_info info;
	int count = ecr_slaves(session->master, none, 0);

	if (options->slave < 0)
		return CLI_OK;
	snprintf(session->slave, sizeof(session->slave), "slave_%d", options->slave);
	if (ecr_slave_info(session->master, session->slave, &info) == 0)
		return CLI_OK;
	fprintf(stderr,
		"ecring %s: there is no slave at position %d: the ring on %s has %d, counted "
		"from 0\n  try: ecring scan -i %s\n",
		verb, options->slave, options->interface, count, options->interface);
	return CLI_FAILED;
}

int cli_session_open(const char *verb, const struct cli_options *options,
		     struct cli_session *session)
{
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(10) },
							    { 0 } };
	struct ecr_config config = { .interface = options->interface,
				     .domains = domains,
				     .frame_timeout_ms =
					     50, /* no hurry: a busy machine loses none */
				     .scan_poll_ms = 50,
				     .scan_stable_ms = 300 };

	*session = (struct cli_session){ .master = NULL };
	if (!options->interface) {
		fprintf(stderr, "ecring %s: -i IF is missing\n", verb);
		return CLI_USAGE;
	}
	cli_catch_signals();
	session->master = ecr_open();
	if (!session->master || ecr_start(session->master, &config)) {
		if (session->master)
			ecr_report(session->master, stderr);
		return CLI_SYSTEM;
	}
	/* A slave that does not come up must not hide the others. */
	if (cli_await_ring(session->master, verb, options->interface)) {
		enum ecr_state state = ecr_state(session->master);

		if (state == ECR_STATE_IDLE || state == ECR_STATE_DISCOVERING)
			return CLI_FAILED;
	}
	return find_slave(verb, options, session);
}

void cli_session_close(struct cli_session *session)
{
	ecr_close(session->master);
}

/* One slave's turn; a status. */
static int show_slave(const char *verb, const struct cli_options *options,
		      struct cli_session *session, int position,
		      int (*show)(const struct cli_options *options,
				  const struct cli_session *session, const struct cli_shown *shown))
{
	struct cli_shown shown = { .position = position, .alone = options->slave >= 0 };
	struct ecr_slave_info info;
	int error;

	snprintf(session->slave, sizeof(session->slave), "slave_%d", position);
	error = ecr_slave_info(session->master, session->slave, &info);
	if (error) {
		fprintf(stderr, "ecring %s: slave at position %d: %s\n", verb, position,
			ecr_error_text(error));
		return CLI_FAILED;
	}
	shown.coe = info.coe;
	if (!shown.alone && !options->json)
		printf("=== position %d, \"%s\"\n", position, info.device);
	return show(options, session, &shown);
}

int cli_each_slave(const char *verb, const struct cli_options *options,
		   int (*show)(const struct cli_options *options, const struct cli_session *session,
			       const struct cli_shown *shown))
{
	struct ecr_slave_summary none[1];
	struct cli_session session;
	int result = cli_session_open(verb, options, &session);
	int count = result ? 0 : ecr_slaves(session.master, none, 0);

	if (!result && options->slave >= 0)
		result = show_slave(verb, options, &session, options->slave, show);
	else if (!result && options->json)
		printf("{\"slaves\":[");
	for (int i = 0; i < count && options->slave < 0 && !cli_interrupted(); i++) {
		int status;

		printf(options->json && i ? "," : "");
		status = show_slave(verb, options, &session, i, show);
		result = result ? result : status;
	}
	if (options->json && options->slave < 0 && count)
		printf("]}\n");
	cli_session_close(&session);
	return result;
}
