/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded EtherCAT traffic: the EtherCAT frames of a pcapng file in their order. */
#ifndef TESTS_SUPPORT_PCAP_H
#define TESTS_SUPPORT_PCAP_H

#include <ecring/api.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcap {
	uint8_t *bytes;
	size_t length;
	size_t at;
	int64_t tick_ns;
};

struct pcap_frame {
	uint8_t *bytes; /* from the EtherCAT header on */
	size_t length;
	ecr_time at;
	bool passed; /* a slave has forwarded it: bit 0x02 of the source address is set */
};

/* False when there is no such file under the shared data's folder. */
bool pcap_open(struct pcap *pcap, const char *path);
bool pcap_next(struct pcap *pcap, struct pcap_frame *frame);
void pcap_close(struct pcap *pcap);

#endif
