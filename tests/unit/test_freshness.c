/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader is told of his inputs: since when a value stands, how old it is, and whose. */
#include "support/check.h"
#include "support/simring.h"
#include "support/vring.h"

#include "port/view.h"
#include "sim/sim.h"
#include "wire/registers.h"

#include <ecring/master.h>

#include <string.h>

static const char *const names[] = { "EK1100", "EL1809", "EL2809", "EL1809", NULL };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "near", .process_data = ECR_ALL_TO("main") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("main") },
	{ .name = "far", .process_data = ECR_ALL_TO("main") },
	{ 0 },
};

static struct vring ring;
static struct ecr_domain_config domains[2];
static struct ecr_config config;
static struct port_view *view;
static int changes;

/* As a port does it: behind every turn. */
static void publish(struct vring *unused)
{
	(void)unused;
	if (!view || view->generation != ecr_core_generation(ring.core))
		view = port_view_make(ring.core, view);
	changes += port_view_publish(view, ring.core);
}

static void open_ring(bool all_or_nothing)
{
	vring_open(&ring, names);
	config = vring_default_config();
	domains[0] = vring_default_domains[0];
	domains[0].cycle_ns = ECR_MS(1);
	domains[0].all_or_nothing = all_or_nothing;
	config.domains = domains;
	config.slaves = slaves;
	view = NULL;
	ring.each_tick = publish;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(10));
	changes = 0;
}

static void close_ring(void)
{
	ring.each_tick = NULL;
	vring_close(&ring);
	port_view_free(view);
}

static struct ecr_sample read_signal(const char *slave, const char *signal, int result)
{
	struct ecr_sample sample;
	uint32_t number;

	assert_int_equal(port_view_find(view, slave, signal, &number), 0);
	assert_int_equal(port_view_read(view, number, ring.now, &sample), result);
	return sample;
}

static void run(ecr_time span)
{
	vring_run_until(&ring, ring.now + span);
}

/* The plan stands and nothing cycles yet. */
static void nothing_is_fresh_before_the_first_cycle(void **state)
{
	struct ecr_slave_config held[5];

	(void)state;
	memcpy(held, slaves, sizeof(held));
	for (int i = 0; i < 4; i++)
		held[i].target_state = ECR_TARGET_PREOP;
	vring_open(&ring, names);
	config = vring_default_config();
	config.slaves = held;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	assert_int_equal(ecr_core_refreshed(ring.core, 0, 0), -1);
	vring_close(&ring);
}

/* Two channels of one byte: only the one that changes changes. */
static void a_neighbouring_bit_is_no_change(void **state)
{
	int64_t before;
	int64_t other;

	(void)state;
	open_ring(false);
	before = read_signal("near", "ch1", 0).changed_at_us;
	run(ECR_MS(50));
	ecr_sim_set_input(ring.sim, 1, 1, 1, 1);
	run(ECR_MS(5));
	other = read_signal("near", "ch2", 0).changed_at_us;
	assert_true(other >= before + 50000);
	assert_int_equal(read_signal("near", "ch1", 0).changed_at_us, before);
	assert_true(read_signal("near", "ch1", 0).updated_at_us > other);
	assert_int_equal(changes, 1);
	close_ring();
}

/* LRW brings the outputs back: nobody's input has changed. */
static void echoed_outputs_are_no_change(void **state)
{
	(void)state;
	open_ring(false);
	for (int i = 0; i < 8; i++) {
		vring_output(&ring, "outputs", "ch3", i & 1);
		run(ECR_MS(2));
	}
	assert_int_equal(changes, 0);
	close_ring();
}

/* The line is cut before the last slave: until it is proven who is missing all inputs of the datagram
 * age, then its own alone. */
static void one_missing_slave_ages_alone(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 3 };
	struct ecr_slave_info info;
	struct ecr_sample gone;

	(void)state;
	open_ring(false);
	ecr_sim_set_input(ring.sim, 3, 0, 1, 1);
	run(ECR_MS(5));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	run(ECR_S(1));
	read_signal("near", "ch1", 0);
	gone = read_signal("far", "ch1", ECR_ERR_STALE);
	assert_true(gone.freshness.age_us > 900000);
	assert_true(gone.value.boolean); /* as last seen */
	ecr_sim_set_input(ring.sim, 1, 0, 1, 1);
	run(ECR_MS(5));
	assert_true(read_signal("near", "ch1", 0).value.boolean);
	info = vring_slave(&ring, "far");
	assert_int_equal(info.pdo_health, ECR_PDO_STALE);
	assert_int_equal(info.domain_count, 1);
	assert_string_equal(info.pdo_domains[0].id, "main");
	assert_int_equal(info.pdo_domains[0].freshness.refreshed_at_us,
			 gone.freshness.refreshed_at_us);
	assert_int_equal(vring_slave(&ring, "near").pdo_health, ECR_PDO_FRESH);
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	run(ECR_MS(20));
	read_signal("far", "ch1", 0);
	close_ring();
}

static void a_domain_can_be_fresh_as_a_whole_or_not_at_all(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 3 };

	(void)state;
	open_ring(true);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	run(ECR_S(1));
	assert_true(read_signal("near", "ch1", ECR_ERR_STALE).freshness.age_us > 900000);
	close_ring();
}

/* A counter that is wrong while every slave answers: nobody is proven missing, nobody's inputs are
 * believed. */
