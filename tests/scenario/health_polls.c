/* SPDX-License-Identifier: Apache-2.0 */
#include "support/asked.h"
#include "support/check.h"
#include "support/heal.h"

#include <stdio.h>

#define SLAVES 100

static struct vring ring;
static char names[SLAVES][8];

/* One slave may be held in PREOP, and be polled every so many ms, others then every second; 0: all as usual. */
static void open_polled(int held, int32_t held_ms)
{
	static uint8_t image[1024];
	static struct ecr_sim_device devices[SLAVES];
	static struct ecr_slave_config slaves[SLAVES + 1];
	static struct ecr_config config;
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	for (int i = 0; i < SLAVES; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] =
			(struct ecr_sim_device){ .name = names[i], .sii = image, .sii_size = size };
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main"),
						       .health_poll_ms = held_ms ? 1000 : 0 };
	}
	if (held >= 0)
		slaves[held] = (struct ecr_slave_config){ .name = names[held],
							  .target_state = ECR_TARGET_PREOP,
							  .health_poll_ms = held_ms };
	config = vring_default_config();
	config.slaves = slaves;
	vring_open_devices(&ring, devices, SLAVES);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	vring_run_until(&ring, ring.now + ECR_S(1));
}

static void open_ring(int held)
{
	open_polled(held, 0);
}

static void a_sound_ring_is_asked_as_one(void **state)
{
	(void)state;
	open_ring(-1);
	asked_for(&ring, ECR_S(10));
	assert_in_range(asked_all, 38, 41); /* every 250 ms */
	assert_int_equal(asked_singly, 0);
	vring_close(&ring);
}

static bool fell(struct vring *unused)
{
	return vring_slave(unused, "s50").fault.kind == ECR_FAULT_RETREATED;
}

/* Nothing else tells of it here: process data go on. */
static void who_fell_back_is_found_by_single_polls(void **state)
{
	ecr_time struck;

	(void)state;
	open_ring(-1);
	asked_count(&ring);
	heal_say(&ring, "retreat s50");
	struck = ring.now;
	assert_true(heal_until(&ring, fell, ECR_MS(300)));
	assert_true(ring.now - struck <= ECR_MS(255));
	assert_in_range(asked_singly, SLAVES, SLAVES + 5);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_slave(&ring, "s50").al_state, ECR_AL_OP);
	asked_for(&ring, ECR_S(2));
	assert_int_equal(asked_singly, 0);
	vring_close(&ring);
}

/* A frame is lost now and then, polls among them. */
static void lost_polls_are_no_lost_slaves(void **state)
{
	(void)state;
	open_ring(-1);
	ring.prng.state = 7;
	ring.lost_ppm = 30000;
	vring_run_until(&ring, ring.now + ECR_S(20));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	vring_close(&ring);
}

/* States that differ on purpose cannot be told apart in a sum. */
static void where_states_differ_each_is_asked(void **state)
{
	(void)state;
	open_ring(3);
	asked_for(&ring, ECR_S(1));
	assert_in_range(asked_singly, 4 * SLAVES - 8, 5 * SLAVES);
	heal_say(&ring, "power-cycle s3"); /* to INIT: OP, PREOP and INIT make the same sum ... */
	assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(vring_slave(&ring, "s3").al_state, ECR_AL_PREOP);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, 3, -1));
	vring_close(&ring);
}

/* All are asked together as often as one of them wants it, which says nothing here: it costs the others nothing. */
static void who_is_polled_often_has_nobody_else_polled_often(void **state)
{
	(void)state;
	open_polled(3, 50);
	asked_for(&ring, ECR_S(1));
	assert_in_range(asked_singly, SLAVES + 15, SLAVES + 25);
	vring_close(&ring);
}

static bool cycles_are_whole(struct vring *unused)
{
	return !vring_domain(unused, "main").invalid_streak;
}

static bool back(struct vring *unused)
{
	return vring_slave(unused, "s99").al_state == ECR_AL_OP &&
	       !vring_slave(unused, "s99").down && heal_healthy(unused);
}

/* Attempts have become rare; the slave is seen all the same as soon as it answers. */
static void who_comes_back_after_long_is_not_kept_waiting(void **state)
{
	ecr_time plugged;

	(void)state;
	open_ring(-1);
	heal_say(&ring, "disconnect s99");
	vring_run_until(&ring, ring.now + ECR_S(30) + ECR_MS(13));
	assert_int_equal(vring_slave(&ring, "s99").fault.kind, ECR_FAULT_DOWN);
	ecr_sim_clear_faults(ring.sim);
	plugged = ring.now;
	assert_true(heal_until(&ring, back, ECR_S(6)));
	assert_true(ring.now - plugged < ECR_MS(500));
	vring_close(&ring);
}

/* Cycles are whole again: that everybody is in OP, too, is asked at once, not when the next poll is due. */
static void the_session_is_well_as_soon_as_the_ring_is(void **state)
{
	(void)state;
	open_ring(-1);
	for (int i = 0; i < 5; i++) {
		ecr_time whole;

		heal_say(&ring, "wkc -1 of LRW for 20 frames");
		assert_true(heal_until(&ring, heal_recovering, ECR_MS(300)));
		assert_true(heal_until(&ring, cycles_are_whole, ECR_S(1)));
		whole = ring.now;
		assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
		assert_true(ring.now - whole <= ECR_MS(20));
		vring_run_until(&ring, ring.now + ECR_S(1) + i * ECR_MS(47));
	}
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_ring_is_asked_as_one),
		cmocka_unit_test(who_fell_back_is_found_by_single_polls),
		cmocka_unit_test(lost_polls_are_no_lost_slaves),
		cmocka_unit_test(where_states_differ_each_is_asked),
		cmocka_unit_test(who_is_polled_often_has_nobody_else_polled_often),
		cmocka_unit_test(the_session_is_well_as_soon_as_the_ring_is),
		cmocka_unit_test(who_comes_back_after_long_is_not_kept_waiting),
	};

	return RUN(tests);
}
