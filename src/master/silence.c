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

#define AT_ONCE 3u /* positions, five questions each, beside the count */
#define NAMES_AT_ONCE 16u
#define HELD_NS \
	ECR_MS(2) /* so long whoever was looked at stands there still, and nobody else with its station */
#define OTHER_FMMUS (ECR_SLAVE_FMMUS - ECR_SLAVE_FIRST_FMMUS)

/* One that is not configured, and has a station of ours for the sake of its clock. */
static bool is_clock(const struct ecr_core *core, const struct ecr_attendant *place)
{
	const struct ecr_dc *dc = &core->dc;
	int number = place->station - core->slaves[0].station;

	return dc->clocks && number >= core->slave_count && number < dc->count &&
	       dc->clocks[number].placed && dc->clocks[number].station == place->station;
}

/*
 * It keeps the station that it has: on its way up, or where who must be there should be. One of another kind than the slave
 * that may be there is nobody of the session, and would be told in its stead what to do.
 */
static bool is_kept(const struct ecr_slave *owner, const struct ecr_attendant *place)
{
	return owner->place == ECR_STRANGER && !owner->down &&
	       (!owner->optional || owner->activity != ECR_ACTIVITY_NONE ||
		ecr_attend_fits(owner, place));
}

/* It is being brought up, or was and is not who it should be: its FMMUs are off already. Not one of two that have one station. */
static bool is_led(const struct ecr_core *core, const struct ecr_attendant *place)
{
	const struct ecr_slave *owner = ecr_attend_owner(core, place->station);
	uint16_t at = (uint16_t)(place - core->roll.places);

	if (ecr_attend_operates(place) || ecr_shares_station(&core->roll, at))
		return false;
	return owner ? is_kept(owner, place) : is_clock(core, place);
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
		    ecr_attend_operates(&roll->places[i]))
			return true;
	return false;
}

/* One of the session has this station, and is elsewhere. */
static bool is_double(const struct ecr_roll *roll, uint16_t at)
{
	const struct ecr_slave *owner = ecr_attend_owner(roll->core, roll->places[at].station);

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
			    ECR_SLAVE_FIRST_FMMUS * ECR_FMMU_SIZE);
	ecr_job_write_zeros(job, command,
			    whom | ecr_address_all((uint16_t)ECR_REG_FMMU(ECR_SLAVE_FIRST_FMMUS)),
			    OTHER_FMMUS * ECR_FMMU_SIZE);
	if (any_operates(roll, station))
		ecr_put_le16(
			ecr_job_write(job, command, whom | ecr_address_all(ECR_REG_AL_CONTROL), 2),
			ECR_AL_INIT | ECR_AL_ACKNOWLEDGE);
	if (station && !roll->core->hot &&
	    (!is_clock(roll->core, &roll->places[at]) || ecr_shares_station(roll, at)))
		ecr_job_write(job, command, whom | ecr_address_all(ECR_REG_STATION), 2);
}

static void forget_stations(struct ecr_roll *roll)
{
	for (uint16_t i = 0; i < roll->count && !roll->core->hot; i++)
		if (roll->places[i].newcomer && !is_led(roll->core, &roll->places[i]))
			roll->places[i].station = 0;
}

/* The names of newcomers, numbered: stations below those of the session, or, where there is no room, above. */
static uint16_t station_of_name(const struct ecr_roll *roll, uint16_t name)
{
	uint16_t first = roll->core->slaves[0].station;

	return (uint16_t)(first > roll->room ? first - 1 - name : UINT16_MAX - name);
}

/* -1: the station is none of them. */
static int name_of_station(const struct ecr_roll *roll, uint16_t station)
{
	int name = station_of_name(roll, 0) - station;

	return name >= 0 && name < roll->room ? name : -1;
}

/* Two that have one station: the other one has come since. */
static bool is_taken(const struct ecr_roll *roll, uint16_t at)
{
	for (uint16_t i = 0; i < at; i++)
		if (roll->places[i].known.told &&
		    roll->places[i].station == roll->places[at].station)
			return true;
	return false;
}

