/* SPDX-License-Identifier: Apache-2.0 */
/* What is agreed with a slave over its mailbox before it operates, and what is made of its oddities. */
#include "base/le.h"
#include "support/check.h"
#include "support/heal.h"
#include "support/talker.h"

#include "master/master.h"

#include <string.h>

#define SII_ROOM 2048

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[3];
static struct ecr_sim_device devices[2];
static uint8_t images[2][SII_ROOM];

/* A coupler and one device, all of whose signals are wanted. */
static void prepare(const char *device)
{
	for (int i = 0; i < 2; i++) {
		devices[i] = (struct ecr_sim_device){ .name = i ? "device" : "coupler",
						      .sii = images[i] };
		assert_true(
			ecr_sim_shipped(i ? device : "EK1100", &devices[i], images[i], SII_ROOM));
	}
	config = vring_default_config();
	memset(slaves, 0, sizeof(slaves));
	slaves[0].name = "coupler";
	slaves[1] =
		(struct ecr_slave_config){ .name = "device", .process_data = ECR_ALL_TO("main") };
	config.slaves = slaves;
}

static void prepare_talker(const struct talker *talker)
{
	prepare("mailbox");
	devices[1] = (struct ecr_sim_device){ .name = "device", .sii = images[1] };
	devices[1].sii_size = talker_sii(images[1], SII_ROOM, "device", talker);
	assert_true(devices[1].sii_size > 0);
}

/* The result of the way to OP. */
static int start(void)
{
	vring_open_devices(&ring, devices, 2);
	assert_int_equal(vring_start(&ring, &config), 0);
	return vring_await_operational(&ring, ECR_S(10));
}

static struct ecr_failure failure(void)
{
	return vring_slave(&ring, "device").configuration_failure;
}

static uint64_t questions_in(ecr_time time)
{
	struct ecr_bus_info before;
	struct ecr_bus_info after;
	struct ecr_request ask = { .kind = ECR_REQUEST_BUS_INFO, .out = &before };

	assert_int_equal(vring_request(&ring, &ask), 0);
	vring_run_until(&ring, ring.now + time);
	ask = (struct ecr_request){ .kind = ECR_REQUEST_BUS_INFO, .out = &after };
	assert_int_equal(vring_request(&ring, &ask), 0);
	return after.datagrams_sent - before.datagrams_sent;
}

static void send_emergency(uint16_t code)
{
	const struct ecr_emergency emergency = { .code = code };

	assert_true(ecr_sim_emergency(ring.sim, 1, &emergency));
}

/* It has been told to go to SAFEOP. */
static bool device_rises(struct vring *unused)
{
	(void)unused;
	return ecr_sim_registers(ring.sim, 1)[ECR_REG_AL_CONTROL] == ECR_AL_SAFEOP;
}

/* It is heard, and the slave is still on its way. */
static void assert_heard(void)
{
	uint64_t heard = ring.counts[ECR_EVENT_SLAVE_EMERGENCY];
	enum ecr_al_state al_state = vring_slave(&ring, "device").al_state;

	send_emergency(0x4200);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], heard + 1);
	assert_int_equal(vring_slave(&ring, "device").al_state, al_state);
}

/* Changes of state that take half a second each: on the way up, behind a lock that comes late, and on the way down. */
static void emergencies_are_heard_while_slaves_rise_and_fall(void **state)
{
	bool done = false;
	struct ecr_request stop = { .kind = ECR_REQUEST_DEACTIVATE,
				    .target = ECR_TARGET_PREOP,
				    .context = &done };

	(void)state;
	for (int late = 0; late < 2; late++) {
		prepare("analog_coe");
		slaves[1].mailbox_watch = ECR_MAILBOX_ASKED;
		devices[1].al_delay_ns = ECR_MS(500);
		devices[1].features = devices[0].features = ECR_FEATURE_DC | ECR_FEATURE_DC_64;
		config.dc.await_lock = true;
		config.dc.lock_timeout_ms = late ? 40 : 5000;
		config.dc.warmup_cycles = 100;
		vring_open_devices(&ring, devices, 2);
		assert_int_equal(vring_start(&ring, &config), 0);
		if (late)
			assert_int_equal(vring_await_operational(&ring, ECR_S(10)),
					 ECR_ERR_ACTIVATION_FAILED);
		assert_true(heal_until(&ring, device_rises, ECR_S(10)));
		assert_heard();
		assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
		assert_int_equal(ecr_core_submit(ring.core, ring.now, &stop), 0);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_heard();
		assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(10)));
		vring_close(&ring);
	}
}

