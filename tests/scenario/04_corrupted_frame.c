/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

/* Into a quiet moment of an operating ring, and until well after the time-out. */
static void spoil(const char *sentence)
{
	heal_open_with(&ring, vring_default_slaves);
	vring_run_until(&ring, ring.now + ECR_MS(35));
	heal_say(&ring, sentence);
	vring_run_until(&ring, ring.now + ECR_MS(60));
}

static void assert_dropped(enum ecr_drop_reason reason, uint64_t times)
{
	struct ecr_bus_info bus;
	struct ecr_request ask = { .kind = ECR_REQUEST_BUS_INFO, .out = &bus };
	uint64_t told = 0;

	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_int_equal(bus.dropped[reason], times);
	for (int i = 0; i < ring.event_count; i++) {
		const struct ecr_event *event = &ring.events[i];

		if (event->kind != ECR_EVENT_BUS_FRAME_DROPPED || event->from != (int32_t)reason)
			continue;
		assert_true(event->count > 0); /* bytes */
		told++;
	}
	assert_int_equal(told, times);
}

static void assert_missed_and_healed(uint64_t cycles)
{
	struct ecr_domain_info info = vring_domain(&ring, "main");

	assert_int_equal(heal_pending(&ring), 0);
	assert_int_equal(info.last_invalid_reason.error, ECR_ERR_TIMEOUT);
	assert_true(info.total_miss_count >= cycles);
	heal_ends_clean(&ring, ECR_MS(1600));
	vring_close(&ring);
}

static void once(const char *sentence, enum ecr_drop_reason reason)
{
	spoil(sentence);
	assert_dropped(reason, 1);
	assert_missed_and_healed(1);
}

static void truncated(void **state)
{
	(void)state;
	once("truncate once", ECR_DROP_DECODE);
}

static void of_another_type(void **state)
{
	(void)state;
	once("mistype once", ECR_DROP_DECODE);
}

static void with_another_index(void **state)
{
	(void)state;
	once("misindex once", ECR_DROP_MISMATCH);
}

static void replayed(void **state)
{
	(void)state;
	once("replay once", ECR_DROP_DUPLICATE);
}

static void twice(void **state)
{
	(void)state;
	spoil("truncate for 2 frames");
	assert_dropped(ECR_DROP_DECODE, 2);
	assert_missed_and_healed(2);
}

static void one_after_the_other(void **state)
{
	(void)state;
	spoil("mistype once then replay once");
	assert_dropped(ECR_DROP_DECODE, 1);
	assert_dropped(ECR_DROP_DUPLICATE, 1);
	assert_missed_and_healed(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truncated),
		cmocka_unit_test(of_another_type),
		cmocka_unit_test(with_another_index),
		cmocka_unit_test(replayed),
		cmocka_unit_test(twice),
		cmocka_unit_test(one_after_the_other),
	};

	return RUN(tests);
}
