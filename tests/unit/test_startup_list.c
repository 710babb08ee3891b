/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to a slave on its way: when, of which type, as a whole or entry by entry, and what
 * becomes of an object that cannot be written. */
#include "base/le.h"
#include "port/config_copy.h"
#include "support/check.h"
#include "support/vring.h"
#include "wire/coe.h"
#include "wire/coe_types.h"
#include "wire/sdo_abort.h"
#include "wire/sii.h"

#include <stdlib.h>
#include <string.h>

#define SII_ROOM 2048

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[2];
static struct ecr_sim_device device;
static uint8_t sii[SII_ROOM];
static struct ecr_driver driver;

/* What the device was written, in its order: object, and the state it was in. */
static struct {
	uint32_t object;
	uint16_t al_status;
} written[64];
static int written_count;

static uint32_t note_write(struct ecr_sim_app *app, void *unused, uint16_t index, uint8_t subindex)
{
	struct ecr_sim_state truth;

	(void)unused;
	ecr_sim_look(ring.sim, 0, &truth);
	assert_int_equal(ecr_sim_app_state(app), truth.al_status & ECR_AL_STATE_MASK);
	assert_true(written_count < 64);
	written[written_count].object = (uint32_t)index << 8 | subindex;
	written[written_count++].al_status = truth.al_status;
	return 0;
}

static const uint8_t blob[16];
static const struct ecr_sim_entry values[] = {
	{ .subindex = 1, .type = ECR_COE_TYPE_UNSIGNED16, .access = ECR_SIM_RW, .name = "Word" },
	{ .subindex = 2, .type = ECR_COE_TYPE_UNSIGNED8, .access = ECR_SIM_RW, .name = "Byte" },
	{ .subindex = 3,
	  .type = ECR_COE_TYPE_UNSIGNED32,
	  .access = ECR_SIM_RO,
	  .name = "Fixed",
	  .value = 7 },
	{ .subindex = 5, .type = ECR_COE_TYPE_UNSIGNED32, .access = ECR_SIM_RW, .name = "Long" },
};
static const struct ecr_sim_entry single[] = {
	{ .subindex = 1, .type = ECR_COE_TYPE_BOOLEAN, .access = ECR_SIM_RW, .name = "Switch" },
	{ .subindex = 2,
	  .type = ECR_COE_TYPE_VISIBLE_STRING,
	  .access = ECR_SIM_RW,
	  .name = "Name",
	  .data = blob,
	  .size = sizeof(blob) },
};
/* It counts to an entry that is not there. */
static const struct ecr_sim_entry gap[] = {
	{ .subindex = 0,
	  .type = ECR_COE_TYPE_UNSIGNED8,
	  .access = ECR_SIM_RO,
	  .name = "Count",
	  .value = 4 },
	{ .subindex = 1, .type = ECR_COE_TYPE_UNSIGNED16, .access = ECR_SIM_RW, .name = "Word" },
	{ .subindex = 3, .type = ECR_COE_TYPE_UNSIGNED32, .access = ECR_SIM_RW, .name = "First" },
	{ .subindex = 5, .type = ECR_COE_TYPE_UNSIGNED32, .access = ECR_SIM_RW, .name = "Second" },
};
static const struct ecr_sim_object objects[] = {
	{ 0x2000, ECR_OBJECT_RECORD, 0, "Values", values, 4 },
	{ 0x2001, ECR_OBJECT_RECORD, 0, "Single", single, 2 },
	{ 0x2002, ECR_OBJECT_RECORD, 0, "Gap", gap, 4 },
};

static void prepare(void)
{
	static const struct ecr_sim_behaviour behaviour = { .written = note_write };
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) },
							    { 0 } };

	device = (struct ecr_sim_device){ .name = "device" };
	assert_true(ecr_sim_shipped("analog_coe", &device, sii, sizeof(sii)));
	device.objects = objects;
	device.object_count = 3;
	device.behaviour = &behaviour;
	driver = ecr_default_driver;
	slaves[0] = (struct ecr_slave_config){ .name = "device",
					       .driver = &driver,
					       .process_data = ECR_ALL_TO("io") };
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 20, .scan_stable_ms = 100
	};
	written_count = 0;
}

