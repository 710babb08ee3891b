/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block is a circle of records of any length; a new one pushes the oldest out. When it is frozen what is in it belongs
 * to the writer, which gives back record by record what it has written: there the owner of the core goes on meanwhile, so
 * that a fault which begins then is written next. No record is ever copied while frames pass, and nothing is allocated.
 */
#define _POSIX_C_SOURCE 200809L
#include "port/recorder.h"

#include "port/clock.h"
#include "port/stamp.h"
#include "port/thread.h"
#include "wire/frame.h"

#include <ecring/error.h>

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_BYTES (4u << 20)
#define DEFAULT_AFTER_MS 200
#define SLAVES (INT16_MAX + 1)
#define FOLLOWS_NS ECR_MS(10) /* an event belongs to a frame no later than that */

enum kind { KIND_SKIP, KIND_SENT, KIND_RECEIVED, KIND_EVENT, KIND_GAP };

/* Each at a multiple of its own size. */
struct record {
	ecr_time at;
	uint32_t size; /* with this head and padding */
	uint16_t length;
	uint8_t kind;
	uint8_t ports; /* arrived at or sent on, and four bits higher where it came from */
};

/* What found no room. */
struct gap {
	uint64_t frames;
	uint64_t events;
};

struct port_recorder {
	const struct ecr_config *config;
	uint8_t *bytes;
	size_t room;
	size_t head;		    /* where the next record goes */
	size_t tail;		    /* the oldest; the writer's while it is frozen */
	uint64_t put;		    /* bytes recorded in all */
	atomic_uint_fast64_t taken; /* and those that are no longer there */
	uint64_t part;		    /* up to here the writer writes */
	size_t since;		    /* bytes recorded since the fault began */
	bool triggered;
	ecr_time until;
	ecr_time after;
	struct gap gap;
	uint64_t frames;
	uint64_t missed;
	uint32_t faults;
	enum ecr_state state;
	uint64_t failed_once[SLAVES / 64]; /* a bit for each slave that has failed in this start */
	atomic_bool frozen;
	atomic_uint written;
	atomic_uint left_out;
	atomic_int failed; /* errno */
	atomic_bool quit;
	sem_t work;
	pthread_t writer;
	struct port_record_file *file;
	ecr_time pending_at; /* when the first of the comments to come happened */
};

static struct record *record_at(const struct port_recorder *recorder, size_t at)
{
	return (struct record *)(void *)(recorder->bytes + at);
}

static void drop_oldest(struct port_recorder *recorder)
{
	size_t size = record_at(recorder, recorder->tail)->size;

	recorder->tail = (recorder->tail + size) % recorder->room;
	atomic_store_explicit(&recorder->taken,
			      atomic_load_explicit(&recorder->taken, memory_order_relaxed) + size,
			      memory_order_release);
}

static size_t left(const struct port_recorder *recorder)
{
	uint64_t taken = atomic_load_explicit(&recorder->taken, memory_order_acquire);

	return recorder->room - (size_t)(recorder->put - taken);
}

static bool is_frozen(const struct port_recorder *recorder)
{
	return atomic_load_explicit(&recorder->frozen, memory_order_acquire);
}

/* Where a record of that size fits in one piece; the rest of the block is skipped when it does not. NULL: the writer has
 * not got there. */
static struct record *make_room(struct port_recorder *recorder, size_t size)
{
	size_t rest = recorder->room - recorder->head;
	bool frozen = is_frozen(recorder);
	struct record *record;

	while (left(recorder) < size + (rest < size ? rest : 0)) {
		if (frozen)
			return NULL;
		drop_oldest(recorder);
	}
	if (rest < size) {
		*record_at(recorder, recorder->head) =
			(struct record){ .size = (uint32_t)rest, .kind = KIND_SKIP };
		recorder->put += rest;
		recorder->head = 0;
	}
	record = record_at(recorder, recorder->head);
	recorder->put += size;
	recorder->head = (recorder->head + size) % recorder->room;
	return record;
}

static bool is_empty(const struct port_recorder *recorder)
{
	return left(recorder) == recorder->room;
}

