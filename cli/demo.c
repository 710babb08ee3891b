/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/breaker.h"

#include <stdio.h>
#include <stdlib.h>

/* The demo's own ring: each output to its input. */
static bool wire_usually(struct cli_ring *ring, const struct cli_options *options)
{
	if (options->ring || ecr_sim_wire(cli_ring_sim(ring), 2, 0, 1, 0, 16))
		return true;
	fprintf(stderr, "ecring demo: the outputs could not be wired to the inputs\n");
	return false;
}

static int run(const struct cli_options *options, struct cli_ring *ring, struct ecr_config *config)
{
	struct cli_breaker breaker = cli_breaker_make(ring);
	const struct cli_show show = {
		.title = options->ring ? "ecring demo, simulated"
			 : options->redundant
				 ? "ecring demo: EK1100 - EL1809 - EL2809 - and back, outputs "
				   "wired to inputs"
				 : "ecring demo: EK1100 - EL1809 - EL2809, outputs wired to inputs",
		.toggle_outputs = true,
		.duration = options->duration,
		.started = ecr_now(),
		.json = options->json,
		.breaker = &breaker
	};
	struct ecr_master *master = ecr_open();
	int result = CLI_SYSTEM;

	cli_catch_signals();
	if (!master || ecr_start(master, config)) {
		if (master)
			ecr_report(master, stderr);
	} else {
		result = cli_run_session(master, &show);
		ecr_stop(master);
	}
	ecr_close(master);
	return result;
}

int cli_demo(const struct cli_options *options)
{
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	struct cli_ring *ring =
		cli_ring_make(options->ring ? options->ring : "EK1100,EL1809,EL2809",
			      options->wires, options->wire_count);
	const struct ecr_slave_config everything = { .process_data = ECR_ALL_TO("io") };
	struct ecr_slave_config *slaves = ring ? cli_ring_slaves(ring, &everything) : NULL;
	struct ecr_config config = {
		.domains = domains,
		.slaves = slaves,
		.scan_poll_ms = 20,
		.scan_stable_ms = 100,
		.limits = { .slaves = CLI_SLAVES },
		.record = { .path = options->record },
	};
	int result = CLI_USAGE;

	if (!ring)
		return CLI_USAGE;
	config.simulator = cli_ring_sim(ring);
	if (!slaves) {
		fprintf(stderr, "ecring demo: no memory for the configuration\n");
		result = CLI_SYSTEM;
	} else if (wire_usually(ring, options) && cli_ring_close(ring, options, &config) &&
		   cli_ring_say(ring, options)) {
		result = run(options, ring, &config);
	}
	free(slaves);
	cli_ring_free(ring);
	return result;
}
