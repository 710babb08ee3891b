/* SPDX-License-Identifier: Apache-2.0 */
/* What slaves are told on their way up: in which order, what is cleared, who gets the acknowledge bit, how long they have. */
#include "support/check.h"
#include "support/vring.h"

#include "wire/esc.h"
#include "wire/frame.h"

#include <string.h>

#define SLAVES 3

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[SLAVES + 1];
static struct ecr_sim_device devices[SLAVES];
static uint8_t images[SLAVES][1024];

/* A coupler, a terminal without a processor, and a device with one that takes its time. */
static void open_ring(void)
{
	static const char *const names[SLAVES] = { "coupler", "terminal", "device" };

	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	devices[0].sii_size = ecr_sim_shipped_sii("EK1100", images[0], sizeof(images[0]));
	devices[1].sii_size = ecr_sim_shipped_sii("EL2809", images[1], sizeof(images[1]));
	devices[2].sii_size = ecr_sim_analog_sii(images[2], sizeof(images[2]), "device", 2, 2);
	for (int i = 0; i < SLAVES; i++) {
		devices[i].name = slaves[i].name = names[i];
		devices[i].sii = images[i];
		devices[i].emulation = i < 2;
		slaves[i].health_poll_ms = -1;
	}
	slaves[1].process_data = (struct ecr_process_data)ECR_ALL_TO("main");
	slaves[2].process_data = (struct ecr_process_data)ECR_ALL_TO("main");
	devices[2].al_delay_ns = ECR_MS(30);
	vring_open_devices(&ring, devices, SLAVES);
	config = vring_default_config();
	config.slaves = slaves;
}

static void to_operational(void)
{
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
}

/* Another master comes to the same ring, as the one before has left it: in OP. */
static void take_over(void)
{
	to_operational();
	for (int i = 0; i < SLAVES; i++) {
		struct ecr_sim_state truth;

		ecr_sim_look(ring.sim, i, &truth);
		assert_int_equal(truth.al_status, ECR_AL_OP);
	}
	ring.core = ecr_core_init(ring.core_memory, NULL);
	sim_line_init(&ring.line, ring.sim);
}

static uint8_t cleared[0x900]; /* by broadcast */
static unsigned int init_requests;
static bool cleared_before_init;

static bool all_in_init(void)
{
	for (int i = 0; i < SLAVES; i++) {
		struct ecr_sim_state truth;

		ecr_sim_look(ring.sim, i, &truth);
		if ((truth.al_status & ECR_AL_STATE_MASK) != ECR_AL_INIT)
			return false;
	}
	return true;
}

static void watch_reset(struct vring *unused, const struct ecr_datagram *datagram)
{
	uint16_t offset = (uint16_t)(datagram->address >> 16);

	(void)unused;
	if (datagram->command != ECR_CMD_BWR)
		return;
	if (offset == ECR_REG_AL_CONTROL) {
		assert_int_equal(datagram->data[0] & ECR_AL_STATE_MASK, ECR_AL_INIT);
		init_requests++;
		return;
	}
	/* Counters of errors harm nobody who works. */
	cleared_before_init =
		cleared_before_init ||
		(!all_in_init() && offset != ECR_REG_RX_ERRORS && offset != ECR_REG_LOST_LINK);
	for (unsigned int i = 0; i < datagram->length && offset + i < sizeof(cleared); i++)
		cleared[offset + i] = !datagram->data[i];
}

static void what_was_there_is_reset_behind_init(void **state)
{
	(void)state;
	open_ring();
	take_over();
	ring.each_datagram = watch_reset;
	memset(cleared, 0, sizeof(cleared));
	init_requests = 0;
	cleared_before_init = false;
	to_operational();
	assert_int_equal(init_requests, 1);
	assert_false(cleared_before_init);
	for (unsigned int i = 0; i < 16 * ECR_FMMU_SIZE; i++)
		assert_true(cleared[ECR_REG_FMMUS + i]);
	for (unsigned int i = 0; i < 16 * ECR_SM_SIZE; i++)
		assert_true(cleared[ECR_REG_SMS + i]);
	assert_true(cleared[ECR_REG_RX_ERRORS]);
	assert_true(cleared[ECR_REG_DL_ALIAS]);
	vring_close(&ring);
}

