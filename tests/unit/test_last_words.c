/* SPDX-License-Identifier: Apache-2.0 */
/* Errors that take some doing to be answered with: each is met once here. */
#include "support/check.h"
#include "support/talker.h"
#include "support/vring.h"

#include "sim/sim.h"

#include <ecring/diag.h>

#include <stdlib.h>
#include <string.h>

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[4];

static int open_ring(void **state)
{
	(void)state;
	vring_open(&ring, vring_default_names);
	config = vring_default_config();
	memcpy(slaves, vring_default_slaves, 3 * sizeof(slaves[0]));
	config.slaves = slaves;
	return 0;
}

static int close_ring(void **state)
{
	(void)state;
	vring_close(&ring);
	return 0;
}

static void ends(int error, int cause)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(40)), error);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_int_equal(failure.error, error);
	assert_int_equal(failure.cause, cause);
}

static void to_preop(void)
{
	for (int i = 0; i < 3; i++)
		slaves[i].target_state = ECR_TARGET_PREOP;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(5)), 0);
}

static void an_activation_while_slaves_are_on_their_way(void **state)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(5)));
	assert_int_equal(vring_request(&ring, &activate), ECR_ERR_AWAITING_PREOP);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
}

static void signals_wanted_and_none_named(void **state)
{
	struct ecr_slave_config none = { .name = "inputs",
					 .process_data = { .kind = ECR_PROCESS_DATA_SIGNALS } };
	struct ecr_request configure = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					 .name = "inputs",
					 .slave = &none };

	(void)state;
	to_preop();
	assert_int_equal(vring_request(&ring, &configure), ECR_ERR_INVALID_PROCESS_DATA);
}

static void a_domain_without_anything(void **state)
{
	static const struct ecr_domain_config domains[] = {
		{ .id = "main", .cycle_ns = ECR_MS(1) },
		{ .id = "spare", .cycle_ns = ECR_MS(1) },
		{ 0 },
	};
	struct ecr_request begin = { .kind = ECR_REQUEST_DOMAIN_START, .name = "spare" };

	(void)state;
	config.domains = domains;
	to_preop();
	assert_int_equal(vring_request(&ring, &begin), ECR_ERR_NOTHING_REGISTERED);
}

/* The port says that it has none; what it gives later is not taken any more. */
static void give_none(struct vring *which, const struct ecr_event *event)
{
	static struct ecr_request none;

	if (event->kind != ECR_EVENT_BUS_STABLE)
		return;
	none = (struct ecr_request){ .kind = ECR_REQUEST_MEMORY };
	ecr_core_submit(which->core, which->now, &none);
}

static void no_memory_for_the_slaves(void **state)
{
	(void)state;
	ring.each_event = give_none;
	ends(ECR_ERR_NO_MEMORY, 0);
	ring.each_event = NULL;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
}

static int failures_left;

/* The frame in which that was does not leave the machine after all. */
static void fail_sending(struct vring *which, const struct ecr_datagram *datagram)
{
	if (datagram->command == ECR_CMD_LRW && failures_left-- > 0)
		ecr_core_link(which->core, which->now, 0, ECR_LINK_SEND_FAILED);
}

static void a_cycle_that_could_not_be_sent(void **state)
{
	(void)state;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(20));
	ring.each_datagram = fail_sending;
	failures_left = 1;
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_true(failures_left < 0);
	assert_int_equal(vring_domain(&ring, "main").last_invalid_reason.error,
			 ECR_ERR_TRANSPORT_UNAVAILABLE);
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 1);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
}

/* Each command reaches the EEPROM's interface as one that it does not know. */
static void spoil_command(struct vring *which, const struct ecr_datagram *datagram)
{
	(void)which;
	if (datagram->command == ECR_CMD_FPWR && datagram->address >> 16 == ECR_REG_EEPROM_COMMAND)
		datagram->data[1] = ECR_EEPROM_READ >> 8 | 6;
}

static void an_eeprom_that_does_not_acknowledge(void **state)
{
	(void)state;
	ring.each_datagram = spoil_command;
	config.awaiting_preop_ms = 1000;
	ends(ECR_ERR_AWAITING_PREOP_TIMEOUT, ECR_ERR_SII_ACCESS);
}

