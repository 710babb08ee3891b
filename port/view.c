/* SPDX-License-Identifier: Apache-2.0 */
#include "port/view.h"

#include "domain/pack.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_FRESH 4u
#define SLOT_MASK 3u

static int build_image(struct port_image *to, const struct ecr_image *from)
{
	memcpy(to->id, from->id, sizeof(to->id));
	to->size = from->size;
	to->words = (from->size + 7) / 8;
	to->inputs = calloc(to->words + 1, sizeof(*to->inputs));
	to->changed = malloc((from->size + 1) * 8 * sizeof(*to->changed));
	to->written = malloc((from->size + 1) * 8 * sizeof(*to->written));
	to->mask = calloc(from->size + 1, 1);
	to->parts = from->parts;
	to->part_bytes = from->part_bytes;
	to->refreshed = calloc(from->parts + 1, sizeof(*to->refreshed));
	to->last = calloc(to->words + 1, 8);
	to->staged = calloc(from->size + 1, 1);
	to->filling = 1;
	to->taking = 2;
	pthread_mutex_init(&to->writers, NULL);
	for (int i = 0; i < 3; i++) {
		to->slots[i] = calloc(from->size + 1, 1);
		if (!to->slots[i])
			return -1;
	}
	if (!to->inputs || !to->changed || !to->written || !to->last || !to->staged || !to->mask ||
	    !to->refreshed)
		return -1;
	for (uint32_t i = 0; i < from->parts; i++)
		atomic_init(&to->refreshed[i], -1);
	for (uint32_t i = 0; i < from->size * 8; i++) {
		atomic_init(&to->changed[i], -1);
		atomic_init(&to->written[i], -1);
	}
	atomic_init(&to->stale_after, from->stale_after);
	return 0;
}

static void free_image(struct port_image *image)
{
	free(image->inputs);
	free(image->changed);
	free(image->written);
	free(image->mask);
	free(image->refreshed);
	free(image->last);
	free(image->staged);
	for (int i = 0; i < 3; i++)
		free(image->slots[i]);
	pthread_mutex_destroy(&image->writers);
}

void port_view_free(struct port_view *view)
{
	while (view) {
		struct port_view *older = view->older;

		for (int i = 0; i < view->image_count; i++)
			free_image(&view->images[i]);
		free(view->images);
		port_name_index_free(&view->names);
		free(view->signals);
		free(view->shares);
		free(view->slaves);
		free(view);
		view = older;
	}
}

static void mark_inputs(struct port_view *view)
{
	for (uint32_t i = 0; i < view->signal_count; i++) {
		const struct ecr_placed_signal *placed = &view->signals[i].placed;
		uint8_t *mask = view->images[placed->domain].mask;

		for (uint32_t bit = placed->bit_offset;
		     placed->direction == ECR_INPUT && bit < placed->bit_offset + placed->bit_size;
		     bit++)
			mask[bit / 8] = (uint8_t)(mask[bit / 8] | 1u << bit % 8);
	}
}

static bool copy_signals(struct port_view *view, const struct ecr_core *core)
{
	view->signal_count = ecr_core_signal_count(core);
	view->signals = calloc(view->signal_count + 1, sizeof(*view->signals));
	if (!view->signals)
		return false;
	for (uint32_t i = 0; i < view->signal_count; i++) {
		struct port_signal *signal = &view->signals[i];

		signal->placed = *ecr_core_signal(core, i);
		memcpy(signal->slave, signal->placed.slave, sizeof(signal->slave));
		signal->placed.slave = signal->slave;
	}
	return port_name_index_make(&view->names, view->signals, view->signal_count);
}

static bool copy_shares(struct port_view *view, const struct ecr_core *core)
{
	struct ecr_share share;

	while (ecr_core_share(core, view->share_count, &share))
		view->share_count++;
	view->shares = calloc(view->share_count + 1, sizeof(*view->shares));
	for (uint32_t i = 0; view->shares && i < view->share_count; i++) {
		struct port_share *copy = &view->shares[i];

		ecr_core_share(core, i, &copy->placed);
		memcpy(copy->slave, copy->placed.slave, sizeof(copy->slave));
		copy->placed.slave = copy->slave;
	}
	return view->shares;
}

