/* SPDX-License-Identifier: Apache-2.0 */
/* No configuration needed: find the ring, map every PDO of every slave, go to OP, show, go down in
 * order. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM 4096

static int configure_all(struct ecr_master *master)
{
	struct ecr_slave_summary *slaves = calloc(ROOM, sizeof(*slaves));
	struct ecr_slave_config config = { .process_data = ECR_ALL_TO("io") };
	int count = slaves ? ecr_slaves(master, slaves, ROOM) : ECR_ERR_NO_MEMORY;
	int error = count < 0 ? count : 0;

	for (int i = 0; i < count && i < ROOM && !error; i++) {
		error = ecr_configure_slave(master, slaves[i].name, &config);
		if (error)
			fprintf(stderr, "ecring: slave %s: %s\n", slaves[i].name,
				ecr_error_text(error));
	}
	free(slaves);
	return error;
}

static void say_what_lacks(struct ecr_master *master)
{
	struct ecr_thread_info info;

	if (ecr_thread_info(master, &info) == 0 && info.lacking[0])
		fprintf(stderr, "ecring: %s\n", info.lacking);
}

int cli_run(const struct cli_options *options)
{
	struct ecr_domain_config domains[] = {
		{ .id = "io", .cycle_ns = options->cycle ? options->cycle : ECR_MS(1) }, { 0 }
	};
	struct cli_show show = { .title = "ecring run",
				 .duration = options->duration,
				 .started = ecr_now(),
				 .json = options->json };
	struct ecr_config config = { .interface = options->interface,
				     .backup_interface = options->backup,
				     .domains = domains,
				     .scan_poll_ms = 50,
				     .scan_stable_ms = 300,
				     .limits = { .slaves = CLI_SLAVES },
				     .realtime = options->realtime,
				     .raw = options->raw };
	struct ecr_master *master = ecr_open();
	int result = CLI_SYSTEM;

	if (!options->interface) {
		fprintf(stderr, "ecring run: -i IF is missing\n");
		ecr_close(master);
		return CLI_USAGE;
	}
	cli_catch_signals();
	if (!master || ecr_start(master, &config)) {
		if (master)
			ecr_report(master, stderr);
	} else if (cli_await_ring(master, "run", options->interface)) {
		result = CLI_FAILED;
	} else if (configure_all(master) || ecr_activate(master)) {
		ecr_report(master, stderr);
		result = CLI_FAILED;
	} else {
		say_what_lacks(master);
		result = cli_run_session(master, &show);
	}
	ecr_close(master);
	return result;
}