/* Broken cables show closed loops, but not so that nobody could have answered. */
static void ports_that_make_no_tree(void **state)
{
	struct ecr_link_report links[8];
	struct ecr_request look = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 8 };

	(void)state;
	to_preop();
	assert_int_equal(vring_request(&ring, &look), 3);
	memset(ecr_sim_registers(ring.sim, 0) + ECR_REG_DL_STATUS, 0, ECR_REG_DL_STATUS_SIZE);
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(vring_request(&ring, &look), ECR_ERR_UNKNOWN_TOPOLOGY);
}

/* It is brought up again, and knows nothing of what it was asked. */
static void requests_of_a_slave_that_has_started_anew(void **state)
{
	const struct ecr_slave_config polled = { .name = "mailbox", .health_poll_ms = 20 };
	struct talker_request requests[2];
	uint8_t data[2][4];

	(void)state;
	vring_close(&ring);
	assert_int_equal(vring_start(&ring, talker_open(&ring, &polled)), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	ring.sim->slaves[1].device.habits.answer_ns = ECR_MS(500);
	for (int i = 0; i < 2; i++) {
		requests[i] = (struct talker_request){ .sdo = { .kind = ECR_SDO_UPLOAD,
								.index = 0x1000,
								.data = data[i],
								.size = 4 } };
		assert_int_equal(talker_submit(&ring, &requests[i], "mailbox", ECR_S(4)), 0);
	}
	ecr_sim_registers(ring.sim, 1)[ECR_REG_AL_STATUS] = ECR_AL_INIT;
	vring_run_until(&ring, ring.now + ECR_MS(400));
	for (int i = 0; i < 2; i++) {
		assert_true(requests[i].done);
		assert_int_equal(requests[i].sdo.result.error, ECR_ERR_SLAVE_DOWN);
	}
}

/* A ring of so many answers a frame: each broadcast has passed them all. */
static void answer_as(uint16_t count, uint8_t *frame, size_t length)
{
	const struct ecr_rx_meta meta = { .origin = ECR_ORIGIN_OWN, .at = ring.now };
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram)) {
		uint8_t *passed = datagram.data - 8; /* before it: address, length, IRQ field */
		uint8_t *wkc = datagram.data + datagram.length;

		passed[0] = wkc[0] = (uint8_t)count;
		passed[1] = wkc[1] = (uint8_t)(count >> 8);
	}
	ecr_core_rx(ring.core, ring.now, frame, length, &meta);
}

static void ends_with_so_many(uint16_t count, int cause)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };
	uint8_t frame[ECR_FRAME_MAX];
	size_t length;

	assert_int_equal(vring_start(&ring, &config), 0);
	for (int i = 0; i < 100 && ecr_core_state(ring.core) != ECR_STATE_IDLE; i++) {
		ecr_core_tick(ring.core, ring.now);
		while ((length = ecr_core_tx(ring.core, ring.now, 0, frame, sizeof(frame))))
			answer_as(count, frame, length);
		ring.now += ECR_MS(1);
	}
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_int_equal(failure.error, ECR_ERR_CONFIGURATION_FAILED);
	assert_int_equal(failure.cause, cause);
}

/* -32768 is the last position that can be asked. */
static void more_slaves_than_positions(void **state)
{
	const struct ecr_limits limits = { .slaves = 40000 };

	(void)state;
	free(ring.core_memory);
	ring.core_memory = calloc(1, ecr_core_size(&limits));
	ring.core = ecr_core_init(ring.core_memory, &limits);
	ends_with_so_many(32770, ECR_ERR_TOO_MANY_SLAVES);
	assert_string_equal(ecr_error_text(ECR_ERR_TOO_MANY_SLAVES),
			    "more slaves than auto-increment addresses");
	config.base_station = 0x8000;
	ends_with_so_many(32769, ECR_ERR_STATION_OVERFLOW);
}

static void two_slaves_of_one_station(void **state)
{
	struct ecr_sim_fault offset = { .kind = ECR_SIM_COMMAND_WKC_OFFSET,
					.command = ECR_CMD_FPRD,
					.value = 1 };
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &offset));
	ends(ECR_ERR_AWAITING_PREOP_TIMEOUT, ECR_ERR_UNEXPECTED_WKC);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_int_equal(failure.expected, 1);
	assert_int_equal(failure.actual, 2);
	assert_string_equal(ecr_error_text(failure.cause),
			    "the working counter is not the expected one");
}

