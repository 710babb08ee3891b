/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/common/ring.h"

#include "wire/registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 16

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

static void fill_slave(struct bench_ring *ring, int number, uint32_t words, uint32_t delay_ns)
{
	char *name = allocate(NAME_ROOM);
	uint8_t *image = ring->images[number];
	uint16_t outputs = (uint16_t)((words + 1) / 2);
	size_t size = ecr_sim_analog_sii(image, sizeof(ring->images[0]), "bench", outputs,
					 (uint16_t)(words - outputs));

	if (!size)
		abort();
	snprintf(name, NAME_ROOM, "s%d", number);
	ring->devices[number] = (struct ecr_sim_device){
		.name = name,
		.sii = image,
		.sii_size = size,
		.emulation = true,
		.forward_ns = delay_ns,
	};
	ring->slaves[number] = (struct ecr_slave_config){ .name = name,
							  .process_data = ECR_ALL_TO("io"),
							  .health_poll_ms = -1,
							  .watchdog_ms = -1 };
}

void bench_ring_open(struct bench_ring *ring, int count, uint32_t bytes, ecr_time cycle_ns)
{
	bench_ring_open_delayed(ring, count, bytes, cycle_ns, 0);
}

void bench_ring_open_delayed(struct bench_ring *ring, int count, uint32_t bytes, ecr_time cycle_ns,
			     uint32_t delay_ns)
{
	uint32_t words = bytes / 2;
	size_t size;

	*ring = (struct bench_ring){ .count = count };
	ring->devices = allocate((size_t)count * sizeof(*ring->devices));
	ring->slaves = allocate(((size_t)count + 1) * sizeof(*ring->slaves));
	ring->images = allocate((size_t)count * sizeof(*ring->images));
	for (int i = 0; i < count; i++)
		fill_slave(ring, i,
			   words / (uint32_t)count + ((uint32_t)i < words % (uint32_t)count),
			   delay_ns);
	size = ecr_sim_size(ring->devices, count);
	ring->sim = ecr_sim_init(allocate(size), size, ring->devices, count);
	if (!ring->sim)
		abort();
	ring->domains[0] = (struct ecr_domain_config){ .id = "io", .cycle_ns = cycle_ns };
	ring->config = (struct ecr_config){ .domains = ring->domains,
					    .slaves = ring->slaves,
					    .scan_poll_ms = 10,
					    .scan_stable_ms = 20,
					    .limits = { .sii_bytes = sizeof(ring->images[0]) } };
}

#define WRITES 20
#define WORD_OBJECT 0x2000 /* of the mailbox device, subindex 1: a word */
#define IMAGE_BYTES 2048

static const struct ecr_sdo_write *startup_list(void)
{
	static struct ecr_sdo_write writes[WRITES + 1];

	for (int i = 0; i < WRITES; i++)
		writes[i] = (struct ecr_sdo_write){ .index = WORD_OBJECT,
						    .subindex = 1,
						    .type = ECR_SDO_U16,
						    .value = (uint64_t)i };
	return writes;
}

static struct ecr_sim_device device_of(const struct bench_pattern *pattern, uint8_t *image)
{
	struct ecr_sim_device device = { .emulation = !pattern->coe };

	if (pattern->coe) {
		if (!ecr_sim_shipped("mailbox", &device, image, IMAGE_BYTES))
			abort();
	} else {
		device.sii = image;
		device.sii_size = ecr_sim_digital_sii(image, IMAGE_BYTES, "bench", 8, 8);
	}
	if (pattern->clocks) {
		device.features = ECR_FEATURE_DC | ECR_FEATURE_DC_64;
		device.cable_ns = 100;
	}
	device.eeprom_busy_ns = pattern->eeprom_ns;
	device.forward_ns = pattern->forward_ns;
	return device;
}

void bench_ring_open_equal(struct bench_ring *ring, int count, const struct bench_pattern *pattern,
			   ecr_time cycle_ns)
{
	struct ecr_sim_device device;
	size_t size;

	*ring = (struct bench_ring){ .count = count };
	ring->devices = allocate((size_t)count * sizeof(*ring->devices));
	ring->slaves = allocate(((size_t)count + 1) * sizeof(*ring->slaves));
	ring->image = allocate(IMAGE_BYTES);
	device = device_of(pattern, ring->image);
	for (int i = 0; i < count; i++) {
		char *name = allocate(NAME_ROOM);

		snprintf(name, NAME_ROOM, "s%d", i);
		ring->devices[i] = device;
		ring->devices[i].name = name;
		/* Oscillators as they come, either way. */
		if (pattern->clocks) {
			ring->devices[i].clock.drift_ppb = (i % 2 ? 1 : -1) * (20000 - 7 * i);
			ring->devices[i].clock.start_ns = 1000000007ull * (unsigned int)(i + 1);
		}
		ring->slaves[i] = (struct ecr_slave_config){ .name = name,
							     .process_data = ECR_ALL_TO("io"),
							     .health_poll_ms = -1,
							     .watchdog_ms = -1 };
		if (pattern->coe)
			ring->slaves[i].startup = startup_list();
	}
	size = ecr_sim_size(ring->devices, count);
	ring->sim = ecr_sim_init(allocate(size), size, ring->devices, count);
	if (!ring->sim)
		abort();
	ring->domains[0] = (struct ecr_domain_config){ .id = "io", .cycle_ns = cycle_ns };
	ring->config = (struct ecr_config){ .dc.disabled = !pattern->clocks,
					    .dc.await_lock = pattern->clocks,
					    .domains = pattern->unmapped ? NULL : ring->domains,
					    .slaves = pattern->unmapped ? NULL : ring->slaves,
					    .scan_poll_ms = 10,
					    .scan_stable_ms = 20 };
}

void bench_ring_close(struct bench_ring *ring)
{
	for (int i = 0; i < ring->count; i++)
		free((void *)(uintptr_t)ring->devices[i].name);
	free(ring->devices);
	free(ring->slaves);
	free(ring->images);
	free(ring->image);
	free(ring->sim);
}
