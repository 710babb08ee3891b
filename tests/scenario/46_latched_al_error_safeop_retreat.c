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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_latched_error_is_told_and_acknowledged),
	};

	return RUN(tests);
}
