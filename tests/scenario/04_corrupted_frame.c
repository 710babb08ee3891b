/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static void dropped_as(enum ecr_sim_fault_kind kind, enum ecr_drop_reason reason)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_sim_fault fault = { .kind = kind, .frames = 1 };
	struct ecr_bus_info bus;
	struct ecr_request ask = { .kind = ECR_REQUEST_BUS_INFO, .out = &bus };
	struct ecr_domain_info info;
	char text[256];

	config.frame_timeout_ms = 10;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(35));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_int_equal(bus.dropped[reason], 1);
	info = vring_domain(&ring, "main");
	assert_int_equal(info.last_invalid_reason.error, ECR_ERR_TIMEOUT);
	assert_true(info.total_miss_count > 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(1)));
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 0);
	vring_close(&ring);
}

static void truncated(void **state)
{
	(void)state;
	dropped_as(ECR_SIM_TRUNCATE, ECR_DROP_DECODE);
}

static void of_another_type(void **state)
{
	(void)state;
	dropped_as(ECR_SIM_BAD_TYPE, ECR_DROP_DECODE);
}

static void with_another_index(void **state)
{
	(void)state;
	dropped_as(ECR_SIM_WRONG_INDEX, ECR_DROP_MISMATCH);
}

static void replayed(void **state)
{
	(void)state;
	dropped_as(ECR_SIM_REPLAY, ECR_DROP_DUPLICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truncated),
		cmocka_unit_test(of_another_type),
		cmocka_unit_test(with_another_index),
		cmocka_unit_test(replayed),
	};

	return RUN(tests);
}
