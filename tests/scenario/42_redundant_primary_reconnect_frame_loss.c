/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/tworing.h"

static struct vring ring;

static void replug(unsigned int slow)
{
	uint64_t before;
	int event;

	tworing_open(&ring, ECR_MS(1), 0);
	tworing_come_up(&ring);
	ring.line.late_at[slow] = ECR_US(150);
	tworing_watch(&ring);
	ecr_sim_plug(ring.sim, ring.now, 0, false);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	tworing_assert_sound(&ring);
	before = tworing_missed(&ring);
	event = ring.event_count;
	ecr_sim_plug(ring.sim, ring.now, 0, true);
	vring_run_until(&ring, ring.now + ECR_MS(200));
	assert_int_equal(tworing_missed(&ring), before);
	assert_true(heal_find(&ring, event, ECR_EVENT_BUS_LINK_RECONNECTED, -1, -1) >= 0);
	assert_int_equal(heal_find(&ring, event, ECR_EVENT_STATE_CHANGED, -1, -1), -1);
	tworing_assert_sound(&ring);
	inputs_unwatch(&ring);
	vring_close(&ring);
}

static void a_replug_with_unequal_interfaces_costs_nothing(void **state)
{
	(void)state;
	for (unsigned int slow = 0; slow < 2; slow++)
		replug(slow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replug_with_unequal_interfaces_costs_nothing),
	};

	return RUN(tests);
}
