/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include "port/ring.h"

#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SLOT_BYTES 2048u
#define SLOTS 256u
#define BLOCK_BYTES (64u * 1024)
#define BYTES ((size_t)SLOT_BYTES * SLOTS)

void port_ring_open(struct port_ring *ring, int fd)
{
	struct tpacket_req wanted = { .tp_block_size = BLOCK_BYTES,
				      .tp_block_nr = BYTES / BLOCK_BYTES,
				      .tp_frame_size = SLOT_BYTES,
				      .tp_frame_nr = SLOTS };
	struct tpacket_req none = { 0 };
	int version = TPACKET_V2;
	void *memory;

	*ring = (struct port_ring){ 0 };
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &wanted, sizeof(wanted)))
		return;
	memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (memory == MAP_FAILED)
		(void)setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &none, sizeof(none));
	else
		ring->memory = memory;
}

void port_ring_close(struct port_ring *ring)
{
	if (ring->memory)
		munmap(ring->memory, BYTES);
	*ring = (struct port_ring){ 0 };
}

static struct tpacket2_hdr *slot(const struct port_ring *ring, unsigned int number)
{
	return (void *)(ring->memory + (size_t)(number % SLOTS) * SLOT_BYTES);
}

bool port_ring_pending(const struct port_ring *ring)
{
	return __atomic_load_n(&slot(ring, ring->next)->tp_status, __ATOMIC_ACQUIRE) &
	       TP_STATUS_USER;
}

void port_ring_release(struct port_ring *ring)
{
	if (ring->held)
		__atomic_store_n(&slot(ring, ring->next - 1)->tp_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
	ring->held = false;
}

uint8_t *port_ring_receive(struct port_ring *ring, size_t *length, struct timespec *stamp)
{
	struct tpacket2_hdr *header;

	port_ring_release(ring);
	ring->held = port_ring_pending(ring);
	if (!ring->held)
		return NULL;
	header = slot(ring, ring->next++);
	*length = header->tp_snaplen;
	*stamp = (struct timespec){ 0 };
	if (!ring->hardware || header->tp_status & TP_STATUS_TS_RAW_HARDWARE)
		*stamp = (struct timespec){ .tv_sec = header->tp_sec, .tv_nsec = header->tp_nsec };
	return (uint8_t *)header + header->tp_mac;
}
