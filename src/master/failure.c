/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a slave with which something has failed. */
#include "master/master.h"

#include "base/text.h"

struct ecr_failure ecr_master_failure_in(const struct ecr_core *core, const struct ecr_slave *slave,
					 const char *phase, int error)
{
	struct ecr_failure failure = { .error = error,
				       .position = slave->position,
				       .station = slave->station,
				       .phase = phase,
				       .subject = "",
				       .at = core->now };
	struct ecr_text name;

	ecr_text_init(&name, failure.slave, sizeof(failure.slave));
	ecr_text_string(&name, slave->name);
	return failure;
}

struct ecr_failure ecr_master_failure_of(const struct ecr_core *core, const struct ecr_slave *slave,
					 const struct ecr_job *job, int error)
{
	return ecr_master_failure_in(core, slave, job->failed_step ? job->failed_step : "", error);
}