/* By its station, where each has one of its own. */
static void know_by_name(struct ecr_roll *roll, uint16_t at)
{
	struct ecr_attendant *place = &roll->places[at];

	place->name = (int16_t)name_of_station(roll, place->station);
	if (place->name < 0)
		return;
	place->known = roll->places[place->name].named;
	place->known.told = place->known.told && !is_taken(roll, at);
	place->known.met_known = place->known.met_known && !ecr_shares_station(roll, at);
}

/* The slave of the session that it stands behind. */
static int behind_whom(const struct ecr_roll *roll, int at)
{
	while (at > 0 && roll->places[at - 1].slave == ECR_STRANGER)
		at--;
	return at ? roll->places[at - 1].slave : ECR_STRANGER;
}

/* How many were told there before; with alias -1 those of whom it was not read. */
static int told_there(const struct ecr_roll *roll, int behind, int32_t alias)
{
	int count = 0;

	for (int i = 0; i < roll->room; i++) {
		const struct ecr_acquaintance *before = &roll->places[i].named;

		count += before->told && before->behind == behind && before->alias == alias;
	}
	return count;
}

/*
 * Where nobody gets a station of its own a stranger is known by the slave before it, and its alias. Of several there
 * those who come first are taken to be who was there before.
 */
static void know_by_neighbour(struct ecr_roll *roll, uint16_t at)
{
	struct ecr_attendant *place = &roll->places[at];
	struct ecr_acquaintance *known = &place->known;
	int unread;
	int left;

	place->name = (int16_t)at;
	known->behind = (int16_t)behind_whom(roll, at);
	known->alias = place->alias;
	unread = told_there(roll, known->behind, -1);
	left = told_there(roll, known->behind, known->alias);
	for (int i = at; i-- && roll->places[i].slave == ECR_STRANGER;) {
		unread--;
		left -= roll->places[i].alias == known->alias;
	}
	known->told = unread > 0 || left > 0;
}

void ecr_strangers_known(struct ecr_roll *roll)
{
	for (uint16_t i = 0; i < roll->count; i++)
		if (roll->core->hot)
			know_by_name(roll, i);
		else if (roll->places[i].newcomer)
			know_by_neighbour(roll, i);
}

static bool is_named(const struct ecr_roll *roll, uint16_t at)
{
	return roll->places[at].name >= 0 && !ecr_shares_station(roll, at);
}

static bool is_used(const struct ecr_roll *roll, uint16_t station)
{
	for (uint16_t i = 0; i < roll->count; i++)
		if (roll->places[i].station == station)
			return true;
	return false;
}

/* One that nobody on the ring has, nor for long anybody who has left with it. */
static uint16_t free_name(struct ecr_roll *roll)
{
	uint16_t name;

	do {
		name = roll->next_name;
		roll->next_name = (uint16_t)((name + 1) % roll->room);
	} while (is_used(roll, station_of_name(roll, name)));
	return name;
}

/*
 * What is known of somebody goes with the name, which must reach nobody else: by the time that the frame passes another
 * may stand in the position. So who has a station is reached by it, and who has a name keeps it.
 */
static void name_newcomer(struct ecr_roll *roll, uint16_t at)
{
	struct ecr_attendant *place = &roll->places[at];
	bool alone = place->station && !is_double(roll, at) && !ecr_shares_station(roll, at);
	uint16_t name = free_name(roll);
	uint32_t whom = alone ? ecr_address_station(place->station, ECR_REG_STATION)
			      : ecr_address_position(at, ECR_REG_STATION);

	place->name = (int16_t)name;
	place->renamed = true;
	place->station = station_of_name(roll, name);
	place->known.met_known = place->known.met_known && alone;
	roll->places[name].named = place->known;
	ecr_job_write16(&roll->job, alone ? ECR_CMD_FPWR : ECR_CMD_APWR, whom, place->station);
}

