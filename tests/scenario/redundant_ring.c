/* SPDX-License-Identifier: Apache-2.0 */
/* A line whose end comes back to a second port of the master. */
#include "support/check.h"
#include "support/longline.h"
#include "support/tworing.h"

#include <ecring/diag.h>

#include <stdio.h>

#define PERIOD ECR_MS(1)
#define LOOP ECR_US(200) /* until a port has closed its loop, or opened it */

#define SLAVES TWORING_SLAVES
#define names tworing_names

static struct vring ring;

static void open_ring(uint32_t loop_ns)
{
	tworing_open(&ring, PERIOD, loop_ns);
}

static void come_up(void)
{
	tworing_come_up(&ring);
}

static struct ecr_redundancy_info redundancy(void)
{
	return tworing_info(&ring);
}

static uint64_t missed(void)
{
	return tworing_missed(&ring);
}

static void assert_sound(void)
{
	tworing_assert_sound(&ring);
}

static void a_sound_ring_works_as_a_line_does(void **state)
{
	struct ecr_redundancy_info info;

	(void)state;
	open_ring(0);
	come_up();
	assert_sound();
	info = redundancy();
	assert_true(info.redundant && info.port_up[0] && info.port_up[1]);
	assert_false(info.split);
	assert_int_equal(missed(), 0);
	vring_close(&ring);
}

/* A break costs the cycles that are under way while loops close, and no more; healing neither. */
static void a_break_anywhere_costs_hardly_a_cycle(void **state)
{
	(void)state;
	for (int at = 0; at < SLAVES - 1; at++) {
		uint64_t before;

		open_ring(LOOP);
		come_up();
		before = missed();
		tworing_watch(&ring);
		tworing_cut(&ring, at);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		inputs_unwatch(&ring);
		assert_true(missed() - before <= LOOP / PERIOD + 2);
		assert_true(redundancy().split);
		assert_true(heal_saw(&ring, ECR_EVENT_BUS_TOPOLOGY, -1, true));
		assert_int_equal(redundancy().reach[0], at + 1);
		assert_int_equal(redundancy().reach[1], SLAVES - at - 1);
		assert_sound();
		before = missed();
		tworing_watch(&ring);
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		inputs_unwatch(&ring);
		assert_true(missed() - before <= LOOP / PERIOD + 2);
		assert_false(redundancy().split);
		assert_sound();
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
		vring_close(&ring);
	}
}

/* Slave c is taken out for good, its neighbours are connected: those behind it have moved up, and keep their names. */
static void bypass_c(void)
{
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 3));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 1, -1));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_false(redundancy().split);
	for (int i = 0; i < SLAVES; i++) {
		assert_int_equal(vring_slave(&ring, names[i]).down, i == 2);
		if (i != 2)
			assert_int_equal(vring_slave(&ring, names[i]).al_state, ECR_AL_OP);
	}
}

static void assert_ends(int before, int behind)
{
	assert_int_equal(redundancy().ends[0], before);
	assert_int_equal(redundancy().ends[1], behind);
}

static void a_break_is_found_where_somebody_is_missing_for_good(void **state)
{
	static const int ends[][3] = { { 0, 0, 1 }, { 1, 1, 3 }, { 3, 3, 4 }, { 4, 4, 5 } };
	static struct ecr_link_report links[16];
	struct ecr_request look = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 16 };

	(void)state;
	open_ring(LOOP);
	come_up();
	assert_ends(-1, -1);
	bypass_c();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int count;

		tworing_cut(&ring, ends[i][0]);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(redundancy().split);
		assert_ends(ends[i][1], ends[i][2]);
		count = vring_request(&ring, &look);
		assert_int_equal(count, SLAVES - 1); /* nobody's cable leads over the break */
		for (int k = 0; k < count; k++)
			assert_false(links[k].from == ends[i][1] && links[k].to == ends[i][2]);
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_ends(-1, -1);
	}
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 1); /* c */
	vring_close(&ring);
}

#define MANY 48

