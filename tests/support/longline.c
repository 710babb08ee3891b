/* SPDX-License-Identifier: Apache-2.0 */
#include "support/longline.h"

#include "support/check.h"

#include <stdio.h>

static char names[LONGLINE_MOST][12];
static struct ecr_slave_config slaves[LONGLINE_MOST + 1];
static struct ecr_sim_device devices[LONGLINE_MOST];
static int slave_count;

struct ecr_config *longline_prepare(struct vring *ring, int count, ecr_time period)
{
	static uint8_t image[1024];
	static struct ecr_domain_config domains[2];
	static struct ecr_config config;
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	slave_count = count;
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] =
			(struct ecr_sim_device){ .name = names[i], .sii = image, .sii_size = size };
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main") };
	}
	slaves[count] = (struct ecr_slave_config){ 0 };
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = period };
	config = vring_default_config();
	config.slaves = slaves;
	config.domains = domains;
	vring_open_devices(ring, devices, count);
	for (int i = 0; i < count && i < 64; i++)
		assert_true(ecr_sim_wire(ring->sim, i, 0, i, 0, 8));
	return &config;
}

void longline_open(struct vring *ring, int count, ecr_time period)
{
	assert_int_equal(vring_start(ring, longline_prepare(ring, count, period)), 0);
	assert_int_equal(vring_await_operational(ring, ECR_S(10)), 0);
	vring_run_until(ring, ring->now + 10 * period);
}

const char *longline_name(int slave)
{
	return names[slave];
}

bool longline_in_op(struct vring *ring, int from, int end)
{
	static struct ecr_slave_summary found[LONGLINE_MOST];
	struct ecr_request request = { .kind = ECR_REQUEST_SLAVES,
				       .out = found,
				       .room = LONGLINE_MOST };

	vring_request(ring, &request);
	for (int i = from; i < end; i++)
		if (found[i].al_state != ECR_AL_OP || found[i].down ||
		    found[i].fault.kind != ECR_FAULT_NONE)
			return false;
	return true;
}

bool longline_sound(struct vring *ring)
{
	return heal_healthy(ring) && longline_in_op(ring, 0, slave_count);
}

void longline_loopback(struct vring *ring, int slave)
{
	for (unsigned int value = 1; value < 2; value--) {
		vring_output(ring, names[slave], "out3", value);
		vring_run_until(ring, ring->now + ECR_MS(50));
		assert_int_equal(vring_input(ring, names[slave], "in3"), value);
	}
}
