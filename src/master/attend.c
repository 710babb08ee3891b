/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is who on a ring where slaves come and go, from what the roll has brought: first those known by
 * their station, then those recognised, then the others in the configured order, where optional ones
 * take what those who must be there leave over. And what it means for a slave to come and to go.
 */
#include "master/master.h"

#include "base/text.h"

static bool same_group(const struct ecr_slave *a, const struct ecr_slave *b)
{
	return a->config->presence.group && b->config->presence.group &&
	       ecr_text_equal(a->config->presence.group, b->config->presence.group);
}

/* The slave of its group that it stands behind; NULL: the first, or of no group. */
static const struct ecr_slave *before_in_group(const struct ecr_core *core, int number)
{
	return number && same_group(&core->slaves[number - 1], &core->slaves[number])
		       ? &core->slaves[number - 1]
		       : NULL;
}

static bool recognised(const struct ecr_core *core, int number)
{
	const struct ecr_slave *slave = &core->slaves[number];

	return slave->optional && slave->config->presence.by != ECR_BY_POSITION &&
	       !before_in_group(core, number);
}

static void seat(struct ecr_core *core, int number, int place)
{
	core->slaves[number].place = place;
	core->roll.places[place].slave = (int16_t)number;
}

/* It has the slave's station, and may have it by mistake. */
static bool is_other(const struct ecr_core *core, const struct ecr_attendant *place,
		     const struct ecr_slave *slave)
{
	for (int i = 0; i < core->slave_count; i++)
		if (recognised(core, i) && core->slaves[i].config->presence.by == ECR_BY_ALIAS &&
		    (i == slave->index) !=
			    (place->alias == core->slaves[i].config->presence.identification))
			return true;
	return slave->misplaced || ecr_attend_doubted(slave);
}

/* Two that have one station: one of them has come since. */
bool ecr_shares_station(const struct ecr_roll *roll, uint16_t at)
{
	for (uint16_t i = 0; i < roll->count; i++)
		if (i != at && roll->places[i].station == roll->places[at].station)
			return true;
	return false;
}

bool ecr_attend_operates(const struct ecr_attendant *place)
{
	return (place->al_status & ECR_AL_STATE_MASK) >= ECR_AL_SAFEOP;
}

/*
 * Nobody has come or gone since it was taken for this slave, and it is the only one with its station: so it is whom was looked
 * at. As many may be there as before: but who was looked at is below SAFEOP since, and who operates is another, who is back.
 */
static bool is_whom_was_met(const struct ecr_roll *roll, uint16_t at, const struct ecr_slave *slave)
{
	return !ecr_shares_station(roll, at) && !ecr_attend_operates(&roll->places[at]) &&
	       (!roll->core->hot || (at == slave->position && roll->count == slave->called));
}

/* What was read of whoever was taken for this slave and is not it, and told. */
static void note_kind(struct ecr_roll *roll, uint16_t at, const struct ecr_slave *slave)
{
	struct ecr_acquaintance *known = &roll->places[at].known;

	if (!is_whom_was_met(roll, at, slave))
		return;
	known->met_known = slave->met_known && !slave->renewed &&
			   slave->configuration_failure.error == ECR_ERR_IDENTITY_MISMATCH;
	known->met = slave->met;
	known->told = slave->was_told;
}

struct ecr_slave *ecr_attend_owner(const struct ecr_core *core, uint16_t station)
{
	return ecr_slave_of_station(core->slaves, core->slave_count, station);
}

