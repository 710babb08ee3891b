/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring in this process, on the real clock. */
#include "port/transport.h"
#include "sim/line.h"
#include "wire/frame.h"

#include <stdlib.h>

struct sim_transport {
	struct port_transport base;
	struct sim_line line;
	uint8_t out[ECR_FRAME_MAX];
	uint8_t in[SIM_LINE_FRAME_SIZE];
};

static int sim_send(struct port_transport *transport, ecr_time now, size_t length)
{
	struct sim_transport *sim = (struct sim_transport *)transport;

	sim_line_send(&sim->line, now, 0, sim->out, length, SIM_LINE_NORMAL, 0);
	return 0;
}

static uint8_t *sim_receive(struct port_transport *transport, ecr_time now, size_t *length,
			    struct ecr_rx_meta *meta)
{
	struct sim_transport *sim = (struct sim_transport *)transport;

	*meta = (struct ecr_rx_meta){ 0 };
	*length =
		sim_line_receive(&sim->line, now, sim->in, sizeof(sim->in), &meta->port, &meta->at);
	meta->origin =
		meta->port == sim->line.received_from ? ECR_ORIGIN_OWN : ECR_ORIGIN_OTHER_PORT;
	return *length ? sim->in : NULL;
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
					     .out = sim->out,
					     .fd = -1,
					     .watch_fd = -1 };
	sim_line_init(&sim->line, config->simulator);
	*transport = &sim->base;
	return 0;
}

/* The second port of the same ring: what comes out there is received at the first. */
struct sim_backup {
	struct port_transport base;
	struct sim_transport *primary;
	uint8_t out[ECR_FRAME_MAX];
};

static int backup_send(struct port_transport *transport, ecr_time now, size_t length)
{
	struct sim_backup *backup = (struct sim_backup *)transport;

	sim_line_send(&backup->primary->line, now, 1, backup->out, length, SIM_LINE_NORMAL, 0);
	return 0;
}

static uint8_t *backup_receive(struct port_transport *transport, ecr_time now, size_t *length,
			       struct ecr_rx_meta *meta)
{
	(void)transport;
	(void)now;
	(void)meta;
	*length = 0;
	return NULL;
}

int port_open_sim_backup(struct port_transport *primary, struct port_transport **backup)
{
	struct sim_backup *second = calloc(1, sizeof(*second));

	if (!second)
		return ECR_ERR_NO_MEMORY;
	second->primary = (struct sim_transport *)primary;
	second->base = (struct port_transport){ .send = backup_send,
						.receive = backup_receive,
						.close = sim_close,
						.out = second->out,
						.fd = -1,
						.watch_fd = -1,
						.port = 1 };
	*backup = &second->base;
	return 0;
}
