/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring in this process, on the real clock. */
#include "port/transport.h"
#include "sim/line.h"

#include <stdlib.h>

struct sim_transport {
	struct port_transport base;
	struct sim_line line;
};

static int sim_send(struct port_transport *transport, ecr_time now, const uint8_t *frame,
		    size_t length)
{
	struct sim_transport *sim = (struct sim_transport *)transport;

	sim_line_send(&sim->line, now, 0, frame, length, SIM_LINE_NORMAL, 0);
	return 0;
}

static size_t sim_receive(struct port_transport *transport, ecr_time now, uint8_t *frame,
			  size_t size, struct ecr_rx_meta *meta)
{
	struct sim_transport *sim = (struct sim_transport *)transport;

	*meta = (struct ecr_rx_meta){ .origin = ECR_ORIGIN_OWN };
	return sim_line_receive(&sim->line, now, frame, size, &meta->port, &meta->at);
}

static ecr_time sim_next(struct port_transport *transport)
{
	return sim_line_next(&((struct sim_transport *)transport)->line);
}

static void sim_close(struct port_transport *transport)
{
	free(transport);
}

int port_open_sim(const struct ecr_config *config, struct port_transport **transport)
{
	struct sim_transport *sim = calloc(1, sizeof(*sim));

	if (!sim)
		return ECR_ERR_NO_MEMORY;
	sim->base = (struct port_transport){ .send = sim_send,
					     .receive = sim_receive,
					     .next = sim_next,
					     .close = sim_close,
					     .fd = -1,
					     .watch_fd = -1 };
	sim_line_init(&sim->line, config->simulator);
	*transport = &sim->base;
	return 0;
}