static int go(void)
{
	vring_open_devices(&ring, &device, 1);
	assert_int_equal(vring_start(&ring, &config), 0);
	return vring_await_operational(&ring, ECR_S(10));
}

static uint32_t object(uint16_t index, uint8_t subindex)
{
	uint8_t bytes[4] = { 0 };

	assert_true(ecr_sim_read_object(ring.sim, 0, index, subindex, bytes, 4) > 0);
	return ecr_le32(bytes);
}

/* How often a warning came, and the object of the last. */
static int warnings(uint32_t *about)
{
	int count = 0;

	for (int i = 0; i < ring.event_count; i++) {
		const struct ecr_event *event = &ring.events[i];

		if (event->kind != ECR_EVENT_SLAVE_WARNING || event->slave != 0)
			continue;
		*about = event->expected << 8 | event->actual;
		count++;
	}
	return count;
}

static void at_every_transition(void **state)
{
	static const struct ecr_sdo_write list[] = {
		{ .index = 0x2000, .subindex = 1, .when = ECR_AT_SP, .type = ECR_SDO_U16 },
		{ .index = 0x2000, .subindex = 2, .when = ECR_AT_OS, .type = ECR_SDO_U8 },
		{ .index = 0x2001, .subindex = 1, .when = ECR_AT_SO, .type = ECR_SDO_BOOL },
		{ .index = 0x2000, .subindex = 5, .when = ECR_AT_PS, .type = ECR_SDO_U32 },
		{ .index = 0x2000, .subindex = 1, .when = ECR_AT_IP, .type = ECR_SDO_U16 },
		{ 0 },
	};
	static const struct {
		uint32_t object;
		uint16_t al_status;
	} expected[] = {
		{ 0x200001, ECR_AL_PREOP },  { 0x200005, ECR_AL_PREOP },
		{ 0x200101, ECR_AL_SAFEOP }, { 0x200002, ECR_AL_OP },
		{ 0x200001, ECR_AL_SAFEOP },
	};
	struct ecr_request stop = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };

	(void)state;
	prepare();
	slaves[0].startup = list;
	assert_int_equal(go(), 0);
	assert_int_equal(written_count, 3);
	assert_int_equal(vring_request(&ring, &stop), 0);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_PREOP);
	assert_int_equal(written_count, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(written[i].object, expected[i].object);
		assert_int_equal(written[i].al_status & 0x0F, expected[i].al_status);
	}
	vring_close(&ring);
}

/* A slave is never kept up because something could not be written before. */
static void a_failure_on_the_way_down_is_told(void **state)
{
	static const struct ecr_sdo_write list[] = {
		{ .index = 0x2222, .subindex = 3, .when = ECR_AT_OS, .type = ECR_SDO_U8 }, { 0 }
	};
	struct ecr_request stop = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	uint32_t about = 0;

	(void)state;
	prepare();
	slaves[0].startup = list;
	assert_int_equal(go(), 0);
	assert_int_equal(vring_request(&ring, &stop), 0);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_PREOP);
	assert_int_equal(warnings(&about), 1);
	assert_int_equal(about, 0x222203);
	vring_close(&ring);
}

static void switches_and_texts(void **state)
{
	static const struct ecr_sdo_write list[] = {
		{ .index = 0x2001, .subindex = 1, .type = ECR_SDO_BOOL, .value = 256 },
		{ .index = 0x2001,
		  .subindex = 2,
		  .type = ECR_SDO_STRING,
		  .flags = ECR_SDO_COMPARE,
		  .data = "left hand" },
		{ 0 },
	};
	char text[16] = { 0 };

	(void)state;
	prepare();
	slaves[0].startup = list;
	assert_int_equal(go(), 0);
	assert_int_equal(object(0x2001, 1), 1);
	assert_int_equal(ecr_sim_read_object(ring.sim, 0, 0x2001, 2, text, sizeof(text)), 9);
	assert_string_equal(text, "left hand");
	vring_close(&ring);
}

