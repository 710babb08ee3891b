/* SPDX-License-Identifier: Apache-2.0 */
/* Telemetry: every event of the list happens in some run, and the detailed ones only when asked for. */
#include "support/check.h"
#include "support/vring.h"

#include <stdio.h>
#include <string.h>

static struct vring ring;
static struct ecr_config config;
static uint64_t counts[ECR_EVENT_KINDS];

static void open_listening(uint64_t kinds)
{
	vring_open(&ring, vring_default_names);
	config = vring_default_config();
	ecr_core_listen(ring.core, kinds);
}

static void collect(void)
{
	vring_close(&ring);
	for (int i = 0; i < ECR_EVENT_KINDS; i++)
		counts[i] += ring.counts[i];
}

static void to_operational(void)
{
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static void inject(enum ecr_sim_fault_kind kind, int slave, int32_t value, uint32_t frames)
{
	struct ecr_sim_fault fault = {
		.kind = kind, .slave = slave, .value = value, .frames = frames
	};

	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
}

static void run(ecr_time span)
{
	vring_run_until(&ring, ring.now + span);
}

/* A caller's datagrams, the link down and up again, a counter that is wrong for a while. */
static void a_troubled_run(void)
{
	uint8_t data[2] = { 0 };
	struct ecr_user_datagram datagram = { 7, 2, 0x01300000, data, 0 };
	struct ecr_request ask = { .kind = ECR_REQUEST_TRANSACT,
				   .datagrams = &datagram,
				   .count = 1 };

	open_listening(ECR_EVENTS_ALL);
	to_operational();
	assert_int_equal(vring_request(&ring, &ask), 0);
	inject(ECR_SIM_LOGICAL_WKC_OFFSET, 1, -1, 6);
	run(ECR_MS(200));
	inject(ECR_SIM_WRONG_INDEX, 0, 0, 1);
	run(ECR_MS(200));
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	run(ECR_MS(30));
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
	run(ECR_MS(500));
	inject(ECR_SIM_RETREAT, 2, 0, 0);
	run(ECR_S(1));
	collect();
}

/* Too few answers for too long: the domain stops; a slave vanishes and refuses to come back. */
static void a_run_that_stops(void)
{
	static const struct ecr_domain_config impatient[] = {
		{ .id = "main", .cycle_ns = ECR_MS(10), .miss_threshold = 5 }, { 0 }
	};

	open_listening(ECR_EVENTS_ALL);
	config.domains = impatient;
	to_operational();
	inject(ECR_SIM_DISCONNECT, 2, 0, 0);
	run(ECR_S(2));
	inject(ECR_SIM_DROP, 0, 0, 0);
	run(ECR_S(1));
	collect();
}

static void a_run_with_an_odd_eeprom(void)
{
	static uint8_t sii[256];
	struct ecr_sim_device device = { .name = "odd", .sii = sii, .emulation = true };

	device.sii_size = ecr_sim_shipped_sii("EK1100", sii, sizeof(sii));
	sii[14] ^= 0xFF; /* the header's check sum */
	vring_open_devices(&ring, &device, 1);
	config = vring_default_config();
	config.slaves = NULL;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	collect();
}

/* Made by the port, the mailbox, distributed clocks or two ports, and tested there. */
static bool elsewhere(enum ecr_event_kind kind)
{
	const char *name = ecr_event_name(kind);

	return kind == ECR_EVENT_SIGNAL || kind == ECR_EVENT_WARNING ||
	       kind == ECR_EVENT_SLAVE_EMERGENCY || kind == ECR_EVENT_BUS_TOPOLOGY ||
	       strncmp(name, "mailbox.", 8) == 0 || strncmp(name, "dc.", 3) == 0 ||
	       strncmp(name, "master.dc", 9) == 0 || strcmp(name, "slave.joined") == 0 ||
	       strcmp(name, "slave.left") == 0 || strcmp(name, "slave.moved") == 0 ||
	       strcmp(name, "slave.stranger") == 0 || strcmp(name, "bus.second_master") == 0;
}

static void every_event_happens(void **state)
{
	int missing = 0;

	(void)state;
	memset(counts, 0, sizeof(counts));
	a_troubled_run();
	a_run_that_stops();
	a_run_with_an_odd_eeprom();
	for (int i = 0; i < ECR_EVENT_KINDS; i++) {
		if (counts[i] || elsewhere((enum ecr_event_kind)i))
			continue;
		print_message("%s never happened\n", ecr_event_name((enum ecr_event_kind)i));
		missing++;
	}
	assert_int_equal(missing, 0);
}

static void details_cost_nothing_while_nobody_listens(void **state)
{
	(void)state;
	open_listening(ECR_EVENTS_USUAL);
	to_operational();
	run(ECR_MS(100));
	for (int i = 0; i < ECR_EVENT_KINDS; i++)
		if (ECR_EVENTS_DETAILED & ECR_EVENT_BIT(i))
			assert_int_equal(ring.counts[i], 0);
	ecr_core_listen(ring.core, ECR_EVENT_BIT(ECR_EVENT_BUS_FRAME_SENT));
	run(ECR_MS(100));
	assert_true(ring.counts[ECR_EVENT_BUS_FRAME_SENT] >= 10);
	assert_int_equal(ring.counts[ECR_EVENT_BUS_FRAME_RECEIVED], 0);
	assert_int_equal(ring.counts[ECR_EVENT_JOB_STEP], 0);
	vring_close(&ring);
}

/* The trace tells the story of each slave by the names of its steps. */
static void steps_are_told_by_name_and_slave(void **state)
{
	bool preop[3] = { false }, errors[3] = { false };
	bool counted = false;

	(void)state;
	open_listening(ECR_EVENTS_ALL);
	to_operational();
	for (int i = 0; i < ring.event_count; i++) {
		const struct ecr_event *event = &ring.events[i];

		if (event->kind != ECR_EVENT_JOB_STEP)
			continue;
		counted = counted || (event->slave == -1 && strcmp(event->text, "scan.count") == 0);
		if (event->slave >= 0 && strcmp(event->text, "slave.preop") == 0)
			preop[event->slave] = true;
		if (event->slave >= 0 && strcmp(event->text, "errors.read") == 0)
			errors[event->slave] = true;
	}
	assert_true(counted && preop[0] && preop[1] && preop[2]);
	assert_true(errors[0] && errors[1] && errors[2]);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_happens),
		cmocka_unit_test(details_cost_nothing_while_nobody_listens),
		cmocka_unit_test(steps_are_told_by_name_and_slave),
	};

	return RUN(tests);
}
