/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flight recorder: the last frames and events in a fixed block, filled by the owner of the core. When a
 * fault begins what is in it, and a little of what follows, is written as pcapng by a thread of its own.
 */
#ifndef PORT_RECORDER_H
#define PORT_RECORDER_H

#include "port/record_file.h"

#include <ecring/config.h>
#include <ecring/diag.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port_recorder;

/* Without a path there is none: 0 and NULL. SYSTEM (the file cannot be written), NO_MEMORY; the text says why. `config`
 * and `file` must outlive it. */
int port_recorder_open(const struct ecr_config *config, struct port_record_file *file,
		       struct port_recorder **recorder, char *text, size_t size);
/* Writes what a fault that has begun asked for, and waits for that. Returns the errno of the last one, 0 it was written. */
int port_recorder_close(struct port_recorder *recorder);

/* By the owner of the core. `from`: the master's port that it was sent from. */
void port_recorder_frame(struct port_recorder *recorder, ecr_time at, unsigned int port,
			 unsigned int from, bool sent, const uint8_t *frame, size_t length);
void port_recorder_event(struct port_recorder *recorder, ecr_time at,
			 const struct ecr_event *event);
/* As when a fault begins. SYSTEM: the one before could not be written; it is tried nonetheless. */
int port_recorder_trigger(struct port_recorder *recorder, ecr_time at);
/* Whatever passes or not: what follows a fault ends some time. */
void port_recorder_tick(struct port_recorder *recorder, ecr_time now);
void port_recorder_info(struct port_recorder *recorder, struct ecr_record_info *info);

#endif
