/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/line.h"

#include "wire/ethernet.h"

#include <string.h>

#define FORWARD_NS 1000

void sim_line_init(struct sim_line *line, struct ecr_sim *sim)
{
	memset(line, 0, sizeof(*line));
	line->sim = sim;
	line->free_at = INT64_MIN;
}

static ecr_time ring_delay(const struct ecr_sim *sim)
{
	ecr_time delay = 0;

	for (int i = 0; i < sim->count; i++)
		delay += sim->slaves[i].device.forward_ns ? sim->slaves[i].device.forward_ns
							  : FORWARD_NS;
	return delay;
}

static void keep(struct sim_line *line, const uint8_t *frame, size_t length, ecr_time at)
{
	struct sim_line_frame *slot = &line->frames[line->count];

	if (line->count == SIM_LINE_FRAMES) {
		line->overflows++;
		return;
	}
	line->count++;
	slot->at = at;
	slot->order = line->order++;
	slot->length = length;
	memcpy(slot->bytes, frame, length);
}

void sim_line_send(struct sim_line *line, ecr_time now, const uint8_t *frame, size_t length,
		   enum sim_line_fate fate, ecr_time late)
{
	ecr_time start = now > line->free_at ? now : line->free_at;
	ecr_time wire = (ecr_time)ecr_wire_time_ns(length + ECR_ETHERNET_HEADER_SIZE);
	ecr_time back = start + wire + ring_delay(line->sim) + late;
	uint8_t bytes[SIM_LINE_FRAME_SIZE];

	if (length > sizeof(bytes))
		return;
	line->last_start = start;
	line->free_at = start + wire;
	if (fate == SIM_LINE_LOST)
		return;
	memcpy(bytes, frame, length);
	if (!ecr_sim_process(line->sim, start, bytes, length) || fate == SIM_LINE_LOST_BACK)
		return;
	length = sim_faults_reply(line->sim, bytes, length);
	keep(line, bytes, length, back);
	if (fate == SIM_LINE_DUPLICATED)
		keep(line, bytes, length, back + wire);
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
			ecr_time *at)
{
	int number = earliest(line);
	size_t length;

	if (number < 0 || line->frames[number].at > now)
		return 0;
	length = line->frames[number].length < size ? line->frames[number].length : size;
	memcpy(frame, line->frames[number].bytes, length);
	*at = line->frames[number].at;
	line->frames[number] = line->frames[--line->count];
	return length;
}

ecr_time sim_line_next(const struct sim_line *line)
{
	int number = earliest(line);

	return number < 0 ? ECR_NEVER : line->frames[number].at;
}
