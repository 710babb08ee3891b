/* SPDX-License-Identifier: Apache-2.0 */
/* A ring brought to PREOP and asked everything about itself: for diag and topology. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

/* Several attempts, each of them answered within an AL time-out, unless many slaves fail one after the other. */
#define PREOP_PATIENCE ECR_S(10)
#define BREAK_PATIENCE ECR_S(2)
#define COUNT_PATIENCE ECR_S(10)

static int open_ring(struct cli_survey *survey, const struct cli_options *options,
		     struct ecr_config *config)
{
	if (!options->interface && !options->ring) {
		fprintf(stderr, "ecring %s: -i IF or --ring LIST is missing\n", survey->verb);
		return CLI_USAGE;
	}
	if (!options->ring)
		return CLI_OK;
	survey->ring = cli_ring_make(options->ring, options->wires, options->wire_count);
	if (!survey->ring || !cli_ring_close(survey->ring, options, config) ||
	    !cli_ring_say(survey->ring, options))
		return CLI_USAGE;
	if (survey->prepare && !survey->prepare(survey))
		return CLI_USAGE;
	config->interface = NULL;
	config->simulator = cli_ring_sim(survey->ring);
	return CLI_OK;
}

/* Fewer slaves are there than the ring has. */
static bool lacks_some(struct ecr_master *master)
{
	ecr_time until = ecr_now() + COUNT_PATIENCE;
	struct ecr_failure failure;

	while (ecr_state(master) == ECR_STATE_DISCOVERING && ecr_now() < until &&
	       !cli_interrupted())
		cli_keys_wait(ECR_MS(10));
	return ecr_state(master) == ECR_STATE_IDLE && ecr_last_failure(master, &failure) == 0 &&
	       failure.cause == ECR_ERR_SLAVES_EXCEED_BUS;
}

/* By the names that the ring has while it is whole; the session finds its slaves otherwise, and numbers them. */
static int start(struct cli_survey *survey, const struct ecr_config *config)
{
	const struct ecr_slave_config held = { .target_state = ECR_TARGET_PREOP };
	struct ecr_config named = *config;
	struct ecr_slave_config *slaves;
	int error;

	if (!survey->ring || !cli_ring_keeps_order(survey->ring))
		return ecr_start(survey->master, config);
	slaves = cli_ring_slaves(survey->ring, config->each ? config->each : &held);
	named.slaves = slaves;
	named.each = NULL;
	error = slaves ? ecr_start(survey->master, &named) : ECR_ERR_NO_MEMORY;
	free(slaves);
	return error || !lacks_some(survey->master) ? error : ecr_start(survey->master, config);
}

static int begin(struct cli_survey *survey, const struct ecr_config *config)
{
	survey->master = ecr_open();
	if (!survey->master || start(survey, config)) {
		if (survey->master)
			ecr_report(survey->master, stderr);
		return CLI_SYSTEM;
	}
	return cli_await_slaves(survey->master, survey->verb, config->interface, PREOP_PATIENCE);
}

int cli_survey_open(struct cli_survey *survey, const struct cli_options *options)
{
	const struct ecr_domain_config domains[] = {
		{ .id = CLI_SURVEY_DOMAIN, .cycle_ns = options->cycle }, { 0 }
	};
	const struct ecr_slave_config everything = { .process_data =
							     ECR_ALL_TO(CLI_SURVEY_DOMAIN) };
	struct ecr_config config = { .interface = options->interface,
				     .backup_interface = options->backup,
				     .domains = options->cycle ? domains : NULL,
				     .each = options->cycle ? &everything : NULL,
				     .scan_poll_ms = 50,
				     .scan_stable_ms = 300,
				     .awaiting_preop_ms = INT32_MAX, /* they are reported on */
				     .watch_held = true,
				     .limits = { .slaves = CLI_SLAVES },
				     .dc = { .disabled = true } };
	int result = open_ring(survey, options, &config);

	cli_catch_signals();
	return result ? result : begin(survey, &config);
}

void cli_survey_traffic(struct cli_survey *survey, ecr_time duration)
{
	ecr_time end = ecr_now() + duration;
	uint8_t data[1400];

	while (ecr_now() < end && !cli_interrupted()) {
		struct ecr_user_datagram all = { .command = 7,
						 .length = sizeof(data),
						 .data = data };

		/* A broadcast read of long stretches of memory: what it brings does not matter. */
		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = (uint8_t)(i * 37);
		all.address = 0x10000000u;
		survey->lost += ecr_transact(survey->master, &all, 1, 0) != 0;
		survey->sent++;
		cli_keys_wait(ECR_MS(1));
	}
}

/* -1 is a port of the master as long as it reaches nobody. */
static bool knows_break(const struct ecr_redundancy_info *info)
{
	bool known = true;

	for (int i = 0; i < 2; i++)
		known = known && (info->ends[i] >= 0 || info->reach[i] == 0);
	return known;
}

/* A break is told at once, where it is a moment later. */
static void look_at_bus(struct cli_survey *survey)
{
	ecr_time until = ecr_now() + BREAK_PATIENCE;

	while (ecr_bus_info(survey->master, &survey->bus) == 0 && survey->bus.redundancy.split &&
	       !knows_break(&survey->bus.redundancy) && ecr_now() < until)
		cli_keys_wait(ECR_MS(10));
}

void cli_survey_look(struct cli_survey *survey)
{
	look_at_bus(survey);
	survey->slave_count = ecr_slaves(survey->master, survey->slaves, CLI_SURVEY_ROOM);
	if (survey->slave_count < 0)
		survey->slave_count = 0;
	if (survey->slave_count > CLI_SURVEY_ROOM)
		survey->slave_count = CLI_SURVEY_ROOM;
	survey->link_count = ecr_links(survey->master, survey->links, CLI_SURVEY_ROOM);
	if (survey->link_count > CLI_SURVEY_ROOM)
		survey->link_count = CLI_SURVEY_ROOM;
	survey->end_count = ecr_loose_ends(survey->master, survey->ends, CLI_SURVEY_ROOM);
	if (survey->end_count < 0)
		survey->end_count = 0;
	if (survey->end_count > CLI_SURVEY_ROOM)
		survey->end_count = CLI_SURVEY_ROOM;
	survey->state = ecr_state(survey->master);
}

int cli_survey_result(const struct cli_survey *survey)
{
	return cli_survey_fails(survey) ? CLI_FAILED : CLI_OK;
}

const char *cli_survey_state_name(const struct ecr_slave_summary *slave)
{
	if (slave->absent)
		return "absent";
	return slave->down ? "-" : ecr_al_state_name((uint16_t)slave->al_state);
}

void cli_survey_close(struct cli_survey *survey)
{
	if (survey->master)
		ecr_close(survey->master);
	if (survey->ring)
		cli_ring_free(survey->ring);
}
