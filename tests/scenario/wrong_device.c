/* SPDX-License-Identifier: Apache-2.0 */
/* While the power is off, somebody puts another device in the place of one. */
#include "support/check.h"
#include "support/heal.h"

#include <string.h>

static struct vring ring;
static uint8_t siis[3][2048];
static uint8_t right[2048];
static struct ecr_sim_device devices[3];

static void open_ring(void)
{
	static const char *const shipped[] = { "EK1100", "EL1809", "EL2809" };
	static const char *const names[] = { "coupler", "inputs", "outputs" };
	static struct ecr_config config;

	config = vring_default_config();
	for (int i = 0; i < 3; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i] };
		assert_true(ecr_sim_shipped(shipped[i], &devices[i], siis[i], sizeof(siis[i])));
	}
	memcpy(right, siis[2], sizeof(right));
	vring_open_devices(&ring, devices, 3);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static void swap(const uint8_t *sii)
{
	heal_say(&ring, "power-off outputs for 300ms");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	memcpy(siis[2], sii, sizeof(siis[2]));
}

static bool is_refused(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "outputs");

	return info.fault.kind == ECR_FAULT_PREOP && info.al_state == ECR_AL_PREOP &&
	       (info.configuration_error == ECR_ERR_IDENTITY_MISMATCH ||
		info.configuration_error == ECR_ERR_PDO_MISMATCH);
}

static void replace_by(const uint8_t *other)
{
	open_ring();
	swap(other);
	assert_true(heal_until(&ring, is_refused, ECR_S(8)));
	assert_true(heal_stays(&ring, is_refused, ECR_S(1)) || is_refused(&ring));
	assert_true(heal_recovering(&ring));
	assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
	swap(right);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void by_a_device_of_another_kind(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
	replace_by(other);
}

static void by_one_with_inputs_instead(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_shipped_sii("EL1809", other, sizeof(other)) > 0);
	replace_by(other);
}

/* A spare part: the same device with another serial number is welcome. */
static void by_one_of_its_kind(void **state)
{
	(void)state;
	open_ring();
	memcpy(siis[2], right, sizeof(right));
	siis[2][0x0E * 2] ^= 0x55; /* the serial number's word */
	swap(siis[2]);
	heal_ends_clean(&ring, ECR_S(8));
	assert_int_equal(vring_slave(&ring, "outputs").identity.serial & 0xFF, 0x55);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_a_device_of_another_kind),
		cmocka_unit_test(by_one_with_inputs_instead),
		cmocka_unit_test(by_one_of_its_kind),
	};

	return RUN(tests);
}
