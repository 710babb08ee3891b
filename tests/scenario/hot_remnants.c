/* SPDX-License-Identifier: Apache-2.0 */
/* What those who come and go bring along from before, and what they leave behind. */
#include "support/check.h"
#include "support/heal.h"
#include "support/simring.h"
#include "support/talker.h"

#include "base/le.h"
#include "wire/registers.h"

#include <string.h>

#define PRODUCT_AT 20 /* in an EEPROM, bytes */

enum { A, B, TOOL, OTHER, COUNT };

static struct vring ring;
static bool came;
static uint8_t image[1024];
static uint8_t other[1024];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[COUNT];
static struct ecr_config config;

/* a and b, behind them a tool; and another device that says that it is the tool. */
static void describe(void)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	static const char *const names[COUNT] = { "a", "b", "tool", "other" };
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i],
						      .sii = image,
						      .sii_size = size,
						      .alias = i < TOOL ? 0 : 42,
						      .absent = i >= TOOL };
		if (i < OTHER)
			slaves[i] = (struct ecr_slave_config){ .name = names[i],
							       .process_data = ECR_ALL_TO("main"),
							       .health_poll_ms = 20 };
	}
	slaves[TOOL].presence = (struct ecr_presence_config){ .optional = true,
							      .by = ECR_BY_ALIAS,
							      .identification = 42,
							      .sii = image,
							      .sii_size = size };
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
}

static void open_ring(void)
{
	vring_open_devices(&ring, devices, COUNT);
	assert_int_equal(vring_start(&ring, &config), 0);
}

static bool tool_in_op(struct vring *unused)
{
	(void)unused;
	return vring_slave(&ring, "tool").al_state == ECR_AL_OP;
}

static bool tool_absent(struct vring *unused)
{
	(void)unused;
	return vring_slave(&ring, "tool").absent;
}

static void plug(int device)
{
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, device, 1, -1));
}

/* Whoever has that station already is not lost when two answer to it. */
static void one_that_comes_with_the_station_of_another_disturbs_nobody(void **state)
{
	struct simring raw = { 0 };
	uint8_t station[2];

	(void)state;
	describe();
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	ecr_put_le16(station, vring_slave(&ring, "b").station);
	plug(TOOL);
	raw.sim = ring.sim;
	raw.now = ring.now;
	assert_int_equal(simring_write(&raw, TOOL, ECR_REG_STATION, station, 2), 1);
	assert_true(heal_until(&ring, tool_in_op, ECR_S(1)));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	vring_close(&ring);
}

/* While it is asked who stands where, the tool comes behind the one that has just come, and the answer is lost. */
static void come_while_asked(struct vring *unused, const struct ecr_datagram *datagram)
{
	static const struct ecr_sim_fault lost = { .kind = ECR_SIM_LOSE, .frames = 1 };

	(void)unused;
	if (came || datagram->command != ECR_CMD_APRD ||
	    datagram->address >> 16 != ECR_REG_DL_STATUS)
		return;
	came = true;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, TOOL, OTHER, -1));
	ecr_sim_inject(ring.sim, ring.now, &lost);
}

/* It takes part in cycles with what it brings along: all is asked anew at once, not when the next look is due. */
static void one_that_operates_and_comes_while_another_is_asked_is_found(void **state)
{
	(void)state;
	describe();
	devices[TOOL].absent = false;
	devices[OTHER].alias = 7;
	slaves[TOOL].watchdog_ms = 6000;
	for (int i = 0; i < OTHER; i++)
		slaves[i].health_poll_ms = 1000;
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_true(heal_until(&ring, tool_in_op, ECR_S(1)));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, TOOL));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	ring.each_datagram = come_while_asked;
	plug(OTHER);
	while (!came)
		vring_run_until(&ring, ring.now + ECR_US(100));
	vring_run_until(&ring, ring.now + ECR_MS(28)); /* 20 of which the lost one is waited for */
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	assert_true(heal_until(&ring, tool_in_op, ECR_MS(100)));
	vring_close(&ring);
}