static bool build_images(struct port_view *view, const struct ecr_core *core)
{
	int images = ecr_core_image_count(core);

	view->images = calloc((size_t)images + 1, sizeof(*view->images));
	for (int i = 0; view->images && i < images; i++) {
		struct ecr_image image;

		ecr_core_image(core, i, &image);
		view->image_count++;
		if (build_image(&view->images[i], &image))
			return false;
	}
	return view->images;
}

static void each_of_image(struct port_image *image,
			  void (*take)(void *context, void *memory, size_t size), void *context)
{
	size_t bits = (size_t)image->size * 8;

	take(context, image->inputs, (image->words + 1) * sizeof(*image->inputs));
	take(context, image->changed, (bits + 8) * sizeof(*image->changed));
	take(context, image->mask, image->size + 1);
	take(context, image->refreshed, (image->parts + 1) * sizeof(*image->refreshed));
	take(context, image->last, ((size_t)image->words + 1) * 8);
	for (int i = 0; i < 3; i++)
		take(context, image->slots[i], image->size + 1);
}

void port_view_each(struct port_view *view, void (*take)(void *context, void *memory, size_t size),
		    void *context)
{
	take(context, view, sizeof(*view));
	take(context, view->slaves, ((size_t)view->slave_count + 1) * sizeof(*view->slaves));
	take(context, view->images, ((size_t)view->image_count + 1) * sizeof(*view->images));
	for (int i = 0; i < view->image_count; i++)
		each_of_image(&view->images[i], take, context);
}

static void copy_presence(struct port_view *view, const struct ecr_core *core)
{
	for (int i = 0; i < view->slave_count; i++) {
		struct ecr_presence presence = ecr_core_presence(core, i);

		atomic_store_explicit(&view->slaves[i].since, presence.since, memory_order_release);
		atomic_store_explicit(&view->slaves[i].frozen_at, presence.frozen_at,
				      memory_order_release);
	}
	view->presence = ecr_core_presence_number(core);
}

struct port_view *port_view_make(const struct ecr_core *core, struct port_view *older)
{
	struct port_view *view = calloc(1, sizeof(*view));

	if (!view)
		return NULL;
	view->generation = ecr_core_generation(core);
	view->slave_count = ecr_core_slave_count(core);
	view->slaves = calloc((size_t)view->slave_count + 1, sizeof(*view->slaves));
	if (!view->slaves || !copy_signals(view, core) || !copy_shares(view, core) ||
	    !build_images(view, core)) {
		port_view_free(view);
		return NULL;
	}
	copy_presence(view, core);
	mark_inputs(view);
	view->older = older;
	return view;
}

static void stamp_bits(_Atomic int64_t *stamps, unsigned int bits, ecr_time at)
{
	for (unsigned int i = 0; bits; i++, bits >>= 1)
		if (bits & 1)
			atomic_store_explicit(&stamps[i], at, memory_order_release);
}

/* Word by word, so that a reader never sees half a word; the version tells it when to look again.
 * True when an input has changed: what LRW echoes of outputs is none. */
static bool store_inputs(struct port_image *to, const uint8_t *inputs, ecr_time at)
{
	bool changed = false;

	for (uint32_t i = 0; i < to->size; i++) {
		unsigned int bits =
			to->published == 0 ? to->mask[i] : (inputs[i] ^ to->last[i]) & to->mask[i];

		if (!bits)
			continue;
		changed = true;
		stamp_bits(&to->changed[(size_t)i * 8], bits, at);
	}
	memcpy(to->last, inputs, to->size);
	for (uint32_t i = 0; i < to->words; i++) {
		uint64_t word;

		memcpy(&word, to->last + (size_t)i * 8, sizeof(word));
		atomic_store_explicit(&to->inputs[i], word, memory_order_release);
	}
	return changed;
}

static void store_refreshed(struct port_image *to, const struct ecr_core *core, int number)
{
	for (uint32_t i = 0; i < to->parts; i++)
		atomic_store_explicit(&to->refreshed[i], ecr_core_refreshed(core, number, i),
				      memory_order_release);
}

