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
	to->changed = malloc((from->size + 1) * sizeof(*to->changed));
	to->written = malloc((from->size + 1) * sizeof(*to->written));
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
	if (!to->inputs || !to->changed || !to->written || !to->last || !to->staged)
		return -1;
	for (uint32_t i = 0; i < from->size; i++) {
		atomic_init(&to->changed[i], -1);
		atomic_init(&to->written[i], -1);
	}
	atomic_init(&to->refreshed, -1);
	atomic_init(&to->stale_after, from->stale_after);
	return 0;
}

static void free_image(struct port_image *image)
{
	free(image->inputs);
	free(image->changed);
	free(image->written);
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
		free(view->signals);
		free(view);
		view = older;
	}
}

struct port_view *port_view_make(const struct ecr_core *core, struct port_view *older)
{
	struct port_view *view = calloc(1, sizeof(*view));
	int images = ecr_core_image_count(core);

	if (!view)
		return NULL;
	view->generation = ecr_core_generation(core);
	view->signal_count = ecr_core_signal_count(core);
	view->signals = calloc(view->signal_count + 1, sizeof(*view->signals));
	view->images = calloc((size_t)images + 1, sizeof(*view->images));
	if (!view->signals || !view->images) {
		port_view_free(view);
		return NULL;
	}
	for (uint32_t i = 0; i < view->signal_count; i++) {
		struct port_signal *signal = &view->signals[i];

		signal->placed = *ecr_core_signal(core, i);
		memcpy(signal->slave, signal->placed.slave, sizeof(signal->slave));
		signal->placed.slave = signal->slave;
	}
	for (int i = 0; i < images; i++) {
		struct ecr_image image;

		ecr_core_image(core, i, &image);
		view->image_count++;
		if (build_image(&view->images[i], &image)) {
			port_view_free(view);
			return NULL;
		}
	}
	view->older = older;
	return view;
}

/* Word by word, so that a reader never sees half a word; the version tells it when to look again.
 */
static void store_inputs(struct port_image *to, const uint8_t *inputs, ecr_time at)
{
	for (uint32_t i = 0; i < to->size; i++)
		if (inputs[i] != to->last[i] || to->published == 0)
			atomic_store_explicit(&to->changed[i], at, memory_order_release);
	memcpy(to->last, inputs, to->size);
	for (uint32_t i = 0; i < to->words; i++) {
		uint64_t word;

		memcpy(&word, to->last + (size_t)i * 8, sizeof(word));
		atomic_store_explicit(&to->inputs[i], word, memory_order_release);
	}
}

static bool publish(struct port_image *to, const struct ecr_image *from)
{
	bool changed;
	unsigned int version;

	atomic_store_explicit(&to->stale_after, from->stale_after, memory_order_relaxed);
	if (from->valid_cycles == to->published || !from->inputs || from->size != to->size)
		return false;
	changed = to->published == 0 || memcmp(to->last, from->inputs, to->size) != 0;
	if (changed) {
		version = atomic_load_explicit(&to->version, memory_order_relaxed);
		atomic_store_explicit(&to->version, version + 1, memory_order_relaxed);
		store_inputs(to, from->inputs, from->refreshed_at);
		atomic_store_explicit(&to->version, version + 2, memory_order_release);
	}
	to->published = from->valid_cycles;
	atomic_store_explicit(&to->refreshed, from->refreshed_at, memory_order_release);
	return changed;
}

bool port_view_publish(struct port_view *view, const struct ecr_core *core)
{
	bool changed = false;

	for (int i = 0; i < view->image_count; i++) {
		struct ecr_image image;

		ecr_core_image(core, i, &image);
		changed |= publish(&view->images[i], &image);
	}
	return changed;
}

void port_view_take_outputs(struct port_view *view, const struct ecr_core *core)
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
}

/* Under `writers`. */
static void hand_over(struct port_image *image)
{
	memcpy(image->slots[image->filling], image->staged, image->size);
	image->filling = atomic_exchange_explicit(&image->ready, image->filling | SLOT_FRESH,
						  memory_order_acq_rel) &
			 SLOT_MASK;
}

int port_image_read(struct port_image *image, uint32_t offset, void *bytes, uint32_t size)
{
	unsigned int before;
	unsigned int after;

	if (offset > image->size || size > image->size - offset)
		return ECR_ERR_INVALID_ARGUMENT;
	do {
		before = atomic_load_explicit(&image->version, memory_order_acquire);
		for (uint32_t i = 0; i < size; i++) {
			uint64_t word = atomic_load_explicit(&image->inputs[(offset + i) / 8],
							     memory_order_acquire);
			uint8_t parts[8];

			memcpy(parts, &word, sizeof(parts));
			((uint8_t *)bytes)[i] = parts[(offset + i) % 8];
		}
		after = atomic_load_explicit(&image->version, memory_order_acquire);
	} while ((before & 1) || before != after);
	return 0;
}

