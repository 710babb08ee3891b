/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever is on the ring and is not known may have been left operating by an earlier session or another master: its
 * FMMUs take part in our cycles, and its outputs show what comes with them. So they are switched off, and one above
 * PREOP is sent to INIT, as soon as it is seen and before anybody asks who it is. They lose their stations, too: nobody
 * on the ring has one that this session has not given. Where slaves come and go each gets one of its own instead, which
 * goes where it goes while it is asked, so that nobody is taken for another who has just come to its place.
 */
#include "master/master.h"

#include "base/le.h"

#define AT_ONCE 4u /* positions, four questions each */
#define NAMES_AT_ONCE 16u
#define FIRST_FMMUS 3u	/* that nearly every controller has, */
#define OTHER_FMMUS 13u /* and those that it may have */

/* The slave of the session whose station it is; NULL: nobody's. */
static const struct ecr_slave *owner_of(const struct ecr_core *core, uint16_t station)
{
	int number = station - core->slaves[0].station;

	return station && number >= 0 && number < core->slave_count ? &core->slaves[number] : NULL;
}

static bool operates(const struct ecr_attendant *place)
{
	return (place->al_status & ECR_AL_STATE_MASK) >= ECR_AL_SAFEOP;
}

/* One that is not configured, and has a station of ours for the sake of its clock. */
static bool is_clock(const struct ecr_core *core, const struct ecr_attendant *place)
{
	const struct ecr_dc *dc = &core->dc;
	int number = place->station - core->slaves[0].station;

	return dc->clocks && number >= core->slave_count && number < dc->count &&
	       dc->clocks[number].placed && dc->clocks[number].station == place->station;
}

/* It is being brought up, or was and is not who it should be: its FMMUs are off already. */
static bool is_led(const struct ecr_core *core, const struct ecr_attendant *place)
{
	const struct ecr_slave *owner = owner_of(core, place->station);

	if (operates(place))
		return false;
	return owner ? owner->place == ECR_STRANGER && !owner->down : is_clock(core, place);
}

/* Somebody before it has the same station, and nobody of the session has: both have been reached. */
static bool is_reached(const struct ecr_roll *roll, uint16_t at)
{
	for (uint16_t i = 0; i < at; i++)
		if (roll->places[i].newcomer && roll->places[i].station == roll->places[at].station)
			return true;
	return false;
}

static bool any_operates(const struct ecr_roll *roll, uint16_t station)
{
	for (uint16_t i = 0; i < roll->count; i++)
		if (roll->places[i].newcomer && roll->places[i].station == station &&
		    operates(&roll->places[i]))
			return true;
	return false;
}

/* One of the session has this station, and is elsewhere. */
static bool is_double(const struct ecr_roll *roll, uint16_t at)
{
	const struct ecr_slave *owner = owner_of(roll->core, roll->places[at].station);

	return owner && owner->place != ECR_STRANGER;
}

/* A station does not move when somebody is plugged in or out; a position is all that a double has of its own. */
static void ask(struct ecr_roll *roll, uint16_t at)
{
	struct ecr_job *job = &roll->job;
	uint16_t station = roll->places[at].station;
	bool apart = is_double(roll, at);
	uint8_t command = apart ? ECR_CMD_APWR : ECR_CMD_FPWR;
	uint32_t whom = apart ? ecr_address_position(at, 0) : ecr_address_station(station, 0);

	ecr_job_write_zeros(job, command, whom | ecr_address_all((uint16_t)ECR_REG_FMMU(0)),
			    FIRST_FMMUS * ECR_FMMU_SIZE);
	ecr_job_write_zeros(job, command,
			    whom | ecr_address_all((uint16_t)ECR_REG_FMMU(FIRST_FMMUS)),
			    OTHER_FMMUS * ECR_FMMU_SIZE);
	if (any_operates(roll, station))
		ecr_put_le16(
			ecr_job_write(job, command, whom | ecr_address_all(ECR_REG_AL_CONTROL), 2),
			ECR_AL_INIT | ECR_AL_ACKNOWLEDGE);
	if (station && !roll->core->hot)
		ecr_job_write(job, command, whom | ecr_address_all(ECR_REG_STATION), 2);
}

static void forget_stations(struct ecr_roll *roll)
{
	for (uint16_t i = 0; i < roll->count; i++)
		if (roll->places[i].newcomer && !is_led(roll->core, &roll->places[i]))
			roll->places[i].station = 0;
}

/* Below those of the session, or, where there is no room, above. */
static uint16_t spare_station(const struct ecr_roll *roll, uint16_t at)
{
	uint16_t first = roll->core->slaves[0].station;

	return (uint16_t)(first > roll->room ? first - 1 - at : UINT16_MAX - at);
}

bool ecr_name_newcomers(struct ecr_roll *roll)
{
	unsigned int named = 0;

	for (; roll->at < roll->count && roll->core->hot && named < NAMES_AT_ONCE; roll->at++) {
		struct ecr_attendant *place = &roll->places[roll->at];

		if (!place->newcomer || is_led(roll->core, place))
			continue;
		place->station = spare_station(roll, roll->at);
		ecr_job_write16(&roll->job, ECR_CMD_APWR,
				ecr_address_position(roll->at, ECR_REG_STATION), place->station);
		named++;
	}
	return named;
}

bool ecr_silence(struct ecr_roll *roll)
{
	unsigned int asked = 0;

	for (; roll->at < roll->count && asked < AT_ONCE; roll->at++) {
		if (!roll->places[roll->at].newcomer ||
		    is_led(roll->core, &roll->places[roll->at]) ||
		    (!is_double(roll, roll->at) && is_reached(roll, roll->at)))
			continue;
		ask(roll, roll->at);
		asked++;
	}
	if (!asked)
		forget_stations(roll);
	return asked;
}
