/* SPDX-License-Identifier: Apache-2.0 */
/* Where slaves come and go other devices come into places, and those that were there come back without their stations. */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include "base/le.h"
#include "sim/controller.h"
#include "wire/registers.h"
#include "wire/sii.h"

#include <string.h>

enum { A, B, C, TOOL, X, COUNT };

#define CONFIGURED 4
#define EVERY_SERIAL (ECR_CHECK_PRODUCT | ECR_CHECK_SERIAL)

static struct vring ring;
static bool struck;
static uint8_t images[COUNT][ECHO_SII_BYTES];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[CONFIGURED + 1];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "tool", "x" };

static void put_kind(int device, uint32_t product, uint32_t serial)
{
	ecr_put_le32(images[device] + (size_t)ECR_SII_WORD_PRODUCT * 2, product);
	ecr_put_le32(images[device] + (size_t)ECR_SII_WORD_SERIAL * 2, serial);
	if (device >= CONFIGURED)
		return;
	slaves[device].identity.product = product;
	slaves[device].identity.serial = serial;
}

/* a, b and c in a line, each of a kind of its own; the tool goes behind c, and x belongs to nobody. */
static void describe(void)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							    { 0 } };

	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		uint32_t product = 0x100 + (uint32_t)i;

		devices[i] = echo_device(names[i], images[i], product);
		if (i >= CONFIGURED)
			continue;
		slaves[i] = echo_slave_of(names[i], product);
		slaves[i].check = 0; /* what is, says each test */
	}
	devices[TOOL].absent = devices[X].absent = true;
	slaves[TOOL].presence = echo_tool(&devices[TOOL]);
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
}

/* b and c, on branches of a's. */
static void put_side_by_side(void)
{
	devices[B].parent = devices[C].parent = 1 + A;
	devices[B].parent_port = 3;
	devices[C].parent_port = 1;
}

static void come_up(void)
{
	echo_open(&ring, devices, COUNT);
	echo_come_up(&ring, &config);
}

static uint64_t outputs_of(int device)
{
	return echo_outputs(&ring, device);
}

/* What is written to it arrives at its own device, and comes back from there. */
static void assert_works(int slave)
{
	for (uint64_t value = 1; value < 2; value--) {
		vring_output(&ring, names[slave], "out1", value);
		vring_run_until(&ring, ring.now + ECR_MS(5));
		assert_int_equal(vring_input(&ring, names[slave], "in1"), value);
		assert_int_equal(outputs_of(slave), value);
	}
}

static bool is_up(int slave)
{
	struct ecr_slave_info info = vring_slave(&ring, names[slave]);

	return !info.down && info.al_state == ECR_AL_OP;
}

static bool c_in_op(struct vring *unused)
{
	(void)unused;
	return is_up(C);
}

static bool b_in_op(struct vring *unused)
{
	(void)unused;
	return is_up(B);
}

static bool b_is_there(struct vring *unused)
{
	(void)unused;
	return !vring_slave(&ring, "b").down;
}

static bool b_and_c_in_op(struct vring *unused)
{
	(void)unused;
	return is_up(B) && is_up(C);
}

static void ask(enum ecr_request_kind kind)
{
	struct ecr_request request = { .kind = kind, .target = ECR_TARGET_PREOP };

	assert_int_equal(vring_request(&ring, &request), 0);
}

/* x is plugged in before b while b and c have no power: b's place is the first that somebody is in, c's the next one. */
static void who_was_taken_for_its_neighbour_is_asked_anew(void **state)
{
	(void)state;
	describe();
	slaves[B].check = ECR_CHECK_PRODUCT;
	slaves[C].target_state = ECR_TARGET_PREOP; /* with any device */
	slaves[C].process_data = (struct ecr_process_data){ 0 };
	come_up();
	heal_say(&ring, "power-off b for 100ms");
	heal_say(&ring, "power-off c for 100ms");
	vring_run_until(&ring, ring.now + ECR_MS(100) - ECR_US(50));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_false(is_up(B));
	assert_int_equal(outputs_of(X), 0);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
	assert_true(heal_until(&ring, heal_operational, ECR_S(6)));
	assert_works(B);
	assert_int_equal(vring_slave(&ring, "c").identity.product, 0x100 + C);
	vring_close(&ring);
}

