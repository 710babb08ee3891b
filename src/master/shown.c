/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was shown by whoever has a slave's station, and is in doubt, when a roll asked for its identification. To be asked it is
 * sent to INIT, and each attempt to bring it up again that ends in the same doubt begins another roll: so what it has shown is
 * kept as long as it has the station, and has it alone: nobody knows which of two has shown it. One that has not answered is asked
 * again, but not before that is due.
 */
#include "master/master.h"

static void recall(struct ecr_attendant *place, const struct ecr_shown *shown, bool due)
{
	if (!shown->asked || (due && !shown->identified))
		return;
	place->recalled = true;
	place->identified = shown->identified;
	place->identification = shown->identification;
}

void ecr_attend_recall(struct ecr_core *core)
{
	struct ecr_roll *roll = &core->roll;

	for (uint16_t i = 0; i < roll->count; i++) {
		const struct ecr_slave *slave = ecr_attend_owner(core, roll->places[i].station);

		if (slave && roll->places[i].newcomer && !ecr_shares_station(roll, i))
			recall(&roll->places[i], &slave->shown, roll->due);
	}
}

bool ecr_attend_remember(const struct ecr_core *core, struct ecr_slave *slave)
{
	const struct ecr_attendant *place;

	if (slave->place == ECR_STRANGER)
		return false;
	place = &core->roll.places[slave->place];
	if (!place->asked || place->station != slave->station)
		return false;
	slave->shown = (struct ecr_shown){ .asked = true,
					   .identified = place->identified,
					   .identification = place->identification };
	return true;
}
