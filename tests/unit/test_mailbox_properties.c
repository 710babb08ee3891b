/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold for any object, any mailbox and any losses: what is uploaded is what is there, what
 * is downloaded is there afterwards, no service is carried out twice, and every request comes back
 * once. ECRING_WORLD_SEEDS says how many are drawn; ECRING_WORLD_SEED replays one.
 */
#include "support/check.h"
#include "support/seeds.h"
#include "support/talker.h"

#include "master/master.h"

#include <stdlib.h>
#include <string.h>

#define BLOB 0x2000
#define LIST 0x2001
#define MIXED 0x2002
#define MEGABYTE (1u << 20)
#define LIST_ENTRIES 20
#define SEGMENTS_MAX 800u   /* usually */
#define SEGMENTS_MOST 8000u /* now and then */

static struct vring ring;
static uint8_t sii[TALKER_SII];
static struct ecr_sim_entry blob_entry;
static uint8_t *blob;  /* as the device has it at first */
static uint8_t *other; /* as it is to become */
static uint8_t *seen;
static uint32_t blob_size;
static uint32_t written; /* how often the device has taken a value */
static uint64_t seed;

static const struct ecr_sim_entry list_entry = { .subindex = 1,
						 .count = LIST_ENTRIES,
						 .type = ECR_COE_TYPE_UNSIGNED16,
						 .access = ECR_SIM_RW,
						 .name = "Number",
						 .value = 0x55AA };
static const struct ecr_sim_entry mixed_entries[] = {
	{ .subindex = 1, .type = ECR_COE_TYPE_BOOLEAN, .access = ECR_SIM_RW, .value = 1 },
	{ .subindex = 2, .type = ECR_COE_TYPE_BIT3, .access = ECR_SIM_RW, .value = 5 },
	{ .subindex = 3,
	  .type = ECR_COE_TYPE_UNSIGNED32,
	  .access = ECR_SIM_RW,
	  .value = 0x1234567 },
	{ .subindex = 4, .type = ECR_COE_TYPE_UNSIGNED8, .access = ECR_SIM_RO, .value = 0x77 },
	{ .subindex = 6, .type = ECR_COE_TYPE_REAL64, .access = ECR_SIM_RW, .value = 0x99 },
};
static struct ecr_sim_object objects[] = {
	{ BLOB, ECR_OBJECT_VARIABLE, 0, "Blob", &blob_entry, 1 },
	{ LIST, ECR_OBJECT_ARRAY, 0, "List", &list_entry, 1 },
	{ MIXED, ECR_OBJECT_RECORD, 0, "Mixed", mixed_entries, 5 },
};

static uint32_t count_write(struct ecr_sim_app *app, void *state, uint16_t index, uint8_t subindex)
{
	(void)app;
	(void)state;
	(void)index;
	(void)subindex;
	written++;
	return 0;
}

static const struct ecr_sim_behaviour counting = { .written = count_write };

static void must(bool good, const char *what)
{
	if (good)
		return;
	print_message("seed %llu at %.3f ms: %s\n", (unsigned long long)seed,
		      (double)ring.now / 1e6, what);
	fail();
}

static void works(struct ecr_sdo_result result, const char *what)
{
	if (result.error)
		print_message("%s %04x:%x: %s, expected %x, got %x, abort %08x\n", what,
			      result.index, result.subindex, ecr_error_name(result.error),
			      result.expected, result.actual, result.abort_code);
	must(!result.error, what);
}

static void fill(struct ecr_prng *prng, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)ecr_prng_next(prng);
}

static void make_blob(struct ecr_prng *prng, uint32_t size)
{
	blob_size = size;
	blob = realloc(blob, size);
	other = realloc(other, size);
	seen = realloc(seen, (size_t)size + 1);
	fill(prng, blob, size);
	fill(prng, other, size);
	blob_entry = (struct ecr_sim_entry){ .type = ECR_COE_TYPE_OCTET_STRING,
					     .access = ECR_SIM_RW,
					     .name = "Blob",
					     .data = blob,
					     .size = size };
	written = 0;
}

/* Any magnitude, 1 byte to a megabyte. What would need more segments than the test has time for gets
 * larger mailboxes, but for some, which get as many as it has. */