void ecr_attend_known(struct ecr_core *core)
{
	struct ecr_roll *roll = &core->roll;

	for (int i = 0; i < core->slave_count; i++)
		core->slaves[i].place = ECR_STRANGER;
	for (int i = 0; i < roll->count; i++) {
		struct ecr_slave *slave = ecr_attend_owner(core, roll->places[i].station);

		roll->places[i].newcomer = true;
		if (!slave)
			continue;
		if (is_other(core, &roll->places[i], slave)) {
			note_kind(roll, (uint16_t)i, slave);
			continue;
		}
		/* Two with one station: it is the one that has not moved. */
		if ((!slave->identity_known && !slave->stationed) ||
		    (slave->place != ECR_STRANGER && slave->position != i))
			continue;
		if (slave->place != ECR_STRANGER) {
			roll->places[slave->place].slave = ECR_STRANGER;
			roll->places[slave->place].newcomer = true;
		}
		roll->places[i].newcomer = false;
		seat(core, slave->index, i);
	}
}

int ecr_attend_sought(const struct ecr_core *core, enum ecr_recognise by, int behind)
{
	for (int i = behind + 1; i < core->slave_count; i++)
		if (core->slaves[i].config->presence.by == by && recognised(core, i) &&
		    core->slaves[i].place == ECR_STRANGER)
			return i;
	return -1;
}

static bool shows(const struct ecr_core *core, const struct ecr_attendant *place, int number)
{
	const struct ecr_presence_config *wanted = &core->slaves[number].config->presence;

	if (wanted->by == ECR_BY_ALIAS)
		return place->alias == wanted->identification;
	if (wanted->by == ECR_BY_REQUESTED)
		return place->identified && place->identification == wanted->identification;
	return place->found == number;
}

static bool vacant(const struct ecr_core *core, int place)
{
	return place < core->roll.count && core->roll.places[place].slave == ECR_STRANGER;
}

static void seat_recognised(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		if (!recognised(core, i) || core->slaves[i].place != ECR_STRANGER)
			continue;
		for (int k = 0; k < core->roll.count && core->slaves[i].place == ECR_STRANGER; k++)
			if (vacant(core, k) && shows(core, &core->roll.places[k], i))
				seat(core, i, k);
	}
}

/* Positions that are left for optional slaves when everybody who must be there has one. */
static int spare_places(const struct ecr_core *core)
{
	int spare = 0;

	for (int i = 0; i < core->roll.count; i++)
		spare += core->roll.places[i].slave == ECR_STRANGER;
	for (int i = 0; i < core->slave_count; i++)
		spare -= !core->slaves[i].optional && core->slaves[i].place == ECR_STRANGER;
	return spare;
}

/* Behind the first of its group; false: it has no place there. */
static bool seat_follower(struct ecr_core *core, int number)
{
	const struct ecr_slave *before = before_in_group(core, number);

	if (!before || core->slaves[number].place != ECR_STRANGER ||
	    before->place == ECR_STRANGER || !vacant(core, before->place + 1))
		return false;
	seat(core, number, before->place + 1);
	return true;
}

/* Groups are together before anybody else takes a place by the order alone. */
static void seat_groups(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		seat_follower(core, i);
}

bool ecr_attend_by_order(const struct ecr_core *core, int number)
{
	return !recognised(core, number) && !before_in_group(core, number);
}

/* Its place tells where those stand that come before and behind it in the configuration. */
static bool marks_order(const struct ecr_core *core, int number)
{
	return core->slaves[number].place != ECR_STRANGER && ecr_attend_by_order(core, number);
}

/* Where the next one stands that the configured order tells of; behind all when there is none. */
static int next_in_order(const struct ecr_core *core, int number)
{
	for (int i = number + 1; i < core->slave_count; i++)
		if (marks_order(core, i))
			return core->slaves[i].place;
	return core->roll.count;
}

static bool has_no_place(const struct ecr_core *core, int number)
{
	return core->slaves[number].place == ECR_STRANGER && ecr_attend_by_order(core, number);
}

static bool is_missing(const struct ecr_core *core, int number)
{
	return !core->slaves[number].optional && has_no_place(core, number);
}

/* One of those in a row that are missing may be another of them. */
static bool any_alike(const struct ecr_core *core, int first, int behind)
{
	for (int i = first + 1; i < behind; i++)
		for (int k = first; k < i && is_missing(core, i); k++)
			if (is_missing(core, k) &&
			    ecr_attend_alike(&core->slaves[i], &core->slaves[k]))
				return true;
	return false;
}