static ecr_time newest_part(const struct ecr_core *core, int number, uint32_t parts)
{
	ecr_time latest = -1;

	for (uint32_t i = 0; i < parts; i++) {
		ecr_time at = ecr_core_refreshed(core, number, i);

		latest = at > latest ? at : latest;
	}
	return latest;
}

static bool publish(struct port_image *to, const struct ecr_core *core, int number)
{
	struct ecr_image from;
	bool changed = false;
	unsigned int version;

	ecr_core_image(core, number, &from);
	atomic_store_explicit(&to->stale_after, from.stale_after, memory_order_relaxed);
	if (from.valid_cycles == to->published || !from.inputs || from.size != to->size)
		return false;
	if (to->published == 0 || memcmp(to->last, from.inputs, to->size) != 0) {
		version = atomic_load_explicit(&to->version, memory_order_relaxed);
		atomic_store_explicit(&to->version, version + 1, memory_order_relaxed);
		changed = store_inputs(to, from.inputs, newest_part(core, number, to->parts));
		atomic_store_explicit(&to->version, version + 2, memory_order_release);
	}
	to->published = from.valid_cycles;
	store_refreshed(to, core, number);
	return changed;
}

bool port_view_publish(struct port_view *view, const struct ecr_core *core)
{
	uint64_t published = ecr_core_published(core);
	bool changed = false;

	if (view->presence != ecr_core_presence_number(core))
		copy_presence(view, core);
	else if (view->published == published)
		return false;
	view->published = published;
	for (int i = 0; i < view->image_count; i++)
		changed |= publish(&view->images[i], core, i);
	return changed;
}

/* Bits of an image that are one slave's. */
struct span {
	int image;
	int slave;
	uint32_t first;
	uint32_t bits;
};

static struct span span_of(const struct ecr_placed_signal *placed)
{
	return (struct span){ placed->domain, placed->slave_index, placed->bit_offset,
			      placed->bit_size };
}

static int64_t latest(const _Atomic int64_t *stamps, struct span span)
{
	int64_t best = -1;

	for (uint32_t i = span.first; i < span.first + span.bits; i++) {
		int64_t at = atomic_load_explicit(&stamps[i], memory_order_relaxed);

		best = at > best ? at : best;
	}
	return best;
}

/* What was written since its slave was lost is sent again. */
static void release(const struct port_view *view, struct ecr_core *core)
{
	for (uint32_t i = 0; i < view->signal_count; i++) {
		const struct ecr_placed_signal *placed = &view->signals[i].placed;

		if (placed->direction == ECR_OUTPUT &&
		    latest(view->images[placed->domain].written, span_of(placed)) >
			    ecr_core_withheld_since(core, i))
			ecr_core_release(core, i);
	}
}

void port_view_take_outputs(struct port_view *view, struct ecr_core *core)
{
	for (int i = 0; i < view->image_count; i++) {
		struct port_image *from = &view->images[i];
		struct ecr_image image;

		if (!(atomic_load_explicit(&from->ready, memory_order_relaxed) & SLOT_FRESH))
			continue;
		ecr_core_image(core, i, &image);
		if (!image.outputs || image.size != from->size)
			continue;
		from->taking =
			atomic_exchange_explicit(&from->ready, from->taking, memory_order_acq_rel) &
			SLOT_MASK;
		memcpy(image.outputs, from->slots[from->taking], from->size);
	}
	if (ecr_core_withheld_count(core))
		release(view, core);
}

/* Under `writers`. */
static void hand_over(struct port_image *image)
{
	memcpy(image->slots[image->filling], image->staged, image->size);
	image->filling = atomic_exchange_explicit(&image->ready, image->filling | SLOT_FRESH,
						  memory_order_acq_rel) &
			 SLOT_MASK;
}

bool port_image_ready(const struct port_image *image)
{
	for (uint32_t i = 0; i < image->parts; i++)
		if (atomic_load_explicit(&image->refreshed[i], memory_order_acquire) < 0)
			return false;
	return true;
}

