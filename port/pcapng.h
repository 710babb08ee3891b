/* SPDX-License-Identifier: Apache-2.0 */
/* Writing pcapng files: sections with an interface for each port of the master, times in ns. */
#ifndef PORT_PCAPNG_H
#define PORT_PCAPNG_H

#include <ecring/api.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PORT_PCAPNG_COMMENTS 4096u /* bytes of all comments of a packet */

struct port_pcapng {
	FILE *file;
	/* Comments for the packet to come, each with its option header and padding. */
	uint8_t comments[PORT_PCAPNG_COMMENTS];
	size_t comment_bytes;
};

/* The head of the file, or of a further section. False: it could not be written (errno). */
bool port_pcapng_begin(struct port_pcapng *pcapng, FILE *file, const char *const *interfaces,
		       int count);
/* For the next packet; false: it has no room any more. */
bool port_pcapng_comment(struct port_pcapng *pcapng, const char *text);
/* The comments at a packet of their own, which is no EtherCAT frame and bears nothing. */
bool port_pcapng_remark(struct port_pcapng *pcapng, ecr_time wall_ns);
/* An EtherCAT frame from its header on; `wall_ns` since 1970. The Ethernet header is made up: the addresses say
 * which port has sent it and whether it has passed a slave. */
bool port_pcapng_frame(struct port_pcapng *pcapng, int interface, unsigned int from, bool outbound,
		       ecr_time wall_ns, const uint8_t *frame, size_t length);

#endif
