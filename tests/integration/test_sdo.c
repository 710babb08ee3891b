/* SPDX-License-Identifier: Apache-2.0 */
/* Objects through the public calls, with a thread and without, against a ring in this process. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"
#include "wire/coe_types.h"

#include <ecring/ecring.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOB 1000
#define SLAVES 3
#define SII_ROOM 2048

static uint8_t blob[BLOB];
static uint8_t images[SLAVES][SII_ROOM];
static struct ecr_sim *sim;
static struct ecr_master *master;
static bool manual;

#define ENTRY(number, kind, start) \
	{ \
		.subindex = number, .type = ECR_COE_TYPE_##kind, .access = ECR_SIM_RW, \
		.value = (start), .name = #kind \
	}

static const struct ecr_sim_entry types[] = {
	ENTRY(1, UNSIGNED8, 200),
	ENTRY(2, INTEGER8, 0x80),
	ENTRY(3, UNSIGNED16, 0xBEEF),
	ENTRY(4, INTEGER16, 0xFFFE),
	ENTRY(5, UNSIGNED32, 0xDEADBEEF),
	ENTRY(6, INTEGER32, 0xFFFFFFFD),
	ENTRY(7, UNSIGNED64, 0x1122334455667788),
	ENTRY(8, INTEGER64, UINT64_MAX - 3),
	ENTRY(9, REAL32, 0x3FC00000),
	ENTRY(10, REAL64, 0xC004000000000000),
	{ .subindex = 11,
	  .type = ECR_COE_TYPE_VISIBLE_STRING,
	  .access = ECR_SIM_RW,
	  .name = "text",
	  .data = "a text of some length" },
};
static const struct ecr_sim_entry large[] = { { .subindex = 0,
						.type = ECR_COE_TYPE_OCTET_STRING,
						.access = ECR_SIM_RW,
						.name = "blob",
						.data = blob,
						.size = BLOB } };
static const struct ecr_sim_entry fixed[] = { { .subindex = 0,
						.type = ECR_COE_TYPE_UNSIGNED16,
						.access = ECR_SIM_RO,
						.name = "fixed",
						.value = 7 } };
static const struct ecr_sim_entry gaps[] = { ENTRY(1, UNSIGNED16, 1), ENTRY(4, UNSIGNED16, 4) };
static const struct ecr_sim_object objects[] = {
	{ 0x2000, ECR_OBJECT_RECORD, 0, "Types", types, 11 },
	{ 0x2001, ECR_OBJECT_VARIABLE, 0, "Blob", large, 1 },
	{ 0x2002, ECR_OBJECT_VARIABLE, 0, "Fixed", fixed, 1 },
	{ 0x2003, ECR_OBJECT_RECORD, 0, "Gaps", gaps, 2 },
};

static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "one", .process_data = ECR_ALL_TO("io") },
	{ .name = "two", .process_data = ECR_ALL_TO("io") },
	{ 0 }
};

/* A coupler and two terminals with a dictionary of the test's; `answer_ns` is how long they think about each answer. */
static struct ecr_config make_ring(ecr_time answer_ns)
{
	static const char *const names[] = { "coupler", "one", "two" };
	struct ecr_sim_device devices[SLAVES] = { 0 };

	for (int i = 0; i < BLOB; i++)
		blob[i] = (uint8_t)(i * 7);
	for (int i = 0; i < SLAVES; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i], .sii = images[i] };
		assert_true(ecr_sim_shipped(i ? "analog_coe" : "EK1100", &devices[i], images[i],
					    SII_ROOM));
		if (i == 0)
			continue;
		devices[i].objects = objects;
		devices[i].object_count = sizeof(objects) / sizeof(objects[0]);
		devices[i].habits.answer_ns = answer_ns;
	}
	sim = ecr_sim_init(malloc(ecr_sim_size(devices, SLAVES)), ecr_sim_size(devices, SLAVES),
			   devices, SLAVES);
	assert_non_null(sim);
	return (struct ecr_config){ .simulator = sim,
				    .domains = domains,
				    .slaves = slaves,
				    .scan_poll_ms = 10,
				    .scan_stable_ms = 20 };
}

