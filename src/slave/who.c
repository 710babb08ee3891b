/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a device is who it is to be, by what its EEPROM says: as configured, and as the plan was made for. */
#include "slave/slave.h"

/* One field: whether it is compared, and how. */
struct field {
	const char *what;
	uint32_t wanted;
	uint32_t found;
	bool compared;
	bool least;   /* a greater one will do */
	bool planned; /* the plan alone wants it */
};

static int refuse(struct ecr_slave *slave, const struct field *field)
{
	slave->mismatch.what = field->what;
	slave->mismatch.expected = field->wanted;
	slave->mismatch.actual = field->found;
	slave->planned_for.outdated = field->planned; /* else a new plan is no remedy */
	return ECR_ERR_IDENTITY_MISMATCH;
}

/* The first one that is not as it should be; false: all are. */
static bool differs(const struct field *fields, size_t count, struct field *first)
{
	for (size_t i = 0; i < count; i++) {
		*first = fields[i];
		if (first->compared &&
		    (first->least ? first->found < first->wanted : first->found != first->wanted))
			return true;
	}
	return false;
}

static bool not_as_configured(const struct ecr_slave *slave, const struct ecr_identity *have,
			      struct field *first)
{
	const struct ecr_identity *want = &slave->config->identity;
	uint32_t check = slave->config->check;
	const struct field fields[] = {
		{ "vendor", want->vendor, have->vendor, check & ECR_CHECK_VENDOR, false, false },
		{ "product code", want->product, have->product, check & ECR_CHECK_PRODUCT, false,
		  false },
		{ "revision", want->revision, have->revision, check & ECR_CHECK_REVISION, false,
		  false },
		{ "revision, at least", want->revision, have->revision,
		  check & ECR_CHECK_REVISION_LEAST, true, false },
		{ "serial number", want->serial, have->serial, check & ECR_CHECK_SERIAL, false,
		  false },
	};

	return differs(fields, sizeof(fields) / sizeof(fields[0]), first);
}

static bool not_of_kind(const struct ecr_identity *want, const struct ecr_identity *have,
			bool planned, struct field *first)
{
	const struct field fields[] = {
		{ "vendor", want->vendor, have->vendor, true, false, planned },
		{ "product code", want->product, have->product, true, false, planned },
	};

	return differs(fields, sizeof(fields) / sizeof(fields[0]), first);
}

static int check_configured(struct ecr_slave *slave, const struct ecr_identity *have)
{
	struct field first;

	return not_as_configured(slave, have, &first) ? refuse(slave, &first) : 0;
}

static int check_kind(struct ecr_slave *slave, const struct ecr_identity *want,
		      const struct ecr_identity *have, bool planned)
{
	struct field first;

	return not_of_kind(want, have, planned, &first) ? refuse(slave, &first) : 0;
}

bool ecr_slave_would_be(const struct ecr_slave *slave, const struct ecr_identity *have)
{
	struct ecr_identity presumed;
	struct field first;

	return !not_as_configured(slave, have, &first) &&
	       !(slave->planned_for.known && !slave->optional &&
		 not_of_kind(&slave->planned_for.identity, have, true, &first)) &&
	       !(ecr_slave_presumed(slave, &presumed) &&
		 not_of_kind(&presumed, have, false, &first));
}

bool ecr_slave_told_apart(const struct ecr_slave *a, const struct ecr_slave *b)
{
	const struct ecr_identity *one = &a->config->identity;
	const struct ecr_identity *other = &b->config->identity;
	uint32_t both = a->config->check & b->config->check;

	return ((both & ECR_CHECK_VENDOR) && one->vendor != other->vendor) ||
	       ((both & ECR_CHECK_PRODUCT) && one->product != other->product) ||
	       ((both & ECR_CHECK_REVISION) && one->revision != other->revision) ||
	       ((both & ECR_CHECK_SERIAL) && one->serial != other->serial);
}

