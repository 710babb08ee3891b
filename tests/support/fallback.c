/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fallback.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#define POLLS "after healthy polls "

static bool only_the_fallback_is_left(struct vring *ring)
{
	return heal_operational(ring) && heal_nobody_blamed(ring) && heal_pending(ring) == 1;
}

void fallback_comes_last(struct vring *ring, const char *listed)
{
	char text[400];

	assert_true(heal_until(ring, heal_recovering, ECR_MS(1600)));
	assert_true(heal_until(ring, only_the_fallback_is_left, ECR_MS(3200)));
	ecr_sim_faults(ring->sim, text, sizeof(text));
	assert_non_null(strstr(text, listed));
}

unsigned int fallback_polls_left(struct vring *ring)
{
	char text[400];
	const char *polls;

	ecr_sim_faults(ring->sim, text, sizeof(text));
	polls = strstr(text, POLLS);
	assert_non_null(polls);
	return (unsigned int)strtoul(polls + strlen(POLLS), NULL, 10);
}

void fallback_heals(struct vring *ring)
{
	assert_true(heal_until(ring, heal_outputs_retreated, ECR_MS(4400)));
	assert_int_equal(vring_slave(ring, "outputs").fault.al_state, ECR_AL_SAFEOP);
	assert_true(heal_healthy(ring));
	heal_ends_clean(ring, ECR_S(4));
	vring_close(ring);
}