void ecr_names_given(struct ecr_roll *roll)
{
	for (uint16_t i = 0; i < roll->count; i++) {
		struct ecr_attendant *place = &roll->places[i];

		if (!place->renamed || roll->job.now - place->read_at <= HELD_NS)
			continue;
		place->known.met_known = false;
		roll->places[place->name].named.met_known = false;
	}
}

bool ecr_name_newcomers(struct ecr_roll *roll)
{
	unsigned int named = 0;

	for (; roll->at < roll->count && roll->core->hot && named < NAMES_AT_ONCE; roll->at++) {
		const struct ecr_attendant *place = &roll->places[roll->at];

		if (!place->newcomer || is_led(roll->core, place) || is_named(roll, roll->at))
			continue;
		name_newcomer(roll, roll->at);
		named++;
	}
	return named;
}

static bool is_to_be_silenced(const struct ecr_roll *roll, uint16_t at)
{
	return roll->places[at].newcomer && !is_led(roll->core, &roll->places[at]) &&
	       (is_double(roll, at) || !is_reached(roll, at));
}

/* Who stands there when the frame passes, and that nobody has come before it. */
static void ask_who(struct ecr_roll *roll, uint16_t at)
{
	if (!roll->batch_count)
		ecr_job_read(&roll->job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
	roll->batch[roll->batch_count++] = at;
	ecr_job_read(&roll->job, ECR_CMD_APRD, ecr_address_position(at, ECR_REG_STATION), 4);
}

/*
 * Who seems to be there twice may be one that has moved while positions were asked, since somebody has come before it. So
 * they are looked at once more in a frame of their own, which reaches those who have a station to be reached by, and only
 * the next one silences by position, and looks again, since that may happen just then, too.
 */
bool ecr_silence(struct ecr_roll *roll)
{
	uint16_t first = roll->at;
	unsigned int asked = 0;

	roll->batch_count = 0;
	for (; roll->at < roll->count && asked < AT_ONCE; roll->at++) {
		if (!is_to_be_silenced(roll, roll->at))
			continue;
		if (is_double(roll, roll->at))
			ask_who(roll, roll->at);
		asked++;
	}
	for (uint16_t i = first; i < roll->at; i++)
		if (is_to_be_silenced(roll, i) && is_double(roll, i) == roll->looked)
			ask(roll, i);
	if (roll->batch_count && !roll->looked)
		roll->at = first;
	if (!asked)
		forget_stations(roll);
	return asked;
}

bool ecr_attendant_shows(const struct ecr_attendant *place, uint16_t station,
			 const struct ecr_ask *who)
{
	return who->wkc == 1 && ecr_le16(who->in) == station &&
	       ecr_le16(who->in + ECR_REG_ALIAS - ECR_REG_STATION) == place->alias;
}

/* One of the session that was silenced in the place of another: it is brought up anew. */
static void take_for_silenced(struct ecr_core *core, const struct ecr_ask *who)
{
	struct ecr_slave *owner = who->wkc == 1 ? ecr_attend_owner(core, ecr_le16(who->in)) : NULL;

	if (!owner)
		return;
	owner->planned = owner->linked = owner->may_count = false; /* its FMMUs are off */
	core->attention = core->expected_dirty = true;
}

bool ecr_silence_held(struct ecr_roll *roll, const struct ecr_answer *answer)
{
	bool held = !roll->batch_count || answer->wkc == roll->count;

	for (uint16_t i = 0; i < roll->batch_count; i++) {
		const struct ecr_attendant *place = &roll->places[roll->batch[i]];

		held = held && ecr_attendant_shows(place, place->station, &answer->asks[1 + i]);
	}
	for (uint16_t i = 0; !held && roll->looked && i < roll->batch_count; i++)
		take_for_silenced(roll->core, &answer->asks[1 + i]);
	roll->looked = held && roll->batch_count && !roll->looked;
	return held;
}