/* x stands before b and c, which are of one kind and lose their power: since long, or since then. */
static void nobody_behind_a_stranger_is_taken_for_the_next(void **state)
{
	(void)state;
	for (int since_long = 0; since_long < 2; since_long++) {
		describe();
		put_kind(C, 0x100 + B, 0);
		slaves[B].check = slaves[C].check = ECR_CHECK_PRODUCT;
		come_up();
		if (since_long)
			assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
		vring_run_until(&ring, ring.now + ECR_S(1));
		heal_say(&ring, "power-off b for 100ms");
		heal_say(&ring, "power-off c for 100ms");
		if (!since_long)
			assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
		for (int ms = 0; ms < 1500; ms++) {
			vring_output(&ring, "c", "out1", 1);
			vring_run_until(&ring, ring.now + ECR_MS(1));
			assert_int_equal(outputs_of(B), 0);
			assert_int_equal(outputs_of(X), 0);
		}
		assert_true(heal_operational(&ring));
		assert_works(B);
		assert_works(C);
		vring_close(&ring);
	}
}

/* c, behind b on its branch, has its power back alone: told by what the plan was made for, or by its serial number. */
static void one_of_two_kinds_is_not_waited_with(void **state)
{
	(void)state;
	for (int by_serial = 0; by_serial < 2; by_serial++) {
		describe();
		put_side_by_side();
		for (int i = B; i <= C && by_serial; i++) {
			put_kind(i, 0x100, 7 + (uint32_t)i);
			slaves[i].check = EVERY_SERIAL;
		}
		come_up();
		heal_say(&ring, "power-off b for 5s");
		heal_say(&ring, "power-off c for 200ms");
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(heal_until(&ring, c_in_op, ECR_S(3)));
		assert_works(C);
		assert_true(vring_slave(&ring, "b").down);
		assert_true(heal_until(&ring, heal_operational, ECR_S(10)));
		assert_works(B);
		assert_works(C);
		vring_close(&ring);
	}
}

/* b goes with any device, has no process data and no plan: the kind that it had tells c, which has its power back alone, from it. */
static void one_that_goes_with_any_device_does_not_take_its_neighbour(void **state)
{
	(void)state;
	describe();
	put_side_by_side();
	slaves[B].process_data = (struct ecr_process_data){ 0 };
	come_up();
	heal_say(&ring, "power-off b for 2s");
	heal_say(&ring, "power-off c for 200ms");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(heal_until(&ring, c_in_op, ECR_S(1)));
	assert_works(C);
	assert_true(vring_slave(&ring, "b").down);
	assert_true(heal_until(&ring, b_is_there, ECR_S(6)));
	assert_int_equal(vring_slave(&ring, "b").identity.product, 0x100 + B);
	vring_close(&ring);
}

/* x is in b's place; c, of b's kind, has its power back: as many are there as belong there, and it is c, not b. */
static void nobody_is_taken_for_one_that_another_stands_for(void **state)
{
	(void)state;
	describe();
	put_side_by_side();
	put_kind(C, 0x100 + B, 0);
	slaves[B].check = ECR_CHECK_PRODUCT;
	come_up();
	assert_true(ecr_sim_unplug(ring.sim, ring.now, B));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_false(is_up(B));
	heal_say(&ring, "power-off c for 50ms");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(heal_until(&ring, c_in_op, ECR_S(3)));
	assert_works(C);
	assert_false(is_up(B));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 3));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(heal_until(&ring, heal_operational, ECR_S(10)));
	assert_works(B);
	assert_works(C);
	vring_close(&ring);
}

/* x is plugged in before b while c is away: b, which was read where c should be, is b. */
static void who_was_met_behind_another_is_found(void **state)
{
	(void)state;
	describe();
	devices[B].parent = 1 + A;
	devices[B].parent_port = 1;
	slaves[B].check = slaves[C].check = ECR_CHECK_PRODUCT;
	come_up();
	heal_say(&ring, "power-off c for 5s");
	heal_say(&ring, "power-off b for 300ms");
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(heal_until(&ring, b_in_op, ECR_S(4)));
	assert_works(B);
	assert_true(vring_slave(&ring, "c").down);
	assert_true(heal_until(&ring, heal_operational, ECR_S(10)));
	assert_works(B);
	assert_works(C);
	assert_int_equal(outputs_of(X), 0);
	vring_close(&ring);
}

/* In PREOP, watched. */
static void rest_side_by_side(void)
{
	describe();
	put_side_by_side();
	config.watch_held = true;
	come_up();
	ask(ECR_REQUEST_DEACTIVATE);
	vring_run_until(&ring, ring.now + ECR_MS(200));
}

