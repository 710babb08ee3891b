/* SPDX-License-Identifier: Apache-2.0 */
#include "support/echo.h"

#include "support/check.h"

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