/* It has the only clock: without it there is nothing to keep time with, and nobody who would need it. */
static void the_only_clock_may_leave(void **state)
{
	(void)state;
	describe();
	devices[TOOL].features = 0x000C;
	devices[TOOL].absent = false;
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(9)), 0);
	assert_true(heal_until(&ring, tool_in_op, ECR_S(1)));
	for (int round = 0; round < 3; round++) {
		assert_true(ecr_sim_unplug(ring.sim, ring.now, TOOL));
		assert_true(heal_until(&ring, tool_absent, ECR_MS(100)));
		vring_run_until(&ring, ring.now + ECR_MS(500));
		assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
		plug(TOOL);
		assert_true(heal_until(&ring, tool_in_op, ECR_S(2)));
	}
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

/* At whatever moment it goes: the plan is made from the EEPROM image of the configuration. */
static void half_of_anothers_eeprom_is_not_believed(void **state)
{
	(void)state;
	for (int moment = 0; moment < 20; moment++) {
		describe();
		devices[OTHER].sii = other;
		devices[OTHER].sii_size =
			ecr_sim_digital_sii(other, sizeof(other), "another digital one", 16, 16);
		other[PRODUCT_AT] ^= 1;
		open_ring();
		assert_true(vring_until_state(&ring, ECR_STATE_DISCOVERING, ECR_S(1)));
		plug(OTHER);
		assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(1)));
		vring_run_until(&ring, ring.now + moment * ECR_US(150));
		assert_true(ecr_sim_unplug(ring.sim, ring.now, OTHER));
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		plug(TOOL);
		assert_true(heal_until(&ring, tool_in_op, ECR_S(1)));
		vring_close(&ring);
	}
}

static void deactivate(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };

	assert_int_equal(vring_request(&ring, &request), 0);
}

static void activate(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_ACTIVATE };

	assert_int_equal(vring_request(&ring, &request), 0);
}

static void show_eeprom(const uint8_t *sii, size_t size)
{
	ecr_sii_open(&ring.sim->slaves[TOOL].sii, sii, size);
}

/* While the tool's EEPROM is read another that has its station takes its place: nothing is planned from the two. */
static void an_eeprom_of_two_devices_is_not_believed(void **state)
{
	(void)state;
	for (int moment = 0; moment < 40; moment++) {
		size_t size = ecr_sim_digital_sii(other, sizeof(other), "digital", 16, 16);

		describe();
		devices[TOOL].alias = 0;
		slaves[TOOL].presence.by = ECR_BY_POSITION;
		other[PRODUCT_AT] ^= 1;
		open_ring();
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		deactivate();
		plug(TOOL);
		while (ecr_sim_registers(ring.sim, TOOL)[ECR_REG_STATION] != TOOL)
			vring_run_until(&ring, ring.now + ECR_US(50));
		vring_run_until(&ring, ring.now + moment * ECR_US(30));
		show_eeprom(other, size);
		vring_run_until(&ring, ring.now + ECR_MS(300));
		assert_true(ecr_sim_unplug(ring.sim, ring.now, TOOL));
		vring_run_until(&ring, ring.now + ECR_MS(300));
		show_eeprom(image, devices[TOOL].sii_size);
		activate();
		plug(TOOL);
		assert_true(heal_until(&ring, tool_in_op, ECR_S(1)));
		vring_close(&ring);
	}
}

/* b talks, and exchanges nothing; another device is there that would be taken for it, and is of another kind. */
static void describe_talker(void)
{
	static uint8_t talking[2048];

	describe();
	assert_true(ecr_sim_shipped("mailbox", &devices[B], talking, sizeof(talking)));
	slaves[B].process_data = (struct ecr_process_data){ 0 };
	slaves[B].target_state = ECR_TARGET_PREOP;
	devices[OTHER].sii = other;
	devices[OTHER].sii_size = ecr_sim_digital_sii(other, sizeof(other), "another", 16, 16);
	devices[OTHER].alias = 0;
	other[PRODUCT_AT] ^= 1;
}

static uint16_t station_of(int device)
{
	return ecr_le16(ecr_sim_registers(ring.sim, device) + ECR_REG_STATION);
}

static void swap(int gone, int come)
{
	assert_true(ecr_sim_unplug(ring.sim, ring.now, gone));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, come, A, -1));
}

static bool b_answers(struct vring *unused)
{
	uint8_t data[TALKER_BLOB];

	return talker_upload(unused, "b", 0x2003, 1, data, sizeof(data)).error == 0;
}