/* Nobody stands there, or he was read and is none of those in a row that are missing. */
static bool is_none_of(const struct ecr_core *core, int first, int behind, int place)
{
	for (int i = first; i < behind; i++)
		if (is_missing(core, i) &&
		    ecr_attend_fits(&core->slaves[i], &core->roll.places[place]))
			return false;
	return true;
}

/*
 * One before it is not known yet to be where it should: it has no place, or one that the order alone gave it. Whoever stands in
 * this one's place may be that one.
 */
static bool follows_a_guess(const struct ecr_core *core, int first, int number)
{
	const struct ecr_slave *slave = &core->slaves[number];

	for (int i = 0; i < number; i++) {
		const struct ecr_slave *other = &core->slaves[i];
		bool guess = i < first ? ecr_attend_guessed(other) && !other->optional &&
						 marks_order(core, i)
				       : is_missing(core, i);

		if (guess && (slave->optional || ecr_attend_alike(other, slave)))
			return true;
	}
	return false;
}

/*
 * A stranger is among those who have come while others operate: whoever stands behind him would be taken for the next of its
 * kind. So those of a kind are placed one by one, until he was read.
 */
static void place_one_by_one(struct ecr_core *core, int first, int behind)
{
	for (int i = first; i < behind; i++)
		if (has_no_place(core, i) && follows_a_guess(core, first, i))
			core->slaves[i].unsure = core->roll.one_by_one = true;
}

/* Slaves in a row have the places between two that are known to themselves. */
static void settle_row(struct ecr_core *core, int first, int behind, int place, int end)
{
	int missing = 0;
	int come = 0;
	int unread = 0;
	bool contested = false;
	bool alike;
	bool few;

	for (; place < end; place++) {
		come += vacant(core, place);
		unread += vacant(core, place) && !is_none_of(core, first, behind, place);
	}
	for (int i = first; i < behind; i++)
		missing += is_missing(core, i);
	few = come && come < missing;
	alike = few && any_alike(core, first, behind);
	for (int i = first; i < behind; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		contested |= unread < missing && is_missing(core, i) &&
			     ecr_attend_contested(core, slave);
		slave->unsure = (alike || contested) && has_no_place(core, i);
		/* Who has a place is still to be met there. */
		slave->by_kind = is_missing(core, i) ? few && !alike : slave->by_kind;
	}
	if (ecr_master_tends(core) && unread > missing)
		place_one_by_one(core, first, behind);
}

/*
 * Where fewer have come than are missing the order does not tell which of them they are. Whoever is taken for another gets
 * its outputs, and keeps it from its place: all are waited for, unless their kinds differ. Then each takes only one of the
 * kind that it had, until as many have come as are missing. Nor does it behind one in whose place a stranger was found, whom
 * nobody counts for one of them from then on.
 */
static void note_unsure(struct ecr_core *core)
{
	int first = 0;
	int place = 0;

	core->roll.one_by_one = false;
	for (int i = 0; i < core->slave_count; i++) {
		core->slaves[i].unsure = false;
		if (!marks_order(core, i))
			continue;
		settle_row(core, first, i, place, core->slaves[i].place);
		first = i + 1;
		place = core->slaves[i].place + 1;
	}
	settle_row(core, first, core->slave_count, place, core->roll.count);
}

/*
 * In their order, where those who must be there come first, and nobody is who it was found not to be; then those who must
 * be there with whoever is in their place, to say what is wrong there; then, whatever place the order leaves, those who
 * may be; and those who must be there and have no place in the order, anywhere: one that joins behind all is not who is
 * missing before.
 */
enum round { IN_ORDER, WHOEVER, IN_ORDER_TOO, ANYWHERE };

static bool may_stand(const struct ecr_core *core, int number, int place, enum round round)
{
	const struct ecr_slave *slave = &core->slaves[number];
	bool whoever = !slave->optional && round != IN_ORDER;

	return vacant(core, place) &&
	       (whoever || ecr_attend_fits(slave, &core->roll.places[place]));
}

