/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#include <string.h>

static struct vring ring;

static void assert_retreated(void)
{
	struct ecr_slave_info outputs = vring_slave(&ring, "outputs");
	int at = heal_find(&ring, 0, ECR_EVENT_SLAVE_HEALTH_FAULT, 2, ECR_AL_SAFEOP);

	assert_true(at >= 0);
	assert_int_equal(ring.events[at].actual, 0); /* no AL status code */
	assert_int_equal(outputs.station, 0x1002);
	assert_int_equal(outputs.al_state, ECR_AL_SAFEOP);
	assert_int_equal(outputs.fault.al_state, ECR_AL_SAFEOP);
	assert_int_equal(outputs.fault.error, ECR_ERR_RETREATED);
	assert_non_null(strstr(ecr_error_text(outputs.fault.error), "fell back"));
}

static void a_slave_that_falls_back_is_raised_again(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "retreat outputs");
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(50)));
	assert_retreated();
	assert_true(heal_stays(&ring, heal_healthy, ECR_MS(200)));
	heal_ends_clean(&ring, ECR_MS(2400));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
	vring_close(&ring);
}

/* It does not follow the first attempt, so that it is still down there when it is unplugged. */
static void a_slave_that_falls_back_and_is_then_lost_heals(void **state)
{
	int retreated;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "stick outputs");
	heal_say(&ring, "retreat outputs");
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(50)));
	heal_say(&ring, "disconnect outputs for 60 frames");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(500)));
	assert_int_equal(vring_slave(&ring, "outputs").fault.error, ECR_ERR_NO_RESPONSE);
	retreated = heal_find(&ring, 0, ECR_EVENT_SLAVE_FAULT_CHANGED, 2, ECR_FAULT_RETREATED);
	assert_true(heal_find(&ring, retreated, ECR_EVENT_SLAVE_FAULT_CHANGED, 2, ECR_FAULT_DOWN) >
		    retreated);
	ecr_sim_clear_faults(ring.sim);
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slave_that_falls_back_is_raised_again),
		cmocka_unit_test(a_slave_that_falls_back_and_is_then_lost_heals),
	};

	return RUN(tests);
}