static uint32_t draw_size(struct ecr_prng *prng, struct talker *talker)
{
	uint16_t least =
		talker->receive_size < talker->send_size ? talker->receive_size : talker->send_size;
	uint32_t size = ecr_prng_below(prng, 1u << ecr_prng_between(prng, 1, 20)) + 1;
	uint32_t enough = size / SEGMENTS_MAX + 16;

	if (least >= enough || enough > ECR_MAILBOX_MAX)
		return size;
	if (!ecr_prng_below(prng, 8)) {
		uint32_t most = (least - 9u) * SEGMENTS_MOST;

		return size < most ? size : most;
	}
	talker->receive_size = (uint16_t)ecr_prng_between(prng, enough, ECR_MAILBOX_MAX);
	talker->send_size = (uint16_t)ecr_prng_between(prng, enough, ECR_MAILBOX_MAX);
	return size;
}

static void open_with(const struct talker *talker, const struct ecr_sim_habits *habits)
{
	static const struct ecr_slave_config slaves[] = {
		{ .name = "talker", .target_state = ECR_TARGET_PREOP },
		{ 0 },
	};
	static struct ecr_config config;
	struct ecr_sim_device device = { .name = "talker",
					 .sii = sii,
					 .objects = objects,
					 .object_count = sizeof(objects) / sizeof(objects[0]),
					 .behaviour = &counting };

	if (habits)
		device.habits = *habits;
	config = vring_default_config();
	config.domains = NULL;
	config.slaves = slaves;
	config.frame_timeout_ms = 1;
	device.sii_size = talker_sii(sii, sizeof(sii), "talker", talker);
	vring_open_devices(&ring, &device, 1);
	must(vring_start(&ring, &config) == 0, "start was refused");
	must(vring_await_running(&ring, ECR_S(3)) == 0, "PREOP is not reached");
}

static struct talker draw_talker(struct ecr_prng *prng)
{
	static const uint16_t mosts[] = { 24, 64, 256, ECR_MAILBOX_MAX };

	return (struct talker){
		.receive_size =
			(uint16_t)ecr_prng_between(prng, 16, mosts[ecr_prng_below(prng, 4)]),
		.send_size = (uint16_t)ecr_prng_between(prng, 16, mosts[ecr_prng_below(prng, 4)]),
		.coe = 0xFF,
		.protocols = ECR_SII_MAILBOX_COE
	};
}

static struct ecr_sim_habits draw_habits(struct ecr_prng *prng)
{
	return (struct ecr_sim_habits){
		.take_ns = ecr_prng_below(prng, 3) ? 0 : ECR_US(ecr_prng_below(prng, 2000)),
		.answer_ns = ecr_prng_below(prng, 3) ? 0 : ECR_US(ecr_prng_below(prng, 3000)),
		.emergency_ns =
			ecr_prng_below(prng, 4) ? 0 : ECR_US(ecr_prng_between(prng, 500, 5000)),
		.counter_step = (uint8_t)(ecr_prng_below(prng, 8) ? 0 : 2),
		.answers_twice = !ecr_prng_below(prng, 8),
		.stale_at_preop = ecr_prng_below(prng, 2),
	};
}

static void disturb(struct ecr_prng *prng)
{
	ring.prng = *prng;
	ring.lost_ppm = ecr_prng_below(prng, 15000);
	ring.lost_back_ppm = ecr_prng_below(prng, 15000);
	ring.duplicated_ppm = ecr_prng_below(prng, 20000);
	ring.late_ppm = ecr_prng_below(prng, 5000);
	ring.late_ns = ECR_US(ecr_prng_between(prng, 50, 2500));
	ring.corrupt_ppm = ecr_prng_below(prng, 5000);
}

static void calm(void)
{
	ring.lost_ppm = ring.lost_back_ppm = ring.duplicated_ppm = ring.late_ppm =
		ring.corrupt_ppm = 0;
	ecr_sim_clear_faults(ring.sim);
}

static bool device_holds(const uint8_t *expected)
{
	return ecr_sim_read_object(ring.sim, 0, BLOB, 0, seen, blob_size + 1) == (int)blob_size &&
	       memcmp(seen, expected, blob_size) == 0;
}

/* There and back, with a short buffer between: it says how much there is. */
static void carry_over(struct ecr_prng *prng)
{
	struct ecr_sdo_result result = talker_upload(&ring, "talker", BLOB, 0, seen, blob_size + 1);
	uint32_t before = written;
	uint32_t room = ecr_prng_below(prng, blob_size);

	works(result, "an upload fails");
	must(result.size == blob_size, "an upload has another size");
	must(memcmp(seen, blob, blob_size) == 0, "what is uploaded is not what is there");
	result = talker_upload(&ring, "talker", BLOB, 0, seen, room);
	must(result.error == ECR_ERR_BUFFER_TOO_SMALL, "a short buffer is not told");
	must(result.size == blob_size, "a short buffer does not learn the size");
	result = talker_download(&ring, "talker", BLOB, 0, other, blob_size);
	works(result, "a download fails");
	must(written == before + 1, "a download is carried out twice, or not at all");
	must(device_holds(other), "what is downloaded is not there");
	result = talker_upload(&ring, "talker", BLOB, 0, seen, blob_size);
	must(result.error == 0 && memcmp(seen, other, blob_size) == 0,
	     "what is read back is not what was written");
}

