/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated drive against IEC 61800-7-201: states, modes, faults, and how its axis moves. */
#include "support/check.h"
#include "support/mailring.h"
#include "wire/sdo_abort.h"

#include <ecring/cia402.h>

#include <string.h>

#define STATE_MASK 0x6Fu

/* What the master sends and gets in a cycle of 1 ms. */
static struct {
	uint16_t control;
	int32_t position;
	int32_t velocity;
	int16_t torque;
	int8_t mode;
	uint16_t status;
	int32_t actual;
	int32_t speed;
	int16_t pull;
	int8_t shown;
} io;
static struct mailring mail;

static uint32_t get32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static void cycle(void)
{
	uint8_t out[14] = { (uint8_t)io.control, (uint8_t)(io.control >> 8) };
	uint8_t in[14];

	put32(out + 2, (uint32_t)io.position);
	put32(out + 6, (uint32_t)io.velocity);
	out[10] = (uint8_t)io.torque;
	out[11] = (uint8_t)((uint16_t)io.torque >> 8);
	out[12] = (uint8_t)io.mode;
	mail.ring.now += ECR_MS(1) - 2 * ECR_US(20);
	assert_int_equal(simring_write(&mail.ring, 0, 0x1100, out, sizeof(out)), 1);
	assert_int_equal(simring_read(&mail.ring, 0, 0x1400, in, sizeof(in)), 1);
	io.status = (uint16_t)(in[0] | in[1] << 8);
	io.actual = (int32_t)get32(in + 2);
	io.speed = (int32_t)get32(in + 6);
	io.pull = (int16_t)(in[10] | in[11] << 8);
	io.shown = (int8_t)in[12];
}

static void cycles(int count)
{
	while (count--)
		cycle();
}

static void begin(void)
{
	memset(&io, 0, sizeof(io));
	mailring_open(&mail, "drive", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	mailring_set_sm(&mail, 2, 14);
	mailring_set_sm(&mail, 3, 14);
	assert_int_equal(mailring_go(&mail, ECR_AL_OP), ECR_AL_OP);
	io.mode = ECR_402_CSP;
	cycles(15);
}

static void enable(int8_t mode)
{
	io.mode = mode;
	io.control = 0x06;
	cycles(2);
	io.control = 0x07;
	cycles(2);
	io.control = 0x0F;
	cycles(2);
	assert_int_equal(io.status & STATE_MASK, 0x27);
	assert_int_equal(io.shown, mode);
}

static void command(uint16_t control, uint16_t state)
{
	io.control = control;
	cycles(2);
	assert_int_equal(io.status & STATE_MASK, state);
}

static void machine(uint8_t subindex, uint16_t value, size_t size)
{
	uint8_t bytes[2] = { (uint8_t)value, (uint8_t)(value >> 8) };

	assert_true(ecr_sim_write_object(mail.ring.sim, 0, 0x2100, subindex, bytes, size));
}

/* Transitions 2 to 10 and 12 of the state machine. */
static void states_follow_the_control_word(void **state)
{
	(void)state;
	begin();
	assert_int_equal(io.status & STATE_MASK, 0x40);
	command(0x07, 0x40); /* switch on does not lead out of here */
	command(0x0F, 0x40);
	command(0x06, 0x21);
	command(0x00, 0x40);
	command(0x06, 0x21);
	command(0x02, 0x40); /* quick stop */
	command(0x06, 0x21);
	command(0x07, 0x23);
	command(0x06, 0x21);
	command(0x07, 0x23);
	command(0x0F, 0x27);
	command(0x07, 0x23);
	command(0x0F, 0x27);
	command(0x06, 0x21);
	command(0x0F, 0x27); /* by way of switched on */
	command(0x00, 0x40);
	command(0x06, 0x21);
	command(0x07, 0x23);
	command(0x00, 0x40);
	mailring_close(&mail);
}

static void a_fault_is_reset_by_an_edge_only(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_CSP);
	io.control = 0x8F; /* the bit is set before the fault comes */
	cycles(2);
	machine(3, 0x4210, 2);
	cycles(2);
	assert_int_equal(io.status & STATE_MASK, 0x08);
	machine(3, 0, 2);
	cycles(5);
	assert_int_equal(io.status & STATE_MASK, 0x08);
	assert_int_equal(mailring_get(&mail, 0x603F, 0), 0x4210);
	command(0x00, 0x08);
	command(0x80, 0x40);
	assert_int_equal(mailring_get(&mail, 0x603F, 0), 0);
	mailring_close(&mail);
}

