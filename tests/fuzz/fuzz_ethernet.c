/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an Ethernet header: read within them, and what was read is written again to the same bytes. */
#include "wire/ethernet.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame = malloc(size + ECR_ETHERNET_MIN);
	uint8_t again[ECR_ETHERNET_HEADER_SIZE + ECR_VLAN_TAG_SIZE];
	struct ecr_ethernet header;

	if (!frame)
		return 0;
	memcpy(frame, data, size);
	if (ecr_ethernet_read(data, size, &header)) {
		if (header.payload > size)
			abort();
		if (ecr_ethernet_write(again, sizeof(again), &header) != header.payload ||
		    memcmp(again, data, header.payload) != 0)
			abort();
	}
	if (ecr_ethernet_pad(frame, size, size + ECR_ETHERNET_MIN) < ECR_ETHERNET_MIN ||
	    memcmp(frame, data, size) != 0)
		abort();
	free(frame);
	return 0;
}
