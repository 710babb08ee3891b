/* SPDX-License-Identifier: Apache-2.0 */
/* Signals and images, read and written without a call into the core. */
#include "port/clock.h"
#include "port/session.h"

#include <string.h>

static struct port_view *view_of(struct ecr_master *master)
{
	return atomic_load_explicit(&master->view, memory_order_acquire);
}

int ecr_signal_find(struct ecr_master *master, const char *slave, const char *signal,
		    struct ecr_signal *handle)
{
	struct port_view *view;

	if (!master || !slave || !signal || !handle)
		return ECR_ERR_INVALID_ARGUMENT;
	view = view_of(master);
	if (!view)
		return ECR_ERR_NOT_STARTED;
	handle->generation = view->generation;
	return port_view_find(view, slave, signal, &handle->number);
}

/* The view that the handle was made for, as long as it is the present one; NULL, and why not. */
static struct port_view *view_for(struct ecr_master *master, struct ecr_signal handle, int *error)
{
	struct port_view *view = view_of(master);

	*error = view ? ECR_ERR_NOT_FOUND : ECR_ERR_NOT_STARTED;
	if (!view || handle.generation != view->generation || handle.number >= view->signal_count)
		return NULL;
	return view;
}

int ecr_signal_read(struct ecr_master *master, struct ecr_signal handle, struct ecr_sample *sample)
{
	struct port_view *view;
	int error;

	if (!master || !sample)
		return ECR_ERR_INVALID_ARGUMENT;
	view = view_for(master, handle, &error);
	return view ? port_view_read(view, handle.number, port_now(), sample) : error;
}

int ecr_signal_write(struct ecr_master *master, struct ecr_signal handle,
		     const struct ecr_value *value)
{
	struct port_view *view;
	int error;

	if (!master || !value)
		return ECR_ERR_INVALID_ARGUMENT;
	view = view_for(master, handle, &error);
	return view ? port_view_write(view, handle.number, port_now(), value) : error;
}

int ecr_read_input(struct ecr_master *master, const char *slave, const char *signal,
		   struct ecr_sample *sample)
{
	struct ecr_signal handle;
	int error = ecr_signal_find(master, slave, signal, &handle);

	if (error)
		return error;
	if (view_of(master)->signals[handle.number].placed.direction != ECR_INPUT)
		return ECR_ERR_NOT_INPUT;
	return ecr_signal_read(master, handle, sample);
}

int ecr_write_output(struct ecr_master *master, const char *slave, const char *signal,
		     struct ecr_value value)
{
	struct ecr_signal handle;
	int error = ecr_signal_find(master, slave, signal, &handle);

	return error ? error : ecr_signal_write(master, handle, &value);
}

static struct port_image *image_of(struct port_view *view, const char *id)
{
	for (int i = 0; view && i < view->image_count; i++)
		if (strcmp(view->images[i].id, id) == 0)
			return &view->images[i];
	return NULL;
}

/* Where so many of its bytes are to be read or written. */
static int find_image(struct ecr_master *master, const char *id, const void *bytes, uint32_t size,
		      struct port_image **image)
{
	if (!master || !id || (!bytes && size))
		return ECR_ERR_INVALID_ARGUMENT;
	*image = image_of(view_of(master), id);
	if (*image)
		return 0;
	return view_of(master) ? ECR_ERR_NOT_FOUND : ECR_ERR_NOT_STARTED;
}

int ecr_domain_read(struct ecr_master *master, const char *id, uint32_t offset, void *bytes,
		    uint32_t size)
{
	struct port_image *image;
	int error = find_image(master, id, bytes, size, &image);

	if (!error && !port_image_ready(image))
		error = ECR_ERR_NOT_READY;
	return error ? error : port_image_read(image, offset, bytes, size);
}

int ecr_domain_write(struct ecr_master *master, const char *id, uint32_t offset, const void *bytes,
		     uint32_t size)
{
	struct port_image *image;
	int error = find_image(master, id, bytes, size, &image);

	return error ? error : port_image_write(image, port_now(), offset, bytes, size);
}

static const struct port_share *share_of(const struct port_view *view, const char *id,
					 const char *slave, uint8_t sm)
{
	for (uint32_t i = 0; i < view->share_count; i++) {
		const struct port_share *share = &view->shares[i];

		if (share->placed.sm == sm && strcmp(share->slave, slave) == 0 &&
		    strcmp(view->images[share->placed.domain].id, id) == 0)
			return share;
	}
	return NULL;
}

int ecr_domain_sample(struct ecr_master *master, const char *id, const char *slave,
		      uint8_t sm_index, void *bytes, uint32_t size, struct ecr_image_sample *sample)
{
	const struct port_share *share;
	struct port_view *view;

	if (!master || !id || !slave || !bytes || !sample)
		return ECR_ERR_INVALID_ARGUMENT;
	view = view_of(master);
	if (!view)
		return ECR_ERR_NOT_STARTED;
	share = share_of(view, id, slave, sm_index);
	if (!share)
		return ECR_ERR_NOT_FOUND;
	if (size < (share->placed.bits + 7) / 8)
		return ECR_ERR_INVALID_ARGUMENT;
	return port_view_sample(view, share, port_now(), bytes, sample);
}
