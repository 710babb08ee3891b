/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/thermometer.h"

static struct vring ring;

static bool outputs_back_rtd_not(struct vring *unused)
{
	return heal_recovering(unused) && reconnect_refused(unused) &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "outputs").al_state == ECR_AL_OP;
}

static void while_it_fails_another_is_unplugged(void **state)
{
	int fault;

	(void)state;
	thermometer_open(&ring, false);
	heal_when(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_RTD, ECR_FAULT_PREOP,
		  "disconnect outputs for 30 frames");
	heal_say(&ring, THERMOMETER_SILENCE);
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(6400)));
	assert_true(heal_recovering(&ring));
	fault = heal_find(&ring, 0, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_RTD, ECR_FAULT_PREOP);
	assert_true(heal_find(&ring, fault, ECR_EVENT_SLAVE_DOWN, RECONNECT_OUTPUTS, -1) > fault);
	assert_true(heal_until(&ring, outputs_back_rtd_not, ECR_MS(6400)));
	assert_true(heal_stays(&ring, heal_recovering, ECR_MS(200)));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(8400));
	thermometer_measures(&ring);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_it_fails_another_is_unplugged),
	};

	return RUN(tests);
}
