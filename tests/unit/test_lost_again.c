/* SPDX-License-Identifier: Apache-2.0 */
/* One that comes back, and goes again before it is in its place, was lost all the time. */
#include "support/check.h"
#include "support/clocksession.h"

static bool else_told; /* of s2 another fault than that it is down */

static void look_at_fault(struct vring *ring, const struct ecr_event *event)
{
	(void)ring;
	else_told = else_told || (event->kind == ECR_EVENT_SLAVE_FAULT_CHANGED &&
				  event->slave == 2 && event->to != ECR_FAULT_DOWN);
}

static void unplug(ecr_time lasts)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_UNPLUG, .slave = 2, .lasts = lasts };

	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
}

static void gone_again_while_it_is_brought_up(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_config.dc.disabled = true;
	cr_to_operational(3);
	else_told = false;
	cr_ring.each_event = look_at_fault;
	unplug(ECR_MS(40));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(30));
	assert_true(vring_slave(&cr_ring, "s2").down);
	for (int i = 0; i < 40000 && vring_slave(&cr_ring, "s2").down; i++)
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(50));
	assert_false(vring_slave(&cr_ring, "s2").down);
	unplug(ECR_S(1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(500));
	assert_true(vring_slave(&cr_ring, "s2").down);
	assert_int_equal(cr_ring.counts[ECR_EVENT_SLAVE_DOWN], 1);
	assert_false(else_told);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	cr_ring.each_event = NULL;
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gone_again_while_it_is_brought_up),
	};

	return RUN(tests);
}
