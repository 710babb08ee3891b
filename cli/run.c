/* SPDX-License-Identifier: Apache-2.0 */
/* No configuration needed: find the ring, map every PDO of every slave, go to OP, show, go down in
 * order. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <ecring/xdp.h>

#include <stdio.h>
#include <time.h>

static void say_what_lacks(struct ecr_master *master)
{
	struct ecr_thread_info info;

	if (ecr_thread_info(master, &info) == 0 && info.lacking[0])
		fprintf(stderr, "ecring: %s\n", info.lacking);
}

/* The live view shows slaves on their way. */
static int await_slaves(struct ecr_master *master, const struct cli_options *options,
			const struct cli_show *show)
{
	return cli_await_slaves(master, "run", options->interface,
				cli_show_is_live(show) ? 0 : ECR_NEVER);
}

/* A slave that does not come up does not hide the others. */
static bool ring_found(struct ecr_master *master, const struct cli_options *options,
		       struct cli_show *show)
{
	show->told = await_slaves(master, options, show) != CLI_OK;
	return !show->told ||
	       (ecr_state(master) != ECR_STATE_IDLE && ecr_state(master) != ECR_STATE_DISCOVERING);
}

/* With --wait: a second later, until interrupted. */
static bool tries_again(const struct cli_options *options)
{
	static const struct timespec pause = { .tv_sec = 1 };

	if (options->wait && !cli_interrupted())
		nanosleep(&pause, NULL);
	return options->wait && !cli_interrupted();
}

/* The same reason again and again is told once. */
static bool start(struct ecr_master *master, const struct ecr_config *config,
		  const struct cli_options *options)
{
	int told = 0;
	int error;

	while ((error = ecr_start(master, config))) {
		if (error != told)
			ecr_report(master, stderr);
		told = error;
		if (error == ECR_ERR_INVALID_OPTIONS || !tries_again(options))
			return false;
	}
	return true;
}

/* A start that has failed is made again. */
static bool ring_comes(struct ecr_master *master, const struct ecr_config *config,
		       const struct cli_options *options, const struct cli_show *show)
{
	while (await_slaves(master, options, show) != CLI_OK)
		if (!tries_again(options) ||
		    (ecr_state(master) == ECR_STATE_IDLE && !start(master, config, options)))
			return false;
	return true;
}

/* In a terminal slaves on their way are shown, and the session may end while it is. */
static bool begins_again(struct ecr_master *master, const struct ecr_config *config,
			 const struct cli_options *options)
{
	return ecr_state(master) == ECR_STATE_IDLE && tries_again(options) &&
	       start(master, config, options);
}

static int run(struct ecr_master *master, const struct ecr_config *config,
	       const struct cli_options *options, struct cli_show *show)
{
	struct cli_warnings warnings = cli_warnings_open(master);
	int result = CLI_FAILED;

	do {
		if (options->wait ? !ring_comes(master, config, options, show)
				  : !ring_found(master, options, show))
			break;
		say_what_lacks(master);
		cli_warnings_tell(&warnings);
		result = cli_run_session(master, show);
	} while (begins_again(master, config, options));
	ecr_stop(master);
	cli_warnings_tell(&warnings);
	cli_warnings_close(&warnings);
	return result;
}

int cli_run(const struct cli_options *options)
{
	struct ecr_domain_config domains[] = {
		{ .id = "io", .cycle_ns = options->cycle ? options->cycle : ECR_MS(1) }, { 0 }
	};
	const struct ecr_slave_config everything = { .process_data = ECR_ALL_TO("io") };
	struct cli_show show = { .title = "ecring run",
				 .duration = options->duration,
				 .started = ecr_now(),
				 .json = options->json };
	struct ecr_config config = { .interface = options->interface,
				     .backup_interface = options->backup,
				     .domains = domains,
				     .each = &everything,
				     .scan_poll_ms = 50,
				     .scan_stable_ms = 300,
				     .limits = { .slaves = CLI_SLAVES },
				     .realtime = options->realtime,
				     .raw = options->raw,
				     .record = { .path = options->record } };
	struct ecr_master *master = ecr_open();
	int result = CLI_SYSTEM;

#ifdef ECRING_XDP
	config.raw.xdp = ecr_xdp_open;
#endif

	if (!options->interface) {
		fprintf(stderr, "ecring run: -i IF is missing\n");
		ecr_close(master);
		return CLI_USAGE;
	}
	cli_catch_signals();
	if (master && start(master, &config, options))
		result = run(master, &config, options, &show);
	ecr_close(master);
	return result;
}
