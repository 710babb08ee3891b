/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optional slaves that are known by their place alone. Where some of them that follow each other in the
 * configuration are there and others are not, nothing on the ring says which: those that come first in the
 * configured order are taken to be there, and that is told of each for as long as it may be another.
 */
#include "master/master.h"

static bool by_place(const struct ecr_slave *slave)
{
	return slave->optional && slave->config->presence.by == ECR_BY_POSITION &&
	       !slave->config->presence.group;
}

static bool is_configured(const struct ecr_slave *slave)
{
	const uint32_t both = ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT;

	return (slave->config->check & both) == both;
}

/* As it was read last who must be there may have been another that stood in its place. */
static bool is_planned(const struct ecr_slave *slave)
{
	return slave->planned_for.known && !slave->optional;
}

/* What a device in its place would have to be; false: not known. */
static bool kind_of(const struct ecr_slave *slave, uint32_t kind[2])
{
	const struct ecr_identity *identity = is_configured(slave) ? &slave->config->identity
					      : is_planned(slave)  ? &slave->planned_for.identity
								   : &slave->identity;

	kind[0] = identity->vendor;
	kind[1] = identity->product;
	return is_configured(slave) || is_planned(slave) || slave->identity_known ||
	       slave->reserved;
}

/* One that must be there has its place from the order alone, so that other PDOs may be another's. */
bool ecr_attend_doubts(const struct ecr_slave *slave, int error)
{
	return error == ECR_ERR_IDENTITY_MISMATCH ||
	       (error == ECR_ERR_PDO_MISMATCH && !slave->optional);
}

/* What another did that had its station before is nothing against whoever has it now. */
bool ecr_attend_doubted(const struct ecr_slave *slave)
{
	return !slave->renewed && ecr_attend_doubts(slave, slave->configuration_failure.error);
}

/*
 * It was given its station for its position, and will be known: or it is known that it is another. What has failed for another
 * reason may never get so far, and the others do not wait for it.
 */
bool ecr_attend_guessed(const struct ecr_slave *slave)
{
	int error = slave->configuration_failure.error;
	bool under_way = slave->activity == ECR_ACTIVITY_BRINGUP ||
			 slave->activity == ECR_ACTIVITY_PROVISION;

	return slave->taken && (!error || under_way || ecr_attend_doubts(slave, error));
}

/* Any device does: what the last one was tells it from others that are missing, and nothing else. */
static bool takes_any(const struct ecr_slave *slave)
{
	return !slave->optional && !is_configured(slave) && !is_planned(slave) && !slave->by_kind;
}

bool ecr_attend_is_kind(const struct ecr_slave *slave, const struct ecr_identity *met)
{
	uint32_t kind[2];

	return ecr_slave_would_be(slave, met) &&
	       (takes_any(slave) || !kind_of(slave, kind) ||
		(kind[0] == met->vendor && kind[1] == met->product));
}

bool ecr_attend_fits(const struct ecr_slave *slave, const struct ecr_attendant *place)
{
	return !place->known.met_known || ecr_attend_is_kind(slave, &place->known.met);
}

bool ecr_attend_alike(const struct ecr_slave *a, const struct ecr_slave *b)
{
	uint32_t kinds[2][2];

	if (ecr_slave_told_apart(a, b))
		return false;
	return !kind_of(a, kinds[0]) || !kind_of(b, kinds[1]) ||
	       (kinds[0][0] == kinds[1][0] && kinds[0][1] == kinds[1][1]);
}

bool ecr_attend_may_be(const struct ecr_slave *slave, const struct ecr_slave *other)
{
	bool read = !slave->down && slave->asked && slave->met_known && !slave->another;

	return read ? ecr_attend_is_kind(other, &slave->met) : ecr_attend_alike(slave, other);
}

bool ecr_attend_is_read(const struct ecr_slave *slave)
{
	return !slave->down && slave->asked && (slave->renewed || !slave->another) &&
	       (!slave->met_known || ecr_slave_would_be(slave, &slave->met));
}

bool ecr_attend_contested(const struct ecr_core *core, const struct ecr_slave *slave)
{
	for (int i = 0; slave->contested && i < slave->index; i++) {
		const struct ecr_slave *other = &core->slaves[i];

		if (other->another && !other->absent && !ecr_attend_is_read(other) &&
		    ecr_attend_may_be(slave, other))
			return true;
	}
	return false;
}

/* In one direction of the configured order, as far as nobody stands between whose place is certain. */
static int look(const struct ecr_core *core, int number, int step)
{
	for (int i = number + step; i >= 0 && i < core->slave_count && by_place(&core->slaves[i]);
	     i += step)
		if (core->slaves[i].place == ECR_STRANGER &&
		    ecr_attend_alike(&core->slaves[number], &core->slaves[i]))
			return i;
	return ECR_STRANGER;
}

/* An absent slave that this one may be as well. */
static int other_of(const struct ecr_core *core, const struct ecr_slave *slave)
{
	int other = by_place(slave) && slave->place != ECR_STRANGER ? look(core, slave->index, 1)
								    : ECR_STRANGER;

	return other == ECR_STRANGER && by_place(slave) && slave->place != ECR_STRANGER
		       ? look(core, slave->index, -1)
		       : other;
}

void ecr_attend_guesses(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];
		int other = other_of(core, slave);
		bool was = slave->twin != ECR_STRANGER;

		if (other != ECR_STRANGER && !was && !core->roll.places[slave->place].newcomer)
			continue; /* it was certain when it came, and has not left */
		slave->twin = other;
		if (other == ECR_STRANGER || was)
			continue;
		ecr_core_emit(
			core,
			(struct ecr_event){
				.kind = ECR_EVENT_SLAVE_WARNING,
				.slave = (int16_t)i,
				.domain = -1,
				.expected = (uint32_t)i,
				.actual = (uint32_t)other,
				.text = "it is taken for the first of its neighbours that its "
					"place does not tell apart" });
	}
}