int port_image_write(struct port_image *image, ecr_time now, uint32_t offset, const void *bytes,
		     uint32_t size)
{
	if (offset > image->size || size > image->size - offset)
		return ECR_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&image->writers);
	memcpy(image->staged + offset, bytes, size);
	for (uint32_t i = 0; i < size; i++)
		atomic_store_explicit(&image->written[offset + i], now, memory_order_relaxed);
	hand_over(image);
	pthread_mutex_unlock(&image->writers);
	return 0;
}

static int64_t us(int64_t ns)
{
	return ns < 0 ? -1 : ns / 1000;
}

static void fill_freshness(const struct port_image *image, ecr_time now, struct ecr_sample *sample)
{
	int64_t refreshed = atomic_load_explicit(&image->refreshed, memory_order_acquire);
	int64_t stale_after = atomic_load_explicit(&image->stale_after, memory_order_relaxed);
	int64_t age = now > refreshed ? now - refreshed : 0;

	sample->updated_at_us = us(refreshed);
	sample->freshness = (struct ecr_freshness){ .refreshed_at_us = us(refreshed),
						    .age_us = refreshed < 0 ? -1 : age / 1000,
						    .stale_after_us = stale_after / 1000 };
	sample->freshness.state = refreshed < 0	      ? ECR_NOT_READY
				  : age > stale_after ? ECR_STALE
						      : ECR_FRESH;
}

static int64_t latest(const _Atomic int64_t *stamps, uint32_t first, uint32_t last)
{
	int64_t best = -1;

	for (uint32_t i = first; i <= last; i++) {
		int64_t at = atomic_load_explicit(&stamps[i], memory_order_relaxed);

		best = at > best ? at : best;
	}
	return best;
}

static void read_staged(struct port_image *image, const struct ecr_placed_signal *placed,
			uint8_t *bytes)
{
	pthread_mutex_lock(&image->writers);
	ecr_bits_get(image->staged, placed->bit_offset, placed->bit_size, bytes);
	pthread_mutex_unlock(&image->writers);
}

int port_view_read(struct port_view *view, uint32_t number, ecr_time now, struct ecr_sample *sample)
{
	const struct ecr_placed_signal *placed = &view->signals[number].placed;
	struct port_image *image = &view->images[placed->domain];
	uint32_t first = placed->bit_offset / 8;
	uint32_t last = (placed->bit_offset + placed->bit_size - 1) / 8;
	uint8_t raw[ECR_VALUE_BYTES + 1];
	uint8_t bytes[ECR_VALUE_BYTES];
	int error;

	*sample = (struct ecr_sample){ .changed_at_us = -1 };
	if (placed->direction == ECR_OUTPUT) {
		read_staged(image, placed, bytes);
		sample->changed_at_us = sample->updated_at_us =
			us(latest(image->written, first, last));
		sample->freshness =
			(struct ecr_freshness){ .state = ECR_FRESH,
						.refreshed_at_us = sample->updated_at_us };
		return ecr_value_decode(placed->driver, placed->driver_config, &placed->model,
					placed->bit_size, bytes, &sample->value);
	}
	fill_freshness(image, now, sample);
	if (sample->freshness.state == ECR_NOT_READY)
		return ECR_ERR_NOT_READY;
	port_image_read(image, first, raw, last - first + 1);
	ecr_bits_get(raw, placed->bit_offset % 8, placed->bit_size, bytes);
	sample->changed_at_us = us(latest(image->changed, first, last));
	error = ecr_value_decode(placed->driver, placed->driver_config, &placed->model,
				 placed->bit_size, bytes, &sample->value);
	return error ? error : sample->freshness.state == ECR_STALE ? ECR_ERR_STALE : 0;
}

static void stage(struct port_image *image, const struct ecr_placed_signal *placed, ecr_time now,
		  const uint8_t *bytes)
{
	pthread_mutex_lock(&image->writers);
	ecr_bits_put(image->staged, placed->bit_offset, placed->bit_size, bytes);
	for (uint32_t i = placed->bit_offset / 8;
	     i <= (placed->bit_offset + placed->bit_size - 1) / 8; i++)
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
	bool known = false;

	for (uint32_t i = 0; i < view->signal_count; i++) {
		if (strcmp(view->signals[i].slave, slave) != 0)
			continue;
		known = true;
		if (strcmp(view->signals[i].placed.model.name, signal) == 0) {
			*number = i;
			return 0;
		}
	}
	return known ? ECR_ERR_NOT_REGISTERED : ECR_ERR_NOT_FOUND;
}
