/* SPDX-License-Identifier: Apache-2.0 */
#include "support/vring.h"

#include "domain/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const vring_default_names[] = { "EK1100", "EL1809", "EL2809", NULL };

const struct ecr_domain_config vring_default_domains[] = { { .id = "main", .cycle_ns = ECR_MS(10) },
							   { 0 } };

const struct ecr_slave_config vring_default_slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("main") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("main") },
	{ 0 },
};

struct ecr_config vring_default_config(void)
{
	return (struct ecr_config){ .domains = vring_default_domains,
				    .slaves = vring_default_slaves,
				    .scan_poll_ms = 10,
				    .scan_stable_ms = 20,
				    .frame_timeout_ms = 20 };
}

void vring_open(struct vring *ring, const char *const *names)
{
	static const struct {
		const char *device;
		const char *name;
	} given[] = { { "EK1100", "coupler" }, { "EL1809", "inputs" }, { "EL2809", "outputs" } };
	static uint8_t images[8][4096];
	struct ecr_sim_device devices[8] = { 0 };
	int count = 0;

	for (; names[count] && count < 8; count++) {
		if (!ecr_sim_shipped(names[count], &devices[count], images[count],
				     sizeof(images[count])))
			abort();
		for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
			if (strcmp(given[i].device, names[count]) == 0)
				devices[count].name = given[i].name;
	}
	vring_open_devices(ring, devices, count);
}

static const struct ecr_placed_signal *find(struct vring *ring, const char *slave,
					    const char *signal)
{
	for (uint32_t i = 0; i < ecr_core_signal_count(ring->core); i++) {
		const struct ecr_placed_signal *placed = ecr_core_signal(ring->core, i);

		if (strcmp(placed->slave, slave) == 0 && strcmp(placed->model.name, signal) == 0)
			return placed;
	}
	fprintf(stderr, "no signal %s of %s\n", signal, slave);
	abort();
}

static uint32_t number_of(struct vring *ring, const struct ecr_placed_signal *placed)
{
	return (uint32_t)(placed - ecr_core_signal(ring->core, 0));
}

uint64_t vring_input(struct vring *ring, const char *slave, const char *signal)
{
	const struct ecr_placed_signal *placed = find(ring, slave, signal);
	struct ecr_image image;
	struct ecr_value value;
	uint8_t bytes[ECR_VALUE_BYTES] = { 0 };

	ecr_core_image(ring->core, placed->domain, &image);
	ecr_bits_get(image.inputs, placed->bit_offset, placed->bit_size, bytes);
	ecr_value_decode(placed->driver, placed->driver_config, &placed->model, placed->bit_size,
			 bytes, &value);
	return value.type == ECR_TYPE_BOOL ? value.boolean : value.u;
}

void vring_output(struct vring *ring, const char *slave, const char *signal, uint64_t raw)
{
	const struct ecr_placed_signal *first = find(ring, slave, signal);
	const struct ecr_placed_signal *placed = first;
	struct ecr_value value = ecr_unsigned(raw);
	struct ecr_image image;
	uint8_t bytes[ECR_VALUE_BYTES] = { 0 };

	if (ecr_value_encode(placed->driver, placed->driver_config, &placed->model,
			     placed->bit_size, &value, bytes))
		abort();
	do {
		ecr_core_image(ring->core, placed->domain, &image);
		ecr_bits_put(image.outputs, placed->bit_offset, placed->bit_size, bytes);
		ecr_core_release(ring->core, number_of(ring, placed));
		placed = placed->twin ? ecr_core_signal(ring->core, placed->twin - 1) : first;
	} while (placed != first);
}