/* As many have come as are missing from this one on to the next whose place is certain. */
static bool all_have_come(const struct ecr_core *core, int number, int place)
{
	int end = next_in_order(core, number);
	int left = 0;

	for (; place < end; place++)
		left += vacant(core, place);
	for (int i = number; i < core->slave_count && !marks_order(core, i); i++)
		left -= is_missing(core, i);
	return left == 0;
}

/* One that need not be there, and comes before it, may stand in the place. */
static bool may_be_optional(const struct ecr_core *core, int number, int place)
{
	for (int i = number - 1; i >= 0 && !marks_order(core, i); i--)
		if (has_no_place(core, i) && core->slaves[i].optional &&
		    ecr_attend_fits(&core->slaves[i], &core->roll.places[place]))
			return true;
	return false;
}

/* Whoever stands in one of the places was read, and is this slave. */
static bool was_met(const struct ecr_core *core, int number, int place)
{
	for (int end = next_in_order(core, number); place < end; place++)
		if (vacant(core, place) && core->roll.places[place].known.met_known &&
		    ecr_attend_fits(&core->slaves[number], &core->roll.places[place]))
			return true;
	return false;
}

/*
 * Another device is in its place: where as many have come as are missing it would take the next one's by passing that
 * over, and the last of them would be left without any.
 */
static bool is_held_by_another(const struct ecr_core *core, int number, int place)
{
	return is_missing(core, number) && vacant(core, place) &&
	       all_have_come(core, number, place) && !may_be_optional(core, number, place) &&
	       !was_met(core, number, place);
}

static int next_vacant(const struct ecr_core *core, int number, int place, enum round round)
{
	while (place < core->roll.count && !may_stand(core, number, place, round) &&
	       !is_held_by_another(core, number, place))
		place++;
	return place;
}

static bool has_turn(const struct ecr_slave *slave, enum round round, int spare)
{
	if (slave->unsure)
		return false;
	return slave->optional ? round == IN_ORDER_TOO || (round == IN_ORDER && spare > 0)
			       : round != IN_ORDER_TOO;
}

static void seat_others(struct ecr_core *core, enum round round)
{
	int spare = spare_places(core);
	int at = 0;

	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *before = before_in_group(core, i);
		struct ecr_slave *slave = &core->slaves[i];

		if (slave->place == ECR_STRANGER && before) {
			spare -= seat_follower(core, i);
		} else if (slave->place == ECR_STRANGER && !recognised(core, i)) {
			int place = next_vacant(core, i, at, round);
			int end = round == ANYWHERE ? core->roll.count : next_in_order(core, i);

			if (place < end && has_turn(slave, round, spare)) {
				spare -= slave->optional;
				seat(core, i, place);
			}
		}
		if (marks_order(core, i))
			at = slave->place + 1;
	}
}

static void tell(struct ecr_core *core, enum ecr_event_kind kind, int slave, int from, int to,
		 uint64_t count)
{
	ecr_core_emit(core, (struct ecr_event){ .kind = kind,
						.slave = (int16_t)slave,
						.domain = -1,
						.from = from,
						.to = to,
						.count = count });
}

/* Beside it stands one that was told before, and nothing tells them apart: any of them may have come. */
static bool is_alike(const struct ecr_core *core, int at)
{
	const struct ecr_roll *roll = &core->roll;

	for (int i = at; i-- && !core->hot && roll->places[i].slave == ECR_STRANGER;)
		if (roll->places[i].known.told && roll->places[i].alias == roll->places[at].alias)
			return true;
	return false;
}