static unsigned int byte_at(const struct port_image *image, uint32_t at)
{
	uint64_t word = atomic_load_explicit(&image->inputs[at / 8], memory_order_acquire);
	uint8_t parts[8];

	memcpy(parts, &word, sizeof(parts));
	return parts[at % 8];
}

/* All of one cycle; what they fill of the last byte is followed by zeroes. */
static void read_bits(const struct port_image *image, uint32_t first, uint32_t bits, uint8_t *bytes)
{
	unsigned int shift = first % 8;
	unsigned int before;
	unsigned int after;

	do {
		before = atomic_load_explicit(&image->version, memory_order_acquire);
		for (uint32_t i = 0; i < (bits + 7) / 8; i++) {
			unsigned int byte = byte_at(image, first / 8 + i) >> shift;

			if (shift && i * 8 + 8 - shift < bits)
				byte |= byte_at(image, first / 8 + i + 1) << (8 - shift);
			bytes[i] = (uint8_t)byte;
		}
		after = atomic_load_explicit(&image->version, memory_order_acquire);
	} while ((before & 1) || before != after);
	if (bits % 8)
		bytes[bits / 8] = (uint8_t)(bytes[bits / 8] & ((1u << bits % 8) - 1));
}

int port_image_read(struct port_image *image, uint32_t offset, void *bytes, uint32_t size)
{
	if (offset > image->size || size > image->size - offset)
		return ECR_ERR_INVALID_ARGUMENT;
	read_bits(image, offset * 8, size * 8, bytes);
	return 0;
}

int port_image_write(struct port_image *image, ecr_time now, uint32_t offset, const void *bytes,
		     uint32_t size)
{
	if (offset > image->size || size > image->size - offset)
		return ECR_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&image->writers);
	memcpy(image->staged + offset, bytes, size);
	for (uint32_t i = offset * 8; i < (offset + size) * 8; i++)
		atomic_store_explicit(&image->written[i], now, memory_order_relaxed);
	hand_over(image);
	pthread_mutex_unlock(&image->writers);
	return 0;
}

static int64_t us(int64_t ns)
{
	return ns < 0 ? -1 : ns / 1000;
}

/* The oldest part that the bits lie in, or when their slave was last there. */
static int64_t refreshed_at(const struct port_view *view, struct span span)
{
	const struct port_image *image = &view->images[span.image];
	const struct port_presence *slave = &view->slaves[span.slave];
	uint32_t last = (span.first + span.bits - 1) / 8 / image->part_bytes;
	int64_t oldest = INT64_MAX;

	for (uint32_t i = span.first / 8 / image->part_bytes; i <= last; i++) {
		int64_t at = atomic_load_explicit(&image->refreshed[i], memory_order_acquire);

		oldest = at < oldest ? at : oldest;
	}
	if (oldest >= atomic_load_explicit(&slave->since, memory_order_acquire))
		return oldest;
	return atomic_load_explicit(&slave->frozen_at, memory_order_acquire);
}

static struct ecr_freshness freshness_of(const struct port_view *view, struct span span,
					 ecr_time now)
{
	const struct port_image *image = &view->images[span.image];
	int64_t refreshed = refreshed_at(view, span);
	int64_t stale_after = atomic_load_explicit(&image->stale_after, memory_order_relaxed);
	int64_t age = now > refreshed ? now - refreshed : 0;

	return (struct ecr_freshness){ .state = refreshed < 0	    ? ECR_NOT_READY
						: age > stale_after ? ECR_STALE
								    : ECR_FRESH,
				       .refreshed_at_us = us(refreshed),
				       .age_us = refreshed < 0 ? -1 : age / 1000,
				       .stale_after_us = stale_after / 1000 };
}

static void read_output(struct port_image *image, struct span span, uint8_t *bytes,
			struct ecr_image_sample *sample)
{
	pthread_mutex_lock(&image->writers);
	ecr_bits_get(image->staged, span.first, span.bits, bytes);
	pthread_mutex_unlock(&image->writers);
	sample->changed_at_us = sample->updated_at_us = us(latest(image->written, span));
	sample->freshness = (struct ecr_freshness){ .state = ECR_FRESH,
						    .refreshed_at_us = sample->updated_at_us };
}