/* After whatever happened, with nothing that disturbs: the value goes there and back. `late` requests
 * that were given up may still be carried out. */
static void carry_over_again(uint32_t late)
{
	uint32_t before = written;

	calm();
	works(talker_download(&ring, "talker", BLOB, 0, other, blob_size),
	      "a later download fails");
	must(written - before >= 1 && written - before <= 1 + late,
	     "a later download is carried out twice, or not at all");
	must(device_holds(other), "what is downloaded later is not there");
	works(talker_upload(&ring, "talker", BLOB, 0, seen, blob_size), "a later upload fails");
	must(memcmp(seen, other, blob_size) == 0, "what is uploaded later is not what is there");
}

static void any_object_any_mailbox_any_losses(void **state)
{
	(void)state;
	SEEDS_EACH(number, 200)
	{
		struct ecr_prng prng = seeds_prng(number);
		struct talker talker = draw_talker(&prng);
		struct ecr_sim_habits habits = draw_habits(&prng);

		seed = number;
		make_blob(&prng, draw_size(&prng, &talker));
		open_with(&talker, &habits);
		disturb(&prng);
		carry_over(&prng);
		/* Nothing was left over: nobody was answered twice. */
		must(ring.core->slaves[0].mailbox.counts.aside == (habits.stale_at_preop ? 1 : 0),
		     "an answer belonged to nobody");
		calm();
		vring_close(&ring);
	}
}

static void a_megabyte_each_way(uint16_t mailbox_size)
{
	const struct talker talker = {
		mailbox_size, mailbox_size, 0xFF, ECR_SII_MAILBOX_COE, 0, 0
	};
	struct ecr_prng prng = seeds_prng(1);

	seed = 0;
	make_blob(&prng, MEGABYTE);
	open_with(&talker, NULL);
	disturb(&prng);
	works(talker_upload(&ring, "talker", BLOB, 0, seen, blob_size), "an upload fails");
	must(memcmp(seen, blob, blob_size) == 0, "what is uploaded is not what is there");
	works(talker_download(&ring, "talker", BLOB, 0, other, blob_size), "a download fails");
	must(written == 1 && device_holds(other), "what is downloaded is not there, or twice");
	calm();
	vring_close(&ring);
}

/* In mailboxes of the largest size, and of the smallest: 150000 segments each way. */
static void a_megabyte(void **state)
{
	(void)state;
	a_megabyte_each_way(ECR_MAILBOX_MAX);
	a_megabyte_each_way(16);
}

