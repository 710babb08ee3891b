/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stations go to positions, and a position is whoever stands there when the frame passes: a slave of the session that somebody
 * has just come before, or one has left, may have been given a newcomer's station and lost its own. Newcomers are in INIT, with
 * their FMMUs off, before they get one. So who operates at a station that is not its own is asked for its FMMUs: one that has
 * those of a slave that is nowhere else is that slave, and gets its own station back before it is silenced for a stranger.
 */
#include "master/master.h"

#include "base/le.h"

#define AT_ONCE 4u

static bool is_suspect(const struct ecr_attendant *place)
{
	return place->newcomer && place->station && ecr_attend_operates(place);
}

bool ecr_retrace(struct ecr_roll *roll)
{
	roll->batch_count = 0;
	for (; roll->at < roll->count && roll->batch_count < AT_ONCE; roll->at++) {
		if (!is_suspect(&roll->places[roll->at]))
			continue;
		roll->batch[roll->batch_count++] = roll->at;
		ecr_job_read(&roll->job, ECR_CMD_FPRD,
			     ecr_address_station(roll->places[roll->at].station, ECR_REG_FMMU(0)),
			     ECR_FMMU_SIZE);
	}
	return roll->batch_count;
}

bool ecr_retraced(struct ecr_roll *roll, const struct ecr_answer *answer)
{
	struct ecr_core *core = roll->core;
	bool any = false;

	for (uint16_t i = 0; i < roll->batch_count; i++) {
		struct ecr_attendant *place = &roll->places[roll->batch[i]];
		const struct ecr_slave *slave =
			answer->asks[i].wkc == 1
				? ecr_slave_of_fmmu(core->slaves, core->slave_count,
						    answer->asks[i].in)
				: NULL;

		place->own =
			slave && slave->place == ECR_STRANGER && slave->station != place->station
				? slave->station
				: 0;
		any = any || place->own;
	}
	return any;
}

void ecr_return_stations(struct ecr_roll *roll)
{
	for (uint16_t i = 0; i < roll->batch_count; i++) {
		const struct ecr_attendant *place = &roll->places[roll->batch[i]];

		if (place->own)
			ecr_job_write16(&roll->job, ECR_CMD_FPWR,
					ecr_address_station(place->station, ECR_REG_STATION),
					place->own);
	}
}
