/* SPDX-License-Identifier: Apache-2.0 */
/* The Ethernet side of an EtherCAT frame: MAC header, optional 802.1Q tag, EtherType 0x88A4,
 * padding to 60 bytes. */
#ifndef ECR_WIRE_ETHERNET_H
#define ECR_WIRE_ETHERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECR_ETHERTYPE 0x88A4u
#define ECR_UDP_PORT 0x88A4u
#define ECR_ETHERNET_HEADER_SIZE 14u
#define ECR_VLAN_TAG_SIZE 4u
#define ECR_ETHERNET_MIN 60u   /* without FCS */
#define ECR_ETHERNET_MAX 1514u /* without tag and FCS */
#define ECR_MAC_SIZE 6u
#define ECR_SOURCE_PASSED \
	0x02u /* set in the first byte of the source MAC by the first slave that forwards */

struct ecr_ethernet {
	uint8_t destination[ECR_MAC_SIZE];
	uint8_t source[ECR_MAC_SIZE];
	bool tagged;
	uint16_t vlan; /* tag control information: priority 3 bits, DEI, VLAN id 12 bits */
	uint16_t ethertype;
	size_t payload; /* reading: offset of what follows the EtherType */
};

/* Writes the header; returns its size, 0 when `size` is too small. */
size_t ecr_ethernet_write(uint8_t *frame, size_t size, const struct ecr_ethernet *header);

/* False when the bytes end within the header. */
bool ecr_ethernet_read(const uint8_t *frame, size_t length, struct ecr_ethernet *header);

/* Zero-fills up to the 60 bytes of a shortest frame; returns the length to send. `size` must allow
 * it. */
size_t ecr_ethernet_pad(uint8_t *frame, size_t length, size_t size);

/* Time on a 100 Mbit/s wire, ns: (bytes from the destination MAC without FCS + 24) x 80, at least
 * for 60 bytes. */
#define ECR_GAP_AND_FCS 24u /* preamble 8, FCS 4, gap 12 */
#define ECR_NS_PER_BYTE 80u
static inline uint64_t ecr_wire_time_ns(size_t ethernet_bytes)
{
	size_t bytes = ethernet_bytes < ECR_ETHERNET_MIN ? ECR_ETHERNET_MIN : ethernet_bytes;

	return (uint64_t)(bytes + ECR_GAP_AND_FCS) * ECR_NS_PER_BYTE;
}

#endif
