/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated clocks, as a master's datagrams see them, against the truth. */
#include "support/check.h"
#include "support/clockring.h"

#include "base/le.h"

static struct simring ring;

static void time_runs_with_its_drift(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(100000, 5), clock_device(-50000, 77) };
	uint64_t before[2];

	(void)state;
	simring_open(&ring, devices, 2);
	before[0] = clock_truth(&ring, 0).local_ns;
	before[1] = clock_truth(&ring, 1).local_ns;
	ring.now += ECR_S(10);
	assert_in_range(clock_truth(&ring, 0).local_ns - before[0] - ECR_S(10), 999980, 1000020);
	assert_in_range(before[1] + (uint64_t)ECR_S(10) - clock_truth(&ring, 1).local_ns, 499980,
			500020);
	assert_true(ecr_sim_set_drift(ring.sim, ring.now, 0, -20000));
	before[0] = clock_truth(&ring, 0).local_ns;
	ring.now += ECR_S(10);
	assert_in_range(before[0] + (uint64_t)ECR_S(10) - clock_truth(&ring, 0).local_ns, 199980,
			200020);
	simring_close(&ring);
}

static void time_grows_in_ticks(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(0, 0), clock_device(0, 0) };

	(void)state;
	devices[1].clock.tick_ns = 1;
	simring_open(&ring, devices, 2);
	ring.now += 7;
	assert_int_equal(clock_truth(&ring, 0).local_ns % 10, 0);
	assert_int_equal(clock_truth(&ring, 1).local_ns % 10, 7);
	simring_close(&ring);
}

/* 32 bits wrap every 4.3 s; differences and time stamps go on right through it. */
static void a_clock_of_32_bits_wraps(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(0, 0), clock_device(0, 0xFFFFFFFFu) };
	uint64_t near;

	(void)state;
	devices[0].clock.start_ns = 0x500000000u - ECR_S(1) - ECR_MS(1);
	devices[1].features = ECR_FEATURE_DC;
	devices[1].clock.start_ns = devices[0].clock.start_ns;
	devices[0].clock.tick_ns = devices[1].clock.tick_ns = 1;
	simring_open(&ring, devices, 2);
	for (int i = 0; i < 100; i++) {
		clock_latch(&ring);
		near = clock_read(&ring, 0, ECR_REG_DC_RECEIVE_TIME_ECAT, 8);
		assert_int_equal(
			ecr_time64((uint32_t)clock_read(&ring, 1, ECR_REG_DC_RECEIVE_TIME_ECAT, 8),
				   near) -
				near,
			500);
		assert_int_equal(clock_read(&ring, 1, ECR_REG_DC_RECEIVE_TIME_ECAT, 8) >> 32, 0);
	}
	assert_true(near > 0x500000000u); /* it has wrapped on the way */
	simring_close(&ring);
}

static uint16_t distribute(void)
{
	uint8_t data[8];

	ecr_put_le64(data, clock_truth(&ring, 0).system_ns);
	return simring_ask(&ring, 0, ECR_CMD_ARMW, ecr_address_position(0, ECR_REG_DC_SYSTEM_TIME),
			   data, 8);
}

static int64_t error_of(int slave)
{
	return (int64_t)(clock_truth(&ring, slave).system_ns - clock_truth(&ring, 0).system_ns);
}

/* What a master does before it distributes time. */
static void prepare(struct ecr_delay *delays)
{
	clock_measure(&ring, delays);
	clock_write(&ring, 1, ECR_REG_DC_OFFSET, 8,
		    clock_truth(&ring, 0).local_ns - clock_truth(&ring, 1).local_ns);
	clock_write(&ring, 1, ECR_REG_DC_DELAY, 4, (uint64_t)delays[1].arrival_ns);
	clock_write(&ring, 1, ECR_REG_DC_SPEED_START, 2, ECR_DC_SPEED_START_DEFAULT);
}