/* With a spare FMMU "mailbox full" comes with the inputs, and nothing is asked for it. */
static void a_full_mailbox_is_seen_in_the_inputs(void **state)
{
	uint64_t asked;

	(void)state;
	prepare("analog_coe");
	slaves[1].mailbox_watch = ECR_MAILBOX_ASKED;
	slaves[0].health_poll_ms = slaves[1].health_poll_ms = -1;
	assert_int_equal(start(), 0);
	assert_int_equal(vring_slave(&ring, "device").used_fmmus, 2);
	asked = questions_in(ECR_S(1));
	send_emergency(0x4200);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	vring_close(&ring);

	slaves[1].mailbox_watch = ECR_MAILBOX_AUTO;
	assert_int_equal(start(), 0);
	assert_int_equal(vring_slave(&ring, "device").used_fmmus, 3);
	assert_int_equal(vring_slave(&ring, "device").attachment_count, 2);
	assert_true(questions_in(ECR_S(1)) + 45 <= asked); /* 50 looks a second */
	send_emergency(0x4200);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	assert_int_equal(vring_domain(&ring, "main").actual_wkc, 3);
	vring_close(&ring);
}

/* Lost cycles and a stopped domain: then it is asked for. */
static void without_cycles_it_is_asked_for(void **state)
{
	struct ecr_request stop = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };

	(void)state;
	prepare("analog_coe");
	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	assert_int_equal(start(), 0);
	assert_int_equal(vring_request(&ring, &stop), 0);
	send_emergency(0x4200);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	vring_close(&ring);
}

static void without_a_spare_fmmu_it_is_as_configured(void **state)
{
	(void)state;
	prepare("analog_coe");
	devices[1].fmmus = 2;
	assert_int_equal(start(), 0);
	assert_int_equal(vring_slave(&ring, "device").used_fmmus, 2);
	send_emergency(0x4200);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	vring_close(&ring);

	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	assert_int_equal(start(), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(failure().error, ECR_ERR_FMMU_LIMIT);
	assert_int_equal(failure().expected, 3);
	assert_int_equal(failure().actual, 2);
	vring_close(&ring);
}

/* Asked for, it is there or it is said why not; adjoining SyncManagers make room for it. */
static void a_mapped_mailbox_that_cannot_be(void **state)
{
	const struct ecr_process_data mapped = ECR_ALL_TO("main");

	(void)state;
	prepare_talker(&(struct talker){ .receive_size = 64, .send_size = 64, .inputs = 2 });
	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_NO_COE);
	assert_string_equal(failure().subject, "mailbox_watch");
	vring_close(&ring);

	prepare_talker(&(struct talker){ .inputs = 2 });
	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_NO_MAILBOX);
	vring_close(&ring);

	prepare("analog_coe");
	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	slaves[1].process_data = (struct ecr_process_data){ 0 };
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_MAILBOX_NOT_MAPPED);
	assert_string_equal(failure().subject, "mailbox_watch");
	vring_close(&ring);

	slaves[1].process_data = mapped;
	assert_int_equal(start(), 0);
	vring_close(&ring);
}

/* Reads of SyncManager 1's status, and of the mailbox behind it. */
static unsigned int looks;
static unsigned int reads;

static void count_looks(struct vring *r, const struct ecr_datagram *datagram)
{
	(void)r;
	looks += datagram->command == ECR_CMD_FPRD &&
		 datagram->address >> 16 == ECR_REG_SM_STATUS(1);
	reads += datagram->command == ECR_CMD_FPRD && datagram->address >> 16 >= 0x1000;
}

static void read_objects(int times)
{
	uint8_t type[4];

	looks = reads = 0;
	ring.each_datagram = count_looks;
	for (int i = 0; i < times; i++)
		assert_int_equal(
			talker_upload(&ring, "device", 0x1000, 0, type, sizeof(type)).error, 0);
	ring.each_datagram = NULL;
}

