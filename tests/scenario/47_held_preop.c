/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 47 and 51: slaves that are held in PREOP on purpose are left alone. */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static const struct ecr_slave_config held[] = {
	{ .name = "coupler", .target_state = ECR_TARGET_PREOP },
	{ .name = "inputs", .target_state = ECR_TARGET_PREOP },
	{ .name = "outputs", .target_state = ECR_TARGET_PREOP },
	{ 0 },
};

static bool undisturbed(struct vring *unused)
{
	struct ecr_slave_info outputs = vring_slave(unused, "outputs");

	return ecr_core_state(unused->core) == ECR_STATE_PREOP_READY &&
	       outputs.fault.kind == ECR_FAULT_NONE && outputs.al_state == ECR_AL_PREOP;
}

static void open_held(void)
{
	static struct ecr_config config;

	config = vring_default_config();
	config.slaves = held;
	config.domains = NULL;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_MS(2500)), 0);
}

static void nobody_is_polled_while_all_are_held(void **state)
{
	(void)state;
	open_held();
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_stays(&ring, undisturbed, ECR_MS(400)));
	vring_close(&ring);
}

static void a_new_configuration_does_not_start_polls(void **state)
{
	struct ecr_slave_config again = { .name = "outputs",
					  .target_state = ECR_TARGET_PREOP,
					  .health_poll_ms = 20 };
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
				       .name = "outputs",
				       .slave = &again };

	(void)state;
	open_held();
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(1)), 0);
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_stays(&ring, undisturbed, ECR_MS(400)));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_polled_while_all_are_held),
		cmocka_unit_test(a_new_configuration_does_not_start_polls),
	};

	return RUN(tests);
}
