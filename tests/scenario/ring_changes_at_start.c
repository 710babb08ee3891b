/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include "master/master.h"

#define COUNT 4

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[COUNT + 1];
static const struct ecr_slave_config each = { .process_data = ECR_ALL_TO("main") };
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "d" };

/* So many of the four are configured; 0: all that are found. */
static void open_ring(int configured)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	config = vring_default_config();
	for (int i = 0; i < COUNT; i++) {
		devices[i] =
			(struct ecr_sim_device){ .name = names[i], .sii = image, .sii_size = size };
		slaves[i] = (struct ecr_slave_config){ .name = i < configured ? names[i] : NULL,
						       .process_data = ECR_ALL_TO("main") };
	}
	config.slaves = configured ? slaves : NULL;
	config.each = configured ? NULL : &each;
	config.scan_stable_ms = 100;
	config.scan_poll_ms = 10;
}

static void start(void)
{
	echo_open(&ring, devices, COUNT);
}

static void assert_works(const char *name)
{
	echo_works(&ring, name, ECR_MS(50));
}

static void say_when(int when, const char *sentence)
{
	if (when == 0)
		heal_when(&ring, ECR_EVENT_BUS_STABLE, -1, -1, sentence);
	else if (when == 1)
		heal_when(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_AWAITING_PREOP, sentence);
	else
		heal_when(&ring, ECR_EVENT_SLAVE_STATE_CHANGED, 0, -1, sentence);
}

static void operational_soon(void)
{
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(heal_struck(), 1);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
}

static void one_that_nobody_has_configured_goes(void **state)
{
	(void)state;
	for (int when = 0; when < 2; when++) {
		open_ring(3);
		start();
		say_when(when, "unplug d");
		operational_soon();
		for (int i = 0; i < 3; i++)
			assert_works(names[i]);
		vring_close(&ring);
	}
}

static void one_more_comes(void **state)
{
	(void)state;
	for (int when = 0; when < 2; when++) {
		open_ring(3);
		devices[3].absent = true;
		start();
		say_when(when, "plug d");
		operational_soon();
		for (int i = 0; i < 3; i++)
			assert_works(names[i]);
		vring_close(&ring);
	}
}

/* Whoever is found takes part: three then, with the names of their places. */
static void the_last_of_those_that_are_found_goes(void **state)
{
	(void)state;
	for (int when = 0; when < 2; when++) {
		struct ecr_request count = { .kind = ECR_REQUEST_SLAVES };

		open_ring(0);
		start();
		say_when(when, "unplug d");
		operational_soon();
		assert_int_equal(vring_request(&ring, &count), 3);
		assert_works("slave_2");
		vring_close(&ring);
	}
}

static void one_more_is_found(void **state)
{
	(void)state;
	for (int when = 0; when < 2; when++) {
		struct ecr_request count = { .kind = ECR_REQUEST_SLAVES };

		open_ring(0);
		devices[3].absent = true;
		start();
		say_when(when, "plug d");
		operational_soon();
		assert_int_equal(vring_request(&ring, &count), 4);
		assert_works("slave_3");
		vring_close(&ring);
	}
}

/* It may only be on its way: the session does not end, and does not begin without it. */
static void one_that_must_be_there_is_waited_for(void **state)
{
	(void)state;
	open_ring(4);
	start();
	say_when(1, "unplug d for 3s");
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), ECR_ERR_TIMEOUT);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_AWAITING_PREOP);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_works("d");
	vring_close(&ring);
}

/*
 * c has been read when it loses its station, d has not; with b away d stands where c is asked for. It is not brought up
 * as c, which is waited for.
 */
static void one_that_was_never_read_is_not_taken_for_another(void **state)
{
	static uint8_t other[1024];

	(void)state;
	open_ring(4);
	devices[2].sii = other;
	devices[2].sii_size = ecr_sim_analog_sii(other, sizeof(other), "analog", 1, 1);
	devices[2].al_delay_ns = ECR_MS(60);
	devices[3].eeprom_busy_ns = ECR_MS(3);
	config.backup_interface = "the ring's other end";
	start();
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, COUNT - 1, -1));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(1)));
	vring_run_until(&ring, ring.now + ECR_MS(30));
	heal_say(&ring, "power-cycle c for 1ms");
	vring_run_until(&ring, ring.now + ECR_MS(60));
	heal_say(&ring, "power-cycle d for 1ms");
	heal_say(&ring, "disconnect b for 200ms");
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_works("d");
	vring_close(&ring);
}

static bool all_in_preop(struct vring *unused)
{
	for (int i = 0; i < 3; i++)
		if (vring_slave(unused, names[i]).al_state != ECR_AL_PREOP)
			return false;
	return true;
}

static bool died;

static void die_at_the_count(struct vring *unused, const struct ecr_datagram *datagram)
{
	if (died || datagram->command != ECR_CMD_BRD || !all_in_preop(unused))
		return;
	died = true;
	heal_say(unused, "drop for 60s");
}

/* Where slaves come and go all are counted once more when the last one is in PREOP, and just then nothing comes back. */
static void a_line_that_dies_before_the_last_count_ends_the_start(void **state)
{
	struct ecr_failure failure;
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	open_ring(4);
	slaves[3] = (struct ecr_slave_config){
		.name = "d",
		.presence = { .optional = true, .by = ECR_BY_ALIAS, .identification = 77 }
	};
	devices[3].absent = true;
	config.awaiting_preop_ms = 1000;
	start();
	assert_int_equal(vring_start(&ring, &config), 0);
	ring.each_datagram = die_at_the_count;
	assert_int_equal(vring_await_running(&ring, ECR_S(3)), ECR_ERR_AWAITING_PREOP_TIMEOUT);
	assert_true(died);
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(failure.error, ECR_ERR_AWAITING_PREOP_TIMEOUT);
	vring_close(&ring);
}

static enum ecr_phase last_phase;
static bool d_is_out;

/* Whenever all have been counted. */
static void change_at_each_count(struct vring *unused)
{
	if (unused->core->phase == ECR_PHASE_BRINGUP && last_phase != ECR_PHASE_BRINGUP) {
		heal_say(unused, d_is_out ? "plug d" : "unplug d");
		d_is_out = !d_is_out;
	}
	last_phase = unused->core->phase;
}

/* However often it must be counted anew: the time that a start has is that of all its attempts. */
static void a_ring_that_changes_for_ever_ends_the_start(void **state)
{
	(void)state;
	open_ring(0);
	config.awaiting_preop_ms = 1500;
	start();
	ring.each_tick = change_at_each_count;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(4)), ECR_ERR_AWAITING_PREOP_TIMEOUT);
	ring.each_tick = NULL;
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_nobody_has_configured_goes),
		cmocka_unit_test(one_more_comes),
		cmocka_unit_test(the_last_of_those_that_are_found_goes),
		cmocka_unit_test(one_more_is_found),
		cmocka_unit_test(one_that_must_be_there_is_waited_for),
		cmocka_unit_test(one_that_was_never_read_is_not_taken_for_another),
		cmocka_unit_test(a_line_that_dies_before_the_last_count_ends_the_start),
		cmocka_unit_test(a_ring_that_changes_for_ever_ends_the_start),
	};

	return RUN(tests);
}
