/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"
#include "wire/al_status.h"

static struct vring ring;

static bool told(struct vring *unused)
{
	return heal_saw(unused, ECR_EVENT_SLAVE_HEALTH_FAULT, 2, -1);
}

static const struct ecr_event *health_fault(void)
{
	for (int i = 0; i < ring.event_count; i++)
		if (ring.events[i].kind == ECR_EVENT_SLAVE_HEALTH_FAULT)
			return &ring.events[i];
	fail();
	return NULL;
}

static void a_latched_error_is_told_and_acknowledged(void **state)
{
	const struct ecr_event *event;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "al-error outputs with 0x001D");
	assert_true(heal_until(&ring, told, ECR_S(1)));
	event = health_fault();
	assert_int_equal(event->to, ECR_AL_OP);
	assert_int_equal(event->actual, ECR_AL_CODE_OUTPUTS);
	assert_true(heal_stays(&ring, heal_healthy, ECR_MS(200)));
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_latched_error_is_told_and_acknowledged),
	};

	return RUN(tests);
}
