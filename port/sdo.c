/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDO requests. One that is waited for travels like any other call. One that is submitted takes a
 * record along, and when it is done goes into a list that the owner of the core appends to and
 * callers take from.
 */
#define _GNU_SOURCE 1
#include "port/clock.h"
#include "port/session.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define USUAL_NS ECR_S(5)
#define BYTE_NS ECR_US(100) /* a small mailbox and a slow slave */

int port_sdos_open(struct port_sdos *sdos)
{
	pthread_mutex_init(&sdos->lock, NULL);
	sdos->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return sdos->fd < 0 ? ECR_ERR_SYSTEM : 0;
}

void port_sdos_close(struct port_sdos *sdos)
{
	close(sdos->fd);
	pthread_mutex_destroy(&sdos->lock);
}

/* Callers take records one at a time, so that none can come back unnoticed while it is looked at. */
static struct port_sdo *take_record(struct port_sdos *sdos)
{
	struct port_sdo *record = atomic_load(&sdos->unused);

	while (record && !atomic_compare_exchange_weak(&sdos->unused, &record, record->next))
		;
	return record;
}

static void leave_record(struct port_sdos *sdos, struct port_sdo *record)
{
	record->next = atomic_load(&sdos->unused);
	while (!atomic_compare_exchange_weak(&sdos->unused, &record->next, record))
		;
}

int port_sdos_begin(struct port_sdos *sdos, uint32_t limit)
{
	sdos->records = calloc(limit, sizeof(*sdos->records));
	if (!sdos->records)
		return ECR_ERR_NO_MEMORY;
	for (uint32_t i = 0; i < limit; i++)
		leave_record(sdos, &sdos->records[i]);
	atomic_store(&sdos->limit, limit);
	return 0;
}

/* Nothing is under way any more, and nothing more is handed in. */
void port_sdos_end(struct port_sdos *sdos)
{
	pthread_mutex_lock(&sdos->lock);
	atomic_store(&sdos->unused, NULL);
	free(sdos->records);
	sdos->records = NULL;
	pthread_mutex_unlock(&sdos->lock);
}

/* The core then has room for it, too. */
static bool reserve(struct port_sdos *sdos)
{
	if (atomic_fetch_add(&sdos->open, 1) < atomic_load(&sdos->limit))
		return true;
	atomic_fetch_sub(&sdos->open, 1);
	return false;
}

static ecr_time deadline_of(const struct ecr_sdo *sdo)
{
	ecr_time now = port_now();
	size_t bytes = sdo->size < 1u << 30 ? sdo->size : 1u << 30;
	ecr_time budget =
		sdo->timeout_ns > 0 ? sdo->timeout_ns : USUAL_NS + (ecr_time)bytes * BYTE_NS;

	return budget < ECR_NEVER - now ? now + budget : ECR_NEVER;
}

static struct ecr_request request_of(struct ecr_sdo *sdo)
{
	return (struct ecr_request){ .kind = ECR_REQUEST_SDO,
				     .name = sdo->slave,
				     .out = sdo,
				     .deadline = deadline_of(sdo) };
}

static void ring_bell(struct port_sdos *sdos)
{
	uint64_t one = 1;

	(void)!write(sdos->fd, &one, sizeof(one));
}

/* Whoever makes the list longer than nothing rings; who empties it stills the bell, and looks again. */
static void put_done(struct port_sdos *sdos, struct ecr_sdo *sdo)
{
	struct ecr_sdo *newest = atomic_load(&sdos->done);

	do
		sdo->work = newest;
	while (!atomic_compare_exchange_weak(&sdos->done, &newest, sdo));
	if (!newest)
		ring_bell(sdos);
}

static void submitted_ended(struct ecr_master *master, struct port_call *call)
{
	struct port_sdo *record = (struct port_sdo *)(void *)call;
	struct ecr_sdo *sdo = record->sdo;

	sdo->result.error = call->request.result;
	leave_record(&master->sdos, record);
	atomic_fetch_sub(&master->sdos.open, 1);
	put_done(&master->sdos, sdo);
}

/* Under `lock`. */
static int submit(struct ecr_master *master, struct ecr_sdo *sdo)
{
	struct port_sdo *record;

	if (atomic_load(&master->calls) == PORT_CLOSED)
		return ECR_ERR_NOT_STARTED;
	if (!reserve(&master->sdos))
		return ECR_ERR_BUSY;
	record = take_record(&master->sdos);
	if (record) {
		record->sdo = sdo;
		record->call =
			(struct port_call){ .request = request_of(sdo), .ended = submitted_ended };
		if (port_hand_in(master, &record->call))
			return 0;
		leave_record(&master->sdos, record);
	}
	atomic_fetch_sub(&master->sdos.open, 1);
	return ECR_ERR_NOT_STARTED;
}