/* Section of a transfer, kind of fault, and what the caller is told. */
static const struct spoilt {
	enum ecr_sim_mailbox_fault_kind kind;
	enum ecr_sim_stage stage;
	uint32_t value;
	int error;
	uint32_t actual; /* 0: not looked at */
} spoilts[] = {
	{ ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_UPLOAD, 0x06060000, ECR_ERR_SDO_ABORT, 0 },
	{ ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_UPLOAD_SEGMENT, 0x08000021, ECR_ERR_SDO_ABORT, 0 },
	{ ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_DOWNLOAD, 0x06090030, ECR_ERR_SDO_ABORT, 0 },
	{ ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 0x08000020, ECR_ERR_SDO_ABORT, 0 },
	{ ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_UPLOAD, 0, ECR_ERR_RESPONSE_TIMEOUT, 0 },
	{ ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_UPLOAD_SEGMENT, 0, ECR_ERR_RESPONSE_TIMEOUT, 0 },
	{ ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_DOWNLOAD, 0, ECR_ERR_RESPONSE_TIMEOUT, 0 },
	{ ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 0, ECR_ERR_RESPONSE_TIMEOUT,
	  0 },
	{ ECR_SIM_MAILBOX_COUNTER, ECR_SIM_STAGE_UPLOAD, 0, 0, 0 },
	{ ECR_SIM_MAILBOX_COUNTER, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 0, 0, 0 },
	{ ECR_SIM_MAILBOX_TOGGLE, ECR_SIM_STAGE_UPLOAD_SEGMENT, 0, ECR_ERR_TOGGLE_MISMATCH, 0 },
	{ ECR_SIM_MAILBOX_TOGGLE, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 0, ECR_ERR_TOGGLE_MISMATCH, 0 },
	{ ECR_SIM_MAILBOX_TYPE, ECR_SIM_STAGE_UPLOAD, 4, ECR_ERR_UNEXPECTED_MAILBOX_TYPE, 4 },
	{ ECR_SIM_MAILBOX_TYPE, ECR_SIM_STAGE_DOWNLOAD, 5, ECR_ERR_UNEXPECTED_MAILBOX_TYPE, 5 },
	{ ECR_SIM_MAILBOX_TYPE, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 1, ECR_ERR_UNEXPECTED_MAILBOX_TYPE,
	  1 },
	{ ECR_SIM_MAILBOX_TYPE, ECR_SIM_STAGE_UPLOAD, 0, ECR_ERR_MAILBOX_ERROR, 0 },
	{ ECR_SIM_MAILBOX_SERVICE, ECR_SIM_STAGE_UPLOAD, 2, ECR_ERR_UNEXPECTED_COE_SERVICE, 2 },
	{ ECR_SIM_MAILBOX_SERVICE, ECR_SIM_STAGE_DOWNLOAD, 8, ECR_ERR_UNEXPECTED_COE_SERVICE, 8 },
	{ ECR_SIM_MAILBOX_SERVICE, ECR_SIM_STAGE_UPLOAD_SEGMENT, 4, ECR_ERR_UNEXPECTED_COE_SERVICE,
	  4 },
	{ ECR_SIM_MAILBOX_PAYLOAD, ECR_SIM_STAGE_UPLOAD, 0, ECR_ERR_INVALID_COE_RESPONSE, 0 },
	{ ECR_SIM_MAILBOX_PAYLOAD, ECR_SIM_STAGE_UPLOAD_SEGMENT, 0, ECR_ERR_INVALID_COE_RESPONSE,
	  0 },
	{ ECR_SIM_MAILBOX_PAYLOAD, ECR_SIM_STAGE_DOWNLOAD, 0, ECR_ERR_INVALID_COE_RESPONSE, 0 },
	{ ECR_SIM_MAILBOX_PAYLOAD, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 0, ECR_ERR_INVALID_COE_RESPONSE,
	  0 },
	{ ECR_SIM_MAILBOX_COMMAND, ECR_SIM_STAGE_UPLOAD, 0x60, ECR_ERR_UNEXPECTED_SDO_COMMAND,
	  0x60 },
	{ ECR_SIM_MAILBOX_COMMAND, ECR_SIM_STAGE_DOWNLOAD, 0x41, ECR_ERR_UNEXPECTED_SDO_RESPONSE,
	  0x41 },
	{ ECR_SIM_MAILBOX_PADDING, ECR_SIM_STAGE_UPLOAD_SEGMENT, 0, ECR_ERR_INVALID_SEGMENT_PADDING,
	  7 },
	{ ECR_SIM_MAILBOX_SEGMENT_COMMAND, ECR_SIM_STAGE_UPLOAD_SEGMENT, 0x20,
	  ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND, 0x20 },
	{ ECR_SIM_MAILBOX_SEGMENT_COMMAND, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 0x60,
	  ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND, 0x60 },
};

static bool of_upload(enum ecr_sim_stage stage)
{
	return stage == ECR_SIM_STAGE_UPLOAD || stage == ECR_SIM_STAGE_UPLOAD_SEGMENT;
}

static bool of_segments(enum ecr_sim_stage stage)
{
	return stage == ECR_SIM_STAGE_UPLOAD_SEGMENT || stage == ECR_SIM_STAGE_DOWNLOAD_SEGMENT;
}

/* One answer is spoilt, at a random one of its stage: the caller is told exactly that. */
static void spoil_one(struct ecr_prng *prng, const struct spoilt *spoilt)
{
	const struct ecr_sim_mailbox_fault fault = { .kind = spoilt->kind,
						     .stage = spoilt->stage,
						     .index = BLOB,
						     .value = spoilt->value,
						     .count = 1,
						     .after = of_segments(spoilt->stage)
								      ? ecr_prng_below(prng, 3)
								      : 0 };
	bool upload = of_upload(spoilt->stage);
	uint32_t before = written;
	bool fired;
	struct ecr_sdo_result result;
	char text[512];

	must(ecr_sim_inject_mailbox(ring.sim, 0, &fault), "a fault is refused");
	result = upload ? talker_upload(&ring, "talker", BLOB, 0, seen, blob_size)
			: talker_download(&ring, "talker", BLOB, 0, other, blob_size);
	fired = ecr_sim_faults(ring.sim, text, sizeof(text)) == 0;
	must(result.error == (fired ? spoilt->error : 0), "a failure is told as another one");
	must(!fired || !spoilt->actual || result.actual == spoilt->actual,
	     "a failure does not say what came");
	must(result.error != ECR_ERR_SDO_ABORT || result.abort_code == spoilt->value,
	     "another abort code");
	must(written <= before + 1, "a failed download is carried out twice");
	must(device_holds(written == before ? blob : other), "a failed download is half there");
	must(result.error || upload || written == before + 1, "a download is not carried out");
	ecr_sim_clear_faults(ring.sim);
}

