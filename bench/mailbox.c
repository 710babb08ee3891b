/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects over the mailbox, in virtual time, so that every run says the same: how long an upload of
 * four bytes takes one slave and a hundred at once, against one round trip of a frame for each; and
 * the frames that a dictionary takes, against one for each question. The slaves answer at once.
 */
#include "bench/common/bench.h"
#include "core.h"
#include "sim/line.h"
#include "wire/frame.h"

#include <ecring/sim.h>

#include <stdio.h>
#include <stdlib.h>

#define SLAVES 100
#define SII_ROOM 2048
#define UPLOADS 50 /* of each slave */
#define BLOCKS 8
#define OBJECTS 4096

struct bed {
	struct ecr_sim *sim;
	struct sim_line line;
	struct ecr_core *core;
	void *core_memory;
	void *blocks[BLOCKS];
	struct ecr_request memory[BLOCKS];
	int block_count;
	ecr_time now;
	uint64_t frames;
	unsigned int open; /* requests that have not come back */
	ecr_time done_at;  /* when the last one did */
	char names[SLAVES][16];
};

static uint8_t images[SLAVES][SII_ROOM];

static void *take(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

static void drain(struct bed *bed)
{
	struct ecr_event event;

	while (ecr_core_event(bed->core, &event)) {
		struct ecr_request *request = &bed->memory[bed->block_count];

		if (event.kind == ECR_EVENT_REQUEST_COMPLETED) {
			struct ecr_request *done = event.request;

			bed->open -= done->context == bed;
			bed->done_at = bed->now;
		}
		if (event.kind != ECR_EVENT_MEMORY_NEEDED)
			continue;
		if (bed->block_count == BLOCKS)
			abort();
		bed->blocks[bed->block_count] = take(event.count);
		*request = (struct ecr_request){ .kind = ECR_REQUEST_MEMORY,
						 .memory = bed->blocks[bed->block_count++],
						 .size = event.count };
		ecr_core_submit(bed->core, bed->now, request);
	}
}

static void turn(struct bed *bed)
{
	uint8_t frame[SIM_LINE_FRAME_SIZE];
	struct ecr_rx_meta meta = { 0 };
	ecr_time wake;
	size_t length;

	while ((length = sim_line_receive(&bed->line, bed->now, frame, sizeof(frame), &meta.port,
					  &meta.at)))
		ecr_core_rx(bed->core, bed->now, frame, length, &meta);
	ecr_core_tick(bed->core, bed->now);
	drain(bed);
	while ((length = ecr_core_tx(bed->core, bed->now, 0, frame, ECR_FRAME_MAX))) {
		sim_line_send(&bed->line, bed->now, 0, frame, length, SIM_LINE_NORMAL, 0);
		bed->frames++;
	}
	wake = ecr_core_wake(bed->core);
	if (sim_line_next(&bed->line) < wake)
		wake = sim_line_next(&bed->line);
	if (wake > bed->now)
		bed->now = wake > bed->now + ECR_MS(1) ? bed->now + ECR_MS(1) : wake;
}

static void submit(struct bed *bed, struct ecr_request *request)
{
	request->context = bed;
	bed->open++;
	ecr_core_submit(bed->core, bed->now, request);
}

/* Until every request has come back, which this tells: false after a minute. */
static bool run(struct bed *bed)
{
	ecr_time end = bed->now + ECR_S(60);

	while (bed->open && bed->now < end)
		turn(bed);
	return !bed->open;
}

static bool open_bed(struct bed *bed, int slaves)
{
	static struct ecr_config config;
	static const struct ecr_limits limits = { .requests = SLAVES * UPLOADS };
	struct ecr_sim_device *devices = take(sizeof(*devices) * (size_t)slaves);
	struct ecr_request start = { .kind = ECR_REQUEST_START, .config = &config };
	struct ecr_request await = { .kind = ECR_REQUEST_AWAIT_RUNNING };
	size_t size;

	*bed = (struct bed){ .now = ECR_S(1) };
	config = (struct ecr_config){ .scan_poll_ms = 1, .scan_stable_ms = 5, .limits = limits };
	for (int i = 0; i < slaves; i++) {
		snprintf(bed->names[i], sizeof(bed->names[i]), "slave_%d", i);
		devices[i] = (struct ecr_sim_device){ .name = bed->names[i], .sii = images[i] };
		if (!ecr_sim_shipped("mailbox", &devices[i], images[i], SII_ROOM))
			abort();
	}
	size = ecr_sim_size(devices, slaves);
	bed->sim = ecr_sim_init(take(size), size, devices, slaves);
	free(devices);
	sim_line_init(&bed->line, bed->sim);
	bed->core_memory = take(ecr_core_size(&limits));
	bed->core = ecr_core_init(bed->core_memory, &limits);
	submit(bed, &start);
	submit(bed, &await);
	return run(bed) && !start.result && !await.result;
}

static void close_bed(struct bed *bed)
{
	for (int i = 0; i < bed->block_count; i++)
		free(bed->blocks[i]);
	free(bed->core_memory);
	free(bed->sim);
}

static double round_trip(struct bed *bed)
{
	uint8_t byte = 0;
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD, .length = 1, .data = &byte };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };
	ecr_time began = bed->now;

	submit(bed, &request);
	return run(bed) ? (double)(bed->done_at - began) : 0;
}

