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