static void failures_are_told_as_what_they_are(void **state)
{
	(void)state;
	SEEDS_EACH(number, 200)
	{
		struct ecr_prng prng = seeds_prng(number);
		struct talker talker = draw_talker(&prng);
		const struct spoilt *spoilt =
			&spoilts[ecr_prng_below(&prng, sizeof(spoilts) / sizeof(spoilts[0]))];

		seed = number;
		make_blob(&prng, draw_size(&prng, &talker));
		open_with(&talker, NULL);
		if (ecr_prng_below(&prng, 2))
			disturb(&prng);
		ring.corrupt_ppm = 0; /* is a fault, too: the list of faults shall be ours alone */
		spoil_one(&prng, spoilt);
		carry_over_again(0);
		calm();
		vring_close(&ring);
	}
}

#define REQUESTS 12

static struct talker_request requests[REQUESTS];
static int completions[REQUESTS];

static void count_completion(struct vring *r, const struct ecr_event *event)
{
	(void)r;
	if (event->kind != ECR_EVENT_REQUEST_COMPLETED)
		return;
	for (int i = 0; i < REQUESTS; i++)
		completions[i] += event->request == &requests[i].request;
}

/* Uploads and downloads of two values in any order, into buffers of their own. */
static void draw_request(struct ecr_prng *prng, int number, uint8_t *buffers)
{
	struct talker_request *request = &requests[number];
	bool upload = ecr_prng_below(prng, 2);

	*request = (struct talker_request){ 0 };
	request->sdo.kind = upload ? ECR_SDO_UPLOAD : ECR_SDO_DOWNLOAD;
	request->sdo.index = BLOB;
	request->sdo.size = blob_size;
	request->sdo.data = upload		      ? buffers + (size_t)number * blob_size
			    : ecr_prng_below(prng, 2) ? blob
						      : other;
	completions[number] = 0;
	must(talker_submit(&ring, request, "talker",
			   ecr_prng_below(prng, 2) ? ECR_US(ecr_prng_between(prng, 1, 30000))
						   : 0) == 0,
	     "a request is refused");
}

static void cancel(int number)
{
	struct ecr_request request = { .kind = ECR_REQUEST_SDO_CANCEL,
				       .out = &requests[number].sdo };
	bool there = !requests[number].done;
	int result = vring_request(&ring, &request);

	must(result == 0 || (result == ECR_ERR_NOT_FOUND && completions[number] == 1),
	     "a cancelled request is not found");
	must(there || result == ECR_ERR_NOT_FOUND, "what is done was cancelled");
	must(requests[number].done, "a cancelled request does not come back");
}

static void check_request(int number)
{
	const struct talker_request *request = &requests[number];
	int error = request->sdo.result.error;

	must(completions[number] == 1, "a request has not exactly one completion");
	must(error == 0 || error == ECR_ERR_CANCELLED || error == ECR_ERR_TIMEOUT,
	     "an interrupted neighbour spoils a request");
	if (error || request->sdo.kind != ECR_SDO_UPLOAD)
		return;
	must(request->sdo.result.size == blob_size &&
		     (memcmp(request->sdo.data, blob, blob_size) == 0 ||
		      memcmp(request->sdo.data, other, blob_size) == 0),
	     "an upload mixes two values");
}

/* How many downloads were given up that may still be carried out. */
static uint32_t interrupt(struct ecr_prng *prng)
{
	uint8_t *buffers = calloc(REQUESTS, blob_size);
	uint32_t before = written;
	uint32_t begun = 0;
	uint32_t good = 0;

	for (int i = 0; i < REQUESTS; i++) {
		draw_request(prng, i, buffers);
		begun += requests[i].sdo.kind == ECR_SDO_DOWNLOAD;
		vring_run_until(&ring, ring.now + ECR_US(ecr_prng_below(prng, 4000)));
		if (ecr_prng_below(prng, 3) == 0)
			cancel((int)ecr_prng_below(prng, (uint32_t)i + 1));
	}
	for (int i = 0; i < REQUESTS; i++)
		while (!requests[i].done)
			vring_run_until(&ring, ring.now + ECR_MS(1));
	for (int i = 0; i < REQUESTS; i++) {
		check_request(i);
		good += requests[i].sdo.kind == ECR_SDO_DOWNLOAD && !requests[i].sdo.result.error;
	}
	must(written - before >= good && written - before <= begun,
	     "downloads are carried out more often than asked for, or not at all");
	free(buffers);
	return begun - (written - before);
}

