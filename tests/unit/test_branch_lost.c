/* SPDX-License-Identifier: Apache-2.0 */
/* A branch is unplugged: slaves behind it move up in the ring, and stay who they are. */
#include "support/check.h"
#include "support/vring.h"

#include <string.h>

#define COUNT 4

static struct vring ring;
static uint8_t image[1024];

static struct ecr_sim_state look(int slave)
{
	struct ecr_sim_state state;

	ecr_sim_look(ring.sim, slave, &state);
	return state;
}

/* s1 hangs on port 3 of s0, s2 and s3 go on with the line; all of one kind. */
static void open_ring(void)
{
	static const char *const names[COUNT] = { "s0", "s1", "s2", "s3" };
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) },
							    { 0 } };
	static struct ecr_slave_config slaves[COUNT + 1];
	static struct ecr_config config;
	struct ecr_sim_device devices[COUNT] = { 0 };

	for (int i = 0; i < COUNT; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i],
						      .sii = image,
						      .emulation = true };
		devices[i].sii_size = ecr_sim_digital_sii(image, sizeof(image), "slave", 8, 8);
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("io") };
	}
	devices[1].parent = devices[2].parent = 1;
	devices[1].parent_port = 3;
	devices[2].parent_port = 1;
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	vring_open_devices(&ring, devices, COUNT);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
}

static void neighbours_are_not_taken_for_it(void **state)
{
	const struct ecr_sim_fault unplug = { .kind = ECR_SIM_DISCONNECT, .slave = 1 };

	(void)state;
	open_ring();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &unplug));
	for (int i = 0; i < 200; i++) {
		vring_run_until(&ring, ring.now + ECR_MS(10));
		for (int k = 2; k < COUNT; k++) {
			assert_int_equal(look(k).station, 0x1000 + k);
			assert_int_equal(look(k).al_status, ECR_AL_OP);
		}
	}
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_RECOVERING);
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
	for (int k = 0; k < COUNT; k++) {
		assert_int_equal(look(k).station, 0x1000 + k);
		assert_int_equal(look(k).al_status, ECR_AL_OP);
	}
	vring_close(&ring);
}

static void assert_down(int slave, bool down)
{
	static const char *const names[COUNT] = { "s0", "s1", "s2", "s3" };

	assert_int_equal(vring_slave(&ring, names[slave]).down, down);
}

/*
 * The last two go, and the very last comes back in the place of the one before it, without its station: nothing tells
 * which of the two it is, so it is neither until both are there.
 */
static void one_like_it_is_not_taken_for_it(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 3 };

	(void)state;
	open_ring();
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_down(2, true);
	assert_down(3, true);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 3));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 0, 1));
	vring_run_until(&ring, ring.now + ECR_S(6));
	assert_down(2, true);
	assert_down(3, true);
	assert_int_equal(look(3).station, 0);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 3));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, 0, 1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 2, 1));
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
	for (int k = 0; k < COUNT; k++)
		assert_int_equal(look(k).station, 0x1000 + k);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_are_not_taken_for_it),
		cmocka_unit_test(one_like_it_is_not_taken_for_it),
	};

	return RUN(tests);
}