/* The second half is known by aliases, the first one is nobody's. */
static void open_behind_strangers(void)
{
	static char called[MANY][8];
	static uint8_t image[1024];
	static struct ecr_sim_device devices[MANY];
	static struct ecr_slave_config slaves[MANY / 2 + 1];
	static struct ecr_config config;
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	for (int i = 0; i < MANY; i++) {
		snprintf(called[i], sizeof(called[i]), "s%d", i);
		devices[i] = (struct ecr_sim_device){ .name = called[i],
						      .sii = image,
						      .sii_size = size,
						      .alias = (uint16_t)(i < MANY / 2 ? 0 : i) };
	}
	for (int i = 0; i < MANY / 2; i++)
		slaves[i] = (struct ecr_slave_config){
			.name = called[MANY / 2 + i],
			.process_data = ECR_ALL_TO("main"),
			.presence = { .optional = true,
				      .by = ECR_BY_ALIAS,
				      .identification = (uint16_t)(MANY / 2 + i),
				      .sii = image,
				      .sii_size = size },
		};
	config = vring_default_config();
	config.slaves = slaves;
	config.backup_interface = "the simulator's second port";
	vring_open_devices(&ring, devices, MANY);
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, MANY - 1, -1));
	assert_int_equal(vring_start(&ring, &config), 0);
}

static bool is_split(struct vring *unused)
{
	return tworing_info(unused).split;
}

static bool is_found(struct vring *unused)
{
	return tworing_info(unused).ends[1] == MANY / 2;
}

static ecr_time until(bool (*reached)(struct vring *ring))
{
	ecr_time since = ring.now;

	while (!reached(&ring) && ring.now < since + ECR_MS(100))
		vring_run_until(&ring, ring.now + ECR_US(10));
	assert_true(reached(&ring));
	return ring.now - since;
}

/*
 * The count of the first port is not that of those whom the session knows: half of those who are asked were to be in that
 * part, and are not. All before them are tried in six steps of as many, a frame each.
 */
static void a_break_behind_strangers_is_found_soon(void **state)
{
	(void)state;
	open_behind_strangers();
	come_up();
	for (int i = 0; i < 3; i++) {
		tworing_cut(&ring, MANY / 2 - 1);
		until(is_split);
		assert_true(until(is_found) < ECR_US(700));
		assert_ends(-1, MANY / 2);
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(100) + ECR_US(1300));
	}
	vring_close(&ring);
}

static void open_long(int count, ecr_time period)
{
	struct ecr_config *config = longline_prepare(&ring, count, period);

	config->backup_interface = "the simulator's second port";
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, count - 1, -1));
	assert_int_equal(vring_start(&ring, config), 0);
	come_up();
}

/* Only a few about the break are asked. */
static void a_break_of_a_long_ring_is_found(void **state)
{
	static const int cuts[] = { 1, 6, 12, 20, 22 };

	(void)state;
	open_long(24, PERIOD);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		tworing_cut(&ring, cuts[i]);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_ends(cuts[i], cuts[i] + 1);
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_ends(-1, -1);
	}
	vring_close(&ring);
}

/* A frame comes back from one slave at once, and from 399 so much later that it might have been lost. */
static void the_longer_part_of_a_long_ring_is_waited_for(void **state)
{
	static const int cuts[] = { 0, 200, 398 };

	(void)state;
	open_long(400, 4 * PERIOD);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		uint64_t before = vring_domain(&ring, "main").total_miss_count;

		tworing_cut(&ring, cuts[i]);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(vring_domain(&ring, "main").total_miss_count - before <= 2);
		assert_true(longline_sound(&ring));
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(vring_domain(&ring, "main").total_miss_count - before <= 4);
	}
	vring_close(&ring);
}