int ecr_sdo_submit(struct ecr_master *master, struct ecr_sdo *sdo)
{
	int error;

	if (!master || !sdo || !sdo->slave)
		return ECR_ERR_INVALID_ARGUMENT;
	sdo->result = (struct ecr_sdo_result){ .index = sdo->index, .subindex = sdo->subindex };
	pthread_mutex_lock(&master->sdos.lock);
	error = submit(master, sdo);
	pthread_mutex_unlock(&master->sdos.lock);
	return error;
}

int ecr_sdo_cancel(struct ecr_master *master, struct ecr_sdo *sdo)
{
	struct port_call call = { .request = { .kind = ECR_REQUEST_SDO_CANCEL, .out = sdo } };

	return port_call(master, &call);
}

int ecr_sdo_fd(struct ecr_master *master)
{
	return master ? master->sdos.fd : -1;
}

static struct ecr_sdo *oldest_first(struct ecr_sdo *newest)
{
	struct ecr_sdo *oldest = NULL;

	while (newest) {
		struct ecr_sdo *next = newest->work;

		newest->work = oldest;
		oldest = newest;
		newest = next;
	}
	return oldest;
}

static void still_bell(struct port_sdos *sdos)
{
	uint64_t count;

	(void)!read(sdos->fd, &count, sizeof(count));
	if (atomic_load(&sdos->done))
		ring_bell(sdos);
}

struct ecr_sdo *ecr_sdo_done(struct ecr_master *master)
{
	struct port_sdos *sdos;
	struct ecr_sdo *first;

	if (!master)
		return NULL;
	sdos = &master->sdos;
	pthread_mutex_lock(&sdos->lock);
	if (!sdos->taken)
		sdos->taken = oldest_first(atomic_exchange(&sdos->done, NULL));
	first = sdos->taken;
	if (first) {
		sdos->taken = first->work;
		first->work = NULL;
	}
	if (!sdos->taken)
		still_bell(sdos);
	pthread_mutex_unlock(&sdos->lock);
	return first;
}

int ecr_sdo_run(struct ecr_master *master, struct ecr_sdo *sdo)
{
	struct port_call call = { 0 };

	if (!master || !sdo)
		return ECR_ERR_INVALID_ARGUMENT;
	call.request = request_of(sdo);
	sdo->result = (struct ecr_sdo_result){ .index = sdo->index, .subindex = sdo->subindex };
	if (!sdo->slave)
		sdo->result.error = ECR_ERR_INVALID_ARGUMENT;
	else if (atomic_load(&master->calls) == PORT_CLOSED)
		sdo->result.error = ECR_ERR_NOT_STARTED;
	else if (!reserve(&master->sdos))
		sdo->result.error = ECR_ERR_BUSY;
	if (sdo->result.error)
		return sdo->result.error;
	sdo->result.error = port_call(master, &call);
	atomic_fetch_sub(&master->sdos.open, 1);
	return sdo->result.error;
}

int ecr_upload_sdo(struct ecr_master *master, const char *slave, uint16_t index, uint8_t subindex,
		   void *data, size_t *size)
{
	struct ecr_sdo sdo = { .slave = slave,
			       .kind = ECR_SDO_UPLOAD,
			       .index = index,
			       .subindex = subindex,
			       .data = data,
			       .size = size ? *size : 0 };
	int error = size ? ecr_sdo_run(master, &sdo) : ECR_ERR_INVALID_ARGUMENT;

	if (size)
		*size = sdo.result.size;
	return error;
}

int ecr_download_sdo(struct ecr_master *master, const char *slave, uint16_t index, uint8_t subindex,
		     const void *data, size_t size)
{
	struct ecr_sdo sdo = { .slave = slave,
			       .kind = ECR_SDO_DOWNLOAD,
			       .index = index,
			       .subindex = subindex,
			       .data = (void *)(uintptr_t)data,
			       .size = size };

	return ecr_sdo_run(master, &sdo);
}

int ecr_emergencies(struct ecr_master *master, const char *slave, struct ecr_emergency *emergencies,
		    int room)
{
	struct port_call call = { .request = { .kind = ECR_REQUEST_EMERGENCIES,
					       .name = slave,
					       .out = emergencies,
					       .room = room } };

	return port_call(master, &call);
}
