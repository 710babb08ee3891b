/* SPDX-License-Identifier: Apache-2.0 */
/* Frames past the kernel's network stack, with AF_XDP. A library of its own, ecring_xdp, which needs libxdp. */
#ifndef ECRING_XDP_H
#define ECRING_XDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What carries whole Ethernet frames of one interface. Used by the session's cyclic thread alone. */
struct ecr_fast_path {
	int fd; /* readable when a frame waits */
	/* Never blocks. False: it was not sent. */
	bool (*send)(struct ecr_fast_path *path, const uint8_t *frame, size_t length);
	/* NULL: none waits. The frame may be changed, and stays until the next call or release. */
	uint8_t *(*receive)(struct ecr_fast_path *path, size_t *length);
	void (*release)(struct ecr_fast_path *path);
	bool (*pending)(struct ecr_fast_path *path);
	void (*close)(struct ecr_fast_path *path);
};

/*
 * Opens the interface's first queue: everything that arrives there comes to this path, and to nobody else of this
 * machine, captures included. In the driver with its own memory where it can, else in copy mode. NULL with a text that
 * says what the system answered. Not called by an application, but named in its configuration: ecr_config.raw.xdp.
 */
struct ecr_fast_path *ecr_xdp_open(const char *interface, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