/* One that has lost its station answers broadcasts, and is nobody to the session: it stays so behind a missing one. */
static void who_answers_without_a_station_does_not_move_the_break(void **state)
{
	(void)state;
	open_ring(LOOP);
	come_up();
	bypass_c();
	heal_say(&ring, "power-cycle d");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(vring_slave(&ring, "d").down);
	tworing_cut(&ring, 4);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(redundancy().reach[0], 4); /* a, b, d, e */
	assert_ends(4, 5);
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	tworing_cut(&ring, 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_ends(0, 1);
	vring_close(&ring);
}

/* The first port reaches nobody but those: where the others begin is found all the same. */
static void who_answers_before_all_that_are_known_does_not_hide_the_break(void **state)
{
	(void)state;
	open_ring(LOOP);
	come_up();
	bypass_c();
	heal_say(&ring, "power-cycle a");
	heal_say(&ring, "power-cycle b");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(vring_slave(&ring, "a").down && vring_slave(&ring, "b").down);
	tworing_cut(&ring, 1);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(redundancy().reach[0], 2);
	assert_ends(-1, 3);
	vring_close(&ring);
}

static void either_port_of_the_master_may_be_unplugged(void **state)
{
	(void)state;
	for (unsigned int port = 0; port < 2; port++) {
		uint64_t before;

		open_ring(LOOP);
		come_up();
		before = missed();
		ecr_sim_plug(ring.sim, ring.now, port, false);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(missed() - before <= LOOP / PERIOD + 2);
		assert_false(redundancy().port_up[port]);
		assert_ends(port ? SLAVES - 1 : -1, port ? -1 : 0);
		assert_sound();
		ecr_sim_plug(ring.sim, ring.now, port, true);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(redundancy().port_up[port]);
		assert_false(redundancy().split);
		assert_sound();
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
		vring_close(&ring);
	}
}

static void none_when_idle(struct vring *unused, uint8_t *frame, size_t length)
{
	(void)unused;
	(void)frame;
	(void)length;
	assert_int_not_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
}

/* The answer that ends the session shows the break: nobody looks into it any more. */
static void nothing_is_sent_after_a_stop(void **state)
{
	struct ecr_request stop = { .kind = ECR_REQUEST_STOP };

	(void)state;
	open_ring(0);
	come_up();
	ring.each_frame = none_when_idle;
	assert_int_equal(ecr_core_submit(ring.core, ring.now, &stop), 0);
	ecr_sim_plug(ring.sim, ring.now, 0, false);
	assert_true(vring_until_state(&ring, ECR_STATE_IDLE, ECR_S(3)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	vring_close(&ring);
}

/* The ring is broken before anything begins: slaves of both parts are found in their order. */
static void a_broken_ring_comes_up(void **state)
{
	(void)state;
	for (int at = 0; at < SLAVES - 1; at++) {
		open_ring(0);
		tworing_cut(&ring, at);
		come_up();
		assert_sound();
		for (int i = 0; i < SLAVES; i++)
			assert_int_equal(vring_slave(&ring, names[i]).station, 0x1000 + i);
		vring_close(&ring);
	}
}

/* A slave of the part behind the break restarts: it is found again by its position there. */
static void a_slave_behind_the_break_restarts(void **state)
{
	(void)state;
	open_ring(LOOP);
	come_up();
	tworing_cut(&ring, 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	heal_say(&ring, "power-cycle e");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(500)));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_sound();
	vring_close(&ring);
}

static void a_slave_without_power_splits_the_ring_around_it(void **state)
{
	(void)state;
	open_ring(LOOP);
	come_up();
	heal_say(&ring, "power-off c for 1s");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(redundancy().split);
	assert_int_equal(vring_slave(&ring, "c").fault.kind, ECR_FAULT_DOWN);
	assert_int_equal(vring_slave(&ring, "b").al_state, ECR_AL_OP);
	assert_int_equal(vring_slave(&ring, "d").al_state, ECR_AL_OP);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_sound();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_ring_works_as_a_line_does),
		cmocka_unit_test(a_break_anywhere_costs_hardly_a_cycle),
		cmocka_unit_test(a_break_is_found_where_somebody_is_missing_for_good),
		cmocka_unit_test(a_break_behind_strangers_is_found_soon),
		cmocka_unit_test(a_break_of_a_long_ring_is_found),
		cmocka_unit_test(the_longer_part_of_a_long_ring_is_waited_for),
		cmocka_unit_test(who_answers_without_a_station_does_not_move_the_break),
		cmocka_unit_test(who_answers_before_all_that_are_known_does_not_hide_the_break),
		cmocka_unit_test(either_port_of_the_master_may_be_unplugged),
		cmocka_unit_test(nothing_is_sent_after_a_stop),
		cmocka_unit_test(a_broken_ring_comes_up),
		cmocka_unit_test(a_slave_behind_the_break_restarts),
		cmocka_unit_test(a_slave_without_power_splits_the_ring_around_it),
	};

	return RUN(tests);
}