/* Nobody could tell one that was missing at the start from one that need not be there, if that one was there. */
static const char *stranger_text(const struct ecr_core *core, int at)
{
	if (is_alike(core, at))
		return "it, or one of those before it up to the next slave that is known: nothing "
		       "tells which of them has come";
	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].unsure)
			return "more are missing than have come: who it is will be known when the "
			       "others are there";
	return core->roll.tight && core->roll.count > core->found
		       ? "if it was missing when the slaves were counted, others stand in "
			 "each other's places: a check of their identity would tell"
		       : NULL;
}

static void tell_stranger(struct ecr_core *core, int at)
{
	const struct ecr_attendant *place = &core->roll.places[at];

	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_SLAVE_STRANGER,
						.slave = -1,
						.domain = -1,
						.from = -1,
						.to = at,
						.count = place->identified ? place->identification
									   : place->alias,
						.text = stranger_text(core, at) });
}

static bool is_stranger(const struct ecr_core *core, int at)
{
	return at < core->roll.count && core->roll.places[at].slave == ECR_STRANGER;
}

/* Each once, until it has left. */
static void tell_strangers(struct ecr_core *core)
{
	struct ecr_attendant *places = core->roll.places;

	for (int i = 0; i < core->roll.count; i++) {
		if (!is_stranger(core, i))
			continue;
		if (!places[i].known.told)
			tell_stranger(core, i);
		places[i].known.told = true;
	}
	for (int i = 0; i < core->roll.room; i++)
		places[i].named = (struct ecr_acquaintance){ 0 };
	/* Where each has a station of its own, also of who is tried for a slave of the session, and has it still. */
	for (uint16_t i = 0; i < core->roll.count; i++)
		if ((core->hot || is_stranger(core, i)) && places[i].name >= 0)
			places[places[i].name].named = places[i].known;
}

/* One that only the order tells of is not there, or stands for one that must be. */
static bool is_tight(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].optional && has_no_place(core, i))
			return true;
	return false;
}

void ecr_slave_leave(struct ecr_core *core, struct ecr_slave *slave)
{
	if (slave->activity != ECR_ACTIVITY_NONE && slave->activity != ECR_ACTIVITY_CLOCK) {
		ecr_job_cancel(&core->runner, &slave->job);
		slave->activity = ECR_ACTIVITY_NONE;
		slave->claimed = false;
		core->busy--;
	}
	ecr_job_cancel(&core->runner, &slave->poll);
	ecr_job_cancel(&core->runner, &slave->watch);
	ecr_job_cancel(&core->runner, &slave->errors.job);
	ecr_job_cancel(&core->runner, &slave->latch.job);
	slave->absent = slave->down = true;
	slave->stationed = slave->there = slave->another = false;
	slave->contested = slave->unproven = false;
	slave->al_state = ECR_AL_NONE;
	slave->configuration_failure.error = 0;
	slave->retry_at = slave->retry_delay = 0;
	ecr_slave_note_al(slave, core->now, 0, 0);
	ecr_service_end_all(core, slave, ECR_ERR_SLAVE_DOWN);
	ecr_master_withhold(core, slave);
	ecr_clocks_gone(core, slave);
	ecr_clocks_away(core, slave);
	ecr_master_set_fault(core, slave, (struct ecr_fault){ 0 });
	core->attention = core->expected_dirty = true;
	tell(core, ECR_EVENT_SLAVE_LEFT, slave->index, slave->position, -1, 0);
}

/* It is brought up like one that was lost. */
static void arrive(struct ecr_core *core, struct ecr_slave *slave)
{
	slave->absent = false;
	slave->arriving = slave->down = true;
	ecr_master_withhold(core, slave);
	core->attention = true;
	/* It may operate as an earlier session left it: it does not wait until the others do. */
	if (core->phase == ECR_PHASE_BRINGUP)
		ecr_master_begin(core, slave, ECR_ACTIVITY_BRINGUP, ECR_AL_PREOP);
}

/* It was given a place just now, and nobody knows yet who it is. */
static bool is_unread(const struct ecr_attendant *place)
{
	return place->newcomer && !place->known.met_known;
}

