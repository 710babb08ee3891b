/* SPDX-License-Identifier: Apache-2.0 */
/* What the session says of cables, against where frames were damaged. */
#include "world/inner.h"

#include <ecring/diag.h>

#include <string.h>

#define LINKS (WORLD_DEVICES + 2)

static int get_links(struct world *world, struct ecr_link_report *links)
{
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = LINKS };
	int count = vring_request(&world->ring, &request);

	return count < 0 ? 0 : count < LINKS ? count : LINKS;
}

static int who(const struct world *world, const char *name)
{
	for (int i = 0; i < world->plan.count; i++)
		if (strcmp(world->plan.names[i], name) == 0)
			return i;
	return -1;
}

static void check_end(struct world *world, const char *name, uint8_t port, uint32_t crc)
{
	int slave = who(world, name);

	if (crc && slave >= 0 && !(world->ring.damaged[slave] >> port & 1))
		world_complain(world,
			       "%s port %d is said to have received damaged frames, and has not",
			       name, port);
}

void world_check_cables(struct world *world)
{
	struct ecr_link_report links[LINKS];
	int count = get_links(world, links);

	for (int i = 0; i < count && !world_over(world); i++) {
		check_end(world, links[i].to_name, links[i].to_port, links[i].at_to.crc);
		check_end(world, links[i].from_name, links[i].from_port, links[i].at_from.crc);
	}
}

/* False when nobody knows of the cable. */
bool world_cable_told(struct world *world, struct world_socket end, uint32_t *crc)
{
	struct ecr_link_report links[LINKS];
	const char *name = world->plan.names[end.slave];
	int count = get_links(world, links);

	for (int i = 0; i < count; i++) {
		bool to = strcmp(links[i].to_name, name) == 0 && links[i].to_port == end.port;
		bool from = strcmp(links[i].from_name, name) == 0 && links[i].from_port == end.port;

		*crc = to ? links[i].at_to.crc : links[i].at_from.crc;
		if (to || from)
			return true;
	}
	return false;
}
