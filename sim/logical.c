/* SPDX-License-Identifier: Apache-2.0 */
/* Here a large ring spends its time. Of a slave that takes the quick way (quick.h) a frame touches the
 * face and the bytes of process data; the slave itself is looked at for what happens rarely. */
#include "sim/logical.h"

#include "sim/fmmu.h"
#include "sim/syncmanager.h"
#include "sim/watchdog.h"

#include <string.h>

#define FETCH_AHEAD 8

struct passing {
	struct sim_news *news;
	ecr_time now;
	uint32_t low;
	uint32_t high;
	uint8_t *data;
	bool writes;
	bool reads;
	uint16_t for_writing; /* what a slave that was written adds to the working counter */
};

/* The bytes of slaves to come are fetched while others are served; a hint, and no more. */
static inline void fetch(const struct sim_face *face)
{
#ifdef __GNUC__
	for (unsigned int i = 0; i < face->quick_count; i++)
		__builtin_prefetch(face->quick[i].data, 1);
#else
	(void)face;
#endif
}

/* Of a byte mostly: then a call would cost more than the copy. */
static inline void copy(uint8_t *to, const uint8_t *from, uint16_t length)
{
	if (length == 1)
		*to = *from;
	else
		memcpy(to, from, length);
}

static void tell(struct sim_esc *esc, unsigned int sms)
{
	for (int sm = 0; sms >> sm; sm++)
		if (sms >> sm & 1)
			sim_esc_tell(esc, sm);
}

static inline void write(struct sim_esc *esc, struct sim_face *face, const struct passing *passing,
			 const uint8_t *data)
{
	struct sim_quick *end = face->quick + face->quick_writes;

	for (struct sim_quick *quick = face->quick; quick < end; quick++) {
		copy(quick->data, data + quick->offset, quick->length);
		quick->status = sim_sm_written(quick->status);
	}
	face->output_writes += face->quick_writes;
	if (face->written_sms & ~face->told)
		tell(esc, face->written_sms & ~(unsigned int)face->told);
	if (face->sm_open)
		face->sm_open &= (uint16_t)~face->written_sms;
	if (face->quick_kicks && face->op)
		sim_watchdog_restart(esc, face, passing->news, passing->now);
}

static inline void read(struct sim_esc *esc, struct sim_face *face, uint8_t *data)
{
	struct sim_quick *end = face->quick + face->quick_count;
	unsigned int events = face->events & ECR_IRQ_SM(0) * (face->read_sms & 0xFFu);

	for (struct sim_quick *quick = face->quick + face->quick_writes; quick < end; quick++) {
		copy(data + quick->offset, quick->data, quick->length);
		quick->status = sim_sm_read_out(quick->status);
	}
	if (face->sm_open)
		face->sm_open &= (uint16_t)~face->read_sms;
	if (events)
		sim_esc_events(esc, 0, (uint16_t)events);
}

static inline uint16_t pass_quickly(struct sim_esc *esc, struct sim_face *face,
				    const struct passing *passing)
{
	uint8_t *data = passing->data + (face->logical_low - passing->low);
	uint16_t wkc = 0;

	if (passing->writes && face->quick_writes) {
		write(esc, face, passing, data);
		wkc = passing->for_writing;
	}
	if (passing->reads && face->quick_count > face->quick_writes) {
		read(esc, face, data);
		wkc++;
	}
	return wkc;
}

/* All the slave's process data are in the datagram, and nothing stands in their way. */
static inline bool is_quick(const struct sim_face *face, const struct passing *passing)
{
	return face->quick_count && face->logical_low >= passing->low &&
	       face->logical_high <= passing->high;
}

uint16_t sim_logical_pass(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			  int reach, const struct ecr_datagram *datagram)
{
	uint8_t command = datagram->command;
	struct passing passing = { .news = &sim->news,
				   .now = now,
				   .low = datagram->address,
				   .high = datagram->address + datagram->length,
				   .data = datagram->data,
				   .writes = command != ECR_CMD_LRD,
				   .reads = command != ECR_CMD_LWR,
				   .for_writing = command == ECR_CMD_LRW ? 2 : 1 };
	uint32_t sum = 0;

	for (int i = 0; i < reach; i++) {
		struct sim_face *face = &sim->faces[route->visits[i]];
		struct sim_esc *esc = &sim->slaves[route->visits[i]];
		int32_t wkc;

		if (passing.low >= face->logical_high || passing.high <= face->logical_low)
			continue;
		if (i + FETCH_AHEAD < reach)
			fetch(&sim->faces[route->visits[i + FETCH_AHEAD]]);
		wkc = is_quick(face, &passing)
			      ? pass_quickly(esc, face, &passing)
			      : sim_fmmu_access(esc, now, command, passing.low, datagram->length,
						passing.data, passing.data);
		if (wkc)
			wkc += face->logical_offset;
		sum += (uint32_t)(wkc < 0 ? 0 : wkc);
	}
	return (uint16_t)sum;
}