/* The other one is there, and has b's station. */
static void open_with_other(void)
{
	describe_talker();
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	swap(B, OTHER);
	while (station_of(OTHER) != station_of(B))
		vring_run_until(&ring, ring.now + ECR_US(20));
}

static ecr_time time_to_read_other(void)
{
	ecr_time since;

	open_with_other();
	since = ring.now;
	while (vring_slave(&ring, "b").identity.product != ecr_le32(other + PRODUCT_AT))
		vring_run_until(&ring, ring.now + ECR_US(20));
	since = ring.now - since;
	vring_close(&ring);
	return since;
}

/* It is in PREOP with the station that the other one was given: neither is half of the other's EEPROM taken for its own, nor
 * what it shows for what was reached with it. */
static void one_that_is_back_in_anothers_stead_answers(void **state)
{
	ecr_time whole = time_to_read_other();

	(void)state;
	assert_true(whole > ECR_MS(1));
	/* Nothing tells who has come behind the last question, at the same instant. */
	for (ecr_time moment = 0; moment < whole - ECR_US(100); moment += ECR_US(30)) {
		open_with_other();
		vring_run_until(&ring, ring.now + moment);
		swap(OTHER, B);
		vring_run_until(&ring, ring.now + ECR_MS(1));
		assert_true(heal_until(&ring, b_answers, ECR_S(1)));
		assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
		assert_int_equal(vring_slave(&ring, "b").configuration_error, 0);
		vring_close(&ring);
	}
}

static bool tool_in_preop(struct vring *unused)
{
	(void)unused;
	return vring_slave(&ring, "tool").al_state == ECR_AL_PREOP;
}

/*
 * On its way to SAFEOP with its FMMUs off, since the others operate, it is lowered with all of them, and leaves: it has
 * counted in no cycle, and what cycles come back with when the others are raised proves what it always does.
 */
static void one_that_never_took_part_keeps_nobody_waiting(void **state)
{
	ecr_time raised;

	(void)state;
	describe();
	devices[TOOL].al_delay_ns = ECR_MS(20);
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	plug(TOOL);
	assert_true(heal_until(&ring, tool_in_preop, ECR_S(1)));
	vring_run_until(&ring, ring.now + ECR_MS(10));
	assert_true(tool_in_preop(&ring)); /* asked for SAFEOP, and slow */
	deactivate();
	assert_true(ecr_sim_unplug(ring.sim, ring.now, TOOL));
	assert_true(heal_until(&ring, tool_absent, ECR_S(1)));
	raised = ring.now;
	activate();
	assert_true(heal_until(&ring, heal_operational, ECR_MS(100)));
	assert_true(ring.now - raised < ECR_MS(100));
	vring_close(&ring);
}

/* The tool has operated, and is pulled out before or after the session is lowered: the others rise as quickly as without it. */
static void one_that_has_gone_keeps_nobody_waiting(void **state)
{
	(void)state;
	for (int lowered = 0; lowered < 2; lowered++) {
		uint64_t degraded;

		describe();
		open_ring();
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		plug(TOOL);
		assert_true(heal_until(&ring, tool_in_op, ECR_S(1)));
		if (lowered)
			deactivate();
		assert_true(ecr_sim_unplug(ring.sim, ring.now, TOOL));
		vring_run_until(&ring, ring.now + ECR_S(1));
		if (!lowered)
			deactivate();
		degraded = ring.counts[ECR_EVENT_DOMAIN_DEGRADED];
		activate();
		assert_true(heal_until(&ring, heal_operational, ECR_MS(100)));
		assert_true(heal_stays(&ring, heal_healthy, ECR_S(1)));
		assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], degraded);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_comes_with_the_station_of_another_disturbs_nobody),
		cmocka_unit_test(one_that_operates_and_comes_while_another_is_asked_is_found),
		cmocka_unit_test(the_only_clock_may_leave),
		cmocka_unit_test(half_of_anothers_eeprom_is_not_believed),
		cmocka_unit_test(one_that_is_back_in_anothers_stead_answers),
		cmocka_unit_test(one_that_never_took_part_keeps_nobody_waiting),
		cmocka_unit_test(one_that_has_gone_keeps_nobody_waiting),
		cmocka_unit_test(an_eeprom_of_two_devices_is_not_believed),
	};

	return RUN(tests);
}