/* b and c side by side in PREOP, where a plan may be made anew for another device: not for one that belongs to another place. */
static void no_plan_is_made_for_a_neighbour(void **state)
{
	(void)state;
	rest_side_by_side();
	heal_say(&ring, "power-off b for 2s");
	heal_say(&ring, "power-off c for 200ms");
	vring_run_until(&ring, ring.now + ECR_S(4));
	ask(ECR_REQUEST_ACTIVATE);
	assert_true(heal_until(&ring, b_and_c_in_op, ECR_S(6)));
	assert_works(B);
	assert_works(C);
	vring_close(&ring);
}

/* b, side by side with c, has no power when x is plugged in behind c: x may be nobody of the session, but is not where b may be. */
static void no_plan_is_made_for_one_behind_another(void **state)
{
	(void)state;
	rest_side_by_side();
	heal_say(&ring, "power-off b for 4s");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, C, -1));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(vring_slave(&ring, "b").configuration_error, ECR_ERR_IDENTITY_MISMATCH);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_RECOVERING);
	vring_run_until(&ring, ring.now + ECR_S(5));
	ask(ECR_REQUEST_ACTIVATE);
	assert_true(heal_until(&ring, b_and_c_in_op, ECR_S(6)));
	assert_works(B);
	assert_works(C);
	assert_int_equal(outputs_of(X), 0);
	vring_close(&ring);
}

/* They are being configured when they lose their power, and with it their stations. */
static void lose_power(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	if (struck || datagram->command != ECR_CMD_FPWR || datagram->address >> 16 != ECR_REG_SM(0))
		return;
	struck = true;
	heal_say(&ring, "power-off a for 600ms");
	heal_say(&ring, "power-off b for 100ms");
	heal_say(&ring, "power-off c for 100ms");
	heal_say(&ring, "power-off tool for 100ms");
}

/*
 * The tool, which was the first behind a, is the last when all have their power back, and each is brought up where it stood:
 * b gets the tool's station, and c that of b. While the tool is put right both are not where they are asked for: that they do not
 * answer is no reason to take c for b, and to make a plan for it.
 */
static void no_plan_is_made_for_who_is_silent_behind_a_mismatch(void **state)
{
	(void)state;
	describe();
	devices[TOOL].absent = false;
	devices[TOOL].parent = devices[B].parent = 1 + A;
	devices[TOOL].parent_port = 3;
	devices[B].parent_port = 1;
	echo_open(&ring, devices, COUNT);
	ring.each_datagram = lose_power;
	assert_int_equal(vring_start(&ring, &config), 0);
	vring_run_until(&ring, ring.now + ECR_MS(400));
	assert_true(struck);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, TOOL));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, TOOL, C, -1));
	assert_true(vring_until_state(&ring, ECR_STATE_ACTIVATION_BLOCKED, ECR_S(4)));
	ask(ECR_REQUEST_DEACTIVATE);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(10)));
	ask(ECR_REQUEST_ACTIVATE);
	assert_true(heal_until(&ring, heal_operational, ECR_S(15)));
	for (int i = A; i <= TOOL; i++) {
		assert_works(i);
		assert_int_equal(vring_slave(&ring, names[i]).identity.product, 0x100 + i);
	}
	vring_close(&ring);
}

static bool b_is_settled(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(&ring, "b");

	(void)unused;
	return ecr_core_state(ring.core) == ECR_STATE_PREOP_READY &&
	       info.al_state == ECR_AL_PREOP && info.configuration_error == 0;
}

/* In the place of b: one of its kind with twice the outputs. */
static void replace_b(void)
{
	static uint8_t spare[sizeof(images[B])];
	size_t size = ecr_sim_digital_sii(spare, sizeof(spare), "digital", 16, 8);

	ecr_put_le32(spare + (size_t)ECR_SII_WORD_PRODUCT * 2, 0x100 + B);
	sim_controller_replace(&ring.sim->slaves[B], spare, size);
}

/*
 * In PREOP whoever has other PDOs gets a plan, once it is known that it is nobody who is sought. For that it is asked in INIT: its
 * polls may see it there, and are not needed to know it.
 */
