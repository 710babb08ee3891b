/* SPDX-License-Identifier: Apache-2.0 */
/* A call that is waited for: by sleeping, or, where no thread owns the core, by turning its loop oneself. */
#include "port/clock.h"
#include "port/session.h"

#include <errno.h>

/* What is to be filled in is there. */
static bool sensible(const struct ecr_master *master, const struct port_call *call)
{
	const struct ecr_request *request = &call->request;

	if (!master)
		return false;
	if (call->run)
		return call->argument;
	switch (request->kind) {
	case ECR_REQUEST_SLAVE_INFO:
	case ECR_REQUEST_DOMAIN_INFO:
	case ECR_REQUEST_BUS_INFO:
	case ECR_REQUEST_LAST_FAILURE:
	case ECR_REQUEST_DC_STATUS:
	case ECR_REQUEST_SDO:
	case ECR_REQUEST_SDO_CANCEL:
		return request->out;
	default:
		return request->room == 0 || (request->room > 0 && request->out);
	}
}

int port_call(struct ecr_master *master, struct port_call *call)
{
	int result;

	if (!sensible(master, call))
		return ECR_ERR_INVALID_ARGUMENT;
	sem_init(&call->done, 0, 0);
	if (!port_hand_in(master, call)) {
		sem_destroy(&call->done);
		return ECR_ERR_NOT_STARTED;
	}
	if (master->threaded) {
		while (sem_wait(&call->done) && errno == EINTR)
			;
	} else {
		while (sem_trywait(&call->done)) {
			port_session_turn(master, port_now());
			if (sem_trywait(&call->done) == 0)
				break;
			port_session_wait(master, port_now() + ECR_MS(10));
		}
	}
	result = call->request.result;
	sem_destroy(&call->done);
	return result;
}

ecr_time port_deadline(ecr_time timeout)
{
	ecr_time now = port_now();

	if (timeout <= 0)
		return now;
	return timeout < ECR_NEVER - now ? now + timeout : ECR_NEVER;
}
