/* SPDX-License-Identifier: Apache-2.0 */
/* SYNC signals and latches of a simulated slave, and an application that works with them. */
#include "support/check.h"
#include "support/clockring.h"

#include "wire/al_status.h"
#include "wire/esc.h"
#include "wire/sii_write.h"

#include <string.h>

#define CYCLE 500000u
#define OUTPUTS 0x1000
#define INPUTS 0x1800
#define SYNC0 (ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0)

static struct simring ring;

static void open_clock(const struct ecr_sim_clock *clock, bool wide)
{
	struct ecr_sim_device device = clock_device(0, 12345678);

	if (clock)
		device.clock = *clock;
	device.emulation = !clock;
	device.features = wide ? ECR_FEATURE_DC | ECR_FEATURE_DC_64 : ECR_FEATURE_DC;
	simring_open(&ring, &device, 1);
}

/* First SYNC0 so long from now. */
static uint64_t start_sync(int64_t ahead, uint32_t sync1, uint8_t activation)
{
	uint64_t start = (clock_truth(&ring, 0).system_ns + (uint64_t)ahead);

	clock_write(&ring, 0, ECR_REG_DC_SYNC0_CYCLE, 4, CYCLE);
	clock_write(&ring, 0, ECR_REG_DC_SYNC1_CYCLE, 4, sync1);
	clock_write(&ring, 0, ECR_REG_DC_START_TIME, 8, start);
	clock_write(&ring, 0, ECR_REG_DC_ACTIVATION, 1, activation);
	return start;
}

static void run_until(uint64_t system)
{
	ring.now += (ecr_time)(system - clock_truth(&ring, 0).system_ns);
}

static void sync0_and_sync1_start_when_asked(void **state)
{
	uint64_t start;

	(void)state;
	open_clock(NULL, true);
	start = start_sync(1000000, 100000, SYNC0 | ECR_DC_ACTIVATE_SYNC1);
	run_until(start - 30000);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_ACTIVATION_STATUS, 1), 3);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 0);
	run_until(start + 10);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 1);
	assert_true(clock_truth(&ring, 0).sync_running);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_ACTIVATION_STATUS, 1), 2);
	run_until(start + 100 * CYCLE + 50000);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 101);
	assert_int_equal(clock_truth(&ring, 0).sync1_pulses, 100);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_START_TIME, 8) == start + 101 * CYCLE);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_NEXT_SYNC1, 8) == start + 100 * CYCLE + 100000);
	clock_write(&ring, 0, ECR_REG_DC_ACTIVATION, 1, 0);
	ring.now += ECR_MS(10);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 101);
	assert_false(clock_truth(&ring, 0).sync_running);
	simring_close(&ring);
}

/* SYNC1 a cycle or more behind SYNC0 leaves SYNC0s out: every second one here. */
static void sync1_divides(void **state)
{
	uint64_t start;

	(void)state;
	open_clock(NULL, true);
	start = start_sync(1000000, CYCLE + 20000, SYNC0 | ECR_DC_ACTIVATE_SYNC1);
	run_until(start + 100 * CYCLE + 10);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 101);
	assert_int_equal(clock_truth(&ring, 0).sync1_pulses, 50);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_NEXT_SYNC1, 8) == start + 101 * CYCLE + 20000);
	simring_close(&ring);
}

/* Nothing comes before the clock has gone round: 32 bits take 4.3 s, 64 bits for ever. */
static void a_start_in_the_past_is_not_made_up_for(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		open_clock(NULL, wide);
		start_sync(-1000000, 0, SYNC0);
		for (int i = 0; i < 4; i++) {
			ring.now += ECR_S(1);
			assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 0);
		}
		assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_ACTIVATION_STATUS, 1), 1);
		ring.now += ECR_S(1);
		assert_int_equal(clock_truth(&ring, 0).sync0_pulses > 0, !wide);
		simring_close(&ring);
	}
}

/* Up to a step pulses come as before, seen or not; and an offset that is what it was is none. */
static void an_offset_that_stays_stops_nothing(void **state)
{
	uint64_t start;

	(void)state;
	open_clock(NULL, true);
	start = start_sync(1000000, 0, SYNC0);
	run_until(start - 100000);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_ACTIVATION_STATUS, 1), 1);
	ring.now += ECR_MS(10);
	clock_write(&ring, 0, ECR_REG_DC_OFFSET, 8, 0);
	run_until(start + 100 * CYCLE + 10);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 101);
	assert_true(clock_truth(&ring, 0).next_sync0_ns == start + 101 * CYCLE);
	simring_close(&ring);
}

static void writing_the_start_time_activates_when_told_to(void **state)
{
	(void)state;
	open_clock(NULL, true);
	start_sync(1000000, 0, ECR_DC_ACTIVATE_AUTO | ECR_DC_ACTIVATE_SYNC0);
	ring.now += ECR_MS(2);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 0);
	clock_write(&ring, 0, ECR_REG_DC_START_TIME, 8, clock_truth(&ring, 0).system_ns + 1000000);
	ring.now += ECR_MS(2);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 3);
	simring_close(&ring);
}

