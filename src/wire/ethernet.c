/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ethernet.h"

#include <string.h>

#define ETHERTYPE_VLAN 0x8100u

static uint16_t big16(const uint8_t *p)
{
	return (uint16_t)((unsigned int)p[0] << 8 | p[1]);
}

static void put_big16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

size_t ecr_ethernet_write(uint8_t *frame, size_t size, const struct ecr_ethernet *header)
{
	size_t length = ECR_ETHERNET_HEADER_SIZE + (header->tagged ? ECR_VLAN_TAG_SIZE : 0);

	if (size < length)
		return 0;
	memcpy(frame, header->destination, ECR_MAC_SIZE);
	memcpy(frame + ECR_MAC_SIZE, header->source, ECR_MAC_SIZE);
	if (header->tagged) {
		put_big16(frame + 12, ETHERTYPE_VLAN);
		put_big16(frame + 14, header->vlan);
	}
	put_big16(frame + length - 2, header->ethertype);
	return length;
}

bool ecr_ethernet_read(const uint8_t *frame, size_t length, struct ecr_ethernet *header)
{
	*header = (struct ecr_ethernet){ .payload = ECR_ETHERNET_HEADER_SIZE };
	if (length < ECR_ETHERNET_HEADER_SIZE)
		return false;
	memcpy(header->destination, frame, ECR_MAC_SIZE);
	memcpy(header->source, frame + ECR_MAC_SIZE, ECR_MAC_SIZE);
	header->ethertype = big16(frame + 12);
	if (header->ethertype != ETHERTYPE_VLAN)
		return true;
	if (length < ECR_ETHERNET_HEADER_SIZE + ECR_VLAN_TAG_SIZE)
		return false;
	header->tagged = true;
	header->vlan = big16(frame + 14);
	header->ethertype = big16(frame + 16);
	header->payload += ECR_VLAN_TAG_SIZE;
	return true;
}

size_t ecr_ethernet_pad(uint8_t *frame, size_t length, size_t size)
{
	if (length >= ECR_ETHERNET_MIN || size < ECR_ETHERNET_MIN)
		return length;
	memset(frame + length, 0, ECR_ETHERNET_MIN - length);
	return ECR_ETHERNET_MIN;
}