static void fall_back(int slave)
{
	struct ecr_sim_fault retreat = { .kind = ECR_SIM_RETREAT, .slave = slave };

	assert_true(ecr_sim_inject(ring.sim, ring.now, &retreat));
}

static struct ecr_failure said_by_the_session(void)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&ring, &ask), 0);
	return failure;
}

/* The slave that blocks is being tried again, for it answers nothing for a second, when another falls back: the reason is
 * what it was. */
static void a_wait_while_it_is_tried_again(void **state)
{
	(void)state;
	talker_blocked_in_blob(&ring, ECR_SIM_MAILBOX_NO_ANSWER, ECR_ERR_RESPONSE_TIMEOUT);
	vring_run_until(&ring, ring.now + ECR_S(1));
	fall_back(0);
	for (int i = 0; i < 300; i++) {
		vring_run_until(&ring, ring.now + ECR_MS(5));
		assert_int_equal(vring_await_running(&ring, ECR_S(1)), ECR_ERR_ACTIVATION_FAILED);
		assert_string_equal(said_by_the_session().slave, "mailbox");
		assert_int_equal(said_by_the_session().error, ECR_ERR_ACTIVATION_FAILED);
	}
	assert_true(ring.counts[ECR_EVENT_SLAVE_HEALTH_FAULT] > 0);
	vring_close(&ring);
}

/* Who was to blame is back; until everybody has been asked the session says no more than that. */
static void a_wait_while_nobody_is_to_blame(void **state)
{
	int said = ECR_ERR_ACTIVATION_FAILED;

	(void)state;
	talker_blocked_in_blob(&ring, ECR_SIM_MAILBOX_PAYLOAD, ECR_ERR_INVALID_COE_RESPONSE);
	ecr_sim_clear_faults(ring.sim);
	for (int i = 0; i < 10000 && said == ECR_ERR_ACTIVATION_FAILED; i++) {
		vring_run_until(&ring, ring.now + ECR_MS(1));
		said = vring_await_running(&ring, ECR_S(1));
	}
	assert_int_equal(said, ECR_ERR_ACTIVATION_BLOCKED);
	assert_string_equal(ecr_error_text(said), "the activation is blocked by faults");
	assert_int_equal(vring_slave(&ring, "mailbox").fault.kind, ECR_FAULT_NONE);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_MS(600)));
	vring_close(&ring);
}

/* While the ring is counted there is nothing the matter, unless nobody answers: then that is told while it lasts. */
static void a_count_that_nobody_answers(void **state)
{
	struct ecr_sim_fault lost = { .kind = ECR_SIM_DROP };
	struct ecr_sim_fault ignored = { .kind = ECR_SIM_DISCONNECT };

	(void)state;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(said_by_the_session().error, 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &lost));
	vring_run_until(&ring, ring.now + ECR_S(8));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_DISCOVERING);
	assert_int_equal(said_by_the_session().error, ECR_ERR_DISCOVERING);
	assert_int_equal(said_by_the_session().cause, ECR_ERR_TIMEOUT);
	ecr_sim_clear_faults(ring.sim);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &ignored));
	vring_run_until(&ring, ring.now + ECR_S(8));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_DISCOVERING);
	assert_int_equal(said_by_the_session().error, ECR_ERR_DISCOVERING);
	ecr_sim_clear_faults(ring.sim);
	assert_int_equal(vring_await_running(&ring, ECR_S(5)), 0);
	assert_int_equal(said_by_the_session().error, 0);
}

#define ON_A_RING(test) cmocka_unit_test_setup_teardown(test, open_ring, close_ring)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_RING(an_activation_while_slaves_are_on_their_way),
		ON_A_RING(signals_wanted_and_none_named),
		ON_A_RING(a_domain_without_anything),
		ON_A_RING(no_memory_for_the_slaves),
		ON_A_RING(a_cycle_that_could_not_be_sent),
		ON_A_RING(an_eeprom_that_does_not_acknowledge),
		ON_A_RING(ports_that_make_no_tree),
		ON_A_RING(requests_of_a_slave_that_has_started_anew),
		ON_A_RING(more_slaves_than_positions),
		ON_A_RING(two_slaves_of_one_station),
		ON_A_RING(a_count_that_nobody_answers),
		cmocka_unit_test(a_wait_while_it_is_tried_again),
		cmocka_unit_test(a_wait_while_nobody_is_to_blame),
	};

	return RUN(tests);
}