static void take_place(struct ecr_core *core, struct ecr_slave *slave)
{
	int before = slave->place ? core->roll.places[slave->place - 1].slave : ECR_STRANGER;

	if (slave->seated && slave->absent && before != slave->neighbour)
		tell(core, ECR_EVENT_SLAVE_MOVED, slave->index, slave->position, slave->place, 0);
	slave->position = (uint16_t)slave->place;
	slave->was_told = core->roll.places[slave->place].newcomer &&
			  core->roll.places[slave->place].known.told;
	slave->seen_station = core->roll.places[slave->place].station;
	slave->seen_owned = ecr_attend_owner(core, slave->seen_station) != NULL;
	/* What was read of another is not about it. */
	if (is_unread(&core->roll.places[slave->place]))
		slave->met_known = false;
	slave->before[0] = slave->place ? core->roll.places[slave->place - 1].station : 0;
	slave->before[1] = before == ECR_STRANGER ? slave->before[0] : core->slaves[before].station;
	slave->neighbour = before;
	slave->seated = true;
}

/* What everybody's place means, while the session runs or before it brings them up. */
static void heed_places(struct ecr_core *core, bool starting)
{
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		slave->called = slave->place != ECR_STRANGER ? core->roll.count : 0;
		if (slave->place != ECR_STRANGER) {
			take_place(core, slave);
			if (slave->contested && slave->misplaced && slave->down)
				slave->retry_at = 0; /* others were waited for */
			if (slave->absent)
				arrive(core, slave);
		} else if (starting) {
			slave->absent = slave->down = slave->optional;
		} else if (slave->optional && !slave->absent) {
			ecr_slave_leave(core, slave);
		}
		ecr_clocks_away(core, slave);
	}
}

static bool is_by_order(const struct ecr_core *core, const struct ecr_attendant *place)
{
	return place->newcomer && (place->slave == ECR_STRANGER || !recognised(core, place->slave));
}

/*
 * Who was missing when the slaves were counted may have been stood for by one that need not be there: the order told
 * nothing else. One more than that, whom nothing but the order makes known, and places may be others than they were.
 */
static bool is_doubtful(const struct ecr_core *core)
{
	for (int i = 0; i < core->roll.count && core->roll.count > core->found; i++)
		if (is_by_order(core, &core->roll.places[i]))
			return true;
	return false;
}

/*
 * More are missing than newcomers are there: which of them one is the order does not tell. Before anybody operates the
 * others are waited for; who was taken for another would keep that one from its place.
 */
static bool awaits_others(const struct ecr_core *core)
{
	return core->phase == ECR_PHASE_BRINGUP && spare_places(core) < 0;
}

void ecr_attend(struct ecr_core *core, bool starting)
{
	bool awaits;

	if (core->roll.job.result)
		return;
	seat_recognised(core);
	seat_groups(core);
	awaits = awaits_others(core);
	note_unsure(core);
	for (enum round round = IN_ORDER; round <= ANYWHERE && !awaits; round++)
		seat_others(core, round);
	core->roll.anew = core->phase == ECR_PHASE_BRINGUP && is_doubtful(core);
	if (core->roll.anew)
		return;
	if (ecr_master_tends(core) && ecr_attend_disorder(core))
		return;
	ecr_attend_guesses(core);
	if (starting)
		core->roll.tight = is_tight(core);
	heed_places(core, starting);
	if (!awaits && !core->roll.one_by_one)
		tell_strangers(core);
}

/* Whoever is missing may be among those who have no station of the session. */
void ecr_attend_newcomers(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].down)
			return;
	if (!core->roll.job.result)
		tell_strangers(core);
}

bool ecr_attend_strangers(const struct ecr_core *core)
{
	for (int i = 0; i < core->roll.count; i++)
		if (core->roll.places[i].slave == ECR_STRANGER)
			return true;
	return false;
}

const struct ecr_slave *ecr_attend_missing(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].place == ECR_STRANGER && !core->slaves[i].optional)
			return &core->slaves[i];
	return NULL;
}