static int read_input(const struct port_view *view, struct span span, ecr_time now, uint8_t *bytes,
		      struct ecr_image_sample *sample)
{
	const struct port_image *image = &view->images[span.image];

	sample->changed_at_us = -1;
	sample->freshness = freshness_of(view, span, now);
	sample->updated_at_us = sample->freshness.refreshed_at_us;
	if (sample->freshness.state == ECR_NOT_READY)
		return ECR_ERR_NOT_READY;
	read_bits(image, span.first, span.bits, bytes);
	sample->changed_at_us = us(latest(image->changed, span));
	return sample->freshness.state == ECR_STALE ? ECR_ERR_STALE : 0;
}

int port_view_read(struct port_view *view, uint32_t number, ecr_time now, struct ecr_sample *sample)
{
	const struct ecr_placed_signal *placed = &view->signals[number].placed;
	struct ecr_image_sample read;
	uint8_t bytes[ECR_VALUE_BYTES];
	int result = 0;
	int error;

	if (placed->direction == ECR_OUTPUT)
		read_output(&view->images[placed->domain], span_of(placed), bytes, &read);
	else
		result = read_input(view, span_of(placed), now, bytes, &read);
	*sample = (struct ecr_sample){ .updated_at_us = read.updated_at_us,
				       .changed_at_us = read.changed_at_us,
				       .freshness = read.freshness };
	if (result == ECR_ERR_NOT_READY)
		return result;
	error = ecr_value_decode(placed->driver, placed->driver_config, &placed->model,
				 placed->bit_size, bytes, &sample->value);
	return error ? error : result;
}

int port_view_sample(struct port_view *view, const struct port_share *share, ecr_time now,
		     uint8_t *bytes, struct ecr_image_sample *sample)
{
	const struct ecr_share *placed = &share->placed;
	struct span span = { placed->domain, placed->slave_index, placed->bit_offset,
			     placed->bits };

	if (placed->direction == ECR_INPUT)
		return read_input(view, span, now, bytes, sample);
	read_output(&view->images[placed->domain], span, bytes, sample);
	if (sample->updated_at_us >= 0)
		return 0;
	sample->freshness.state = ECR_NOT_READY;
	return ECR_ERR_NOT_READY;
}

static void stage(struct port_image *image, const struct ecr_placed_signal *placed, ecr_time now,
		  const uint8_t *bytes)
{
	pthread_mutex_lock(&image->writers);
	ecr_bits_put(image->staged, placed->bit_offset, placed->bit_size, bytes);
	for (uint32_t i = placed->bit_offset; i < placed->bit_offset + placed->bit_size; i++)
		atomic_store_explicit(&image->written[i], now, memory_order_relaxed);
	hand_over(image);
	pthread_mutex_unlock(&image->writers);
}

int port_view_write(struct port_view *view, uint32_t number, ecr_time now,
		    const struct ecr_value *value)
{
	const struct ecr_placed_signal *placed = &view->signals[number].placed;
	uint8_t bytes[ECR_VALUE_BYTES];
	uint32_t next;
	int result;

	if (placed->direction != ECR_OUTPUT)
		return ECR_ERR_NOT_OUTPUT;
	result = ecr_value_encode(placed->driver, placed->driver_config, &placed->model,
				  placed->bit_size, value, bytes);
	if (result)
		return result < 0 ? result : 0;
	do {
		stage(&view->images[placed->domain], placed, now, bytes);
		next = placed->twin ? placed->twin - 1 : number;
		placed = &view->signals[next].placed;
	} while (next != number);
	return 0;
}

int port_view_find(const struct port_view *view, const char *slave, const char *signal,
		   uint32_t *number)
{
	if (port_name_index_find(&view->names, slave, signal, number))
		return 0;
	for (uint32_t i = 0; i < view->signal_count; i++)
		if (strcmp(view->signals[i].slave, slave) == 0)
			return ECR_ERR_NOT_REGISTERED;
	return ECR_ERR_NOT_FOUND;
}