/* Left out and told where it is another value; not a word where it is that one already. */
static void what_is_not_allowed_is_left_out(void **state)
{
	static struct ecr_sdo_write list[] = {
		{ .index = 0x2000,
		  .subindex = 3,
		  .flags = ECR_SDO_IF_ALLOWED,
		  .type = ECR_SDO_U32,
		  .value = 7 },
		{ .index = 0x2000, .subindex = 2, .type = ECR_SDO_U8, .value = 9 },
		{ 0 },
	};
	uint32_t about = 0;

	(void)state;
	prepare();
	slaves[0].startup = list;
	list[0].value = 7;
	assert_int_equal(go(), 0);
	assert_int_equal(warnings(&about), 0);
	assert_int_equal(object(0x2000, 2), 9);
	vring_close(&ring);
	list[0].value = 8;
	assert_int_equal(go(), 0);
	assert_int_equal(warnings(&about), 1);
	assert_int_equal(about, 0x200003);
	assert_int_equal(object(0x2000, 2), 9);
	vring_close(&ring);
	list[0].flags = 0; /* without leave it is an error */
	assert_int_not_equal(go(), 0);
	assert_int_equal(vring_slave(&ring, "device").configuration_failure.abort_code,
			 ECR_SDO_ABORT_READ_ONLY);
	vring_close(&ring);
}

static int tells_sync0(const void *unused, const struct ecr_sync_config *sync, int number,
		       struct ecr_sdo_write *write)
{
	(void)unused;
	(void)sync;
	return ecr_sync_objects(ECR_SYNC_TYPE_SM_EVENT, ECR_SYNC_TYPE_OUTPUTS_EVENT, 2000000,
				number, write);
}

/* Synchronisation that the device has for reading only is no reason to stay in PREOP. */
static void synchronisation_for_reading_only(void **state)
{
	static const struct ecr_sim_entry fixed[] = {
		{ .subindex = 1,
		  .type = ECR_COE_TYPE_UNSIGNED16,
		  .access = ECR_SIM_RO,
		  .name = "Synchronization type",
		  .value = 1 },
		{ .subindex = 2,
		  .type = ECR_COE_TYPE_UNSIGNED32,
		  .access = ECR_SIM_RO,
		  .name = "Cycle time",
		  .value = 1000000 },
	};
	static const struct ecr_sim_object own[] = {
		{ 0x1C32, ECR_OBJECT_RECORD, 0, "SM output parameter", fixed, 2 },
	};
	uint32_t about = 0;

	(void)state;
	prepare();
	device.objects = own;
	device.object_count = 1;
	driver.sync_mode = tells_sync0;
	assert_int_equal(go(), 0);
	assert_int_equal(warnings(&about), 1); /* its type is as wanted, its cycle time not */
	assert_int_equal(about, 0x1C3202);
	vring_close(&ring);
}

/* As complete access has it: count, padding, 16 + 8 + 32 + 32 bits; entry 4 is not there. */
static const uint8_t whole[] = { 5, 0, 0x34, 0x12, 0x56, 7, 0, 0, 0, 0x78, 0x9A, 0xBC, 0xDE };
static const struct ecr_sdo_write as_a_whole[] = {
	{ .index = 0x2000,
	  .flags = ECR_SDO_COMPLETE | ECR_SDO_COMPARE,
	  .data = whole,
	  .size = sizeof(whole) },
	{ 0 },
};

static void assert_whole(void)
{
	assert_int_equal(object(0x2000, 1), 0x1234);
	assert_int_equal(object(0x2000, 2), 0x56);
	assert_int_equal(object(0x2000, 3), 7);
	assert_int_equal(object(0x2000, 5), 0xDEBC9A78);
}

static void an_object_as_a_whole(void **state)
{
	(void)state;
	prepare();
	slaves[0].startup = as_a_whole;
	assert_int_equal(go(), 0);
	assert_whole();
	assert_int_equal(written_count, 1);
	vring_close(&ring);
}

/* The same entry by entry for a device that refuses complete access. */
static void an_object_entry_by_entry(void **state)
{
	(void)state;
	prepare();
	slaves[0].startup = as_a_whole;
	device.habits.refuses_complete_access = true;
	assert_int_equal(go(), 0);
	assert_whole();
	assert_int_equal(written_count, 3);
	vring_close(&ring);
}