static void interrupted_requests_come_back_once(void **state)
{
	(void)state;
	SEEDS_EACH(number, 200)
	{
		struct ecr_prng prng = seeds_prng(number);
		struct talker talker = draw_talker(&prng);
		struct ecr_sim_habits habits = draw_habits(&prng);

		seed = number;
		make_blob(&prng, draw_size(&prng, &talker) % 4000 + 1);
		open_with(&talker, &habits);
		ring.each_event = count_completion;
		if (ecr_prng_below(&prng, 2))
			disturb(&prng);
		carry_over_again(interrupt(&prng));
		calm();
		vring_close(&ring);
	}
}

/* Subindex 0 in two bytes; bits side by side, other values from a byte's start. */
static void whole_objects(struct ecr_prng *prng)
{
	static const uint8_t mixed[] = { 6,    0, 0x0B, 0x67, 0x45, 0x23, 0x01, 0x77,
					 0x99, 0, 0,	0,    0,    0,	  0,	0 };
	uint8_t list[2 + 2 * LIST_ENTRIES] = { LIST_ENTRIES };
	uint8_t back[64];
	uint8_t entry[2];
	struct talker_request request = { .sdo = { .kind = ECR_SDO_UPLOAD,
						   .index = MIXED,
						   .flags = ECR_SDO_COMPLETE,
						   .data = back,
						   .size = sizeof(back) } };
	uint32_t before = written;

	talker_run(&ring, &request, "talker");
	works(request.sdo.result, "a record is not uploaded as a whole");
	must(request.sdo.result.size == sizeof(mixed) && memcmp(back, mixed, sizeof(mixed)) == 0,
	     "a record as a whole is another one");
	fill(prng, list + 2, sizeof(list) - 2);
	request.sdo = (struct ecr_sdo){ .kind = ECR_SDO_DOWNLOAD,
					.index = LIST,
					.flags = ECR_SDO_COMPLETE,
					.data = list,
					.size = sizeof(list) };
	talker_run(&ring, &request, "talker");
	works(request.sdo.result, "a list is not downloaded as a whole");
	must(written == before + 1, "a list is written twice");
	for (uint8_t i = 1; i <= LIST_ENTRIES; i++)
		must(ecr_sim_read_object(ring.sim, 0, LIST, i, entry, 2) == 2 &&
			     memcmp(entry, list + 2 * i, 2) == 0,
		     "a list as a whole is another one");
	request.sdo.kind = ECR_SDO_UPLOAD;
	request.sdo.subindex = 1;
	request.sdo.data = back;
	request.sdo.size = sizeof(back);
	talker_run(&ring, &request, "talker");
	works(request.sdo.result, "a list is not uploaded from subindex 1");
	must(request.sdo.result.size == 2 * LIST_ENTRIES &&
		     memcmp(back, list + 2, 2 * LIST_ENTRIES) == 0,
	     "a list from subindex 1 is another one");
}

static int inform(enum ecr_sdo_kind kind, uint16_t index, uint8_t subindex, void *data, size_t size,
		  struct ecr_sdo_result *result)
{
	struct talker_request request = { .sdo = { .kind = kind,
						   .index = index,
						   .subindex = subindex,
						   .data = data,
						   .size = size } };
	int error = talker_run(&ring, &request, "talker");

	*result = request.sdo.result;
	return error;
}

static void check_entry(uint16_t index, const struct ecr_sim_entry *entry, uint16_t bits)
{
	struct ecr_object_entry told;
	struct ecr_sdo_result result;

	inform(ECR_SDO_ENTRY, index, entry->subindex, &told, sizeof(told), &result);
	works(result, "an entry is not described");
	must(told.index == index && told.subindex == entry->subindex &&
		     told.data_type == entry->type && told.bit_length == bits &&
		     told.access == entry->access,
	     "an entry is described as another one");
	must(strcmp(told.name, entry->name ? entry->name : "Mixed") == 0,
	     "an entry has another name");
}

