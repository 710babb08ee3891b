/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>

int cli_demo(const struct cli_options *options)
{
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	static const struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
		{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
		{ 0 },
	};
	struct cli_show show = {
		.title =
			"ecring demo: EK1100 - EL1809 - EL2809, simulated, outputs wired to inputs",
		.toggle_outputs = true,
		.duration = options->duration,
		.json = options->json
	};
	struct cli_ring *ring = cli_ring_make("EK1100,EL1809,EL2809", NULL, 0);
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 20, .scan_stable_ms = 100
	};
	struct ecr_master *master;
	int result;

	if (!ring)
		return CLI_SYSTEM;
	ecr_sim_wire(cli_ring_sim(ring), 2, 0, 1, 0, 16);
	config.simulator = cli_ring_sim(ring);
	cli_catch_signals();
	master = ecr_open();
	if (!master || ecr_start(master, &config)) {
		if (master)
			ecr_report(master, stderr);
		result = CLI_SYSTEM;
	} else {
		result = cli_run_session(master, &config, &show);
	}
	ecr_close(master);
	cli_ring_free(ring);
	return result;
}