static void one_that_was_asked_who_it_is_gets_its_plan(void **state)
{
	(void)state;
	for (int poll_ms = 5; poll_ms <= 500; poll_ms *= 10) {
		int from;

		describe();
		slaves[TOOL].presence.by = ECR_BY_REQUESTED;
		slaves[B].health_poll_ms = poll_ms;
		config.watch_held = true;
		come_up();
		ask(ECR_REQUEST_DEACTIVATE);
		assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(1)));
		from = ring.event_count;
		replace_b();
		vring_run_until(&ring, ring.now + ECR_MS(600));
		assert_true(heal_until(&ring, b_is_settled, ECR_S(3)));
		if (poll_ms == 500)
			assert_int_equal(
				heal_find(&ring, from, ECR_EVENT_SLAVE_HEALTH_FAULT, B, -1), -1);
		ask(ECR_REQUEST_ACTIVATE);
		assert_true(heal_until(&ring, heal_operational, ECR_S(2)));
		assert_works(B);
		vring_close(&ring);
	}
}

static bool tool_in_op(struct vring *unused)
{
	(void)unused;
	return is_up(TOOL);
}

/*
 * The tool stands in b's place and does not say yet who it is, so that it is taken for b, and refused. It is asked again, though
 * whoever stood there before it has said who that was.
 */
static void one_that_says_late_who_it_is_is_found(void **state)
{
	(void)state;
	for (int other = 0; other < 2; other++) {
		describe();
		slaves[TOOL].presence.by = ECR_BY_REQUESTED;
		slaves[B].check = ECR_CHECK_PRODUCT;
		devices[X].identification = ECHO_MARK + 1;
		put_side_by_side();
		come_up();
		assert_true(ecr_sim_unplug(ring.sim, ring.now, B));
		if (other) {
			assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
			vring_run_until(&ring, ring.now + ECR_S(1));
			assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
		}
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, TOOL, A, 3));
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_int_equal(vring_slave(&ring, "b").configuration_error,
				 ECR_ERR_IDENTITY_MISMATCH);
		ring.sim->slaves[TOOL].device.identification = ECHO_MARK;
		assert_true(heal_until(&ring, tool_in_op, ECR_S(6)));
		vring_close(&ring);
	}
}

static int count_events(int from, enum ecr_event_kind kind, int slave)
{
	int count = 0;

	while ((from = heal_find(&ring, from, kind, slave, -1) + 1) > 0)
		count++;
	return count;
}

/* c stands behind b when it is there, and whoever has no station is asked for the tool's identification, and does not answer. */
static void describe_slow(uint32_t delay)
{
	describe();
	slaves[B].check = ECR_CHECK_PRODUCT;
	devices[B].eeprom_busy_ns = delay;
	devices[C].absent = true;
	slaves[C].presence = (struct ecr_presence_config){ .optional = true,
							   .sii = images[C],
							   .sii_size = devices[C].sii_size };
	slaves[TOOL].presence.by = ECR_BY_REQUESTED;
}

/*
 * x stands before b when that has its power back. It is refused in b's stead; then b is brought up where it stands, so slowly
 * that everybody is asked anew meanwhile: what was read of x does not speak against b, which is not taken for c.
 */
static void what_was_wrong_with_another_is_not_held_against_it(void **state)
{
	int from;

	(void)state;
	for (uint32_t delay = ECR_US(100); delay < ECR_MS(2); delay += ECR_US(100)) {
		describe_slow(delay);
		come_up();
		heal_say(&ring, "power-off b for 100ms");
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
		from = ring.event_count;
		vring_run_until(&ring, ring.now + ECR_MS(200));
		assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_true(heal_operational(&ring));
		assert_int_equal(count_events(from, ECR_EVENT_SLAVE_DOWN, B), 1);
		assert_works(B);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_taken_for_its_neighbour_is_asked_anew),
		cmocka_unit_test(nobody_behind_a_stranger_is_taken_for_the_next),
		cmocka_unit_test(one_of_two_kinds_is_not_waited_with),
		cmocka_unit_test(one_that_goes_with_any_device_does_not_take_its_neighbour),
		cmocka_unit_test(nobody_is_taken_for_one_that_another_stands_for),
		cmocka_unit_test(who_was_met_behind_another_is_found),
		cmocka_unit_test(no_plan_is_made_for_a_neighbour),
		cmocka_unit_test(no_plan_is_made_for_one_behind_another),
		cmocka_unit_test(no_plan_is_made_for_who_is_silent_behind_a_mismatch),
		cmocka_unit_test(one_that_was_asked_who_it_is_gets_its_plan),
		cmocka_unit_test(one_that_says_late_who_it_is_is_found),
		cmocka_unit_test(what_was_wrong_with_another_is_not_held_against_it),
	};

	return RUN(tests);
}
