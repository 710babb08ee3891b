/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDO requests of callers. Each slave serves one at a time, in the order of their arrival, while its
 * own conversations leave the mailbox alone, and only when whoever stands there is who it is to be.
 * The data stay the caller's; each request comes back exactly once.
 */
#include "master/master.h"

#include "base/assert.h"

static void finish(struct ecr_core *core, struct ecr_request *request, int error)
{
	struct ecr_sdo *sdo = request->out;

	sdo->result.error = error;
	core->services--;
	ecr_core_complete(core, request, error);
}

/* Its station alone may have been given to another, for the position; its EEPROM says who has it. */
static bool is_another(const struct ecr_slave *slave)
{
	return slave->asked && !ecr_slave_would_be(slave, &slave->identity);
}

/* Not usable at all, or not now; 0 when it is. */
static int refusal(const struct ecr_slave *slave)
{
	if (slave->down || slave->al_state < ECR_AL_PREOP || slave->al_state == ECR_AL_BOOT)
		return ECR_ERR_MAILBOX_NOT_READY;
	if (is_another(slave))
		return ECR_ERR_IDENTITY_MISMATCH;
	return ecr_slave_lacks_coe(slave);
}

static bool sensible(const struct ecr_sdo *sdo)
{
	switch (sdo->kind) {
	case ECR_SDO_UPLOAD:
	case ECR_SDO_DOWNLOAD:
	case ECR_SDO_OBJECT_LIST:
		return sdo->data || !sdo->size;
	case ECR_SDO_OBJECT:
		return sdo->data && sdo->size >= sizeof(struct ecr_object);
	case ECR_SDO_ENTRY:
		return sdo->data && sdo->size >= sizeof(struct ecr_object_entry);
	default:
		return false;
	}
}

/* Why a request is not taken; 0 when it is. */
static int refused(const struct ecr_core *core, const struct ecr_slave *slave,
		   const struct ecr_sdo *sdo)
{
	int error;

	if (core->state == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	if (!slave)
		return ECR_ERR_UNKNOWN_SLAVE;
	error = sensible(sdo) ? refusal(slave) : ECR_ERR_INVALID_ARGUMENT;
	return !error && core->services >= core->limits.requests ? ECR_ERR_BUSY : error;
}

int ecr_service_begin(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_slave *slave = ecr_master_slave(core, request->name);
	struct ecr_sdo *sdo = request->out;
	struct ecr_request **end;
	int error = refused(core, slave, sdo);

	sdo->result = (struct ecr_sdo_result){ .error = error,
					       .index = sdo->index,
					       .subindex = sdo->subindex };
	if (error)
		return error;
	core->services++;
	if (request->deadline && request->deadline < core->service_wake)
		core->service_wake = request->deadline;
	for (end = &slave->requests; *end; end = &(*end)->next)
		;
	*end = request;
	ecr_service_next(core, slave);
	return 0;
}

static struct ecr_job *prepare(struct ecr_transfer *transfer, const struct ecr_sdo *sdo)
{
	bool complete = sdo->flags & ECR_SDO_COMPLETE;

	switch (sdo->kind) {
	case ECR_SDO_UPLOAD:
		return ecr_transfer_upload(transfer, sdo->index, sdo->subindex, complete, sdo->data,
					   sdo->size);
	case ECR_SDO_DOWNLOAD:
		return ecr_transfer_download(transfer, sdo->index, sdo->subindex, complete,
					     sdo->data, sdo->size);
	default:
		return ecr_transfer_info(transfer, sdo->kind, sdo->index, sdo->subindex, sdo->data,
					 sdo->size);
	}
}

void ecr_service_next(struct ecr_core *core, struct ecr_slave *slave)
{
	struct ecr_request *request = slave->requests;

	if (!request || slave->serving || slave->claimed || !slave->asked || slave->unproven ||
	    slave->activity == ECR_ACTIVITY_PROVISION || slave->activity == ECR_ACTIVITY_BRINGUP)
		return;
	if (is_another(slave)) {
		ecr_service_end_all(core, slave, ECR_ERR_IDENTITY_MISMATCH);
		return;
	}
	slave->requests = request->next;
	slave->serving = request;
	prepare(&slave->transfer, request->out);
	slave->transfer.job.context = slave;
	slave->transfer.job.subject = slave->index;
	ecr_job_start(&core->runner, &slave->transfer.job, ecr_transfer_steps);
}

void ecr_service_ended(struct ecr_core *core, struct ecr_slave *slave)
{
	struct ecr_request *request = slave->serving;
	struct ecr_sdo *sdo;

	ECR_ASSERT(request);
	sdo = request->out;
	sdo->result = slave->transfer.result;
	slave->serving = NULL;
	finish(core, request, slave->transfer.job.result);
	ecr_service_next(core, slave);
}

/* The answer to what is under way may still come: the mailbox knows, and is told from the next one. */
static void stop_serving(struct ecr_core *core, struct ecr_slave *slave, int error)
{
	struct ecr_request *request = slave->serving;

	if (!request)
		return;
	ecr_job_cancel(&core->runner, &slave->transfer.job);
	slave->serving = NULL;
	finish(core, request, error);
}

void ecr_service_end_all(struct ecr_core *core, struct ecr_slave *slave, int error)
{
	stop_serving(core, slave, error);
	while (slave->requests) {
		struct ecr_request *request = slave->requests;

		slave->requests = request->next;
		finish(core, request, error);
	}
}

static bool is_sdo(const struct ecr_request *request, const void *what, ecr_time now)
{
	(void)now;
	return request->out == what;
}

static bool is_late(const struct ecr_request *request, const void *what, ecr_time now)
{
	(void)what;
	return request->deadline && request->deadline <= now;
}

/* Ends the requests that a rule picks; how many. */
static int end_some(struct ecr_core *core,
		    bool (*picks)(const struct ecr_request *request, const void *what,
				  ecr_time now),
		    const void *what, int error)
{
	int ended = 0;

	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];
		struct ecr_request **link = &slave->requests;

		while (*link) {
			struct ecr_request *request = *link;

			if (!picks(request, what, core->now)) {
				link = &request->next;
				continue;
			}
			*link = request->next;
			finish(core, request, error);
			ended++;
		}
		if (slave->serving && picks(slave->serving, what, core->now)) {
			stop_serving(core, slave, error);
			ecr_service_next(core, slave);
			ended++;
		}
	}
	return ended;
}

int ecr_service_cancel(struct ecr_core *core, const struct ecr_sdo *sdo)
{
	return end_some(core, is_sdo, sdo, ECR_ERR_CANCELLED) ? 0 : ECR_ERR_NOT_FOUND;
}

static void first_deadline(struct ecr_core *core, const struct ecr_request *request)
{
	for (; request; request = request->next)
		if (request->deadline && request->deadline < core->service_wake)
			core->service_wake = request->deadline;
}

void ecr_service_expire(struct ecr_core *core)
{
	if (core->now < core->service_wake)
		return;
	end_some(core, is_late, NULL, ECR_ERR_TIMEOUT);
	core->service_wake = ECR_NEVER;
	for (int i = 0; i < core->slave_count; i++) {
		first_deadline(core, core->slaves[i].requests);
		if (core->slaves[i].serving && core->slaves[i].serving->deadline &&
		    core->slaves[i].serving->deadline < core->service_wake)
			core->service_wake = core->slaves[i].serving->deadline;
	}
}