static unsigned int acknowledges[SLAVES];

static void watch_acknowledge(struct vring *unused, const struct ecr_datagram *datagram)
{
	uint16_t station = (uint16_t)datagram->address;

	(void)unused;
	if (datagram->command == ECR_CMD_FPWR && datagram->address >> 16 == ECR_REG_AL_CONTROL &&
	    station >= 0x1000 && station < 0x1000 + SLAVES)
		acknowledges[station - 0x1000] += !!(datagram->data[0] & ECR_AL_ACKNOWLEDGE);
}

/* A terminal without a processor would take the acknowledge bit for an error of its own. */
static void the_acknowledge_bit_is_for_processors_only(void **state)
{
	(void)state;
	open_ring();
	ring.each_datagram = watch_acknowledge;
	memset(acknowledges, 0, sizeof(acknowledges));
	to_operational();
	for (int i = 0; i < SLAVES; i++) {
		struct ecr_sim_fault error = { .kind = ECR_SIM_AL_ERROR,
					       .slave = i,
					       .value = 0x1D };

		assert_true(ecr_sim_inject(ring.sim, ring.now, &error));
	}
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_int_equal(vring_stop(&ring), 0);
	to_operational();
	assert_int_equal(acknowledges[0], 0);
	assert_int_equal(acknowledges[1], 0);
	assert_true(acknowledges[2] > 0);
	vring_close(&ring);
}

static uint32_t watchdog_us(int slave)
{
	const uint8_t *registers = ecr_sim_registers(ring.sim, slave);
	uint32_t divider = (uint32_t)(registers[ECR_REG_WATCHDOG_DIVIDER] |
				      registers[ECR_REG_WATCHDOG_DIVIDER + 1] << 8);
	uint32_t units = (uint32_t)(registers[ECR_REG_WATCHDOG_SM] |
				    registers[ECR_REG_WATCHDOG_SM + 1] << 8);

	return (divider + 2) * units / 25; /* of 40 ns */
}

/* max(100 ms, 10 periods) unless asked for otherwise; -1: as the device has it. */
static void the_watchdog_fits_the_period(void **state)
{
	static const struct {
		ecr_time cycle;
		int32_t given_ms;
		uint32_t watchdog_us;
	} cases[] = {
		{ ECR_MS(1), 0, 100000 },
		{ ECR_MS(10), 0, 100000 },
		{ ECR_MS(25), 0, 250000 },
		{ ECR_MS(1), 400, 400000 },
		{ ECR_MS(1), 7, 7000 },
		{ ECR_MS(700), 0, 6999943 }, /* units of 106.84 us: 65535 of 100 us are too few */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = cases[i].cycle },
						       { 0 } };

		open_ring();
		config.domains = domains;
		slaves[1].watchdog_ms = cases[i].given_ms;
		ecr_sim_registers(ring.sim, 2)[ECR_REG_WATCHDOG_SM] = 77;
		ecr_sim_registers(ring.sim, 2)[ECR_REG_WATCHDOG_SM + 1] = 1;
		slaves[2].watchdog_ms = -1;
		to_operational();
		assert_int_equal(watchdog_us(1), cases[i].watchdog_us);
		assert_int_equal(ecr_sim_registers(ring.sim, 2)[ECR_REG_WATCHDOG_SM], 77);
		vring_close(&ring);
	}
}

static ecr_time failed_at;

static void note_failure(struct vring *unused, const struct ecr_event *event)
{
	(void)unused;
	if (event->kind == ECR_EVENT_SLAVE_STARTUP_RETRY && event->slave == 2 && failed_at < 0 &&
	    event->error == ECR_ERR_AL_TIMEOUT)
		failed_at = ring.now;
}

/* When a slave that answers nothing is given up, after it was asked for a state. */
static ecr_time given_up_after(uint8_t refused_from, const struct ecr_al_timeouts *timeouts)
{
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK, .slave = 2 };
	struct ecr_sim_state truth;
	ecr_time start;

	open_ring();
	if (timeouts)
		config.al_timeouts = *timeouts;
	failed_at = -1;
	ring.each_event = note_failure;
	assert_int_equal(vring_start(&ring, &config), 0);
	do {
		vring_run_until(&ring, ring.now + ECR_US(100));
		ecr_sim_look(ring.sim, 2, &truth);
	} while (truth.al_status != refused_from);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	start = ring.now;
	while (failed_at < 0 && ring.now < start + ECR_S(20))
		vring_run_until(&ring, ring.now + ECR_MS(1));
	vring_close(&ring);
	return failed_at - start;
}

