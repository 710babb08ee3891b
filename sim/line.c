/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/line.h"

#include "sim/faults.h"
#include "wire/ethernet.h"

#include <string.h>

void sim_line_init(struct sim_line *line, struct ecr_sim *sim)
{
	memset(line, 0, sizeof(*line));
	line->sim = sim;
	line->free_at[0] = line->free_at[1] = INT64_MIN;
}

static void keep(struct sim_line *line, unsigned int from, unsigned int port, const uint8_t *frame,
		 size_t length, ecr_time at)
{
	struct sim_line_frame *slot = &line->frames[line->count];

	if (line->count == SIM_LINE_FRAMES) {
		line->overflows++;
		return;
	}
	line->count++;
	slot->at = at;
	slot->port = port;
	slot->from = from;
	slot->order = line->order++;
	slot->length = length;
	memcpy(slot->bytes, frame, length);
}

/* When a frame that is handed over now is on the wire. */
static ecr_time later(struct sim_line *line, ecr_time now, unsigned int port)
{
	if (line->jitter_ns)
		now += ecr_prng_below(&line->prng, line->jitter_ns + 1);
	return now > line->free_at[port] ? now : line->free_at[port];
}

void sim_line_send(struct sim_line *line, ecr_time now, unsigned int port, const uint8_t *frame,
		   size_t length, enum sim_line_fate fate, ecr_time late)
{
	ecr_time start = later(line, now, port);
	ecr_time wire = (ecr_time)ecr_wire_time_ns(length + ECR_ETHERNET_HEADER_SIZE);
	uint8_t bytes[SIM_LINE_FRAME_SIZE];
	ecr_time delayed;
	ecr_time back;
	int exit;

	if (length > sizeof(bytes))
		return;
	line->last_start = start;
	line->free_at[port] = start + wire;
	if (fate == SIM_LINE_LOST)
		return;
	memcpy(bytes, frame, length);
	exit = ecr_sim_pass(line->sim, start, port, bytes, length);
	if (exit < 0 || fate == SIM_LINE_LOST_BACK)
		return;
	back = start + wire + line->sim->took + late + line->late_at[exit];
	length = sim_faults_reply(line->sim, bytes, length, &delayed);
	if (!length)
		return;
	keep(line, port, (unsigned int)exit, bytes, length, back + delayed);
	if (fate == SIM_LINE_DUPLICATED)
		keep(line, port, (unsigned int)exit, bytes, length, back + delayed + wire);
}

static int earliest(const struct sim_line *line)
{
	int best = -1;

	for (int i = 0; i < line->count; i++)
		if (best < 0 || line->frames[i].at < line->frames[best].at ||
		    (line->frames[i].at == line->frames[best].at &&
		     line->frames[i].order < line->frames[best].order))
			best = i;
	return best;
}

size_t sim_line_receive(struct sim_line *line, ecr_time now, uint8_t *frame, size_t size,
			unsigned int *port, ecr_time *at)
{
	int number = earliest(line);
	size_t length;

	if (number < 0 || line->frames[number].at > now)
		return 0;
	length = line->frames[number].length < size ? line->frames[number].length : size;
	memcpy(frame, line->frames[number].bytes, length);
	*at = line->frames[number].at;
	*port = line->frames[number].port;
	line->received_from = line->frames[number].from;
	line->frames[number] = line->frames[--line->count];
	return length;
}

ecr_time sim_line_next(const struct sim_line *line)
{
	int number = earliest(line);

	return number < 0 ? ECR_NEVER : line->frames[number].at;
}