/* The answers to requests, too, are seen in the inputs, when these come often enough. */
static void answers_are_seen_in_the_inputs(void **state)
{
	static struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
						      { 0 } };

	(void)state;
	prepare("analog_coe");
	devices[1].habits.answer_ns = ECR_US(1700);
	config.domains = domains;
	slaves[1].mailbox_poll_ms = -1;
	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	assert_int_equal(start(), 0);
	read_objects(20);
	assert_int_equal(looks, 0);
	assert_int_equal(reads, 20);
	vring_close(&ring);

	slaves[1].mailbox_watch = ECR_MAILBOX_ASKED;
	assert_int_equal(start(), 0);
	read_objects(20);
	assert_true(looks >= 40);
	vring_close(&ring);

	slaves[1].mailbox_poll_ms = 0;
	slaves[1].mailbox_watch = ECR_MAILBOX_AUTO;
	assert_int_equal(start(), 0);
	read_objects(20);
	assert_int_equal(looks, 0);
	vring_close(&ring);

	domains[0].cycle_ns = ECR_MS(5); /* asking is quicker */
	assert_int_equal(start(), 0);
	read_objects(20);
	assert_true(looks >= 40);
	vring_close(&ring);
}

/* A byte of the image that does not say what the register says costs time, not answers. */
static void a_byte_that_never_says_full_is_not_believed(void **state)
{
	uint8_t type[4];

	(void)state;
	prepare("analog_coe");
	slaves[1].mailbox_watch = ECR_MAILBOX_MAPPED;
	assert_int_equal(start(), 0);
	ring.core->slaves[1].mailbox.status.offset = 0; /* where an input is zero */
	assert_int_equal(talker_upload(&ring, "device", 0x1000, 0, type, sizeof(type)).error, 0);
	vring_close(&ring);
}

/* Whose process data nobody uses has its SyncManagers all the same, and nothing waits for its outputs. */
static void without_process_data_it_operates(void **state)
{
	const struct talker talker = { .receive_size = 64,
				       .send_size = 64,
				       .coe = ECR_SII_COE_SDO,
				       .protocols = ECR_SII_MAILBOX_COE,
				       .outputs = 4,
				       .inputs = 2 };

	(void)state;
	prepare_talker(&talker);
	slaves[1].process_data = (struct ecr_process_data){ 0 };
	assert_int_equal(start(), 0);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_OP);
	assert_int_equal(vring_slave(&ring, "device").used_fmmus, 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_HEALTH_FAULT], 0);
	vring_close(&ring);
}

/* Bits that share bytes keep their distance from it. */
static void packed_bits_keep_their_distance(void **state)
{
	struct ecr_domain_config domains[] = {
		{ .id = "main", .cycle_ns = ECR_MS(10), .pack_bits = true }, { 0 }
	};

	(void)state;
	prepare("EL3202");
	config.domains = domains;
	assert_int_equal(start(), 0);
	assert_int_equal(vring_domain(&ring, "main").image_size, 8 + 1 + 2 * 3);
	assert_int_equal(ecr_sim_write_object(ring.sim, 1, 0x6000, 17, "\x34\x12", 2), true);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	send_emergency(0x4200);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	vring_close(&ring);
}

static const char *warning(void)
{
	for (int i = 0; i < ring.event_count; i++)
		if (ring.events[i].kind == ECR_EVENT_SLAVE_WARNING && ring.events[i].slave == 1)
			return ring.events[i].text;
	return "";
}

static void a_mailbox_by_halves_is_told(void **state)
{
	static const struct ecr_sdo_write startup[] = {
		{ .index = 0x2000, .type = ECR_SDO_U8, .value = 1 }, { 0 }
	};

	(void)state;
	prepare_talker(&(struct talker){ .protocols = ECR_SII_MAILBOX_COE, .inputs = 2 });
	assert_int_equal(start(), 0);
	assert_string_equal(warning(),
			    "mailbox protocols are announced, but no sizes of a mailbox");
	assert_false(vring_slave(&ring, "device").coe);
	assert_int_equal(talker_upload(&ring, "device", 0x1000, 0, NULL, 0).error,
			 ECR_ERR_NO_MAILBOX_SIZES);
	assert_int_equal(talker_upload(&ring, "coupler", 0x1000, 0, NULL, 0).error,
			 ECR_ERR_NO_MAILBOX);
	vring_close(&ring);

	slaves[1].startup = startup;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_NO_MAILBOX_SIZES);
	vring_close(&ring);

	prepare_talker(&(struct talker){ .receive_size = 64, .send_size = 64, .inputs = 2 });
	assert_int_equal(start(), 0);
	assert_string_equal(warning(), "a mailbox has sizes, but no protocol is announced");
	vring_close(&ring);

	slaves[1].startup = startup;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_NO_COE);
	vring_close(&ring);
}

