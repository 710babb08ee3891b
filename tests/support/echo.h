/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of slaves with eight outputs and eight inputs, each of which shows at its inputs what its outputs are. */
#ifndef TESTS_SUPPORT_ECHO_H
#define TESTS_SUPPORT_ECHO_H

#include "support/vring.h"

#define ECHO_SII_BYTES 1024
#define ECHO_MARK 42 /* the tool's alias */

/* One of these, of a kind of its own: of this product. Its EEPROM's contents are put into the image. */
struct ecr_sim_device echo_device(const char *name, uint8_t image[ECHO_SII_BYTES],
				  uint32_t product);
/* The slave for it: whatever is there, in domain "main", looked at often. */
struct ecr_slave_config echo_slave(const char *name);
/* ... for that product alone, and the watchdog does not tell that nothing arrives before the session does. */
struct ecr_slave_config echo_slave_of(const char *name, uint32_t product);
/* A tool, which may come and go and is known by its alias: its device gets that. */
struct ecr_presence_config echo_tool(struct ecr_sim_device *device);
/* Opened and wired, not started. */
void echo_open(struct vring *ring, const struct ecr_sim_device *devices, int count);
/* ... the first of each alone: the other inputs are anybody's to set. */
void echo_open_first(struct vring *ring, const struct ecr_sim_device *devices, int count);
/* Started and operational. */
void echo_come_up(struct vring *ring, const struct ecr_config *config);
/* What a device shows at its outputs. */
uint64_t echo_outputs(struct vring *ring, int device);
/* What is written to the slave comes back so much later. */
void echo_works(struct vring *ring, const char *slave, ecr_time later);

#endif