/* The entry it counts to has no bytes of the data, since it is not there. */
static void an_object_that_counts_to_a_gap(void **state)
{
	static const uint8_t data[] = { 5, 0, 0x34, 0x12, 1, 2, 3, 4, 0x78, 0x9A, 0xBC, 0xDE };
	static const struct ecr_sdo_write list[] = {
		{ .index = 0x2002, .flags = ECR_SDO_COMPLETE, .data = data, .size = sizeof(data) },
		{ 0 },
	};

	(void)state;
	prepare();
	slaves[0].startup = list;
	device.habits.refuses_complete_access = true;
	assert_int_equal(go(), 0);
	assert_int_equal(object(0x2002, 1), 0x1234);
	assert_int_equal(object(0x2002, 3), 0x04030201);
	assert_int_equal(object(0x2002, 5), 0xDEBC9A78);
	vring_close(&ring);
}

static void spoil(enum ecr_sim_mailbox_fault_kind kind, enum ecr_sim_stage stage, uint16_t index,
		  uint32_t value)
{
	const struct ecr_sim_mailbox_fault fault = {
		.kind = kind, .stage = stage, .index = index, .value = value, .count = 1
	};

	assert_true(ecr_sim_inject_mailbox(ring.sim, 0, &fault));
}

static uint32_t sent_until_operational(void)
{
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	return vring_slave(&ring, "device").mailbox.sent;
}

/* Data that do not end where an entry does: the device's own refusal is told, and nothing written. */
static void data_that_cannot_be_divided(void **state)
{
	static struct ecr_sdo_write list[2];
	struct ecr_failure failure;

	(void)state;
	prepare();
	list[0] = as_a_whole[0];
	list[0].size = sizeof(whole) - 1;
	slaves[0].startup = list;
	device.habits.refuses_complete_access = true;
	assert_int_not_equal(go(), 0);
	failure = vring_slave(&ring, "device").configuration_failure;
	assert_int_equal(failure.error, ECR_ERR_MAILBOX_CONFIG_FAILED);
	assert_int_equal(failure.cause, ECR_ERR_SDO_ABORT);
	assert_int_equal(failure.abort_code, ECR_SDO_ABORT_NO_COMPLETE_ACCESS);
	assert_int_equal(failure.index, 0x2000);
	assert_int_equal(written_count, 0);
	vring_close(&ring);

	/* No answer is no refusal, and told as what it is. */
	device.habits.refuses_complete_access = false;
	list[0].size = sizeof(whole);
	list[0].data = whole;
	vring_open_devices(&ring, &device, 1);
	spoil(ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_DOWNLOAD, 0x2000, 0);
	assert_true(sent_until_operational() > 0); /* entry by entry */
	assert_whole();
	vring_close(&ring);
}

/* Only an abort that says so, or a silence, makes the master do without complete access. */
static void what_is_remembered_of_complete_access(void **state)
{
	uint32_t whole_sent;
	uint32_t once;

	(void)state;
	prepare();
	vring_open_devices(&ring, &device, 1);
	whole_sent = sent_until_operational();
	vring_close(&ring);

	/* A general error at one object: that one is read entry by entry, others whole. */
	vring_open_devices(&ring, &device, 1);
	spoil(ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_UPLOAD, ECR_COE_SM_TYPES, ECR_SDO_ABORT_GENERAL);
	once = sent_until_operational();
	assert_int_equal(once, whole_sent + 1 + 4); /* the count and four types */
	vring_close(&ring);

	vring_open_devices(&ring, &device, 1);
	spoil(ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_UPLOAD, ECR_COE_SM_TYPES, 0);
	assert_true(sent_until_operational() > once + 4);
	vring_close(&ring);

	vring_open_devices(&ring, &device, 1);
	spoil(ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_UPLOAD, ECR_COE_SM_TYPES,
	      ECR_SDO_ABORT_UNSUPPORTED_ACCESS);
	assert_true(sent_until_operational() > once + 4);
	vring_close(&ring);
}

/* One that does not answer complete access costs one time-out, in the start and after each restart none. */
static void a_silence_is_remembered_as_long_as_it_is_the_same_device(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 0 };
	ecr_time began;

	(void)state;
	prepare();
	device.habits.ignores_complete_access = true;
	vring_open_devices(&ring, &device, 1);
	began = ring.now;
	assert_true(sent_until_operational() > 0);
	assert_in_range(ring.now - began, ECR_S(1), ECR_S(2)); /* mailbox_timeout_ms, once */
	for (int i = 0; i < 2; i++) {
		assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
		assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_S(1)));
		assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(1)));
	}
	/* Another one of its kind is asked anew. */
	sii[0x0E * 2] ^= 0x55; /* the serial number's word */
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_S(1)));
	assert_false(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_MS(900)));
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(2)));
	vring_close(&ring);
}

