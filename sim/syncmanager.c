/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/syncmanager.h"

#include "sim/quick.h"
#include "sim/watchdog.h"

#include <string.h>

/* The part of an access that falls into one SyncManager. */
struct part {
	int sm;
	uint32_t start;
	uint32_t end; /* behind the last byte */
	bool first;   /* holds the SyncManager's first byte, */
	bool last;    /* and its last one */
};

static void set_open(struct sim_esc *esc, int sm, bool open)
{
	unsigned int bit = 1u << sm;

	esc->face->sm_open =
		(uint16_t)(open ? esc->face->sm_open | bit : esc->face->sm_open & ~bit);
}

void sim_sm_decode(struct sim_esc *esc)
{
	sim_quick_drop(esc);
	for (unsigned int i = 0; i < esc->device.sms; i++) {
		bool was = ecr_sm_enabled(&esc->sms[i]);

		ecr_sm_decode(esc->memory + ECR_REG_SM(i), &esc->sms[i]);
		if (was == ecr_sm_enabled(&esc->sms[i]))
			continue;
		set_open(esc, (int)i, false);
		esc->memory[ECR_REG_SM_STATUS(i)] =
			ecr_sm_is_mailbox(&esc->sms[i]) ? 0 : ECR_SM_STATUS_BUFFER_MASK;
		sim_esc_events(esc, 0, (uint16_t)(i < 8 ? ECR_IRQ_SM(i) : 0));
	}
	sim_quick_find(esc);
}

/* The next SyncManager that the access touches; false after the last. Start with sm = -1. */
static bool next_part(const struct sim_esc *esc, uint32_t address, uint32_t end, struct part *part)
{
	for (int i = part->sm + 1; i < esc->device.sms; i++) {
		const struct ecr_sm *sm = &esc->sms[i];
		uint32_t sm_end = (uint32_t)sm->start + sm->length;

		if (!ecr_sm_enabled(sm) || address >= sm_end || end <= sm->start)
			continue;
		part->sm = i;
		part->start = address > sm->start ? address : sm->start;
		part->end = end < sm_end ? end : sm_end;
		part->first = part->start == sm->start;
		part->last = part->end == sm_end;
		return true;
	}
	return false;
}

static bool refused(const struct sim_esc *esc, const struct part *part, bool write)
{
	const struct ecr_sm *sm = &esc->sms[part->sm];

	if (ecr_sm_master_writes(sm) != write ||
	    (!part->first && !(esc->face->sm_open >> part->sm & 1)))
		return true;
	return ecr_sm_is_mailbox(sm) && part->first && sim_sm_full(esc, part->sm) == write;
}

static bool any_refused(const struct sim_esc *esc, uint32_t address, uint32_t end, bool write)
{
	struct part part = { .sm = -1 };

	while (next_part(esc, address, end, &part))
		if (refused(esc, &part, write))
			return true;
	return false;
}

/* What a master sets over registers, or beyond the memory, guards nothing that could be buffered. */
static bool is_buffered(const struct ecr_sm *sm)
{
	return sm->start >= ECR_RAM_START && (uint32_t)sm->start + sm->length <= SIM_MEMORY;
}

static uint8_t *shadow(struct sim_esc *esc, uint32_t address)
{
	return esc->shadow + (address - ECR_RAM_START);
}

/* The last byte has been written: the buffer is the other side's. */
static void written(struct sim_esc *esc, ecr_time now, int number)
{
	const struct ecr_sm *sm = &esc->sms[number];
	uint8_t *status = sim_quick_status(esc, number);

	set_open(esc, number, false);
	sim_esc_tell(esc, number);
	*status |= ECR_SM_STATUS_WRITE_IRQ;
	if (ecr_sm_is_mailbox(sm)) {
		*status |= ECR_SM_STATUS_FULL;
		sim_esc_wake(esc, now);
		return;
	}
	*status = sim_sm_next_buffer(*status);
	esc->face->output_writes++;
	sim_sync_fed(esc, now);
	if ((sm->control & ECR_SM_CONTROL_WATCHDOG) && esc->face->op)
		sim_watchdog_kick(esc, now);
}

static void write_part(struct sim_esc *esc, ecr_time now, const struct part *part,
		       const uint8_t *data)
{
	const struct ecr_sm *sm = &esc->sms[part->sm];
	uint32_t length = part->end - part->start;

	if ((part->first && part->last) || !is_buffered(sm)) {
		memcpy(esc->memory + part->start, data, length);
	} else {
		memcpy(shadow(esc, part->start), data, length);
		if (part->last)
			memcpy(esc->memory + sm->start, shadow(esc, sm->start), sm->length);
	}
	set_open(esc, part->sm, true);
	*sim_quick_status(esc, part->sm) &= (uint8_t)~ECR_SM_STATUS_READ_IRQ;
	if (part->last)
		written(esc, now, part->sm);
}

