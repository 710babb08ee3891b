/* SPDX-License-Identifier: Apache-2.0 */
/* A slave whose PDOs can be read only in part while the process image is laid out. */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;
static struct ecr_sim_device devices[2];
static uint8_t siis[2][2048];
static const struct ecr_domain_config domains[] = { { .id = "io" }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "mailbox",
	  .process_data = ECR_ALL_TO("io"),
	  .mailbox_timeout_ms = 100,
	  .health_poll_ms = 20 },
	{ 0 },
};

static void spoil(enum ecr_sim_mailbox_fault_kind kind, uint32_t value)
{
	const struct ecr_sim_mailbox_fault fault = { .kind = kind,
						     .stage = ECR_SIM_STAGE_UPLOAD,
						     .index = 0x1A00,
						     .value = value,
						     .count = 20 };

	assert_true(ecr_sim_inject_mailbox(ring.sim, 1, &fault));
}

static void start(enum ecr_sim_mailbox_fault_kind kind, uint32_t value)
{
	static struct ecr_config config; /* the session looks at it as long as it lives */

	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	for (int i = 0; i < 2; i++) {
		devices[i] = (struct ecr_sim_device){ .name = slaves[i].name };
		assert_true(ecr_sim_shipped(i ? "mailbox" : "EK1100", &devices[i], siis[i],
					    sizeof(siis[i])));
	}
	vring_open_devices(&ring, devices, 2);
	spoil(kind, value);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(4)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_not_equal(vring_slave(&ring, "mailbox").configuration_error, 0);
}

static bool is_operational(struct vring *unused)
{
	return ecr_core_state(unused->core) == ECR_STATE_OPERATIONAL;
}

static void it_heals_once_they_can_be_read(void **state)
{
	static const struct {
		enum ecr_sim_mailbox_fault_kind kind;
		uint32_t value;
	} ways[] = { { ECR_SIM_MAILBOX_NO_ANSWER, 0 }, { ECR_SIM_MAILBOX_SERVICE, 9 } };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start(ways[i].kind, ways[i].value);
		ecr_sim_clear_faults(ring.sim);
		assert_true(heal_until(&ring, is_operational, ECR_S(6)));
		vring_output(&ring, "mailbox", "led0", 1);
		vring_run_until(&ring, ring.now + ECR_MS(20));
		assert_int_equal(vring_domain(&ring, "io").cycle_health.error, 0);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_heals_once_they_can_be_read),
	};

	return RUN(tests);
}
