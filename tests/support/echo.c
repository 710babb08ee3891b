/* SPDX-License-Identifier: Apache-2.0 */
#include "support/echo.h"

#include "support/check.h"

#include "base/le.h"
#include "wire/sii.h"

struct ecr_sim_device echo_device(const char *name, uint8_t image[ECHO_SII_BYTES], uint32_t product)
{
	size_t size = ecr_sim_digital_sii(image, ECHO_SII_BYTES, "digital", 8, 8);

	assert_true(size);
	ecr_put_le32(image + (size_t)ECR_SII_WORD_PRODUCT * 2, product);
	return (struct ecr_sim_device){ .name = name, .sii = image, .sii_size = size };
}

struct ecr_slave_config echo_slave(const char *name)
{
	return (struct ecr_slave_config){ .name = name,
					  .process_data = ECR_ALL_TO("main"),
					  .health_poll_ms = 20 };
}

struct ecr_slave_config echo_slave_of(const char *name, uint32_t product)
{
	struct ecr_slave_config slave = echo_slave(name);

	slave.check = ECR_CHECK_PRODUCT;
	slave.identity.product = product;
	slave.watchdog_ms = 6000;
	return slave;
}

struct ecr_presence_config echo_tool(struct ecr_sim_device *device)
{
	device->alias = ECHO_MARK;
	return (struct ecr_presence_config){ .optional = true,
					     .by = ECR_BY_ALIAS,
					     .identification = ECHO_MARK,
					     .sii = device->sii,
					     .sii_size = device->sii_size };
}

static void open_wired(struct vring *ring, const struct ecr_sim_device *devices, int count,
		       uint32_t bits)
{
	vring_open_devices(ring, devices, count);
	for (int i = 0; i < count; i++)
		assert_true(ecr_sim_wire(ring->sim, i, 0, i, 0, bits));
}

void echo_open(struct vring *ring, const struct ecr_sim_device *devices, int count)
{
	open_wired(ring, devices, count, 8);
}

void echo_open_first(struct vring *ring, const struct ecr_sim_device *devices, int count)
{
	open_wired(ring, devices, count, 1);
}

void echo_come_up(struct vring *ring, const struct ecr_config *config)
{
	assert_int_equal(vring_start(ring, config), 0);
	assert_int_equal(vring_await_operational(ring, ECR_S(4)), 0);
}

uint64_t echo_outputs(struct vring *ring, int device)
{
	uint64_t raw = 0;

	assert_true(ecr_sim_get_output(ring->sim, device, 0, 8, &raw));
	return raw;
}

void echo_works(struct vring *ring, const char *slave, ecr_time later)
{
	for (uint64_t value = 1; value < 2; value--) {
		vring_output(ring, slave, "out1", value);
		vring_run_until(ring, ring->now + later);
		assert_int_equal(vring_input(ring, slave, "in1"), value);
	}
}