static void dictionary(void)
{
	static const uint16_t counts_expected = 5;
	uint16_t indices[16] = { 0 };
	struct ecr_object object;
	struct ecr_sdo_result result;

	inform(ECR_SDO_OBJECT_LIST, ECR_OBJECTS_ALL, 0, indices, sizeof(indices), &result);
	works(result, "the objects are not listed");
	/* 0x1000, 0x1008, 0x1018, 0x1C00 come with every device, and what was made here. */
	must(result.size == 7 * sizeof(uint16_t) && indices[0] == 0x1000 && indices[3] == 0x1C00 &&
		     indices[4] == BLOB && indices[6] == MIXED,
	     "the list of objects is another one");
	inform(ECR_SDO_OBJECT_LIST, ECR_OBJECTS_ALL, 0, indices, 3 * sizeof(uint16_t), &result);
	must(result.error == ECR_ERR_BUFFER_TOO_SMALL && result.size == 7 * sizeof(uint16_t),
	     "a short list does not say how long it should be");
	inform(ECR_SDO_OBJECT_LIST, ECR_OBJECTS_COUNTS, 0, indices, sizeof(indices), &result);
	works(result, "the lists are not counted");
	must(result.size == counts_expected * sizeof(uint16_t) && indices[0] == 7,
	     "the count of objects is another one");
	inform(ECR_SDO_OBJECT, LIST, 0, &object, sizeof(object), &result);
	works(result, "an object is not described");
	must(object.index == LIST && object.object_code == ECR_OBJECT_ARRAY &&
		     object.max_subindex == LIST_ENTRIES && strcmp(object.name, "List") == 0,
	     "an object is described as another one");
	check_entry(MIXED, &mixed_entries[1], 3);
	check_entry(MIXED, &mixed_entries[4], 64);
	check_entry(LIST, &list_entry, 16);
	must(inform(ECR_SDO_OBJECT, 0x5555, 0, &object, sizeof(object), &result) ==
			     ECR_ERR_SDO_ABORT &&
		     result.abort_code == (uint32_t)ECR_SDO_ABORT_NO_OBJECT,
	     "an object that does not exist is described");
}

static void whole_objects_and_the_dictionary(void **state)
{
	(void)state;
	SEEDS_EACH(number, 200)
	{
		struct ecr_prng prng = seeds_prng(number);
		struct talker talker = draw_talker(&prng);
		struct ecr_sim_habits habits = draw_habits(&prng);

		seed = number;
		make_blob(&prng, 1);
		open_with(&talker, &habits);
		disturb(&prng);
		whole_objects(&prng);
		dictionary();
		calm();
		vring_close(&ring);
	}
}

/* What is spoilt at a fragment of the list of objects, and what the caller is told. */
static const struct spoilt info_spoilts[] = {
	{ ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_INFO, 0x08000024, ECR_ERR_SDO_ABORT, 0 },
	{ ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_INFO, 0, ECR_ERR_RESPONSE_TIMEOUT, 0 },
	{ ECR_SIM_MAILBOX_COUNTER, ECR_SIM_STAGE_INFO, 0, 0, 0 },
	{ ECR_SIM_MAILBOX_TOGGLE, ECR_SIM_STAGE_INFO, 0, ECR_ERR_UNEXPECTED_SDO_COMMAND, 0x12 },
	{ ECR_SIM_MAILBOX_TYPE, ECR_SIM_STAGE_INFO, 4, ECR_ERR_UNEXPECTED_MAILBOX_TYPE, 4 },
	{ ECR_SIM_MAILBOX_SERVICE, ECR_SIM_STAGE_INFO, 3, ECR_ERR_UNEXPECTED_COE_SERVICE, 3 },
	{ ECR_SIM_MAILBOX_PAYLOAD, ECR_SIM_STAGE_INFO, 0, ECR_ERR_INVALID_COE_RESPONSE, 1 },
	{ ECR_SIM_MAILBOX_COMMAND, ECR_SIM_STAGE_INFO, 5, ECR_ERR_UNEXPECTED_SDO_COMMAND, 5 },
	{ ECR_SIM_MAILBOX_PADDING, ECR_SIM_STAGE_INFO, 0, ECR_ERR_INVALID_COE_RESPONSE, 3 },
	{ ECR_SIM_MAILBOX_SEGMENT_COMMAND, ECR_SIM_STAGE_INFO, 2, ECR_ERR_INVALID_COE_RESPONSE, 3 },
};