static void a_fault_that_lasts_cannot_be_reset(void **state)
{
	(void)state;
	begin();
	machine(3, 0x2310, 2);
	cycles(2);
	assert_true(mailring_receive(&mail, ECR_MS(1)));
	assert_int_equal(ecr_coe_service(&mail.message), ECR_COE_EMERGENCY);
	assert_memory_equal(mail.answer + 8, "\x10\x23\x21", 3);
	command(0x00, 0x08);
	command(0x80, 0x08);
	machine(3, 0, 2);
	command(0x00, 0x08);
	command(0x80, 0x40);
	mailring_close(&mail);
}

/* A ramp of set-points: the axis follows within the error window and gets there. */
static void csp_follows_every_set_point(void **state)
{
	int32_t worst = 0;

	(void)state;
	begin();
	enable(ECR_402_CSP);
	for (int i = 0; i < 1000; i++) {
		int32_t behind;

		io.position += i < 500 ? i / 5 : (1000 - i) / 5;
		cycle();
		behind = io.position - io.actual;
		worst = behind > worst ? behind : worst;
	}
	assert_in_range(worst, 1, 1000);
	cycles(200);
	assert_in_range(io.actual, io.position - 2, io.position + 2);
	assert_int_equal(io.status & ECR_402_STATUS_FOLLOWS, ECR_402_STATUS_FOLLOWS);
	mailring_close(&mail);
}

static void a_jam_is_a_following_error(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_CSP);
	machine(2, 1, 1);
	for (int i = 0; i < 100 && (io.status & STATE_MASK) == 0x27; i++) {
		io.position += 100;
		cycle();
	}
	cycles(50);
	assert_int_equal(io.status & STATE_MASK, 0x08);
	assert_in_range(io.position, 5000, 7000); /* the window, and 10 ms */
	assert_int_equal(mailring_get(&mail, 0x603F, 0), 0x8611);
	machine(2, 0, 1);
	command(0x00, 0x08);
	command(0x80, 0x40);
	io.position = io.actual;
	enable(ECR_402_CSP);
	mailring_close(&mail);
}

static void csv_and_pv_reach_their_speed(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_CSV);
	io.velocity = 100000;
	cycles(300);
	assert_in_range(io.speed, 99900, 100100);
	io.velocity = -100000;
	cycles(300);
	assert_in_range(-io.speed, 99900, 100100);
	io.velocity = 0;
	cycles(300);
	enable(ECR_402_PV);
	io.velocity = 50000;
	cycles(40); /* a million increments per second squared: 50 ms */
	assert_in_range(io.speed, 30000, 45000);
	assert_int_equal(io.status & ECR_402_STATUS_REACHED, 0);
	cycles(200);
	assert_in_range(io.speed, 49900, 50100);
	assert_int_equal(io.status & ECR_402_STATUS_REACHED, ECR_402_STATUS_REACHED);
	io.control |= ECR_402_CONTROL_HALT;
	cycles(300);
	assert_in_range(io.speed + 100, 0, 200);
	mailring_close(&mail);
}

/* 10 % of the rated torque against friction of 10/s: 50000 increments per second in the end. */
static void cst_pushes_the_mass(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_CST);
	io.torque = 100;
	cycles(10);
	assert_in_range(io.speed, 3000, 6000);
	assert_int_equal(io.pull, 100);
	cycles(1000);
	assert_in_range(io.speed, 49900, 50100);
	machine(1, (uint16_t)-100, 2); /* an equal load against it */
	cycles(1000);
	assert_in_range(io.speed + 100, 0, 200);
	mailring_close(&mail);
}

static void set_point(int32_t position, uint16_t how)
{
	io.position = position;
	io.control = (uint16_t)(0x1F | how);
	for (int i = 0; i < 10 && !(io.status & ECR_402_STATUS_ACKNOWLEDGED); i++)
		cycle();
	assert_int_equal(io.status & ECR_402_STATUS_ACKNOWLEDGED, ECR_402_STATUS_ACKNOWLEDGED);
	assert_int_equal(io.status & ECR_402_STATUS_REACHED, 0);
	io.control = 0x0F;
	cycles(2);
	assert_int_equal(io.status & ECR_402_STATUS_ACKNOWLEDGED, 0);
}

static int until_reached(void)
{
	int count = 0;

	while (!(io.status & ECR_402_STATUS_REACHED) && count++ < 5000)
		cycle();
	return count;
}

