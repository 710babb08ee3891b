/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a capture of Ethernet frames (pcap 2.4, little-endian). */
#ifndef TOOLS_PCAP_FILE_H
#define TOOLS_PCAP_FILE_H

#include "base/le.h"

#include <stdio.h>

static inline void pcap_put(FILE *pcap, uint32_t value, int bytes)
{
	uint8_t raw[4];

	ecr_put_le32(raw, value);
	fwrite(raw, 1, (size_t)bytes, pcap);
}

static inline void pcap_begin(FILE *pcap)
{
	pcap_put(pcap, 0xA1B2C3D4, 4);
	pcap_put(pcap, 2, 2);
	pcap_put(pcap, 4, 2);
	pcap_put(pcap, 0, 4);
	pcap_put(pcap, 0, 4);
	pcap_put(pcap, 65535, 4);
	pcap_put(pcap, 1, 4); /* Ethernet */
}

static inline void pcap_frame(FILE *pcap, const uint8_t *frame, size_t length)
{
	pcap_put(pcap, 0, 4);
	pcap_put(pcap, 0, 4);
	pcap_put(pcap, (uint32_t)length, 4);
	pcap_put(pcap, (uint32_t)length, 4);
	fwrite(frame, 1, length, pcap);
}

#endif