/* At any fragment: a list that is not whole is no list, and the next one is. */
static void spoil_list(struct ecr_prng *prng, uint32_t fragments, const struct spoilt *spoilt)
{
	const struct ecr_sim_mailbox_fault fault = { .kind = spoilt->kind,
						     .stage = spoilt->stage,
						     .value = spoilt->value,
						     .count = 1,
						     .after = ecr_prng_below(prng, fragments) };
	uint32_t before = ecr_sim_mailbox_steps(ring.sim, 0, ECR_SIM_STAGE_INFO);
	uint16_t indices[16];
	struct ecr_sdo_result result;
	char text[512];

	must(ecr_sim_inject_mailbox(ring.sim, 0, &fault), "a fault is refused");
	inform(ECR_SDO_OBJECT_LIST, ECR_OBJECTS_ALL, 0, indices, sizeof(indices), &result);
	must(ecr_sim_faults(ring.sim, text, sizeof(text)) == 0, "a fault does not strike");
	if (result.error != spoilt->error)
		print_message("%d: %s\n", spoilt->kind, ecr_error_name(result.error));
	must(result.error == spoilt->error, "a failure is told as another one");
	must(result.error != ECR_ERR_SDO_ABORT || result.abort_code == spoilt->value,
	     "another abort code");
	must(!spoilt->actual || result.actual == spoilt->actual,
	     "a failure does not say what came");
	must(spoilt->kind == ECR_SIM_MAILBOX_COUNTER ||
		     ecr_sim_mailbox_steps(ring.sim, 0, ECR_SIM_STAGE_INFO) - before >= fault.after,
	     "a fault does not strike where it was to");
}

static void failed_information_is_told_as_what_it_is(void **state)
{
	(void)state;
	SEEDS_EACH(number, 100)
	{
		struct ecr_prng prng = seeds_prng(number);
		struct talker talker = draw_talker(&prng);
		uint32_t room;

		seed = number;
		talker.send_size = (uint16_t)ecr_prng_between(&prng, 16, 40);
		room = (talker.send_size - 12u) & ~1u;
		make_blob(&prng, 1);
		open_with(&talker, NULL);
		if (ecr_prng_below(&prng, 2))
			disturb(&prng);
		ring.corrupt_ppm = 0; /* is a fault, too */
		spoil_list(&prng, (16 + room - 1) / room,
			   &info_spoilts[ecr_prng_below(&prng, sizeof(info_spoilts) /
								       sizeof(info_spoilts[0]))]);
		calm();
		dictionary();
		vring_close(&ring);
	}
}

/* Each emergency is told once, in the order in which they were sent, whatever is lost. */
static void emergencies(struct ecr_prng *prng)
{
	uint16_t sent = 0;
	uint16_t told = 0;
	ecr_time end = ring.now + ECR_S(1);

	while (ring.now < end) {
		const struct ecr_emergency emergency = { .code = (uint16_t)(sent + 1) };

		if (ecr_prng_below(prng, 3) == 0)
			sent = (uint16_t)(sent + ecr_sim_emergency(ring.sim, 0, &emergency));
		if (ecr_prng_below(prng, 4) == 0)
			works(talker_upload(&ring, "talker", BLOB, 0, seen, blob_size),
			      "an upload fails beside emergencies");
		vring_run_until(&ring, ring.now + ECR_US(ecr_prng_below(prng, 5000)));
	}
	calm();
	/* What is left is taken on the way. */
	for (int i = 0; i < 20; i++)
		works(talker_upload(&ring, "talker", BLOB, 0, seen, blob_size), "an upload fails");
	for (int i = 0; i < ring.event_count; i++) {
		if (ring.events[i].kind != ECR_EVENT_SLAVE_EMERGENCY)
			continue;
		must(ring.events[i].actual == ++told, "an emergency is lost, or told twice");
	}
	must(told == sent && sent > 0, "an emergency is not told");
}

static void every_emergency_is_told_once(void **state)
{
	(void)state;
	SEEDS_EACH(number, 50)
	{
		struct ecr_prng prng = seeds_prng(number);
		struct talker talker = draw_talker(&prng);

		seed = number;
		make_blob(&prng, draw_size(&prng, &talker) % 2000 + 1);
		open_with(&talker, NULL);
		disturb(&prng);
		emergencies(&prng);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_object_any_mailbox_any_losses),
		cmocka_unit_test(a_megabyte),
		cmocka_unit_test(failures_are_told_as_what_they_are),
		cmocka_unit_test(interrupted_requests_come_back_once),
		cmocka_unit_test(whole_objects_and_the_dictionary),
		cmocka_unit_test(failed_information_is_told_as_what_it_is),
		cmocka_unit_test(every_emergency_is_told_once),
	};

	return RUN(tests);
}