/* 40000 increments at 100000/s with ramps of 0.1 s: 0.5 s. */
static void pp_goes_by_its_profile(void **state)
{
	int32_t fastest = 0;
	int count = 0;

	(void)state;
	begin();
	enable(ECR_402_PP);
	set_point(40000, 0);
	while (!(io.status & ECR_402_STATUS_REACHED) && count++ < 5000) {
		cycle();
		fastest = io.speed > fastest ? io.speed : fastest;
	}
	assert_in_range(count, 480, 540);
	assert_in_range(fastest, 99000, 101000);
	assert_in_range(io.actual, 39995, 40005);
	set_point(-5000, ECR_402_CONTROL_RELATIVE);
	assert_true(until_reached() < 5000);
	assert_in_range(io.actual, 34995, 35005);
	mailring_close(&mail);
}

static void pp_queues_one_set_point_or_changes_at_once(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_PP);
	set_point(40000, 0);
	set_point(0, 0);
	io.position = 90000; /* there is room for one only */
	io.control = 0x1F;
	cycles(5);
	assert_int_equal(io.status & ECR_402_STATUS_ACKNOWLEDGED, 0);
	io.control = 0x0F;
	cycles(500);
	assert_true(io.actual < 39990);
	assert_true(until_reached() < 5000);
	assert_in_range(io.actual + 5, 0, 10);
	set_point(40000, 0);
	cycles(100);
	set_point(-1000, ECR_402_CONTROL_AT_ONCE);
	assert_true(until_reached() < 5000);
	assert_in_range(io.actual + 1005, 0, 10);
	mailring_close(&mail);
}

static void quick_stop_ramps_down_and_then_lets_go(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_CSV);
	io.velocity = 200000;
	cycles(300);
	io.control = 0x02;
	cycles(10); /* five millions per second squared: 40 ms */
	assert_int_equal(io.status & STATE_MASK, 0x07);
	assert_in_range(io.speed, 120000, 180000);
	cycles(60);
	assert_int_equal(io.status & STATE_MASK, 0x40);
	assert_int_equal(io.speed, 0);
	mailring_close(&mail);
}

static void quick_stop_can_be_made_to_stay(void **state)
{
	(void)state;
	begin();
	assert_true(mailring_set(&mail, 0x605A, 0, 6, 2));
	assert_false(mailring_set(&mail, 0x605A, 0, 99, 2));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_VALUE_RANGE);
	enable(ECR_402_CSV);
	io.velocity = 100000;
	cycles(300);
	io.control = 0x02;
	cycles(200);
	assert_int_equal(io.status & STATE_MASK, 0x07);
	assert_in_range(io.speed + 100, 0, 200);
	command(0x0F, 0x27);
	mailring_close(&mail);
}

static void without_a_master_it_stops_with_a_fault(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_CSV);
	io.velocity = 100000;
	cycles(300);
	assert_int_equal(mailring_go(&mail, ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	for (int i = 0; i < 100; i++)
		ecr_sim_tick(mail.ring.sim, mail.ring.now += ECR_MS(1));
	assert_int_equal(mailring_go(&mail, ECR_AL_OP), ECR_AL_OP);
	cycle();
	assert_int_equal(io.status & STATE_MASK, 0x08);
	assert_int_equal(io.speed, 0);
	assert_int_equal(mailring_get(&mail, 0x603F, 0), 0x7500);
	mailring_close(&mail);
}

static int home(uint8_t method)
{
	int count = 0;

	assert_true(mailring_set(&mail, 0x6098, 0, method, 1));
	io.control = 0x0F;
	cycle();
	io.control = 0x1F;
	cycles(2);
	while (!(io.status & ECR_402_STATUS_REACHED) && count++ < 20000)
		cycle();
	return count;
}

/* Where the drive says that it is, against where the axis is. */
static int32_t offset(void)
{
	uint8_t said[4];
	uint8_t is[4];

	assert_int_equal(ecr_sim_read_object(mail.ring.sim, 0, 0x6064, 0, said, 4), 4);
	assert_int_equal(ecr_sim_read_object(mail.ring.sim, 0, 0x2100, 4, is, 4), 4);
	return (int32_t)get32(said) - (int32_t)get32(is);
}

static void homing_finds_the_switches(void **state)
{
	(void)state;
	begin();
	assert_true(mailring_set(&mail, 0x607C, 0, 500, 4));
	enable(ECR_402_HM);
	assert_in_range(home(17), 3000, 8000);
	assert_int_equal(io.status & 0x3400, 0x1400);
	assert_int_equal(offset(), 1000000 + 500);
	assert_in_range(home(18), 3000, 20000);
	assert_int_equal(io.status & 0x3400, 0x1400);
	assert_int_equal(offset(), -1000000 + 500);
	mailring_close(&mail);
}

static void homing_finds_index_pulses_and_here(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_HM);
	assert_true(home(34) < 1000);
	assert_int_equal(offset(), -1234);
	assert_true(home(33) < 2000);
	assert_true((offset() + 1234) % 10000 == 0);
	home(35);
	assert_in_range(io.actual + 5, 0, 10);
	assert_false(mailring_set(&mail, 0x6098, 0, 5, 1));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_VALUE_RANGE);
	mailring_close(&mail);
}

