/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block is a circle of records of any length; a new one pushes the oldest out. It belongs to the owner of
 * the core until it is frozen, then to the writer until that has written it: no record is ever copied
 * while frames pass, and nothing is allocated.
 */
#define _POSIX_C_SOURCE 200809L
#include "port/recorder.h"

#include "port/clock.h"
#include "port/pcapng.h"
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
#define MOST_FAULTS 16u /* written into one file */
#define SLAVES (INT16_MAX + 1)
#define FOLLOWS_NS ECR_MS(10) /* an event belongs to a frame no later than that */

enum kind { KIND_SKIP, KIND_SENT, KIND_RECEIVED, KIND_EVENT };

/* Each at a multiple of its own size. */
struct record {
	ecr_time at;
	uint32_t size; /* with this head and padding */
	uint16_t length;
	uint8_t kind;
	uint8_t ports; /* arrived at or sent on, and four bits higher where it came from */
};

struct port_recorder {
	const struct ecr_config *config;
	uint8_t *bytes;
	size_t room;
	size_t head; /* where the next record goes */
	size_t tail; /* the oldest */
	size_t used;
	size_t since; /* bytes recorded since the fault began */
	bool triggered;
	ecr_time until;
	ecr_time after;
	uint64_t frames;
	uint64_t missed;
	uint32_t faults;
	enum ecr_state state;
	uint64_t failed_once[SLAVES / 64]; /* a bit for each slave that has failed in this start */
	atomic_bool frozen;
	atomic_uint written;
	atomic_int failed; /* errno */
	atomic_bool quit;
	sem_t work;
	pthread_t writer;
	struct port_pcapng pcapng;
	ecr_time pending_at; /* when the first of the comments to come happened */
};

static struct record *record_at(const struct port_recorder *recorder, size_t at)
{
	return (struct record *)(void *)(recorder->bytes + at);
}

static void drop_oldest(struct port_recorder *recorder)
{
	size_t size = record_at(recorder, recorder->tail)->size;

	recorder->used -= size;
	recorder->tail = (recorder->tail + size) % recorder->room;
}

/* Where a record of that size fits in one piece; the rest of the block is skipped when it does not. */
static struct record *make_room(struct port_recorder *recorder, size_t size)
{
	size_t rest = recorder->room - recorder->head;
	struct record *record;

	while (recorder->room - recorder->used < size + (rest < size ? rest : 0))
		drop_oldest(recorder);
	if (rest < size) {
		*record_at(recorder, recorder->head) =
			(struct record){ .size = (uint32_t)rest, .kind = KIND_SKIP };
		recorder->used += rest;
		recorder->head = 0;
	}
	record = record_at(recorder, recorder->head);
	recorder->used += size;
	recorder->head = (recorder->head + size) % recorder->room;
	return record;
}

static void freeze(struct port_recorder *recorder)
{
	recorder->triggered = false;
	atomic_store_explicit(&recorder->frozen, true, memory_order_release);
	sem_post(&recorder->work);
}