static void pulses_have_the_length_that_the_eeprom_says(void **state)
{
	uint64_t start;

	(void)state;
	open_clock(NULL, true);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_PULSE_LENGTH, 2), 1000);
	start = start_sync(1000000, 0, SYNC0);
	run_until(start - 20000 + 10);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_SYNC0_STATUS, 1), 1);
	run_until(start - 10000 + 10);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_SYNC0_STATUS, 1), 0);
	simring_close(&ring);
}

/* Without a length the signal stays until the application has acknowledged it. */
static void without_length_pulses_are_acknowledged(void **state)
{
	uint8_t image[1024];
	struct ecr_sim_device device = clock_device(0, 0);

	(void)state;
	device.sii = image;
	device.sii_size = ecr_sim_digital_sii(image, sizeof(image), "slave", 8, 8);
	memset(image + 2 * ECR_SII_WORD_SYNC_PULSE, 0, 2);
	image[2 * ECR_SII_WORD_CHECKSUM] = ecr_sii_crc(image);
	simring_open(&ring, &device, 1);
	start_sync(1000000, 0, SYNC0);
	ring.now += ECR_MS(10);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 1);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_SYNC0_STATUS, 1), 1);
	assert_true(ecr_sim_acknowledge(ring.sim, ring.now, 0, 0));
	assert_false(ecr_sim_acknowledge(ring.sim, ring.now, 0, 0));
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_SYNC0_STATUS, 1), 0);
	ring.now += ECR_MS(1);
	assert_int_equal(clock_truth(&ring, 0).sync0_pulses, 2);
	simring_close(&ring);
}

static void latches_keep_or_overwrite(void **state)
{
	uint64_t first;

	(void)state;
	open_clock(NULL, true);
	clock_write(&ring, 0, ECR_REG_DC_LATCH0_CONTROL, 1, ECR_DC_LATCH_POSITIVE_SINGLE);
	first = clock_truth(&ring, 0).system_ns;
	assert_true(ecr_sim_edge(ring.sim, ring.now, 0, 0, false));
	ring.now += 500000;
	ecr_sim_edge(ring.sim, ring.now, 0, 0, false);
	ecr_sim_edge(ring.sim, ring.now, 0, 1, true);
	ring.now += 500000;
	ecr_sim_edge(ring.sim, ring.now, 0, 1, true);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_LATCH1_NEGATIVE, 8) ==
		    clock_truth(&ring, 0).system_ns - 20000);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_LATCH0_STATUS, 2),
			 ECR_DC_LATCH_STATUS_POSITIVE | ECR_DC_LATCH_STATUS_PIN);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_LATCH0_POSITIVE, 8) == first);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_LATCH0_STATUS, 2),
			 ECR_DC_LATCH_STATUS_PIN);
	ecr_sim_edge(ring.sim, ring.now, 0, 0, false);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_LATCH0_POSITIVE, 8) > first);
	simring_close(&ring);
}

/* An application that needs SYNC0. */

static void set_sm(unsigned int number, uint16_t start, uint8_t control)
{
	const struct ecr_sm sm = {
		.start = start, .length = 1, .control = control, .activate = ECR_SM_ACTIVATE_ENABLE
	};
	uint8_t bytes[ECR_SM_SIZE];

	ecr_sm_encode(bytes, &sm);
	simring_write(&ring, 0, (uint16_t)ECR_REG_SM(number), bytes, ECR_SM_SIZE);
}

static void send_outputs(void)
{
	simring_write8(&ring, 0, OUTPUTS, 1);
}

/* Status in the low half, code in the high one. */
static uint32_t request(uint8_t al_state)
{
	clock_write(&ring, 0, ECR_REG_AL_CONTROL, 2, al_state | ECR_AL_ERROR);
	return simring_read16(&ring, 0, ECR_REG_AL_STATUS) |
	       (uint32_t)simring_read16(&ring, 0, ECR_REG_AL_STATUS_CODE) << 16;
}

static uint32_t refused(uint8_t al_state, enum ecr_al_code code)
{
	return al_state | ECR_AL_ERROR | (uint32_t)code << 16;
}

static const struct ecr_sim_clock drive = {
	.needs_sync = true, .missed_limit = 8, .ready_ns = 50000, .min_cycle_ns = 250000
};

static void open_drive(void)
{
	open_clock(&drive, true);
	assert_int_equal(request(ECR_AL_PREOP), ECR_AL_PREOP);
	set_sm(0, OUTPUTS, ECR_SM_CONTROL_OUTPUTS);
	set_sm(1, INPUTS, ECR_SM_CONTROL_INPUTS);
}

/* Outputs that long before each SYNC0, for so many of them. */
static void cycle(uint64_t *next, int cycles, uint32_t before)
{
	for (int i = 0; i < cycles; i++, *next += CYCLE) {
		run_until(*next - before - 20000); /* a datagram takes 20 us */
		send_outputs();
	}
	run_until(*next - CYCLE + 1000);
}

