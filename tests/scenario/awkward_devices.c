/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "device", .process_data = ECR_ALL_TO("io") },
	{ 0 },
};
static const struct ecr_config config = {
	.domains = domains, .slaves = slaves, .scan_poll_ms = 20, .scan_stable_ms = 100
};

/* Reads 0x1018:1 so often, one after the other; the device is the generic vendor's or Beckhoff's. */
static void read_vendor(struct vring *ring, int times)
{
	for (int i = 0; i < times; i++) {
		uint8_t bytes[4] = { 0 };
		struct ecr_sdo sdo = { .kind = ECR_SDO_UPLOAD,
				       .index = 0x1018,
				       .subindex = 1,
				       .data = bytes,
				       .size = sizeof(bytes) };
		struct ecr_request request = { .kind = ECR_REQUEST_SDO,
					       .name = "device",
					       .out = &sdo };

		assert_int_equal(vring_request(ring, &request), 0);
		assert_int_equal(sdo.result.size, 4);
		assert_true((bytes[0] == 0xCE && bytes[1] == 0x0A) || bytes[0] == 0x02);
	}
}

static void comes_up_and_answers(const char *device)
{
	static struct vring ring;
	const char *names[] = { "EK1100", device, NULL };

	vring_open(&ring, names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	read_vendor(&ring, 5);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_OP);
	assert_int_equal(vring_domain(&ring, "io").total_miss_count, 0);
	vring_close(&ring);
}

static void every_habit_is_lived_with(void **state)
{
	static const char *const devices[] = {
		"mailbox",
		"mailbox+slow",
		"mailbox+twice",
		"mailbox+counter",
		"mailbox+storm",
		"mailbox+full",
		"mailbox+pause",
		"mailbox+eeprom_by_pdi",
		"analog_coe+slow",
		"analog_coe+no_complete",
		"analog_coe+mute_complete",
		"EL3202+twice+storm",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		comes_up_and_answers(devices[i]);
}

static void all_of_them_at_once_too(void **state)
{
	(void)state;
	comes_up_and_answers("awkward");
}

static void an_unknown_habit_is_no_device(void **state)
{
	struct ecr_sim_device device = { 0 };
	uint8_t sii[4096];

	(void)state;
	assert_true(ecr_sim_shipped("mailbox+slow", &device, sii, sizeof(sii)));
	assert_false(ecr_sim_shipped("mailbox+slow+lazy", &device, sii, sizeof(sii)));
	assert_false(ecr_sim_shipped("mailbox+", &device, sii, sizeof(sii)));
	assert_false(ecr_sim_shipped("", &device, sii, sizeof(sii)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_habit_is_lived_with),
					    cmocka_unit_test(all_of_them_at_once_too),
					    cmocka_unit_test(an_unknown_habit_is_no_device) };

	return RUN(tests);
}