static void freeze(struct port_recorder *recorder)
{
	recorder->triggered = false;
	if (is_empty(recorder)) { /* asked for twice: there is nothing to write */
		recorder->faults--;
		return;
	}
	recorder->part = recorder->put;
	atomic_store_explicit(&recorder->frozen, true, memory_order_release);
	sem_post(&recorder->work);
}

static bool put(struct port_recorder *recorder, struct record head, const void *bytes)
{
	struct record *record;

	head.size = (uint32_t)((sizeof(head) + head.length + sizeof(head) - 1) / sizeof(head) *
			       sizeof(head));
	record = make_room(recorder, head.size);
	if (!record)
		return false;
	*record = head;
	memcpy(record + 1, bytes, head.length);
	recorder->since += head.size;
	return true;
}

/* Where something is missing it is said. */
static bool put_gap(struct port_recorder *recorder, ecr_time at)
{
	struct record head = { .at = at, .length = sizeof(struct gap), .kind = KIND_GAP };

	if (!recorder->gap.frames && !recorder->gap.events)
		return true;
	if (!put(recorder, head, &recorder->gap))
		return false;
	recorder->gap = (struct gap){ 0 };
	return true;
}

static void look_whether_over(struct port_recorder *recorder, ecr_time now)
{
	if (recorder->triggered && !is_frozen(recorder) &&
	    (now >= recorder->until || recorder->since > recorder->room / 2))
		freeze(recorder);
}

static void keep(struct port_recorder *recorder, struct record head, const void *bytes)
{
	if (!put_gap(recorder, head.at) || !put(recorder, head, bytes)) {
		recorder->missed += head.kind != KIND_EVENT;
		recorder->gap.frames += head.kind != KIND_EVENT;
		recorder->gap.events += head.kind == KIND_EVENT;
	}
	look_whether_over(recorder, head.at);
}

void port_recorder_frame(struct port_recorder *recorder, ecr_time at, unsigned int port,
			 unsigned int from, bool sent, const uint8_t *frame, size_t length)
{
	struct record head = { .at = at,
			       .length =
				       (uint16_t)(length < ECR_FRAME_MAX ? length : ECR_FRAME_MAX),
			       .kind = sent ? KIND_SENT : KIND_RECEIVED,
			       .ports = (uint8_t)(port | from << 4) };

	recorder->frames++;
	keep(recorder, head, frame);
}

static bool is_starting(enum ecr_state state)
{
	return state == ECR_STATE_DISCOVERING || state == ECR_STATE_AWAITING_PREOP;
}

