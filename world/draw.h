/* SPDX-License-Identifier: Apache-2.0 */
/* How a plan is drawn, subject by subject. */
#ifndef WORLD_DRAW_H
#define WORLD_DRAW_H

#include "base/prng.h"
#include "world/plan.h"

/* Draws of one subject do not depend on those of another. */
struct ecr_prng world_prng(uint64_t seed, uint64_t subject);

/* From half a millisecond to a second, short ones as often as long ones. */
ecr_time world_draw_span(struct ecr_prng *prng);
/* At any time, for such a span. */
void world_draw_when(const struct world_plan *plan, struct ecr_prng *prng,
		     struct world_entry *entry);
/* Takes its place in the order of time; one too many is left out. */
void world_add_entry(struct world_plan *plan, const struct world_entry *entry);

/* All of it. */
void world_draw_plan(struct world_plan *plan, uint64_t seed);

void world_draw_ring(struct world_plan *plan);
void world_draw_device(struct world_plan *plan, struct ecr_prng *prng, int i);
void world_draw_slave(struct world_plan *plan, struct ecr_prng *prng, int i);
void world_draw_entries(struct world_plan *plan);
void world_draw_talk(struct world_plan *plan, struct ecr_prng *prng);
void world_draw_tools(struct world_plan *plan, struct ecr_prng *prng);
/* Who is checked for what, and which devices are put in the place of which. */
void world_draw_others(struct world_plan *plan, struct ecr_prng *prng);
/* When interfaces are removed. */
void world_draw_interface(struct world_plan *plan, struct ecr_prng *prng);
/* Which cables are bad, and when. */
void world_draw_bad_cables(struct world_plan *plan, struct ecr_prng *prng);
/* The two ends of the cable that leads to a slave: 0 its own, 1 the other, which the first one has with the master. */
struct world_socket world_cable_end(const struct world_plan *plan, int slave, uint32_t end);
/* One of them has nothing but its position to be known by. */
bool world_by_position(const struct world_plan *plan);
/* Somebody hangs there for good; false: it is a tool's own. */
bool world_take_socket(struct world_plan *plan, struct ecr_prng *prng, struct world_socket socket);
/* Who stands behind those that are configured. */
void world_draw_extras(struct world_plan *plan, struct ecr_prng *prng);
/* Each is told apart from any other by its serial number, and has to be the one that is configured. */
void world_draw_serials(struct world_plan *plan);
/* What outputs are set to on a fault. */
void world_draw_safe(struct world_plan *plan, struct ecr_prng *prng);
/* How the session uses the clocks. */
void world_draw_clocks(struct world_plan *plan, struct ecr_prng *prng);
/* Where a tool can be plugged in and be recognised. */
struct world_socket world_draw_socket(const struct world_plan *plan, struct ecr_prng *prng,
				      int tool);

#endif