static void print(const char *bench, const char *name, const char *unit, double value, double floor,
		  const char *floor_name)
{
	struct bench_line line = {
		.bench = bench, .name = name, .unit = unit, .floor = floor, .floor_name = floor_name
	};

	line.value.median = line.value.low = line.value.high = value;
	line.ratio.median = line.ratio.low = line.ratio.high = value / floor;
	bench_print(&line);
}

static void measure_uploads(int slaves)
{
	static struct bed bed;
	static struct ecr_sdo sdos[SLAVES * UPLOADS];
	static struct ecr_request requests[SLAVES * UPLOADS];
	static uint8_t values[SLAVES * UPLOADS][4];
	int count = slaves * UPLOADS;
	char name[64];
	double trip;
	ecr_time began;

	if (!open_bed(&bed, slaves)) {
		bench_skip("mailbox", "the ring does not come to PREOP");
		return;
	}
	trip = round_trip(&bed);
	began = bed.now;
	for (int i = 0; i < count; i++) {
		sdos[i] = (struct ecr_sdo){
			.index = 0x1018, .subindex = 1, .data = values[i], .size = sizeof(values[i])
		};
		requests[i] = (struct ecr_request){ .kind = ECR_REQUEST_SDO,
						    .name = bed.names[i % slaves],
						    .out = &sdos[i] };
		submit(&bed, &requests[i]);
	}
	if (!run(&bed))
		abort();
	for (int i = 0; i < count; i++)
		if (requests[i].result)
			abort();
	snprintf(name, sizeof(name), "an upload, %d slaves at once", slaves);
	print("mailbox", name, "us", (double)(bed.done_at - began) / 1e3 / count, trip / 1e3,
	      "round trip");
	snprintf(name, sizeof(name), "uploads a second and slave, %d at once", slaves);
	print("mailbox", name, "1/s", UPLOADS * 1e9 / (double)(bed.done_at - began), 1e9 / trip,
	      "round trips");
	close_bed(&bed);
}

static bool ask(struct bed *bed, enum ecr_sdo_kind kind, uint16_t index, uint8_t subindex,
		void *data, size_t size)
{
	struct ecr_sdo sdo = {
		.kind = kind, .index = index, .subindex = subindex, .data = data, .size = size
	};
	struct ecr_request request = { .kind = ECR_REQUEST_SDO,
				       .name = bed->names[0],
				       .out = &sdo };

	submit(bed, &request);
	return run(bed) && !request.result;
}

static void measure_dictionary(void)
{
	static struct bed bed;
	static uint16_t list[OBJECTS];
	struct ecr_object object;
	struct ecr_object_entry entry;
	uint64_t questions = 1;
	uint64_t began;

	if (!open_bed(&bed, 1))
		return;
	began = bed.frames;
	if (!ask(&bed, ECR_SDO_OBJECT_LIST, ECR_OBJECTS_ALL, 0, list, sizeof(list)))
		abort();
	for (int i = 0; i < OBJECTS && list[i]; i++) {
		if (!ask(&bed, ECR_SDO_OBJECT, list[i], 0, &object, sizeof(object)))
			abort();
		questions++;
		for (int k = 0; k <= object.max_subindex; k++, questions++)
			ask(&bed, ECR_SDO_ENTRY, list[i], (uint8_t)k, &entry, sizeof(entry));
	}
	print("mailbox", "a dictionary", "frames", (double)(bed.frames - began), (double)questions,
	      "questions");
	close_bed(&bed);
}

int main(void)
{
	measure_uploads(1);
	measure_uploads(SLAVES);
	measure_dictionary();
	return 0;
}