static void without_a_culprit_all_inputs_of_the_datagram_age(void **state)
{
	struct ecr_sim_fault odd = { .kind = ECR_SIM_LOGICAL_WKC_OFFSET, .slave = 1, .value = -1 };

	(void)state;
	open_ring(false);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &odd));
	run(ECR_S(1));
	read_signal("near", "ch1", ECR_ERR_STALE);
	read_signal("far", "ch1", ECR_ERR_STALE);
	assert_int_equal(vring_slave(&ring, "near").fault.kind, ECR_FAULT_NONE);
	close_ring();
}

/* What is read as fresh is what is there: the last slave's input is on until it is cut off, and no more then. */
static void far_is_on_or_not_fresh(int cycles)
{
	struct ecr_sample sample;
	uint32_t number;

	assert_int_equal(port_view_find(view, "far", "ch1", &number), 0);
	for (int i = 0; i < cycles; i++) {
		run(ECR_MS(1));
		if (!port_view_read(view, number, ring.now, &sample))
			assert_true(sample.value.boolean);
	}
}

/* It is back, and stays in PREOP: the others are as fresh as ever, and what it might add to the counter does not stand
 * for another one of its kind that goes. */
static void who_is_held_up_below_safeop_stands_for_nobody(void **state)
{
	struct ecr_sim_fault refuse = {
		.kind = ECR_SIM_REFUSE, .slave = 1, .command = ECR_AL_SAFEOP, .value = 0x1E
	};
	struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 3 };

	(void)state;
	open_ring(false);
	ring.sim->slaves[1].device.emulation = false;
	ecr_sim_set_input(ring.sim, 3, 0, 1, 1);
	run(ECR_MS(5));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &refuse));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	run(ECR_S(2));
	assert_int_equal(vring_slave(&ring, "near").al_state, ECR_AL_PREOP);
	read_signal("near", "ch1", ECR_ERR_STALE);
	read_signal("far", "ch1", 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	far_is_on_or_not_fresh(100);
	read_signal("far", "ch1", ECR_ERR_STALE);
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	run(ECR_S(6));
	read_signal("near", "ch1", 0);
	read_signal("far", "ch1", 0);
	close_ring();
}

/* It falls to PREOP, its SyncManager off there and its FMMU on, and cannot rise: this is switched off, since nobody knows
 * what it adds to the counter. */
static void who_falls_below_safeop_takes_nobody_along(void **state)
{
	static const uint8_t preop[2] = { ECR_AL_PREOP };
	struct simring raw = { 0 };
	struct ecr_sim_fault refuse = {
		.kind = ECR_SIM_REFUSE, .slave = 1, .command = ECR_AL_SAFEOP, .value = 0x1E
	};

	(void)state;
	open_ring(false);
	ring.sim->slaves[1].device.emulation = false;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &refuse));
	raw.sim = ring.sim;
	raw.now = ring.now;
	simring_write8(&raw, 1, (uint16_t)ECR_REG_SM_ACTIVATE(0), 0);
	assert_int_equal(simring_write(&raw, 1, ECR_REG_AL_CONTROL, preop, 2), 1);
	run(ECR_MS(400));
	assert_int_equal(vring_slave(&ring, "near").al_state, ECR_AL_PREOP);
	for (int i = 0; i < 100; i++) {
		run(ECR_MS(20));
		read_signal("far", "ch1", 0);
		read_signal("near", "ch1", ECR_ERR_STALE);
	}
	raw.now = ring.now;
	simring_write8(&raw, 1, (uint16_t)ECR_REG_SM_ACTIVATE(0), ECR_SM_ACTIVATE_ENABLE);
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	run(ECR_S(6));
	read_signal("near", "ch1", 0);
	close_ring();
}

static bool old_is_fresh; /* an input that is off is read as on, and said to be fresh */

static void look_at_far(struct vring *unused)
{
	struct ecr_sample sample;
	uint32_t number;

	publish(unused);
	assert_int_equal(port_view_find(view, "far", "ch1", &number), 0);
	old_is_fresh = old_is_fresh ||
		       (!port_view_read(view, number, ring.now, &sample) && sample.value.boolean);
}

/* With replies so late that several cycles are under way: those that it has been in when it begins to count say nothing of it. */
static void who_is_back_brings_its_own_inputs(void **state)
{
	(void)state;
	for (int32_t late = 2000000; late < 3000000; late += 100000) {
		struct ecr_sim_fault off = { .kind = ECR_SIM_POWER_OFF,
					     .slave = 3,
					     .lasts = ECR_MS(50) };
		struct ecr_sim_fault delay = { .kind = ECR_SIM_DELAY, .value = late };

		open_ring(false);
		ecr_sim_set_input(ring.sim, 3, 0, 1, 1);
		run(ECR_MS(5));
		assert_true(ecr_sim_inject(ring.sim, ring.now, &off));
		run(ECR_MS(60));
		ecr_sim_set_input(ring.sim, 3, 0, 1, 0);
		assert_true(ecr_sim_inject(ring.sim, ring.now, &delay));
		old_is_fresh = false;
		ring.each_tick = look_at_far;
		assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
		assert_false(old_is_fresh);
		close_ring();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_fresh_before_the_first_cycle),
		cmocka_unit_test(a_neighbouring_bit_is_no_change),
		cmocka_unit_test(echoed_outputs_are_no_change),
		cmocka_unit_test(one_missing_slave_ages_alone),
		cmocka_unit_test(a_domain_can_be_fresh_as_a_whole_or_not_at_all),
		cmocka_unit_test(without_a_culprit_all_inputs_of_the_datagram_age),
		cmocka_unit_test(who_is_held_up_below_safeop_stands_for_nobody),
		cmocka_unit_test(who_is_back_brings_its_own_inputs),
		cmocka_unit_test(who_falls_below_safeop_takes_nobody_along),
	};

	return RUN(tests);
}
