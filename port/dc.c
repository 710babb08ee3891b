/* SPDX-License-Identifier: Apache-2.0 */
/* The public face of distributed clocks. */
#include "port/session.h"

#include <string.h>

static int ask(struct ecr_master *master, struct ecr_request request)
{
	struct port_call call = { .request = request };

	return port_call(master, &call);
}

int ecr_await_dc_locked(struct ecr_master *master, ecr_time timeout_ns)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_AWAIT_DC_LOCKED,
						 .deadline = port_deadline(timeout_ns) });
}

int ecr_dc_status(struct ecr_master *master, struct ecr_dc_status *status)
{
	int result =
		ask(master, (struct ecr_request){ .kind = ECR_REQUEST_DC_STATUS, .out = status });

	if (result == ECR_ERR_NOT_STARTED)
		*status = (struct ecr_dc_status){ .lock_state = ECR_DC_DISABLED,
						  .last_sync_check_at_us = -1 };
	return result;
}

int ecr_reference_clock(struct ecr_master *master, char *name, uint16_t *station)
{
	struct ecr_dc_status status;
	int result = ecr_dc_status(master, &status);

	if (result)
		return result;
	if (!status.configured)
		return ECR_ERR_DC_DISABLED;
	if (!status.reference_clock[0])
		return ECR_ERR_NO_REFERENCE_CLOCK;
	if (name)
		memcpy(name, status.reference_clock, sizeof(status.reference_clock));
	if (station)
		*station = status.reference_station;
	return 0;
}

int ecr_dc_slaves(struct ecr_master *master, struct ecr_dc_slave *slaves, int room)
{
	return ask(master, (struct ecr_request){
				   .kind = ECR_REQUEST_DC_SLAVES, .out = slaves, .room = room });
}