static void the_loop_pulls_a_clock_in(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(20000, 1000000007),
					     clock_device(-80000, 99) };
	struct ecr_delay delays[2];

	(void)state;
	simring_open(&ring, devices, 2);
	prepare(delays);
	for (int i = 0; i < 3000; i++) {
		ring.now += ECR_US(980);
		assert_int_equal(distribute(), 2);
		if (i > 1000)
			assert_in_range(error_of(1) + 25, 0, 50);
	}
	assert_in_range(clock_read(&ring, 1, ECR_REG_DC_DIFFERENCE, 4) & 0x7FFFFFFF, 0, 25);
	/* 100 ppm, in the units of the register at its default start */
	assert_in_range((int16_t)clock_read(&ring, 1, ECR_REG_DC_SPEED_DIFFERENCE, 2), 3000, 3400);
	ring.now += ECR_MS(50); /* the master sleeps */
	assert_in_range(error_of(1) + 100, 0, 200);
	clock_write(&ring, 1, ECR_REG_DC_SPEED_START, 2, ECR_DC_SPEED_START_DEFAULT);
	assert_int_equal(clock_read(&ring, 1, ECR_REG_DC_DIFFERENCE, 4), 0);
	assert_int_equal(clock_read(&ring, 1, ECR_REG_DC_SPEED_DIFFERENCE, 2), 0);
	simring_close(&ring);
}

/* Bit 31 of the difference says that the local time is the smaller one. */
static void the_difference_has_a_sign(void **state)
{
	struct ecr_sim_device device = clock_device(0, 0);
	uint32_t difference;

	(void)state;
	simring_open(&ring, &device, 1);
	clock_write(&ring, 0, ECR_REG_DC_FILTER_DIFFERENCE, 1, 0);
	clock_write(&ring, 0, ECR_REG_DC_SYSTEM_TIME, 4, clock_truth(&ring, 0).system_ns + 100000);
	difference = (uint32_t)clock_read(&ring, 0, ECR_REG_DC_DIFFERENCE, 4);
	assert_in_range(difference, 0x80000000u + 70000, 0x80000000u + 90000);
	simring_close(&ring);
}

/* A slave's system time as the master reads it is that of the reference when the frame passed it. */
static void reading_the_time_takes_the_delay_away(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(0, 0), clock_device(0, 0) };
	struct ecr_delay delays[2];
	uint8_t both[2][8];

	(void)state;
	devices[1].cable_ns = 2000;
	simring_open(&ring, devices, 2);
	prepare(delays);
	assert_int_equal(delays[1].arrival_ns, 2500);
	for (int i = 0; i < 2; i++) {
		simring_read(&ring, i, ECR_REG_DC_SYSTEM_TIME, both[i], 8);
		ring.now -= ECR_US(20);
	}
	assert_int_equal(ecr_le64(both[0]), ecr_le64(both[1]));
	simring_close(&ring);
}

static void a_slave_with_receive_times_only(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(0, 0), clock_device(0, 0) };
	uint8_t data[8] = { 0 };

	(void)state;
	devices[1].clock.times_only = true;
	simring_open(&ring, devices, 2);
	clock_latch(&ring);
	assert_true(clock_read(&ring, 1, ECR_REG_DC_RECEIVE_TIME(0), 4) != 0);
	assert_int_equal(simring_read(&ring, 1, ECR_REG_DC_SYSTEM_TIME, data, 8), 0);
	assert_int_equal(distribute(), 1);
	simring_close(&ring);
}

/* Ports that the frame does not come in by keep what they had. */
static void only_a_write_latches(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(0, 0), clock_device(0, 0) };
	uint64_t before;

	(void)state;
	simring_open(&ring, devices, 2);
	clock_latch(&ring);
	before = clock_read(&ring, 0, ECR_REG_DC_RECEIVE_TIMES, 8);
	assert_int_equal((before >> 32) - (uint32_t)before, 1000); /* there and back */
	clock_read(&ring, 1, ECR_REG_DC_RECEIVE_TIMES, 8);
	assert_true(clock_read(&ring, 0, ECR_REG_DC_RECEIVE_TIMES, 8) == before);
	assert_int_equal(clock_read(&ring, 0, ECR_REG_DC_RECEIVE_TIME(2), 8), 0);
	simring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_runs_with_its_drift),
		cmocka_unit_test(time_grows_in_ticks),
		cmocka_unit_test(a_clock_of_32_bits_wraps),
		cmocka_unit_test(the_loop_pulls_a_clock_in),
		cmocka_unit_test(the_difference_has_a_sign),
		cmocka_unit_test(reading_the_time_takes_the_delay_away),
		cmocka_unit_test(a_slave_with_receive_times_only),
		cmocka_unit_test(only_a_write_latches),
	};

	return RUN(tests);
}
