/* SPDX-License-Identifier: Apache-2.0 */
#include "world/moving.h"

#define FIRST_BIT 1u
#define BITS 7u
#define STEPS 10 /* generations in a period */

/* What a slave shows: of no pattern, so that neither others' nor older ones pass for it. */
static uint32_t shown(int slave, uint32_t generation)
{
	uint32_t x = generation * 0x9E3779B1u + (uint32_t)slave * 0x85EBCA77u;

	x ^= x >> 15;
	x *= 0x2C1B3C6Du;
	return x >> 17 & ((1u << BITS) - 1);
}

static void show(struct moving *moving, struct vring *ring)
{
	moving->since[moving->generation % MOVING_KEPT] = ring->now;
	for (int i = 0; i < moving->slaves; i++)
		ecr_sim_set_input(ring->sim, i, FIRST_BIT, BITS, shown(i, moving->generation));
}

static uint64_t published(const struct vring *ring, struct ecr_image *image)
{
	ecr_core_image(ring->core, 0, image);
	return image->valid_cycles;
}

void moving_begin(struct moving *moving, struct vring *ring, int slaves, ecr_time period)
{
	*moving = (struct moving){ .slaves = slaves,
				   .step = period / STEPS,
				   .age = period,
				   .from = ring->now + 2 * period };
	show(moving, ring);
}

/* What the image shows of a slave, as eight bits from its first. */
struct shows {
	int slave; /* -1: no more */
	uint32_t byte;
	uint32_t value;
};

/* The next slave's inputs, from this signal on; the signal behind them. */
static uint32_t read_slave(const struct vring *ring, const struct ecr_image *image, uint32_t at,
			   struct shows *shows)
{
	uint32_t bits = 0;

	*shows = (struct shows){ .slave = -1 };
	for (; at < ecr_core_signal_count(ring->core); at++) {
		const struct ecr_placed_signal *signal = ecr_core_signal(ring->core, at);
		uint32_t byte = signal->bit_offset / 8;

		if (signal->direction != ECR_INPUT)
			continue;
		if (shows->slave >= 0 && signal->slave_index != shows->slave)
			break;
		shows->slave = signal->slave_index;
		shows->byte = byte;
		shows->value |= (image->inputs[byte] >> signal->bit_offset % 8 & 1u) << bits++;
	}
	return at;
}

/* Those of a slave that is not there stay as they were, and so do those of a part that did not come: that is told. */
static bool is_told_fresh(const struct moving *moving, const struct vring *ring,
			  const struct ecr_image *image, const struct shows *shows)
{
	ecr_time at = ecr_core_refreshed(ring->core, 0, shows->byte / image->part_bytes);

	return at >= ecr_core_presence(ring->core, shows->slave).since &&
	       at >= ring->now - moving->age;
}

/* Only then everything that is published is looked at. */
static bool are_all_told_fresh(const struct moving *moving, const struct vring *ring,
			       const struct ecr_image *image)
{
	struct shows shows;
	int fresh = 0;

	for (uint32_t at = read_slave(ring, image, 0, &shows); shows.slave >= 0;
	     at = read_slave(ring, image, at, &shows))
		fresh += is_told_fresh(moving, ring, image, &shows);
	return fresh == moving->slaves;
}

/* No frame passes all slaves at once: some may be one generation on. */
static bool is_of(const struct moving *moving, const struct vring *ring,
		  const struct ecr_image *image, uint32_t generation)
{
	struct shows shows;

	for (uint32_t at = read_slave(ring, image, 0, &shows); shows.slave >= 0;
	     at = read_slave(ring, image, at, &shows)) {
		uint32_t value = shows.value >> FIRST_BIT;

		if (value != shown(shows.slave, generation) &&
		    value != shown(shows.slave, generation + 1) &&
		    is_told_fresh(moving, ring, image, &shows))
			return false;
	}
	return true;
}

/* Of a generation that ended no longer ago than what is published may be old. */
static bool is_recent(const struct moving *moving, const struct vring *ring,
		      const struct ecr_image *image)
{
	for (uint32_t back = 0; back < MOVING_KEPT && back <= moving->generation; back++) {
		uint32_t generation = moving->generation - back;
		ecr_time ended = back ? moving->since[(generation + 1) % MOVING_KEPT] : ring->now;

		if (ended < ring->now - moving->age)
			return false;
		if (is_of(moving, ring, image, generation))
			return true;
	}
	return false;
}

bool moving_look(struct moving *moving, struct vring *ring)
{
	struct ecr_image image;
	uint64_t number = published(ring, &image);
	bool sound = true;

	if (number != moving->seen && ring->now >= moving->from && image.inputs) {
		moving->looks++;
		moving->fresh += are_all_told_fresh(moving, ring, &image);
		sound = is_recent(moving, ring, &image);
		moving->wrong += !sound;
	}
	moving->seen = number;
	if (ring->now - moving->since[moving->generation % MOVING_KEPT] >= moving->step) {
		moving->generation++;
		show(moving, ring);
	}
	return sound;
}
