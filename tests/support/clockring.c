/* SPDX-License-Identifier: Apache-2.0 */
#include "support/clockring.h"

#include "base/le.h"
#include "support/check.h"

struct ecr_sim_device clock_device(int32_t drift_ppb, uint64_t start_ns)
{
	return (struct ecr_sim_device){ .emulation = true,
					.features = ECR_FEATURE_DC | ECR_FEATURE_DC_64,
					.clock = { .drift_ppb = drift_ppb, .start_ns = start_ns } };
}

uint64_t clock_read(struct simring *ring, int slave, unsigned int reg, uint16_t length)
{
	uint8_t data[8] = { 0 };

	assert_int_equal(simring_read(ring, slave, (uint16_t)reg, data, length), 1);
	return ecr_le64(data);
}

void clock_write(struct simring *ring, int slave, unsigned int reg, uint16_t length, uint64_t value)
{
	uint8_t data[8];

	ecr_put_le64(data, value);
	assert_int_equal(simring_write(ring, slave, (uint16_t)reg, data, length), 1);
}

struct ecr_sim_time clock_truth(struct simring *ring, int slave)
{
	struct ecr_sim_time time = { 0 };

	assert_true(ecr_sim_clock(ring->sim, ring->now, slave, &time));
	return time;
}

void clock_latch(struct simring *ring)
{
	uint8_t zeros[4] = { 0 };

	simring_ask(ring, 0, ECR_CMD_BWR, (uint32_t)ECR_REG_DC_RECEIVE_TIMES << 16, zeros, 4);
}

void clock_measure(struct simring *ring, struct ecr_delay *delays)
{
	static struct ecr_receive_times times[CLOCKRING_SLAVES];
	static struct ecr_node nodes[CLOCKRING_SLAVES];
	static uint16_t dl_status[CLOCKRING_SLAVES];
	int count = ecr_sim_count(ring->sim);
	struct ecr_tree tree;
	uint8_t bytes[ECR_REG_DC_RECEIVE_TIMES_SIZE];

	clock_latch(ring);
	for (int i = 0; i < count; i++) {
		dl_status[i] = simring_read16(ring, i, ECR_REG_DL_STATUS);
		times[i] = (struct ecr_receive_times){ 0 };
		times[i].valid =
			simring_read(ring, i, ECR_REG_DC_RECEIVE_TIMES, bytes, sizeof(bytes)) == 1;
		for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
			times[i].time[port] = ecr_le32(bytes + 4 * port);
	}
	assert_true(ecr_tree_build(&tree, nodes, dl_status, count));
	ecr_delays(&tree, times, delays);
}
