/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

#include "wire/frame.h"

#include <string.h>

static ecr_time next_noise;
static uint64_t sent;

static void make_noise(struct vring *ring)
{
	uint8_t foreign[16] = { 0x0E, 0x10, ECR_CMD_LRW, (uint8_t)ring->frames,
				0,    0,    0,		 0,
				2,    0,    0,		 0,
				0xFF, 0xFF, 3,		 0 };
	uint8_t other_type[16] = { 0x0E, 0x00, 1, 2, 3 };
	struct ecr_rx_meta meta = { .origin = ECR_ORIGIN_FOREIGN, .at = ring->now };

	if (ring->now < next_noise)
		return;
	next_noise = ring->now + ECR_MS(2);
	ecr_core_rx(ring->core, ring->now, foreign, sizeof(foreign), &meta);
	meta.origin =
		ECR_ORIGIN_OWN; /* as it looks where the source address is no help, such as UDP */
	ecr_core_rx(ring->core, ring->now, foreign, sizeof(foreign), &meta);
	ecr_core_rx(ring->core, ring->now, other_type, sizeof(other_type), &meta);
	sent++;
}

static void a_ring_comes_up_in_noise(void **state)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_bus_info bus;
	struct ecr_request ask = { .kind = ECR_REQUEST_BUS_INFO, .out = &bus };

	(void)state;
	next_noise = 0;
	vring_open(&ring, vring_default_names);
	ring.each_tick = make_noise;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 0);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_true(sent > 100);
	assert_int_equal(bus.dropped[ECR_DROP_FOREIGN], sent);
	assert_true(bus.dropped[ECR_DROP_DECODE] >= sent);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_ring_comes_up_in_noise) };

	return RUN(tests);
}
