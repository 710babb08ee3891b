/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frame: read without a fault, and what was read is written again to the same bytes. */
#include "wire/ethernet.h"
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame = malloc(size + 1);
	uint8_t again[4096];
	struct ecr_frame_reader reader;
	struct ecr_frame_writer writer;
	struct ecr_datagram datagram;
	struct ecr_ethernet header;

	if (!frame || size > sizeof(again)) {
		free(frame);
		return 0;
	}
	memcpy(frame, data, size);
	ecr_ethernet_read(frame, size, &header);
	ecr_frame_open(&reader, frame, size);
	ecr_frame_begin(&writer, again, sizeof(again));
	while (ecr_frame_next(&reader, &datagram))
		if (!ecr_frame_append(&writer, &datagram))
			abort();
	if (reader.fault == ECR_FRAME_OK && ecr_frame_finish(&writer) == reader.next &&
	    memcmp(again + 2, frame + 2, reader.next - 2) != 0)
		abort();
	free(frame);
	return 0;
}