static void keep(struct port_recorder *recorder, struct record head, const void *bytes)
{
	struct record *record;

	if (atomic_load_explicit(&recorder->frozen, memory_order_acquire)) {
		recorder->missed += head.kind != KIND_EVENT;
		return;
	}
	head.size = (uint32_t)((sizeof(head) + head.length + sizeof(head) - 1) / sizeof(head) *
			       sizeof(head));
	record = make_room(recorder, head.size);
	*record = head;
	memcpy(record + 1, bytes, head.length);
	if (!recorder->triggered)
		return;
	recorder->since += head.size;
	if (head.at >= recorder->until || recorder->since > recorder->room / 2)
		freeze(recorder);
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

void port_recorder_trigger(struct port_recorder *recorder, ecr_time at)
{
	if (recorder->triggered || atomic_load_explicit(&recorder->frozen, memory_order_acquire) ||
	    recorder->faults == MOST_FAULTS)
		return;
	recorder->triggered = true;
	recorder->since = 0;
	recorder->faults++;
	recorder->until = at + recorder->after;
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
	if (recorder->triggered && now >= recorder->until)
		freeze(recorder);
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
	return !recorder->pcapng.comment_bytes ||
	       port_pcapng_remark(&recorder->pcapng, recorder->pending_at + offset);
}

static bool comment(struct port_recorder *recorder, const struct ecr_event *event, ecr_time at,
		    ecr_time offset)
{
	const struct ecr_config *config = recorder->config;
	const char *slave = slave_name(config, event->slave);
	char whose[80] = "";
	char change[120];
	char text[320];

	if (slave)
		snprintf(whose, sizeof(whose), " of %.48s", slave);
	else if (event->slave >= 0)
		snprintf(whose, sizeof(whose), " of slave %d", event->slave);
	else if (event->domain >= 0 && config->domains)
		snprintf(whose, sizeof(whose), " of domain %.48s",
			 config->domains[event->domain].id);
	ecr_event_text(event, change, sizeof(change));
	snprintf(text, sizeof(text), "%s%s%s%s", ecr_event_name(event->kind), whose,
		 change[0] ? ": " : "", change);
	if (!recorder->pcapng.comment_bytes)
		recorder->pending_at = at;
	if (port_pcapng_comment(&recorder->pcapng, text))
		return true;
	if (!remark(recorder, offset))
		return false;
	recorder->pending_at = at;
	return port_pcapng_comment(&recorder->pcapng, text);
}

static bool write_record(struct port_recorder *recorder, const struct record *record,
			 ecr_time offset)
{
	struct ecr_event event;

	if (record->kind == KIND_SKIP)
		return true;
	if (record->at - recorder->pending_at > FOLLOWS_NS && !remark(recorder, offset))
		return false;
	if (record->kind == KIND_EVENT) {
		memcpy(&event, record + 1, sizeof(event));
		return comment(recorder, &event, record->at, offset);
	}
	return port_pcapng_frame(&recorder->pcapng, record->ports & 15, record->ports >> 4,
				 record->kind == KIND_SENT, record->at + offset,
				 (const uint8_t *)(record + 1), record->length);
}

/* Events stand as comments at the frame that followed them, if one did. */
static void write_all(struct port_recorder *recorder)
{
	ecr_time offset = port_stamp_offset(CLOCK_REALTIME);
	bool good = true;

	while (recorder->used) {
		good = good && write_record(recorder, record_at(recorder, recorder->tail), offset);
		drop_oldest(recorder);
	}
	good = good && remark(recorder, offset);
	if (!good || fflush(recorder->pcapng.file))
		atomic_store(&recorder->failed, errno ? errno : EIO);
	else
		atomic_fetch_add(&recorder->written, 1);
}

static void *write_files(void *argument)
{
	struct port_recorder *recorder = argument;

	while (!atomic_load(&recorder->quit) || atomic_load(&recorder->frozen)) {
		while (sem_wait(&recorder->work) && errno == EINTR)
			;
		if (!atomic_load_explicit(&recorder->frozen, memory_order_acquire))
			continue;
		write_all(recorder);
		atomic_store_explicit(&recorder->frozen, false, memory_order_release);
	}
	return NULL;
}

static int refuse(struct port_recorder *recorder, int error, char *text, size_t size)
{
	snprintf(text, size, "record %s: %s", recorder->config->record.path, strerror(errno));
	if (recorder->pcapng.file)
		fclose(recorder->pcapng.file);
	free(recorder->bytes);
	free(recorder);
	return error;
}

int port_recorder_open(const struct ecr_config *config, struct port_recorder **recorder, char *text,
		       size_t size)
{
	const struct ecr_record_config *wanted = &config->record;
	const char *interfaces[] = { config->interface ? config->interface : "simulator",
				     config->backup_interface };
	size_t bytes = wanted->bytes ? wanted->bytes : DEFAULT_BYTES;
	struct port_recorder *made;

	*recorder = NULL;
	if (!wanted->path)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made)
		return ECR_ERR_NO_MEMORY;
	made->config = config;
	made->room = bytes & ~(sizeof(struct record) - 1);
	made->after = ECR_MS(wanted->after_ms ? wanted->after_ms : DEFAULT_AFTER_MS);
	made->bytes = aligned_alloc(sizeof(struct record), made->room);
	if (!made->bytes)
		return refuse(made, ECR_ERR_NO_MEMORY, text, size);
	memset(made->bytes, 0, made->room); /* no page is new while frames pass */
	made->pcapng.file = fopen(wanted->path, "wb");
	if (!made->pcapng.file || !port_pcapng_begin(&made->pcapng, made->pcapng.file, interfaces,
						     config->backup_interface ? 2 : 1))
		return refuse(made, ECR_ERR_SYSTEM, text, size);
	sem_init(&made->work, 0, 0);
	errno = port_thread_start(&made->writer, 0, write_files, made);
	if (errno)
		return refuse(made, ECR_ERR_SYSTEM, text, size);
	*recorder = made;
	return 0;
}

void port_recorder_close(struct port_recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->triggered)
		freeze(recorder);
	atomic_store(&recorder->quit, true);
	sem_post(&recorder->work);
	pthread_join(recorder->writer, NULL);
	sem_destroy(&recorder->work);
	fclose(recorder->pcapng.file);
	free(recorder->bytes);
	free(recorder);
}

void port_recorder_info(struct port_recorder *recorder, struct ecr_record_info *info)
{
	*info = (struct ecr_record_info){ .frames = recorder->frames,
					  .missed = recorder->missed,
					  .faults = recorder->faults,
					  .written = atomic_load(&recorder->written),
					  .system_error = atomic_load(&recorder->failed) };
}