bool sim_sm_write(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
		  const uint8_t *data)
{
	uint32_t end = (uint32_t)address + length;
	struct part part = { .sm = -1 };
	bool whole = false;

	if (any_refused(esc, address, end, true))
		return false;
	while (next_part(esc, address, end, &part)) {
		write_part(esc, now, &part, data + (part.start - address));
		whole = whole || (part.start == address && part.end == end);
	}
	if (whole)
		return true;
	/* Bytes that no SyncManager guards are plain memory. */
	for (uint32_t at = address; at < end; at++) {
		part = (struct part){ .sm = -1 };
		if (!next_part(esc, at, at + 1, &part))
			esc->memory[at] = data[at - address];
	}
	return true;
}

static const uint8_t *open_for_reading(struct sim_esc *esc, const struct part *part)
{
	const struct ecr_sm *sm = &esc->sms[part->sm];

	if ((part->first && part->last) || !is_buffered(sm))
		return esc->memory + part->start;
	if (part->first)
		memcpy(shadow(esc, sm->start), esc->memory + sm->start, sm->length);
	return shadow(esc, part->start);
}

static void merge_bytes(uint8_t *to, const uint8_t *from, uint32_t length, bool merge)
{
	if (!merge) {
		memcpy(to, from, length);
		return;
	}
	for (uint32_t i = 0; i < length; i++)
		to[i] |= from[i];
}

bool sim_sm_read(struct sim_esc *esc, uint16_t address, uint16_t length, uint8_t *data, bool merge)
{
	uint32_t end = (uint32_t)address + length;
	uint32_t at = address;
	struct part part = { .sm = -1 };
	uint8_t *status;

	if (any_refused(esc, address, end, false))
		return false;
	if (address < ECR_RAM_START)
		sim_quick_show(esc);
	while (next_part(esc, address, end, &part)) {
		const uint8_t *from = open_for_reading(esc, &part);

		if (part.start > at)
			merge_bytes(data + (at - address), esc->memory + at, part.start - at,
				    merge);
		merge_bytes(data + (part.start - address), from, part.end - part.start, merge);
		at = part.end > at ? part.end : at;
		set_open(esc, part.sm, !part.last);
		status = sim_quick_status(esc, part.sm);
		*status &= (uint8_t)~ECR_SM_STATUS_WRITE_IRQ;
		if (!part.last)
			continue;
		*status |= ECR_SM_STATUS_READ_IRQ;
		if (part.sm < 8)
			sim_esc_events(esc, 0, ECR_IRQ_SM(part.sm));
		if (ecr_sm_is_mailbox(&esc->sms[part.sm])) {
			*status &= (uint8_t)~ECR_SM_STATUS_FULL;
			sim_esc_tell(esc, part.sm);
			sim_esc_wake(esc, 0);
		}
	}
	if (at < end)
		merge_bytes(data + (at - address), esc->memory + at, end - at, merge);
	return true;
}

bool sim_sm_full(const struct sim_esc *esc, int sm)
{
	return esc->memory[ECR_REG_SM_STATUS(sm)] & ECR_SM_STATUS_FULL;
}

static void tell_master(struct sim_esc *esc, int sm)
{
	if (sm < 8 && (esc->sms[sm].control & ECR_SM_CONTROL_IRQ))
		sim_esc_events(esc, ECR_IRQ_SM(sm), 0);
}

void sim_sm_take(struct sim_esc *esc, int sm)
{
	uint8_t *status = sim_quick_status(esc, sm);

	*status &= (uint8_t) ~(ECR_SM_STATUS_FULL | ECR_SM_STATUS_WRITE_IRQ);
	*status |= ECR_SM_STATUS_READ_IRQ;
	tell_master(esc, sm);
}

void sim_sm_give(struct sim_esc *esc, int sm)
{
	uint8_t *status = sim_quick_status(esc, sm);

	if (ecr_sm_is_mailbox(&esc->sms[sm]))
		*status |= ECR_SM_STATUS_FULL;
	else
		*status = sim_sm_next_buffer(*status);
	*status &= (uint8_t)~ECR_SM_STATUS_READ_IRQ;
	*status |= ECR_SM_STATUS_WRITE_IRQ;
	tell_master(esc, sm);
}