/* After a power cycle it is tried again: it may be another device. */
static void a_refusal_is_forgotten_at_bringup(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 0 };
	uint32_t first;
	uint32_t second;

	(void)state;
	prepare();
	vring_open_devices(&ring, &device, 1);
	spoil(ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_UPLOAD, ECR_COE_SM_TYPES,
	      ECR_SDO_ABORT_UNSUPPORTED_ACCESS);
	first = sent_until_operational();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_OP);
	second = vring_slave(&ring, "device").mailbox.sent - first;
	assert_true(second < first / 2);
	vring_close(&ring);
}

/* Assignment and mapping are written as a whole where the EEPROM says that this can be done. */
static void pdos_as_a_whole(void **state)
{
	static const struct ecr_pdo_wanted wanted[] = { { 2, 0x1602, NULL }, { 0 } };
	/* After the assignment was cleared to be written. */
	static const struct ecr_sim_mailbox_fault at_the_list = { .kind = ECR_SIM_MAILBOX_ABORT,
								  .stage = ECR_SIM_STAGE_DOWNLOAD,
								  .index = 0x1C12,
								  .value = ECR_SDO_ABORT_GENERAL,
								  .count = 1,
								  .after = 1 };
	uint32_t sent;

	(void)state;
	prepare();
	assert_true(ecr_sim_shipped("drive", &device, sii, sizeof(sii)));
	slaves[0].pdos = wanted;
	vring_open_devices(&ring, &device, 1);
	sent = sent_until_operational();
	vring_close(&ring);
	device.habits.refuses_complete_access = true;
	vring_open_devices(&ring, &device, 1);
	assert_true(sent_until_operational() > sent + 10);
	vring_close(&ring);
	device.habits.refuses_complete_access = false;
	vring_open_devices(&ring, &device, 1);
	assert_true(ecr_sim_inject_mailbox(ring.sim, 0, &at_the_list));
	assert_int_equal(sent_until_operational(), sent + 3); /* cleared, entry, count */
	vring_close(&ring);
}

/* A session keeps what it was given, whatever becomes of the caller's own. */
static void lists_are_copied(void **state)
{
	char text[] = "left hand";
	struct ecr_sdo_write list[] = {
		{ .index = 0x2001, .subindex = 2, .type = ECR_SDO_STRING, .data = text }, { 0 }
	};
	struct ecr_pdo_rule rules[] = { { .pdo = 0x1A01, .excludes = 0x1A02 }, { 0 } };
	const struct ecr_slave_config given = { .name = "a", .startup = list, .pdo_rules = rules };
	struct ecr_slave_config *copy = port_copy_slave(&given);

	(void)state;
	assert_non_null(copy);
	memset(text, 'x', sizeof(text) - 1);
	memset(list, 0, sizeof(list));
	memset(rules, 0, sizeof(rules));
	assert_string_equal(copy->startup[0].data, "left hand");
	assert_int_equal(copy->startup[1].index, 0);
	assert_int_equal(copy->pdo_rules[0].excludes, 0x1A02);
	assert_int_equal(copy->pdo_rules[1].pdo, 0);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_every_transition),
		cmocka_unit_test(a_failure_on_the_way_down_is_told),
		cmocka_unit_test(switches_and_texts),
		cmocka_unit_test(what_is_not_allowed_is_left_out),
		cmocka_unit_test(synchronisation_for_reading_only),
		cmocka_unit_test(an_object_as_a_whole),
		cmocka_unit_test(an_object_entry_by_entry),
		cmocka_unit_test(an_object_that_counts_to_a_gap),
		cmocka_unit_test(data_that_cannot_be_divided),
		cmocka_unit_test(what_is_remembered_of_complete_access),
		cmocka_unit_test(a_silence_is_remembered_as_long_as_it_is_the_same_device),
		cmocka_unit_test(a_refusal_is_forgotten_at_bringup),
		cmocka_unit_test(pdos_as_a_whole),
		cmocka_unit_test(lists_are_copied),
	};

	return RUN(tests);
}