/* Outputs every 10 ms: a watchdog of 19 ms would expire at the first lost cycle. */
static void a_watchdog_too_short_for_the_period_is_refused(void **state)
{
	static const struct ecr_domain_config slow[] = { { .id = "main", .cycle_ns = ECR_MS(10) },
							 { 0 } };
	struct ecr_slave_info info;

	(void)state;
	open_ring();
	config.domains = slow;
	slaves[2].watchdog_ms = 19;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), ECR_ERR_ACTIVATION_FAILED);
	info = vring_slave(&ring, slaves[2].name);
	assert_int_equal(info.configuration_error, ECR_ERR_WATCHDOG_TOO_SHORT);
	assert_string_equal(info.configuration_failure.subject, "watchdog_ms");
	assert_int_equal(info.configuration_failure.expected, 20);
	assert_int_equal(info.configuration_failure.actual, 19);
	assert_int_equal(vring_stop(&ring), 0);
	slaves[2].watchdog_ms = 20;
	to_operational();
	vring_close(&ring);
}

static void a_slave_has_its_time_and_not_more(void **state)
{
	static const struct ecr_al_timeouts quick = { .to_safeop_ms = 300, .to_op_ms = 500 };

	(void)state;
	assert_in_range(given_up_after(ECR_AL_PREOP, NULL), ECR_S(10), ECR_MS(10200));
	assert_in_range(given_up_after(ECR_AL_SAFEOP, NULL), ECR_S(10), ECR_MS(10200));
	assert_in_range(given_up_after(ECR_AL_PREOP, &quick), ECR_MS(300), ECR_MS(400));
	assert_in_range(given_up_after(ECR_AL_SAFEOP, &quick), ECR_MS(500), ECR_MS(600));
}

/* From where it has fallen to no step leads to what it was asked for: it is not asked again, and is known to be there. */
static void one_that_falls_on_its_way_is_not_asked_on(void **state)
{
	struct ecr_sim_fault fall = { .kind = ECR_SIM_RETREAT, .slave = 2, .command = ECR_AL_INIT };
	struct ecr_sim_state truth;
	ecr_time start;

	(void)state;
	open_ring();
	failed_at = -1;
	ring.each_event = note_failure;
	assert_int_equal(vring_start(&ring, &config), 0);
	do {
		vring_run_until(&ring, ring.now + ECR_US(100));
		ecr_sim_look(ring.sim, 2, &truth);
	} while (truth.al_status != ECR_AL_PREOP || !ring.sim->slaves[2].al_pending);
	ring.sim->slaves[2].al_pending = 0;
	start = ring.now;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fall));
	while (failed_at < 0 && ring.now < start + ECR_S(20))
		vring_run_until(&ring, ring.now + ECR_US(100));
	ecr_sim_look(ring.sim, 2, &truth);
	assert_int_equal(truth.al_status, ECR_AL_INIT); /* an error would say that it was asked */
	assert_in_range(failed_at - start, 0, ECR_MS(1100));
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_INIT);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	vring_close(&ring);
}

/* Counters that are too high while slaves are counted: nobody is waited for who is not there. */
static void a_wrong_counter_is_not_a_slave(void **state)
{
	struct ecr_sim_fault wrong = { .kind = ECR_SIM_WKC_OFFSET, .value = 500 };

	(void)state;
	open_ring();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &wrong));
	assert_int_equal(vring_start(&ring, &config), 0);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	ecr_sim_clear_faults(ring.sim);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_there_is_reset_behind_init),
		cmocka_unit_test(the_acknowledge_bit_is_for_processors_only),
		cmocka_unit_test(the_watchdog_fits_the_period),
		cmocka_unit_test(a_watchdog_too_short_for_the_period_is_refused),
		cmocka_unit_test(a_slave_has_its_time_and_not_more),
		cmocka_unit_test(one_that_falls_on_its_way_is_not_asked_on),
		cmocka_unit_test(a_wrong_counter_is_not_a_slave),
	};

	return RUN(tests);
}
