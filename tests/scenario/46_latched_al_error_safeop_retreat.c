/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"
#include "wire/al_status.h"

static struct vring ring;

static bool latched(struct vring *unused)
{
	return vring_slave(unused, "outputs").fault.kind == ECR_FAULT_LATCHED;
}

static void a_latched_error_is_told_and_acknowledged(void **state)
{
	struct ecr_fault fault;
	int at;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "al-error outputs with 0x001D");
	assert_true(heal_until(&ring, latched, ECR_S(1)));
	at = heal_find(&ring, 0, ECR_EVENT_SLAVE_HEALTH_FAULT, 2, ECR_AL_OP);
	assert_true(at >= 0);
	assert_int_equal(ring.events[at].actual, ECR_AL_CODE_OUTPUTS);
	fault = vring_slave(&ring, "outputs").fault;
	assert_int_equal(fault.error, ECR_ERR_AL_ERROR);
	assert_int_equal(fault.al_code, ECR_AL_CODE_OUTPUTS);
	assert_int_equal(fault.al_state, ECR_AL_OP);
	assert_true(heal_stays(&ring, heal_healthy, ECR_MS(200)));
	heal_ends_clean(&ring, ECR_S(6));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
	vring_close(&ring);
}

/* It is asked again with growing pauses, said to be latched all the time, and well again once it heeds that. */
static void one_that_keeps_its_error_is_not_said_to_be_well(void **state)
{
	uint64_t told;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "al-error outputs with 0x001D");
	heal_say(&ring, "stick outputs for 20s");
	assert_true(heal_until(&ring, latched, ECR_S(1)));
	told = ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED];
	assert_true(heal_stays(&ring, latched, ECR_S(18)));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], told);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_HEALTH_FAULT], 1);
	assert_in_range(ring.counts[ECR_EVENT_SLAVE_STARTUP_RETRY], 4, 12);
	heal_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_latched_error_is_told_and_acknowledged),
		cmocka_unit_test(one_that_keeps_its_error_is_not_said_to_be_well),
	};

	return RUN(tests);
}