static void start(const struct ecr_config *config)
{
	int error = manual ? ecr_start_manual(master, config) : ecr_start(master, config);

	if (error)
		ecr_report(master, stderr);
	assert_int_equal(error, 0);
}

static void open_ring(ecr_time answer_ns)
{
	struct ecr_config config = make_ring(answer_ns);

	master = ecr_open();
	start(&config);
	if (ecr_await_operational(master, ECR_S(20))) {
		ecr_report(master, stderr);
		fail();
	}
}

static void close_ring(void)
{
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

/* Lets time pass until a request is done; NULL after five seconds. */
static struct ecr_sdo *await_done(void)
{
	ecr_time end = ecr_now() + ECR_S(5);
	struct ecr_sdo *done = NULL;

	while (!done && ecr_now() < end) {
		struct pollfd fd = { ecr_sdo_fd(master), POLLIN, 0 };

		if (manual)
			ecr_run_once(master, ecr_now() + ECR_MS(1));
		else
			poll(&fd, 1, 1000);
		done = ecr_sdo_done(master);
	}
	return done;
}

static bool readable(void)
{
	struct pollfd fd = { ecr_sdo_fd(master), POLLIN, 0 };

	return poll(&fd, 1, 0) == 1;
}

static void bytes_there_and_back(void **state)
{
	static uint8_t read[BLOB];
	static uint8_t written[BLOB];
	uint8_t small[10];
	size_t size = sizeof(read);
	uint64_t value = 0;

	(void)state;
	open_ring(0);
	assert_int_equal(ecr_upload_sdo(master, "one", 0x2001, 0, read, &size), 0);
	assert_int_equal(size, BLOB);
	assert_memory_equal(read, blob, BLOB);
	memset(written, 0x5A, sizeof(written));
	assert_int_equal(ecr_download_sdo(master, "two", 0x2001, 0, written, sizeof(written)), 0);
	size = sizeof(read);
	assert_int_equal(ecr_upload_sdo(master, "two", 0x2001, 0, read, &size), 0);
	assert_memory_equal(read, written, BLOB);
	size = sizeof(small);
	assert_int_equal(ecr_upload_sdo(master, "one", 0x2001, 0, small, &size),
			 ECR_ERR_BUFFER_TOO_SMALL);
	assert_int_equal(size, BLOB); /* what it takes */
	size = sizeof(value);
	assert_int_equal(ecr_upload_sdo(master, "one", 0x2002, 0, &value, &size), 0);
	assert_int_equal(size, 2);
	assert_int_equal(ecr_state(master), ECR_STATE_OPERATIONAL);
	close_ring();
}

#define ROUND_TRIP(name, type, subindex, first, second) \
	do { \
		type value; \
\
		assert_int_equal(ecr_sdo_read_##name(master, "one", 0x2000, subindex, &value), 0); \
		assert_true(value == (first)); \
		assert_int_equal(ecr_sdo_write_##name(master, "one", 0x2000, subindex, (second)), \
				 0); \
		assert_int_equal(ecr_sdo_read_##name(master, "one", 0x2000, subindex, &value), 0); \
		assert_true(value == (second)); \
	} while (0)

static void numbers_and_texts(void **state)
{
	char text[40];
	uint8_t byte = 9;
	uint32_t word;

	(void)state;
	open_ring(0);
	ROUND_TRIP(u8, uint8_t, 1, 200, 255);
	ROUND_TRIP(i8, int8_t, 2, -128, -1);
	ROUND_TRIP(u16, uint16_t, 3, 0xBEEF, 0x8001);
	ROUND_TRIP(i16, int16_t, 4, -2, -32768);
	ROUND_TRIP(u32, uint32_t, 5, 0xDEADBEEF, 0x80000001);
	ROUND_TRIP(i32, int32_t, 6, -3, INT32_MIN);
	ROUND_TRIP(u64, uint64_t, 7, 0x1122334455667788, UINT64_MAX);
	ROUND_TRIP(i64, int64_t, 8, -4, INT64_MIN);
	ROUND_TRIP(f32, float, 9, 1.5f, -0.25f);
	ROUND_TRIP(f64, double, 10, -2.5, 1e300);
	assert_int_equal(ecr_sdo_read_u8(master, "one", 0x2000, 3, &byte), ECR_ERR_TYPE_MISMATCH);
	assert_int_equal(byte, 9);
	assert_int_equal(ecr_sdo_read_u32(master, "one", 0x2000, 3, &word), ECR_ERR_TYPE_MISMATCH);
	assert_int_equal(ecr_sdo_read_string(master, "one", 0x2000, 11, text, sizeof(text)), 0);
	assert_string_equal(text, "a text of some length");
	assert_int_equal(ecr_sdo_read_string(master, "one", 0x2000, 11, text, 7),
			 ECR_ERR_BUFFER_TOO_SMALL);
	assert_string_equal(text, "a text");
	assert_int_equal(ecr_sdo_write_string(master, "one", 0x2000, 11, "another"), 0);
	assert_int_equal(ecr_sdo_read_string(master, "one", 0x2000, 11, text, sizeof(text)), 0);
	assert_string_equal(text, "another");
	close_ring();
}

static void refusals_say_what_and_where(void **state)
{
	uint16_t value = 1;
	struct ecr_sdo sdo = { .slave = "one",
			       .kind = ECR_SDO_DOWNLOAD,
			       .index = 0x2002,
			       .data = &value,
			       .size = sizeof(value) };
	struct ecr_slave_info info;
	char text[500] = "";
	FILE *stream;

	(void)state;
	open_ring(0);
	assert_int_equal(ecr_sdo_run(master, &sdo), ECR_ERR_SDO_ABORT);
	assert_int_equal(sdo.result.abort_code, 0x06010002);
	stream = fmemopen(text, sizeof(text), "w");
	ecr_sdo_report(&sdo, stream);
	fclose(stream);
	assert_non_null(strstr(text, "slave one: download to object 0x2002:0x00"));
	assert_non_null(strstr(text, "0x06010002: the object can only be read"));
	assert_non_null(strstr(text, "try: "));
	assert_int_equal(ecr_sdo_write_u16(master, "nobody", 0x2002, 0, 1), ECR_ERR_UNKNOWN_SLAVE);
	assert_int_equal(ecr_sdo_write_u16(master, "coupler", 0x2002, 0, 1), ECR_ERR_NO_MAILBOX);
	sdo = (struct ecr_sdo){ .slave = "one", .index = 0x2001, .data = &value, .size = 2 };
	assert_int_equal(ecr_sdo_run(master, &sdo), ECR_ERR_BUFFER_TOO_SMALL);
	stream = fmemopen(text, sizeof(text), "w");
	ecr_sdo_report(&sdo, stream);
	fclose(stream);
	assert_non_null(strstr(text, "2 bytes of room, the object has 1000"));
	sdo.kind = ECR_SDO_ENTRY; /* has no room for a description */
	assert_int_equal(ecr_sdo_run(master, &sdo), ECR_ERR_INVALID_ARGUMENT);
	assert_int_equal(ecr_slave_info(master, "one", &info), 0);
	assert_true(info.coe);
	assert_true(info.mailbox.received > 0); /* all but the abort of what had no room: */
	assert_int_equal(info.mailbox.sent, info.mailbox.received + 1);
	assert_int_equal(ecr_slave_info(master, "coupler", &info), 0);
	assert_false(info.coe);
	close_ring();
}

#define MANY 20

/* Twenty requests to two slaves: each comes back once, those of a slave in their order. */
static void each_comes_back_once(void **state)
{
	static struct ecr_sdo sdos[MANY];
	static uint16_t values[MANY];
	int last[2] = { -1, -1 };
	bool seen[MANY] = { false };

	(void)state;
	open_ring(0);
	assert_null(ecr_sdo_done(master));
	assert_false(readable());
	for (int i = 0; i < MANY; i++) {
		sdos[i] = (struct ecr_sdo){ .slave = i % 2 ? "two" : "one",
					    .kind = ECR_SDO_UPLOAD,
					    .index = 0x2002,
					    .data = &values[i],
					    .size = sizeof(values[i]),
					    .context = &values[i] };
		assert_int_equal(ecr_sdo_submit(master, &sdos[i]), 0);
	}
	for (int i = 0; i < MANY; i++) {
		struct ecr_sdo *done = await_done();
		int number;

		assert_non_null(done);
		number = (int)(done - sdos);
		assert_int_equal(done->result.error, 0);
		assert_int_equal(done->result.size, 2);
		assert_int_equal(*(uint16_t *)done->context, 7);
		assert_false(seen[number]);
		seen[number] = true;
		assert_true(number > last[number % 2]);
		last[number % 2] = number;
	}
	assert_null(ecr_sdo_done(master));
	assert_false(readable());
	close_ring();
}

static void prepare(struct ecr_sdo *sdos, uint32_t *values, int count)
{
	memset(values, 0, (size_t)count * sizeof(*values));
	for (int i = 0; i < count; i++)
		sdos[i] = (struct ecr_sdo){ .slave = "one",
					    .kind = ECR_SDO_UPLOAD,
					    .index = 0x2002,
					    .data = &values[i],
					    .size = sizeof(values[i]) };
}

static void a_full_session_is_busy_and_can_cancel(void **state)
{
	struct ecr_config config = make_ring(ECR_MS(30));
	struct ecr_sdo sdos[4];
	uint32_t values[4];
	uint16_t value;

	(void)state;
	config.limits.requests = 3;
	master = ecr_open();
	start(&config);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	prepare(sdos, values, 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ecr_sdo_submit(master, &sdos[i]), 0);
	assert_int_equal(ecr_sdo_submit(master, &sdos[3]), ECR_ERR_BUSY);
	assert_int_equal(ecr_sdo_read_u16(master, "two", 0x2002, 0, &value), ECR_ERR_BUSY);
	assert_int_equal(ecr_sdo_cancel(master, &sdos[2]), 0);
	assert_ptr_equal(await_done(), &sdos[2]);
	assert_int_equal(sdos[2].result.error, ECR_ERR_CANCELLED);
	assert_int_equal(ecr_sdo_cancel(master, &sdos[2]), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_sdo_submit(master, &sdos[3]), 0);
	assert_int_equal(ecr_sdo_cancel(master, &sdos[0]), 0); /* under way at the slave */
	assert_ptr_equal(await_done(), &sdos[0]);
	assert_int_equal(sdos[0].result.error, ECR_ERR_CANCELLED);
	assert_ptr_equal(await_done(), &sdos[1]);
	assert_ptr_equal(await_done(), &sdos[3]);
	assert_int_equal(sdos[1].result.error, 0);
	assert_int_equal(sdos[3].result.error, 0);
	assert_int_equal(values[3], 7);
	assert_int_equal(ecr_sdo_read_u16(master, "two", 0x2002, 0, &value), 0);
	close_ring();
}

static void a_time_out_ends_it(void **state)
{
	struct ecr_sdo sdos[2];
	uint32_t values[2];
	uint16_t value;

	(void)state;
	open_ring(ECR_MS(60));
	prepare(sdos, values, 2);
	sdos[0].timeout_ns = ECR_MS(10);
	assert_int_equal(ecr_sdo_run(master, &sdos[0]), ECR_ERR_TIMEOUT);
	sdos[1].timeout_ns = ECR_MS(20); /* waits behind what the slave still thinks about */
	assert_int_equal(ecr_sdo_submit(master, &sdos[1]), 0);
	assert_ptr_equal(await_done(), &sdos[1]);
	assert_int_equal(sdos[1].result.error, ECR_ERR_TIMEOUT);
	assert_int_equal(ecr_sdo_read_u16(master, "one", 0x2002, 0, &value), 0);
	assert_int_equal(value, 7);
	close_ring();
}

/* The mailbox works in every state from PREOP on; the end of a session ends its requests. */
static void states_and_the_end(void **state)
{
	struct ecr_sdo sdos[3];
	uint32_t values[3];
	uint16_t value;

	(void)state;
	master = ecr_open();
	prepare(sdos, values, 3);
	assert_int_equal(ecr_sdo_submit(master, &sdos[0]), ECR_ERR_NOT_STARTED);
	assert_int_equal(ecr_sdo_run(master, &sdos[0]), ECR_ERR_NOT_STARTED);
	assert_int_equal(ecr_sdo_cancel(master, &sdos[0]), ECR_ERR_NOT_STARTED);
	assert_int_equal(ecr_emergencies(master, "one", NULL, 0), ECR_ERR_NOT_STARTED);
	assert_null(ecr_sdo_done(master));
	assert_int_equal(ecr_close(master), 0);
	open_ring(ECR_MS(40));
	assert_int_equal(ecr_sdo_submit(master, &sdos[0]), 0);
	assert_int_equal(ecr_deactivate(master, ECR_TARGET_SAFEOP), 0);
	assert_ptr_equal(await_done(), &sdos[0]);
	assert_int_equal(sdos[0].result.error, 0);
	assert_int_equal(ecr_deactivate(master, ECR_TARGET_PREOP), 0);
	assert_int_equal(ecr_sdo_read_u16(master, "one", 0x2002, 0, &value), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ecr_sdo_submit(master, &sdos[i]), 0);
	assert_int_equal(ecr_stop(master), 0);
	for (int i = 0; i < 3; i++) {
		struct ecr_sdo *done = ecr_sdo_done(master);

		assert_non_null(done);
		assert_int_equal(done->result.error, ECR_ERR_STOPPED);
	}
	assert_null(ecr_sdo_done(master));
	assert_int_equal(ecr_sdo_submit(master, &sdos[0]), ECR_ERR_NOT_STARTED);
	close_ring();
}

static void the_dictionary_as_the_slave_tells_it(void **state)
{
	struct ecr_dictionary *dictionary;
	const struct ecr_dictionary_object *found[2] = { NULL, NULL };
	uint16_t counts[5];
	uint16_t list[200];
	int count;

	(void)state;
	open_ring(0);
	count = ecr_object_list(master, "one", ECR_OBJECTS_ALL, list, 200);
	assert_in_range(count, 4, 200);
	assert_int_equal(ecr_object_list(master, "one", ECR_OBJECTS_ALL, list, 1), count);
	assert_int_equal(ecr_object_list(master, "one", ECR_OBJECTS_COUNTS, counts, 5), 5);
	assert_int_equal(counts[0], count);
	assert_int_equal(ecr_dictionary_read(master, "one", &dictionary), 0);
	assert_int_equal(dictionary->object_count, count);
	for (int i = 0; i < count; i++) {
		if (dictionary->objects[i].object.index == 0x2000)
			found[0] = &dictionary->objects[i];
		if (dictionary->objects[i].object.index == 0x2003)
			found[1] = &dictionary->objects[i];
	}
	assert_non_null(found[0]);
	assert_string_equal(found[0]->object.name, "Types");
	assert_int_equal(found[0]->object.object_code, ECR_OBJECT_RECORD);
	assert_int_equal(found[0]->entry_count, 12);
	assert_int_equal(found[0]->entries[4].data_type, ECR_COE_TYPE_INTEGER16);
	assert_int_equal(found[0]->entries[4].bit_length, 16);
	assert_string_equal(found[0]->entries[4].name, "INTEGER16");
	assert_true(found[0]->entries[4].access & ECR_ACCESS_WRITE_OP);
	assert_non_null(found[1]);
	assert_int_equal(found[1]->entry_count, 3); /* 0, 1 and 4 */
	assert_int_equal(found[1]->entries[2].subindex, 4);
	ecr_dictionary_free(dictionary);
	assert_int_equal(ecr_dictionary_read(master, "coupler", &dictionary), ECR_ERR_NO_MAILBOX);
	assert_null(dictionary);
	close_ring();
}

/* What was given at start may be gone afterwards: the lists lie in memory that is freed. */
static void lists_are_copied(void **state)
{
	struct ecr_sdo_write *startup = calloc(4, sizeof(*startup));
	struct ecr_pdo_wanted *pdos = calloc(2, sizeof(*pdos));
	struct ecr_pdo_mapped *mapped = calloc(2, sizeof(*mapped));
	struct ecr_slave_config *list = calloc(4, sizeof(*list));
	uint8_t *bytes = malloc(BLOB);
	struct ecr_config config = make_ring(0);
	static uint8_t read[BLOB];
	size_t size = sizeof(read);
	struct ecr_slave_info info;
	uint16_t number;
	double real;

	(void)state;
	memset(bytes, 0x77, BLOB);
	memcpy(list, slaves, 3 * sizeof(*list));
	startup[0] = (struct ecr_sdo_write){ .index = 0x2001, .data = bytes, .size = BLOB };
	startup[1] = (struct ecr_sdo_write){ .index = 0x2000,
					     .subindex = 3,
					     .type = ECR_SDO_U16,
					     .value = 4711,
					     .when = ECR_AT_PS };
	startup[2] = (struct ecr_sdo_write){ .index = 0x2000,
					     .subindex = 10,
					     .type = ECR_SDO_F64,
					     .real = 0.125,
					     .when = ECR_AT_SO };
	mapped[0] = (struct ecr_pdo_mapped){ 0x6000, 17, 16 };
	pdos[0] = (struct ecr_pdo_wanted){ .sm = 3, .pdo = 0x1A01, .mapped = mapped };
	list[1].startup = startup;
	list[1].pdos = pdos;
	config.slaves = list;
	master = ecr_open();
	start(&config);
	memset(mapped, 0xFF, 2 * sizeof(*mapped));
	memset(startup, 0xFF, 4 * sizeof(*startup));
	memset(bytes, 0xFF, BLOB);
	free(bytes);
	free(startup);
	free(pdos);
	free(mapped);
	free(list);
	if (ecr_await_operational(master, ECR_S(20)))
		ecr_report(master, stderr);
	assert_int_equal(ecr_state(master), ECR_STATE_OPERATIONAL);
	assert_int_equal(ecr_upload_sdo(master, "one", 0x2001, 0, read, &size), 0);
	for (int i = 0; i < BLOB; i++)
		assert_int_equal(read[i], 0x77);
	assert_int_equal(ecr_sdo_read_u16(master, "one", 0x2000, 3, &number), 0);
	assert_int_equal(number, 4711);
	assert_int_equal(ecr_sdo_read_f64(master, "one", 0x2000, 10, &real), 0);
	assert_true(real == 0.125);
	assert_int_equal(ecr_slave_info(master, "one", &info), 0);
	assert_int_equal(info.attachment_count, 2);
	assert_int_equal(info.attachments[1].sm_size, 2); /* one input instead of two with bits */
	close_ring();
}

static void a_refused_startup_list_names_its_object(void **state)
{
	static const struct ecr_sdo_write startup[] = {
		{ .index = 0x2002, .type = ECR_SDO_U16, .value = 1 }, { 0 }
	};
	struct ecr_slave_config list[4];
	struct ecr_config config = make_ring(0);
	struct ecr_slave_info info;
	char text[600] = "";
	FILE *stream;

	(void)state;
	memcpy(list, slaves, sizeof(list));
	list[2].startup = startup;
	config.slaves = list;
	master = ecr_open();
	start(&config);
	assert_int_not_equal(ecr_await_operational(master, ECR_S(20)), 0);
	assert_int_equal(ecr_slave_info(master, "two", &info), 0);
	stream = fmemopen(text, sizeof(text), "w");
	ecr_failure_print(&info.configuration_failure, stream);
	fclose(stream);
	assert_non_null(strstr(text, "slave two (position 2"));
	assert_non_null(strstr(text, "object 0x2002:0x00"));
	assert_non_null(strstr(text, "abort code 0x06010002: the object can only be read"));
	ecr_stop(master);
	ecr_close(master);
	free(sim);
}

/* The simulator belongs to the thread that runs the session: without one the test may touch it. */
static void emergencies_are_kept(void **state)
{
	struct ecr_emergency sent = { .code = 0x8130, .error_register = 0x11, .data = { 1, 2, 3 } };
	struct ecr_emergency got[20];
	struct ecr_subscription *events;
	struct ecr_event event;

	(void)state;
	open_ring(0);
	assert_int_equal(
		ecr_subscribe_events(master, ECR_EVENT_BIT(ECR_EVENT_SLAVE_EMERGENCY), &events), 0);
	assert_int_equal(ecr_emergencies(master, "one", got, 20), 0);
	assert_int_equal(ecr_emergencies(master, "nobody", got, 20), ECR_ERR_NOT_FOUND);
	for (int i = 0; i < 3; i++) {
		sent.data[4] = (uint8_t)i;
		assert_true(ecr_sim_emergency(sim, 1, &sent));
		for (ecr_time end = ecr_now() + ECR_S(2);
		     ecr_now() < end && ecr_emergencies(master, "one", got, 20) <= i;)
			ecr_run_once(master, ecr_now() + ECR_MS(5));
	}
	assert_int_equal(ecr_emergencies(master, "one", got, 20), 3);
	assert_int_equal(got[0].code, 0x8130);
	assert_int_equal(got[0].error_register, 0x11);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(got[i].data[4], i);
		assert_int_equal(got[i].number, i + 1);
		assert_true(i == 0 || got[i].at > got[i - 1].at);
		assert_int_equal(ecr_subscription_next(events, &event, NULL), 1);
		assert_int_equal(event.slave, 1);
	}
	assert_int_equal(ecr_emergencies(master, "one", got, 1), 3);
	ecr_unsubscribe(events);
	close_ring();
}

static atomic_int completed;
static atomic_bool over;

static void *submit_some(void *argument)
{
	static _Thread_local struct ecr_sdo sdos[8];
	static _Thread_local uint32_t values[8];
	int accepted = 0;

	(void)argument;
	prepare(sdos, values, 8);
	for (int i = 0; i < 8; i++) {
		if (i % 2)
			sdos[i].slave = "two";
		if (ecr_sdo_submit(master, &sdos[i]))
			continue;
		accepted++;
		if (i % 3 == 0)
			ecr_sdo_cancel(master, &sdos[i]);
	}
	while (!atomic_load(&over))
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	return (void *)(uintptr_t)accepted;
}

/* Threads submit, cancel and read at once while the main one takes what is done, then the session ends. */
static void many_threads(void **state)
{
	pthread_t threads[3];
	uintptr_t accepted = 0;
	uint16_t value;

	(void)state;
	open_ring(ECR_MS(1));
	atomic_store(&completed, 0);
	atomic_store(&over, false);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, submit_some, NULL);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(ecr_sdo_read_u16(master, "two", 0x2002, 0, &value), 0);
		if (ecr_sdo_done(master))
			atomic_fetch_add(&completed, 1);
	}
	assert_int_equal(ecr_stop(master), 0);
	while (ecr_sdo_done(master))
		atomic_fetch_add(&completed, 1);
	atomic_store(&over, true);
	for (int i = 0; i < 3; i++) {
		void *result;

		pthread_join(threads[i], &result);
		accepted += (uintptr_t)result;
	}
	assert_int_equal(atomic_load(&completed), accepted);
	close_ring();
}

#define IN_BOTH \
	cmocka_unit_test(bytes_there_and_back), cmocka_unit_test(numbers_and_texts), \
		cmocka_unit_test(refusals_say_what_and_where), \
		cmocka_unit_test(each_comes_back_once), \
		cmocka_unit_test(a_full_session_is_busy_and_can_cancel), \
		cmocka_unit_test(a_time_out_ends_it), cmocka_unit_test(states_and_the_end), \
		cmocka_unit_test(the_dictionary_as_the_slave_tells_it), \
		cmocka_unit_test(lists_are_copied), \
		cmocka_unit_test(a_refused_startup_list_names_its_object)

int main(void)
{
	const struct CMUnitTest threaded[] = { IN_BOTH, cmocka_unit_test(many_threads) };
	const struct CMUnitTest alone[] = { IN_BOTH, cmocka_unit_test(emergencies_are_kept) };
	int failed = RUN(threaded);

	manual = true;
	return failed + RUN(alone);
}
