/* SPDX-License-Identifier: Apache-2.0 */
#include "support/inputs.h"

#include "support/check.h"
#include "world/moving.h"

#define LEAST 5 /* looks at which all are said to be fresh */

static struct moving moving;

static void look(struct vring *ring)
{
	if (!moving_look(&moving, ring))
		fail_msg("at %lld us inputs are wrong", (long long)ring->now / 1000);
}

void inputs_watch(struct vring *ring, int slaves, ecr_time period)
{
	moving_begin(&moving, ring, slaves, period);
	ring->each_tick = look;
}

void inputs_unwatch(struct vring *ring)
{
	ring->each_tick = NULL;
	assert_true(moving.fresh >= LEAST);
}