int ecr_slave_check_identity(struct ecr_slave *slave)
{
	int error = check_configured(slave, &slave->identity);

	return error || !slave->planned_for.known
		       ? error
		       : check_kind(slave, &slave->planned_for.identity, &slave->identity, true);
}

static bool same_device(const struct ecr_identity *known, const struct ecr_identity *found)
{
	return found->serial && known->serial == found->serial && known->vendor == found->vendor &&
	       known->product == found->product;
}

/* A serial number that was read of it. */
static bool was_device(const struct ecr_slave *slave, const struct ecr_identity *found)
{
	return (slave->identity_known && same_device(&slave->identity, found)) ||
	       (slave->planned_for.known && same_device(&slave->planned_for.identity, found));
}

/* Nothing but its position says that it is this slave, and it is one that is missing elsewhere and has moved up. */
static bool is_who_is_missing(const struct ecr_slave *slave, const struct ecr_identity *found)
{
	for (int i = 0; slave->by_order && i < slave->all_count; i++)
		if (i != slave->index && slave->all[i].down && was_device(&slave->all[i], found))
			return !was_device(slave, found);
	return false;
}

/* One that need not be there is nobody else's image: what was read of another is forgotten. */
int ecr_slave_check_found(struct ecr_slave *slave, const struct ecr_identity *found)
{
	struct ecr_identity presumed;
	int error = slave->optional ? check_configured(slave, found) : 0;

	slave->met = *found;
	slave->met_known = true;
	if (is_who_is_missing(slave, found))
		return refuse(slave, &(struct field){ .what = "serial number",
						      .wanted = slave->identity.serial,
						      .found = found->serial });
	/* What was read of itself is not: it tells it from the others that are missing. */
	if (slave->by_kind && slave->identity_known &&
	    check_kind(slave, &slave->identity, found, false))
		return ECR_ERR_IDENTITY_MISMATCH;
	if (!error && ecr_slave_presumed(slave, &presumed))
		error = check_kind(slave, &presumed, found, false);
	if (error) {
		slave->identity_known = false;
		ecr_slave_presume(slave);
	}
	return error;
}

static bool same_kind(const struct ecr_identity *a, const struct ecr_sii_identity *b)
{
	return a->vendor == b->vendor && a->product == b->product;
}

/* A spare part is welcome, but nobody should have to guess. */
static const char *replacement(const struct ecr_slave *slave, const struct ecr_sii_identity *found,
			       uint16_t alias, uint32_t difference[2])
{
	const struct ecr_identity *known = &slave->identity;

	difference[0] = known->revision;
	difference[1] = found->revision;
	if (known->revision != found->revision)
		return "another device of its kind has taken its place, of this revision";
	difference[0] = known->serial;
	difference[1] = found->serial;
	if (known->serial != found->serial)
		return "another device of its kind has taken its place, of this serial number";
	difference[0] = slave->alias;
	difference[1] = alias;
	return slave->alias != alias ? "it has come back with this station alias" : NULL;
}

void ecr_slave_take_identity(struct ecr_slave *slave)
{
	struct ecr_sii_identity found;
	uint16_t alias = ecr_sii_alias(&slave->sii);
	uint32_t difference[2];
	const char *text = NULL;

	ecr_sii_identity(&slave->sii, &found);
	if (slave->identity_known && same_kind(&slave->identity, &found))
		text = replacement(slave, &found, alias, difference);
	if (text)
		ecr_mailbox_notice(&slave->mailbox, ECR_EVENT_SLAVE_WARNING, text, difference[0],
				   difference[1]);
	if (text || (slave->identity_known && !same_kind(&slave->identity, &found))) {
		slave->mailbox.mute_to_complete = false; /* another device has other habits, */
		slave->errors.known = slave->errors.links_known = false; /* and another past */
	}
	slave->identity =
		(struct ecr_identity){ found.vendor, found.product, found.revision, found.serial };
	slave->alias = alias;
	slave->identity_known = true;
}