static const struct ecr_pdo_mapped two[] = { { 0x6000, 1, 8 }, { 0x6000, 2, 8 }, { 0 } };
static const struct ecr_pdo_mapped one[] = { { 0x6000, 2, 8 }, { 0 } };
static const struct ecr_pdo_wanted as_it_is[] = { { 3, 0x1A00, two }, { 0 } };
static const struct ecr_pdo_wanted shorter[] = { { 3, 0x1A00, one }, { 0 } };
static const struct ecr_pdo_wanted none[] = { { 3, ECR_PDO_NONE, NULL }, { 0 } };

static struct talker with(uint8_t coe)
{
	return (struct talker){ .receive_size = 64,
				.send_size = 64,
				.coe = coe,
				.protocols = ECR_SII_MAILBOX_COE,
				.inputs = 2 };
}

/* What the EEPROM does not allow is refused before anything is written, with both sides named. */
static void fixed_pdos_are_left_alone(void **state)
{
	struct talker talker = with(ECR_SII_COE_SDO);

	(void)state;
	prepare_talker(&talker);
	slaves[1].pdos = as_it_is;
	assert_int_equal(start(), 0);
	vring_close(&ring);

	slaves[1].pdos = shorter;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_FIXED);
	assert_int_equal(failure().index, 0x1A00);
	assert_int_equal(failure().subindex, 1);
	assert_int_equal(failure().expected, 0x60000208);
	assert_int_equal(failure().actual, 0x60000108);
	vring_close(&ring);

	slaves[1].pdos = none;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_FIXED);
	assert_int_equal(failure().index, 0x1C13);
	assert_int_equal(failure().expected, 0);
	assert_int_equal(failure().actual, 0x1A00);
	vring_close(&ring);
}

static void what_the_slave_lets_change_is_changed(void **state)
{
	struct talker talker =
		with(ECR_SII_COE_SDO | ECR_SII_COE_PDO_ASSIGN | ECR_SII_COE_PDO_CONFIG);
	struct ecr_slave_info info;

	(void)state;
	prepare_talker(&talker);
	slaves[1].pdos = shorter;
	assert_int_equal(start(), 0);
	info = vring_slave(&ring, "device");
	assert_int_equal(info.attachment_count, 1);
	assert_int_equal(info.attachments[0].sm_size, 1);
	vring_close(&ring);
}

/* Tried once, then each entry by itself, and not tried again. */
static void refused_complete_access_is_remembered(void **state)
{
	struct talker talker = with(ECR_SII_COE_SDO | ECR_SII_COE_COMPLETE_ACCESS);
	struct ecr_slave_config again = { .process_data = ECR_ALL_TO("main") };
	struct ecr_request configure = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					 .name = "device",
					 .slave = &again };
	struct ecr_request stop = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	uint32_t whole;
	uint32_t first;

	(void)state;
	prepare_talker(&talker);
	assert_int_equal(start(), 0);
	whole = vring_slave(&ring, "device").mailbox.sent;
	vring_close(&ring);

	devices[1].habits.refuses_complete_access = true;
	assert_int_equal(start(), 0);
	first = vring_slave(&ring, "device").mailbox.sent;
	assert_true(first > whole);
	assert_int_equal(vring_request(&ring, &stop), 0);
	assert_int_equal(vring_request(&ring, &configure), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(1)), 0);
	assert_int_equal(vring_slave(&ring, "device").mailbox.sent, first + first - 1);
	vring_close(&ring);
}

static void swap(const struct ecr_sim_fault *fault)
{
	assert_true(ecr_sim_inject(ring.sim, ring.now, fault));
	vring_run_until(&ring, ring.now + ECR_S(2));
}

/* A device that comes back with other PDOs is not let in: its inputs would be read as something else. */
static void other_pdos_than_planned_are_refused(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };
	const struct talker talker = { .inputs = 2 }; /* its EEPROM alone tells its PDOs */
	const struct talker longer = { .inputs = 3 };

	(void)state;
	prepare_talker(&longer); /* the EEPROM has room for both */
	talker_sii(images[1], SII_ROOM, "device", &talker);
	assert_int_equal(start(), 0);
	swap(&cycle);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);

	talker_sii(images[1], SII_ROOM, "device", &longer);
	swap(&cycle);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_PREOP);
	assert_int_equal(failure().error, ECR_ERR_PDO_MISMATCH);
	assert_int_equal(failure().index, 0x1C13);
	assert_int_equal(failure().expected, 16);
	assert_int_equal(failure().actual, 24);

	talker_sii(images[1], SII_ROOM, "device", &talker);
	swap(&cycle);
	vring_run_until(&ring, ring.now + ECR_S(6));
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_OP);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	vring_close(&ring);
}

