/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static struct vring ring;
static uint8_t image[32768];

static void refused_by_name(void **state)
{
	struct ecr_sim_device device = { .name = "wide", .sii = image, .emulation = true };
	struct ecr_config config = { .domains = vring_default_domains };
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };
	ecr_time began;

	(void)state;
	device.sii_size = ecr_sim_digital_sii(image, sizeof(image), "wide", 2000, 0);
	assert_true(device.sii_size > 16384);
	vring_open_devices(&ring, &device, 1);
	began = ring.now;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(60)), ECR_ERR_CONFIGURATION_FAILED);
	assert_true(ring.now - began < ECR_S(5));
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_string_equal(failure.slave, "slave_0");
	assert_int_equal(failure.cause, ECR_ERR_LIMIT);
	assert_string_equal(failure.subject, "limits.sii_bytes");
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refused_by_name) };

	return RUN(tests);
}