static void safeop_needs_sync_configured(void **state)
{
	(void)state;
	open_drive();
	assert_int_equal(request(ECR_AL_SAFEOP),
			 refused(ECR_AL_PREOP, ECR_AL_CODE_SYNC_CONFIGURATION));
	start_sync(ECR_MS(10), 0, SYNC0);
	clock_write(&ring, 0, ECR_REG_DC_SYNC0_CYCLE, 4, 100000);
	assert_int_equal(request(ECR_AL_SAFEOP), refused(ECR_AL_PREOP, ECR_AL_CODE_SYNC_CYCLE));
	clock_write(&ring, 0, ECR_REG_DC_SYNC0_CYCLE, 4, CYCLE);
	assert_int_equal(request(ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	simring_close(&ring);
}

static void op_needs_sync_running_and_data_flowing(void **state)
{
	uint64_t next;

	(void)state;
	open_drive();
	next = start_sync(ECR_MS(10), 0, SYNC0);
	assert_int_equal(request(ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	assert_int_equal(request(ECR_AL_OP), refused(ECR_AL_SAFEOP, ECR_AL_CODE_NO_SYNC));
	next += 20 * CYCLE;
	run_until(next + 1000);
	assert_int_equal(request(ECR_AL_OP), refused(ECR_AL_SAFEOP, ECR_AL_CODE_SYNC));
	next += CYCLE;
	cycle(&next, 5, 100000);
	assert_int_equal(request(ECR_AL_OP), ECR_AL_OP);
	cycle(&next, 100, 100000);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS), ECR_AL_OP);
	simring_close(&ring);
}

static uint64_t open_drive_in_op(void)
{
	uint64_t next;

	open_drive();
	next = start_sync(ECR_MS(1), 0, SYNC0);
	assert_int_equal(request(ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	cycle(&next, 5, 100000);
	assert_int_equal(request(ECR_AL_OP), ECR_AL_OP);
	return next;
}

static void late_outputs_are_a_sync_error(void **state)
{
	uint64_t next = open_drive_in_op();

	(void)state;
	cycle(&next, 2, 30000); /* twice is borne */
	cycle(&next, 10, 100000);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS), ECR_AL_OP);
	cycle(&next, 3, 30000);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS), ECR_AL_SAFEOP | ECR_AL_ERROR);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS_CODE), ECR_AL_CODE_SYNC);
	simring_close(&ring);
}

static void missing_outputs_are_a_sync_error(void **state)
{
	uint64_t next = open_drive_in_op();

	(void)state;
	run_until(next + 10 * CYCLE);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS_CODE), ECR_AL_CODE_SYNC);
	simring_close(&ring);
}

static void sync_that_stops_is_fatal(void **state)
{
	(void)state;
	open_drive_in_op();
	clock_write(&ring, 0, ECR_REG_DC_ACTIVATION, 1, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS), ECR_AL_SAFEOP | ECR_AL_ERROR);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS_CODE), ECR_AL_CODE_FATAL_SYNC);
	simring_close(&ring);
}

static void some_do_not_bear_cyclic_unit_control(void **state)
{
	struct ecr_sim_clock touchy = drive;

	(void)state;
	touchy.dislikes_control = true;
	open_clock(&touchy, true);
	request(ECR_AL_PREOP);
	set_sm(0, OUTPUTS, ECR_SM_CONTROL_OUTPUTS);
	set_sm(1, INPUTS, ECR_SM_CONTROL_INPUTS);
	start_sync(ECR_MS(10), 0, SYNC0);
	assert_int_equal(request(ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	request(ECR_AL_PREOP);
	clock_write(&ring, 0, ECR_REG_DC_CYCLIC_CONTROL, 1, 0);
	assert_int_equal(request(ECR_AL_SAFEOP),
			 refused(ECR_AL_PREOP, ECR_AL_CODE_SYNC_CONFIGURATION));
	simring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sync0_and_sync1_start_when_asked),
		cmocka_unit_test(sync1_divides),
		cmocka_unit_test(a_start_in_the_past_is_not_made_up_for),
		cmocka_unit_test(an_offset_that_stays_stops_nothing),
		cmocka_unit_test(writing_the_start_time_activates_when_told_to),
		cmocka_unit_test(pulses_have_the_length_that_the_eeprom_says),
		cmocka_unit_test(without_length_pulses_are_acknowledged),
		cmocka_unit_test(latches_keep_or_overwrite),
		cmocka_unit_test(safeop_needs_sync_configured),
		cmocka_unit_test(op_needs_sync_running_and_data_flowing),
		cmocka_unit_test(late_outputs_are_a_sync_error),
		cmocka_unit_test(missing_outputs_are_a_sync_error),
		cmocka_unit_test(sync_that_stops_is_fatal),
		cmocka_unit_test(some_do_not_bear_cyclic_unit_control),
	};

	return RUN(tests);
}