/* Where nothing cycles the plan is made anew for it. */
static void in_preop_the_plan_follows(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };
	const struct talker talker = { .inputs = 2 };
	const struct talker longer = { .inputs = 3 };
	struct ecr_request stop = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };

	(void)state;
	prepare_talker(&longer);
	talker_sii(images[1], SII_ROOM, "device", &talker);
	assert_int_equal(start(), 0);
	assert_int_equal(vring_slave(&ring, "device").attachments[0].sm_size, 2);
	talker_sii(images[1], SII_ROOM, "device", &longer);
	swap(&cycle);
	assert_int_equal(failure().error, ECR_ERR_PDO_MISMATCH);
	vring_request(&ring, &stop);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(6)));
	assert_int_equal(failure().error, 0);
	assert_int_equal(vring_slave(&ring, "device").attachments[0].sm_size, 3);
	vring_close(&ring);
}

/* Sets flags of a PDO in the SII, where its header is: index, entries, SyncManager, sync, name, flags. */
static void flag_pdo(uint16_t index, uint8_t sm, uint16_t flags)
{
	for (size_t i = ECR_SII_HEADER_SIZE; i + 8 < devices[1].sii_size; i += 2) {
		uint8_t *header = images[1] + i;

		if (ecr_le16(header) != index || header[3] != sm)
			continue;
		ecr_put_le16(header + 6, flags);
		return;
	}
	fail();
}

/* A mandatory PDO cannot be left out, a fixed one not be mapped otherwise, whatever else is allowed. */
static void mandatory_and_fixed_pdos(void **state)
{
	struct talker talker =
		with(ECR_SII_COE_SDO | ECR_SII_COE_PDO_ASSIGN | ECR_SII_COE_PDO_CONFIG);

	(void)state;
	prepare_talker(&talker);
	flag_pdo(0x1A00, 3, ECR_SII_PDO_MANDATORY);
	slaves[1].pdos = none;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_FIXED);
	assert_int_equal(failure().index, 0x1A00);
	vring_close(&ring);

	flag_pdo(0x1A00, 3, ECR_SII_PDO_FIXED);
	slaves[1].pdos = shorter;
	assert_int_not_equal(start(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_FIXED);
	assert_int_equal(failure().expected, 0x60000208);
	vring_close(&ring);

	flag_pdo(0x1A00, 3, ECR_SII_PDO_MANDATORY | ECR_SII_PDO_FIXED);
	slaves[1].pdos = as_it_is;
	assert_int_equal(start(), 0);
	vring_close(&ring);
}

static void another_product_than_planned_is_refused(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };
	struct talker talker = with(ECR_SII_COE_SDO);

	(void)state;
	prepare_talker(&talker);
	assert_int_equal(start(), 0);
	images[1][ECR_SII_WORD_PRODUCT * 2] ^= 1;
	swap(&cycle);
	assert_int_equal(failure().error, ECR_ERR_IDENTITY_MISMATCH);
	assert_int_equal(failure().expected ^ failure().actual, 1);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emergencies_are_heard_while_slaves_rise_and_fall),
		cmocka_unit_test(a_full_mailbox_is_seen_in_the_inputs),
		cmocka_unit_test(without_cycles_it_is_asked_for),
		cmocka_unit_test(without_a_spare_fmmu_it_is_as_configured),
		cmocka_unit_test(a_mapped_mailbox_that_cannot_be),
		cmocka_unit_test(answers_are_seen_in_the_inputs),
		cmocka_unit_test(a_byte_that_never_says_full_is_not_believed),
		cmocka_unit_test(without_process_data_it_operates),
		cmocka_unit_test(packed_bits_keep_their_distance),
		cmocka_unit_test(a_mailbox_by_halves_is_told),
		cmocka_unit_test(fixed_pdos_are_left_alone),
		cmocka_unit_test(what_the_slave_lets_change_is_changed),
		cmocka_unit_test(refused_complete_access_is_remembered),
		cmocka_unit_test(other_pdos_than_planned_are_refused),
		cmocka_unit_test(in_preop_the_plan_follows),
		cmocka_unit_test(mandatory_and_fixed_pdos),
		cmocka_unit_test(another_product_than_planned_is_refused),
	};

	return RUN(tests);
}