/* It is tried again and again: once is enough. Later on its fault has begun before that. */
static bool fails_first(struct port_recorder *recorder, const struct ecr_event *event)
{
	uint64_t bit;
	uint64_t *word;

	if (!is_starting(recorder->state) || event->slave < 0)
		return false;
	word = &recorder->failed_once[event->slave / 64];
	bit = (uint64_t)1 << event->slave % 64;
	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

/* A stop in the middle of a start has no error. */
static bool state_begins_fault(const struct ecr_event *event)
{
	return event->to == ECR_STATE_RECOVERING || event->to == ECR_STATE_ACTIVATION_BLOCKED ||
	       (event->to == ECR_STATE_IDLE && event->error &&
		is_starting((enum ecr_state)event->from));
}

static bool begins_fault(struct port_recorder *recorder, const struct ecr_event *event)
{
	switch (event->kind) {
	case ECR_EVENT_DOMAIN_DEGRADED:
	case ECR_EVENT_DOMAIN_STOPPED:
	case ECR_EVENT_BUS_LINK_DOWN:
		return true;
	case ECR_EVENT_BUS_TOPOLOGY:
		return event->to && event->expected == UINT32_MAX; /* the break itself */
	case ECR_EVENT_SLAVE_FAULT_CHANGED:
		return event->from == ECR_FAULT_NONE;
	case ECR_EVENT_SLAVE_STARTUP_RETRY:
		return fails_first(recorder, event);
	case ECR_EVENT_STATE_CHANGED:
		return state_begins_fault(event);
	case ECR_EVENT_DC_LOCK_CHANGED: /* otherwise it was left */
		return event->from == ECR_DC_LOCKED && event->to != ECR_DC_INACTIVE;
	case ECR_EVENT_DC_RUNTIME_CHANGED:
		return !event->to;
	default:
		return false;
	}
}

/* Several in each cycle, or of the library's own work. */
static bool is_noise(const struct ecr_event *event)
{
	return event->kind == ECR_EVENT_DOMAIN_CYCLE_DONE ||
	       event->kind == ECR_EVENT_REQUEST_COMPLETED ||
	       event->kind == ECR_EVENT_MEMORY_NEEDED ||
	       (ECR_EVENTS_DETAILED & ECR_EVENT_BIT(event->kind));
}

int port_recorder_trigger(struct port_recorder *recorder, ecr_time at)
{
	if (!recorder->triggered) {
		recorder->triggered = true;
		recorder->since = 0;
		recorder->faults++;
		recorder->until = at + recorder->after;
	}
	return atomic_load(&recorder->failed) ? ECR_ERR_SYSTEM : 0;
}

void port_recorder_event(struct port_recorder *recorder, ecr_time at, const struct ecr_event *event)
{
	struct record head = { .at = at, .length = sizeof(*event), .kind = KIND_EVENT };

	if (is_noise(event))
		return;
	if (begins_fault(recorder, event))
		port_recorder_trigger(recorder, at);
	if (event->kind == ECR_EVENT_STATE_CHANGED)
		recorder->state = (enum ecr_state)event->to;
	keep(recorder, head, event);
}

void port_recorder_tick(struct port_recorder *recorder, ecr_time now)
{
	look_whether_over(recorder, now);
}

static const char *slave_name(const struct ecr_config *config, int number)
{
	for (int i = 0; config->slaves && config->slaves[i].name; i++)
		if (i == number)
			return config->slaves[i].name;
	return NULL;
}

/* Events that no frame has followed in time stand alone. */
static bool remark(struct port_recorder *recorder, ecr_time offset)
{
	return !recorder->file->pcapng.comment_bytes ||
	       port_pcapng_remark(&recorder->file->pcapng, recorder->pending_at + offset);
}

static bool comment(struct port_recorder *recorder, const char *text, ecr_time at, ecr_time offset)
{
	if (!recorder->file->pcapng.comment_bytes)
		recorder->pending_at = at;
	if (port_pcapng_comment(&recorder->file->pcapng, text))
		return true;
	if (!remark(recorder, offset))
		return false;
	recorder->pending_at = at;
	return port_pcapng_comment(&recorder->file->pcapng, text);
}

static void put_event(const struct ecr_config *config, const struct ecr_event *event, char *text,
		      size_t size)
{
	const char *slave = slave_name(config, event->slave);
	char whose[80] = "";
	char change[120];

	if (slave)
		snprintf(whose, sizeof(whose), " of %.48s", slave);
	else if (event->slave >= 0)
		snprintf(whose, sizeof(whose), " of slave %d", event->slave);
	else if (event->domain >= 0 && config->domains)
		snprintf(whose, sizeof(whose), " of domain %.48s",
			 config->domains[event->domain].id);
	ecr_event_text(event, change, sizeof(change));
	snprintf(text, size, "%s%s%s%s", ecr_event_name(event->kind), whose, change[0] ? ": " : "",
		 change);
}

static bool write_words(struct port_recorder *recorder, const struct record *record,
			ecr_time offset)
{
	struct ecr_event event;
	struct gap gap;
	char text[320];

	if (record->kind == KIND_EVENT) {
		memcpy(&event, record + 1, sizeof(event));
		put_event(recorder->config, &event, text, sizeof(text));
	} else {
		memcpy(&gap, record + 1, sizeof(gap));
		snprintf(text, sizeof(text),
			 "%llu frames and %llu events found no room before this, while a fault was "
			 "written",
			 (unsigned long long)gap.frames, (unsigned long long)gap.events);
	}
	return comment(recorder, text, record->at, offset);
}

static bool write_record(struct port_recorder *recorder, const struct record *record,
			 ecr_time offset)
{
	if (record->kind == KIND_SKIP)
		return true;
	if (record->at - recorder->pending_at > FOLLOWS_NS && !remark(recorder, offset))
		return false;
	if (record->kind == KIND_EVENT || record->kind == KIND_GAP)
		return write_words(recorder, record, offset);
	return port_pcapng_frame(&recorder->file->pcapng, record->ports & 15, record->ports >> 4,
				 record->kind == KIND_SENT, record->at + offset,
				 (const uint8_t *)(record + 1), record->length);
}

/* What is said of the file stands at the first frame. */
static ecr_time first_at(const struct port_recorder *recorder)
{
	const struct record *record = record_at(recorder, recorder->tail);

	return record->kind == KIND_SKIP ? record_at(recorder, 0)->at : record->at;
}

/* Events stand as comments at the frame that followed them, if one did. */
static void write_part(struct port_recorder *recorder)
{
	ecr_time offset = port_stamp_offset(CLOCK_REALTIME);
	bool good = port_record_file_begin(recorder->file);

	recorder->pending_at = first_at(recorder);
	while (atomic_load_explicit(&recorder->taken, memory_order_relaxed) != recorder->part) {
		good = good && write_record(recorder, record_at(recorder, recorder->tail), offset);
		drop_oldest(recorder);
	}
	good = good && remark(recorder, offset);
	if (port_record_file_end(recorder->file, good)) {
		atomic_fetch_add(&recorder->written, 1);
		atomic_store(&recorder->failed, 0);
	} else {
		atomic_store(&recorder->failed, errno ? errno : EIO);
	}
	atomic_store(&recorder->left_out, recorder->file->left_out);
}

static void *write_files(void *argument)
{
	struct port_recorder *recorder = argument;

	while (!atomic_load(&recorder->quit) || is_frozen(recorder)) {
		while (sem_wait(&recorder->work) && errno == EINTR)
			;
		if (!is_frozen(recorder))
			continue;
		write_part(recorder);
		atomic_store_explicit(&recorder->frozen, false, memory_order_release);
	}
	if (!recorder->triggered || is_empty(recorder))
		return NULL;
	recorder->part = recorder->put; /* of a fault that had not ended, and its owner has */
	write_part(recorder);
	return NULL;
}

static int refuse(struct port_recorder *recorder, int error, char *text, size_t size)
{
	snprintf(text, size, "record %s: %s", recorder->config->record.path, strerror(errno));
	port_record_file_close(recorder->file);
	free(recorder->bytes);
	free(recorder);
	return error;
}

int port_recorder_open(const struct ecr_config *config, struct port_record_file *file,
		       struct port_recorder **recorder, char *text, size_t size)
{
	const struct ecr_record_config *wanted = &config->record;
	size_t bytes = wanted->bytes ? wanted->bytes : DEFAULT_BYTES;
	struct port_recorder *made;

	*recorder = NULL;
	if (!wanted->path)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made)
		return ECR_ERR_NO_MEMORY;
	made->config = config;
	made->file = file;
	made->room = bytes & ~(sizeof(struct record) - 1);
	made->after = ECR_MS(wanted->after_ms ? wanted->after_ms : DEFAULT_AFTER_MS);
	made->bytes = aligned_alloc(sizeof(struct record), made->room);
	if (!made->bytes)
		return refuse(made, ECR_ERR_NO_MEMORY, text, size);
	memset(made->bytes, 0, made->room); /* no page is new while frames pass */
	if (!port_record_file_open(file, config))
		return refuse(made, ECR_ERR_SYSTEM, text, size);
	atomic_init(&made->left_out, file->left_out);
	sem_init(&made->work, 0, 0);
	errno = port_thread_start(&made->writer, 0, write_files, made);
	if (errno)
		return refuse(made, ECR_ERR_SYSTEM, text, size);
	*recorder = made;
	return 0;
}

int port_recorder_close(struct port_recorder *recorder)
{
	int failed;

	if (!recorder)
		return 0;
	atomic_store(&recorder->quit, true);
	sem_post(&recorder->work);
	pthread_join(recorder->writer, NULL);
	failed = atomic_load(&recorder->failed);
	sem_destroy(&recorder->work);
	port_record_file_close(recorder->file);
	free(recorder->bytes);
	free(recorder);
	return failed;
}

void port_recorder_info(struct port_recorder *recorder, struct ecr_record_info *info)
{
	*info = (struct ecr_record_info){ .frames = recorder->frames,
					  .missed = recorder->missed,
					  .faults = recorder->faults,
					  .written = atomic_load(&recorder->written),
					  .left_out = atomic_load(&recorder->left_out),
					  .system_error = atomic_load(&recorder->failed) };
}
