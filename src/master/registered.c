/* SPDX-License-Identifier: Apache-2.0 */
/* Where the plan has put what was registered. */
#include "master/master.h"

#include "base/text.h"

const struct ecr_placement *ecr_master_placement(const struct ecr_core *core, const char *domain,
						 const struct ecr_registration *wanted)
{
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];

		if (!placement->mail && placement->sm == wanted->sm &&
		    ecr_text_equal(placement->slave->name, wanted->slave) &&
		    ecr_text_equal(core->domains[placement->domain].id, domain))
			return placement;
	}
	return NULL;
}

int ecr_master_registered(const struct ecr_core *core, const struct ecr_request *request)
{
	struct ecr_registration *wanted = request->out;
	const struct ecr_placement *placement = ecr_master_placement(core, request->name, wanted);
	int error = ECR_ERR_NOT_FOUND;

	if (placement) {
		wanted->offset = placement->offset;
		return 0;
	}
	for (int i = 0; i < core->slave_count; i++)
		if (ecr_text_equal(core->slaves[i].name, wanted->slave) &&
		    core->slaves[i].configuration_failure.error)
			error = core->slaves[i].configuration_failure.error;
	return error;
}
