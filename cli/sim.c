/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring for any master. */
#include "cli/cli.h"

#include <stdio.h>

static void serve(struct ecr_endpoint *endpoint, ecr_time duration)
{
	ecr_time end = duration ? ecr_now() + duration : ECR_NEVER;

	while (!cli_interrupted() && ecr_now() < end)
		if (ecr_endpoint_serve(endpoint, ecr_now() + ECR_MS(200)))
			break;
}

int cli_sim(const struct cli_options *options)
{
	struct cli_ring *ring;
	struct ecr_endpoint *endpoint;
	char where[128];
	char text[200] = "";
	int error = 0;

	if (!options->interface == !options->udp) {
		fprintf(stderr, "ecring sim: one of -i IF and --udp ADDR[:PORT] is wanted\n");
		return CLI_USAGE;
	}
	ring = cli_ring_make(options->ring ? options->ring : "EK1100,EL1809,EL2809", options->wires,
			     options->wire_count);
	if (!ring)
		return CLI_USAGE;
	if (!cli_ring_say(ring, options)) {
		cli_ring_free(ring);
		return CLI_USAGE;
	}
	snprintf(where, sizeof(where), "%s%s", options->udp ? "udp:" : "",
		 options->udp ? options->udp : options->interface);
	endpoint = ecr_endpoint_open(cli_ring_sim(ring), where, &error, text, sizeof(text));
	if (!endpoint) {
		fprintf(stderr, "ecring sim: %s (try: %s)\n", text, ecr_error_hint(error));
		cli_ring_free(ring);
		return CLI_SYSTEM;
	}
	if (options->backup) {
		error = ecr_endpoint_close_ring(endpoint, options->backup, text, sizeof(text));
		if (error) {
			fprintf(stderr, "ecring sim: %s (try: %s)\n", text, ecr_error_hint(error));
			ecr_endpoint_close(endpoint);
			cli_ring_free(ring);
			return CLI_SYSTEM;
		}
	}
	cli_catch_signals();
	if (options->udp)
		printf("serving %d slaves on udp port %u\n", ecr_sim_count(cli_ring_sim(ring)),
		       ecr_endpoint_port(endpoint));
	else
		printf("serving %d slaves on %s\n", ecr_sim_count(cli_ring_sim(ring)),
		       options->interface);
	fflush(stdout);
	serve(endpoint, options->duration);
	printf("served %llu frames\n", (unsigned long long)ecr_endpoint_frames(endpoint));
	ecr_endpoint_close(endpoint);
	cli_ring_free(ring);
	return CLI_OK;
}
