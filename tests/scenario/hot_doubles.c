/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who comes with the station of another is switched off by its position, and somebody is plugged in before it just then, or
 * while positions are asked, so that one that moves seems to be there twice.
 */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"
#include "support/simring.h"

#include "base/le.h"
#include "wire/registers.h"

#include <string.h>

enum { A, B, C, D, E, X, Y, COUNT };

static struct vring ring;
static bool came;
static uint8_t image[1024];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[X + 2];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "d", "e", "x", "y" };

/* So many in a line, and a tool that may come; X and Y are nobody of the session. */
static void open_ring(int configured)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	for (int i = 0; i < COUNT; i++)
		devices[i] = (struct ecr_sim_device){
			.name = names[i], .sii = image, .sii_size = size, .absent = i >= configured
		};
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < configured; i++)
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main"),
						       .health_poll_ms = 20,
						       .watchdog_ms = 6000 };
	slaves[configured] = (struct ecr_slave_config){
		.name = "tool",
		.presence = { .optional = true, .by = ECR_BY_ALIAS, .identification = 77 }
	};
	came = false;
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	echo_open(&ring, devices, COUNT);
	echo_come_up(&ring, &config);
}

/* Y comes before B when X, behind them, is about to be switched off in its third place. */
static void come_before_it(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	if (came || datagram->command != ECR_CMD_APWR || datagram->address >> 16 != ECR_REG_FMMU(0))
		return;
	came = true;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, A, 3));
}

static void whoever_was_reached_instead_works_again(void **state)
{
	(void)state;
	open_ring(2);
	memcpy(ecr_sim_registers(ring.sim, X) + ECR_REG_STATION,
	       ecr_sim_registers(ring.sim, B) + ECR_REG_STATION, 2);
	ring.each_datagram = come_before_it;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, -1));
	while (!came)
		vring_run_until(&ring, ring.now + ECR_US(100));
	vring_run_until(&ring, ring.now + ECR_MS(10));
	echo_works(&ring, "b", ECR_MS(5));
	assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
	vring_close(&ring);
}

/* Y comes behind A when the first four places are known: D, the fourth, is seen again in the fifth. */
static void come_before_the_fifth(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	if (came || datagram->command != ECR_CMD_APRD ||
	    datagram->address != ecr_address_position(4, ECR_REG_DL_STATUS))
		return;
	came = true;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, A, 3));
}

static bool d_operates(struct vring *unused)
{
	(void)unused;
	return ecr_sim_registers(ring.sim, D)[ECR_REG_AL_STATUS] == ECR_AL_OP &&
	       vring_input(&ring, "d", "in1") == 1 && heal_healthy(&ring);
}

static void whoever_seems_to_be_there_twice_is_left_alone(void **state)
{
	(void)state;
	open_ring(5);
	vring_output(&ring, "d", "out1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	ring.each_datagram = come_before_the_fifth;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, E, -1));
	while (!came)
		vring_run_until(&ring, ring.now + ECR_US(100));
	vring_run_until(&ring, ring.now + ECR_MS(2)); /* of the frame under way it takes a turn */
	assert_true(heal_stays(&ring, d_operates, ECR_S(1)));
	vring_close(&ring);
}

static unsigned int calls;

static void count_calls(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	calls += datagram->command == ECR_CMD_BRD &&
		 datagram->address == ecr_address_all(ECR_REG_TYPE);
}

/* It is asked again and again, and soon, only until all have been found where they are. */
static void a_ring_at_rest_is_not_asked_in_haste(void **state)
{
	(void)state;
	open_ring(5);
	ring.each_datagram = come_before_the_fifth;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, E, -1));
	while (!came)
		vring_run_until(&ring, ring.now + ECR_US(100));
	vring_run_until(&ring, ring.now + ECR_S(2));
	ring.each_datagram = count_calls;
	calls = 0;
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_in_range(calls, 15, 21); /* every 100 ms */
	vring_close(&ring);
}

/* Another master gives the stranger behind B the station of B, at any time between two questions. */
static void who_gets_a_double_is_not_lost(void **state)
{
	struct simring raw = { 0 };
	uint8_t station[2];

	(void)state;
	open_ring(2);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, -1));
	ecr_put_le16(station, vring_slave(&ring, "b").station);
	for (ecr_time phase = 0; phase < ECR_MS(100); phase += ECR_MS(3)) {
		vring_run_until(&ring, ring.now + ECR_MS(900) + phase);
		raw.sim = ring.sim;
		raw.now = ring.now;
		assert_int_equal(simring_write(&raw, 2, ECR_REG_STATION, station, 2), 1);
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
		assert_true(heal_operational(&ring));
	}
	vring_close(&ring);
}

static unsigned int unheard;
static uint16_t station_of_d;

/* Y comes behind A as D's place is given d's station, so that C gets it; none of the first three answers is heard. */
static void come_before_its_station(struct vring *unused, const struct ecr_datagram *datagram)
{
	static const struct ecr_sim_fault lost = { .kind = ECR_SIM_LOSE, .frames = 1 };

	(void)unused;
	if (unheard == 3 || datagram->command != ECR_CMD_APWR ||
	    datagram->address >> 16 != ECR_REG_STATION || ecr_le16(datagram->data) != station_of_d)
		return;
	if (!unheard++)
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, A, 3));
	ecr_sim_inject(ring.sim, ring.now, &lost);
}

static void assert_works_alone(int slave)
{
	vring_output(&ring, names[slave], "out1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	for (int i = A; i <= Y; i++) {
		uint64_t raw = 0;

		assert_true(ecr_sim_get_output(ring.sim, i, 0, 8, &raw));
		assert_int_equal(raw, i == slave);
	}
	vring_output(&ring, names[slave], "out1", 0);
	vring_run_until(&ring, ring.now + ECR_MS(5));
}

/* The station that newcomers get is lost with the second restart: nothing but its place is left to reach D by. */
static void restart_d_again_after(ecr_time pause)
{
	uint64_t raw;

	heal_say(&ring, "power-cycle d for 10ms");
	vring_run_until(&ring, ring.now + pause);
	heal_say(&ring, "power-cycle d for 1us");
	for (int i = 0; i < 1000; i++) {
		vring_output(&ring, "d", "out1", 1);
		vring_run_until(&ring, ring.now + ECR_MS(1));
		assert_true(ecr_sim_get_output(ring.sim, C, 0, 8, &raw));
		assert_int_equal(raw, 0);
	}
	vring_output(&ring, "d", "out1", 0);
	vring_run_until(&ring, ring.now + ECR_MS(5));
}

static void who_got_a_station_unheard_is_not_its_owner(void **state)
{
	int met = 0;

	(void)state;
	for (ecr_time pause = ECR_MS(200); pause < ECR_MS(206); pause += ECR_US(200)) {
		open_ring(4);
		station_of_d = ecr_le16(ecr_sim_registers(ring.sim, D) + ECR_REG_STATION);
		unheard = 0;
		ring.each_datagram = come_before_its_station;
		restart_d_again_after(pause);
		met += unheard > 0;
		assert_true(heal_operational(&ring));
		for (int i = A; i <= D; i++)
			assert_works_alone(i);
		vring_close(&ring);
	}
	assert_true(met); /* else nothing was moved */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_was_reached_instead_works_again),
		cmocka_unit_test(whoever_seems_to_be_there_twice_is_left_alone),
		cmocka_unit_test(a_ring_at_rest_is_not_asked_in_haste),
		cmocka_unit_test(who_got_a_station_unheard_is_not_its_owner),
		cmocka_unit_test(who_gets_a_double_is_not_lost),
	};

	return RUN(tests);
}