static void homing_taken_back_stops_without_a_home(void **state)
{
	(void)state;
	begin();
	enable(ECR_402_HM);
	assert_true(mailring_set(&mail, 0x6098, 0, 17, 1));
	io.control = 0x1F;
	cycles(200);
	assert_int_equal(io.status & 0x3400, 0);
	assert_true(io.speed < -100000);
	io.control = 0x0F;
	cycles(500);
	assert_int_equal(io.status & 0x3400, ECR_402_STATUS_REACHED);
	assert_in_range(io.speed + 50, 0, 100);
	mailring_close(&mail);
}

static void unknown_modes_are_refused(void **state)
{
	(void)state;
	begin();
	io.mode = 4;
	cycles(2);
	assert_int_equal(io.shown, ECR_402_CSP);
	assert_int_equal(mailring_get(&mail, 0x6502, 0), 0x3A5);
	assert_int_equal(mailring_go(&mail, ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	assert_false(mailring_set(&mail, 0x6060, 0, 4, 1));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_VALUE_RANGE);
	mailring_close(&mail);
}

/* Position and following error only, in an order of our own. */
static void its_pdos_can_be_mapped(void **state)
{
	static const uint8_t assign[] = { 1, 0, 0x01, 0x1A };
	static const uint8_t map[] = { 2, 0, 0x20, 0, 0xF4, 0x60, 0x20, 0, 0x64, 0x60 };
	uint8_t bytes[8];

	(void)state;
	mailring_open(&mail, "drive", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	assert_true(mailring_download(&mail, 0x1A01, 0, true, map, sizeof(map)));
	assert_true(mailring_download(&mail, 0x1C13, 0, true, assign, sizeof(assign)));
	mailring_set_sm(&mail, 2, 14);
	mailring_set_sm(&mail, 3, 8);
	assert_int_equal(mailring_go(&mail, ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	assert_int_equal(simring_read(&mail.ring, 0, 0x1400, bytes, 8), 1);
	mailring_close(&mail);
}

/* The same commands move it to the same place, whatever the compiler and the machine. */
static void motion_is_the_same_everywhere(void **state)
{
	uint32_t hash = 2166136261u;

	(void)state;
	begin();
	enable(ECR_402_CSP);
	for (int i = 0; i < 2000; i++) {
		io.position += (i * 7919 % 401) - 150;
		if (i == 1000)
			machine(1, 150, 2);
		cycle();
		hash = (hash ^ (uint32_t)io.actual) * 16777619u;
		hash = (hash ^ (uint32_t)io.speed) * 16777619u;
	}
	assert_int_equal(io.status & STATE_MASK, 0x27);
	assert_int_equal(hash, 0x66666D9Bu);
	mailring_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_follow_the_control_word),
		cmocka_unit_test(a_fault_is_reset_by_an_edge_only),
		cmocka_unit_test(a_fault_that_lasts_cannot_be_reset),
		cmocka_unit_test(csp_follows_every_set_point),
		cmocka_unit_test(a_jam_is_a_following_error),
		cmocka_unit_test(csv_and_pv_reach_their_speed),
		cmocka_unit_test(cst_pushes_the_mass),
		cmocka_unit_test(pp_goes_by_its_profile),
		cmocka_unit_test(pp_queues_one_set_point_or_changes_at_once),
		cmocka_unit_test(quick_stop_ramps_down_and_then_lets_go),
		cmocka_unit_test(quick_stop_can_be_made_to_stay),
		cmocka_unit_test(without_a_master_it_stops_with_a_fault),
		cmocka_unit_test(homing_finds_the_switches),
		cmocka_unit_test(homing_finds_index_pulses_and_here),
		cmocka_unit_test(homing_taken_back_stops_without_a_home),
		cmocka_unit_test(unknown_modes_are_refused),
		cmocka_unit_test(its_pdos_can_be_mapped),
		cmocka_unit_test(motion_is_the_same_everywhere),
	};

	return RUN(tests);
}
