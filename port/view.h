/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What crosses between the cyclic thread and everybody else: inputs under a version counter
 * (readers retry, the cyclic thread never waits), outputs in a triple buffer (writers serialise
 * among themselves, the cyclic thread takes the latest complete image). A view belongs to one plan;
 * old ones live until the master is closed.
 */
#ifndef PORT_VIEW_H
#define PORT_VIEW_H

#include "core.h"
#include "port/name_index.h"

#include <pthread.h>
#include <stdatomic.h>

struct port_image {
	char id[ECR_NAME_SIZE];
	uint32_t size;
	uint32_t words;	     /* of 64 bits */
	atomic_uint version; /* odd while the cyclic thread writes */
	_Atomic uint64_t *inputs;
	_Atomic int64_t *changed; /* per input bit, ns; -1 never */
	uint8_t *mask;		  /* bits that are inputs of a slave */
	uint32_t part_bytes;	  /* of a datagram's part of the image */
	uint32_t parts;
	_Atomic int64_t *refreshed; /* per part, ns; -1 never */
	_Atomic int64_t stale_after;
	uint8_t *last;	    /* the cyclic thread's: inputs as published */
	uint64_t published; /* as seen last */
	pthread_mutex_t writers;
	uint8_t *staged;	  /* under `writers` */
	_Atomic int64_t *written; /* per output bit, ns; -1 never */
	uint8_t *slots[3];
	atomic_uint ready;    /* slot, plus SLOT_FRESH */
	unsigned int filling; /* under `writers` */
	unsigned int taking;  /* the cyclic thread's */
};

struct port_signal {
	char slave[ECR_NAME_SIZE];
	struct ecr_placed_signal placed;
};

/* A slave's SyncManager in an image. */
struct port_share {
	char slave[ECR_NAME_SIZE];
	struct ecr_share placed;
};

/* Whether a slave is there, as in core.h. */
struct port_presence {
	_Atomic int64_t since;
	_Atomic int64_t frozen_at;
};

struct port_view {
	struct port_view *older;
	struct port_presence *slaves;
	int slave_count;
	uint32_t presence;  /* the core's number when it was copied */
	uint64_t published; /* likewise of images */
	uint32_t generation;
	uint32_t signal_count;
	struct port_signal *signals;
	struct port_name_index names;
	uint32_t share_count;
	struct port_share *shares;
	int image_count;
	struct port_image *images;
};

/* Of the core's present plan; NULL without memory. Called by the owner of the core. */
struct port_view *port_view_make(const struct ecr_core *core, struct port_view *older);
void port_view_free(struct port_view *view);
/* Hands each piece of its memory that a cycle touches to `take`. */
void port_view_each(struct port_view *view, void (*take)(void *context, void *memory, size_t size),
		    void *context);

/* The cyclic thread's two duties. True when an input of a slave has changed. */
bool port_view_publish(struct port_view *view, const struct ecr_core *core);
void port_view_take_outputs(struct port_view *view, struct ecr_core *core);

/* Any thread. */
int port_view_read(struct port_view *view, uint32_t number, ecr_time now,
		   struct ecr_sample *sample);
int port_view_write(struct port_view *view, uint32_t number, ecr_time now,
		    const struct ecr_value *value);
int port_view_find(const struct port_view *view, const char *slave, const char *signal,
		   uint32_t *number);
int port_view_sample(struct port_view *view, const struct port_share *share, ecr_time now,
		     uint8_t *bytes, struct ecr_image_sample *sample);
/* Every part has been refreshed once. */
bool port_image_ready(const struct port_image *image);
int port_image_read(struct port_image *image, uint32_t offset, void *bytes, uint32_t size);
int port_image_write(struct port_image *image, ecr_time now, uint32_t offset, const void *bytes,
		     uint32_t size);

#endif
