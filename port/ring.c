/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include "port/ring.h"

#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SLOT_BYTES 2048u
#define BLOCK_SLOTS 32u
#define BLOCK_BYTES (BLOCK_SLOTS * SLOT_BYTES)

static size_t bytes_of(const struct port_ring *ring)
{
	return (size_t)ring->slots * SLOT_BYTES;
}

/* No more slots than are needed: they are used in turn, and what was used long ago is in no cache any more. */
void port_ring_open(struct port_ring *ring, int fd, unsigned int frames)
{
	unsigned int blocks = (frames + BLOCK_SLOTS - 1) / BLOCK_SLOTS;
	struct tpacket_req wanted = { .tp_block_size = BLOCK_BYTES,
				      .tp_block_nr = blocks,
				      .tp_frame_size = SLOT_BYTES,
				      .tp_frame_nr = blocks * BLOCK_SLOTS };
	struct tpacket_req none = { 0 };
	int version = TPACKET_V2;
	void *memory;

	*ring = (struct port_ring){ .slots = wanted.tp_frame_nr };
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &wanted, sizeof(wanted)))
		return;
	memory = mmap(NULL, bytes_of(ring), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		      0);
	if (memory == MAP_FAILED)
		(void)setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &none, sizeof(none));
	else
		ring->memory = memory;
}

void port_ring_close(struct port_ring *ring)
{
	if (ring->memory)
		munmap(ring->memory, bytes_of(ring));
	*ring = (struct port_ring){ 0 };
}

static struct tpacket2_hdr *next_slot(const struct port_ring *ring)
{
	return (void *)(ring->memory + (size_t)ring->next * SLOT_BYTES);
}

bool port_ring_pending(const struct port_ring *ring)
{
	return __atomic_load_n(&next_slot(ring)->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

void port_ring_release(struct port_ring *ring)
{
	struct tpacket2_hdr *header = ring->held;

	if (header)
		__atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	ring->held = NULL;
}

uint8_t *port_ring_receive(struct port_ring *ring, size_t *length, struct timespec *stamp)
{
	struct tpacket2_hdr *header = next_slot(ring);

	port_ring_release(ring);
	if (!port_ring_pending(ring))
		return NULL;
	ring->held = header;
	ring->next = ring->next + 1 < ring->slots ? ring->next + 1 : 0;
	*length = header->tp_snaplen;
	*stamp = (struct timespec){ 0 };
	if (!ring->hardware || header->tp_status & TP_STATUS_TS_RAW_HARDWARE)
		*stamp = (struct timespec){ .tv_sec = header->tp_sec, .tv_nsec = header->tp_nsec };
	return (uint8_t *)header + header->tp_mac;
}
