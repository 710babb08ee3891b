/* SPDX-License-Identifier: Apache-2.0 */
#include "support/simring.h"

#include <stdlib.h>
#include <string.h>

void simring_open(struct simring *ring, struct ecr_sim_device *devices, int count)
{
	static uint8_t sii[1024];
	size_t size = ecr_sim_size(devices, count);
	size_t sii_size = ecr_sim_digital_sii(sii, sizeof(sii), "slave", 8, 8);

	*ring = (struct simring){ .now = ECR_S(1) };
	for (int i = 0; i < count; i++) {
		if (devices[i].sii)
			continue;
		devices[i].sii = sii;
		devices[i].sii_size = sii_size;
	}
	ring->sim = ecr_sim_init(calloc(1, size), size, devices, count);
	if (!ring->sim)
		abort();
}

void simring_close(struct simring *ring)
{
	free(ring->sim);
}

uint16_t simring_ask(struct simring *ring, unsigned int port, uint8_t command, uint32_t address,
		     void *data, uint16_t length)
{
	struct ecr_datagram datagram = {
		.command = command, .address = address, .length = length, .data = data
	};
	struct ecr_frame_writer writer;
	struct ecr_frame_reader reader;
	uint8_t frame[ECR_FRAME_MAX];
	size_t size;

	ecr_frame_begin(&writer, frame, sizeof(frame));
	ecr_frame_append(&writer, &datagram);
	size = ecr_frame_finish(&writer);
	ring->now += ECR_US(20);
	ring->exit = ecr_sim_pass(ring->sim, ring->now, port, frame, size);
	if (ring->exit < 0)
		return 0;
	ecr_frame_open(&reader, frame, size);
	ecr_frame_next(&reader, &datagram);
	if (data)
		memcpy(data, datagram.data, length);
	ring->irq = datagram.irq;
	ring->address = datagram.address;
	return datagram.wkc;
}

uint16_t simring_read(struct simring *ring, int position, uint16_t offset, void *data,
		      uint16_t length)
{
	memset(data, 0, length);
	return simring_ask(ring, 0, ECR_CMD_APRD, ecr_address_position((uint16_t)position, offset),
			   data, length);
}

uint16_t simring_write(struct simring *ring, int position, uint16_t offset, const void *data,
		       uint16_t length)
{
	uint8_t bytes[ECR_DATAGRAM_DATA_MAX];

	memcpy(bytes, data, length);
	return simring_ask(ring, 0, ECR_CMD_APWR, ecr_address_position((uint16_t)position, offset),
			   bytes, length);
}

uint16_t simring_read16(struct simring *ring, int position, uint16_t offset)
{
	uint8_t bytes[2];

	if (!simring_read(ring, position, offset, bytes, 2))
		return 0xFFFF;
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

void simring_write8(struct simring *ring, int position, uint16_t offset, uint8_t value)
{
	simring_write(ring, position, offset, &value, 1);
}
