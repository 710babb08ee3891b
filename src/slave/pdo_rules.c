/* SPDX-License-Identifier: Apache-2.0 */
/* Which PDOs must be assigned, which cannot be together, and which cannot be changed; and how it is told
 * that it is otherwise. */
#include "slave/pdos.h"

int ecr_pdo_mismatch(struct ecr_pdo_job *pdos, int error, uint16_t index, uint8_t subindex,
		     uint32_t expected, uint32_t actual)
{
	pdos->index = index;
	pdos->subindex = subindex;
	pdos->expected = expected;
	pdos->actual = actual;
	return error;
}

void ecr_pdo_show(struct ecr_pdo_job *pdos, const struct ecr_pdo_view *wanted,
		  const struct ecr_pdo_view *found)
{
	struct ecr_text text;

	ecr_text_init(&text, pdos->sides, sizeof(pdos->sides));
	ecr_pdo_line(wanted, found, &text);
	ecr_pdo_lines_end(&text);
}

bool ecr_pdo_named(const struct ecr_pdo_wanted *wanted, uint8_t sm)
{
	for (; wanted->pdo; wanted++)
		if (wanted->sm == sm)
			return true;
	return false;
}

static bool wanted_in(const struct ecr_pdo_wanted *wanted, uint8_t sm, uint16_t index)
{
	for (; wanted->pdo; wanted++)
		if (wanted->sm == sm && wanted->pdo == index)
			return true;
	return false;
}

/* Assigned when all is as wanted: SyncManagers that are not named stay as they are. */
static bool will_be_assigned(const struct ecr_pdo_job *pdos, uint16_t index)
{
	const struct ecr_pdo_table *table = &pdos->table;

	for (const struct ecr_pdo_wanted *wanted = pdos->wanted; wanted->pdo; wanted++)
		if (wanted->pdo == index)
			return true;
	for (unsigned int i = 0; i < table->pdo_count; i++)
		if (table->pdos[i].index == index &&
		    !ecr_pdo_named(pdos->wanted, table->pdos[i].sm))
			return true;
	return false;
}

static int mandatory_missing(struct ecr_pdo_job *pdos, uint16_t index)
{
	const struct ecr_pdo_view view = { .index = index, .open = true };

	ecr_pdo_show(pdos, &view, NULL);
	return ecr_pdo_mismatch(pdos, ECR_ERR_PDO_FIXED, index, 0, index, 0);
}

static int excluded(struct ecr_pdo_job *pdos, const struct ecr_pdo_rule *rule)
{
	struct ecr_text text;

	ecr_text_init(&text, pdos->sides, sizeof(pdos->sides));
	ecr_text_string(&text, "0x");
	ecr_text_hex(&text, rule->pdo, 4);
	ecr_text_string(&text, " alone | 0x");
	ecr_text_hex(&text, rule->pdo, 4);
	ecr_text_string(&text, " and 0x");
	ecr_text_hex(&text, rule->excludes, 4);
	ecr_text_char(&text, '\n');
	return ecr_pdo_mismatch(pdos, ECR_ERR_PDO_EXCLUDED, rule->pdo, 0, 0, rule->excludes);
}

/* What the SII says must be there in a SyncManager that is named; 0: all are. */
static uint16_t missing_by_sii(const struct ecr_pdo_job *pdos)
{
	const struct ecr_pdo_side sii = { .sii = pdos->sii };
	struct ecr_pdo_view view;

	for (uint8_t sm = 0; sm < ECR_SM_MAX; sm++)
		for (unsigned int i = 0; ecr_pdo_of_side(&sii, sm, i, &view); i++)
			if ((view.sii.flags & ECR_SII_PDO_MANDATORY) &&
			    ecr_pdo_named(pdos->wanted, sm) &&
			    !wanted_in(pdos->wanted, sm, view.index))
				return view.index;
	return 0;
}

/* Mandatory and excluded PDOs, by the SII, the driver and the configuration. */
static int check_rules(struct ecr_pdo_job *pdos)
{
	uint16_t missing = missing_by_sii(pdos);

	for (size_t i = 0; i < 2; i++) {
		for (const struct ecr_pdo_rule *rule = pdos->rules[i]; rule && rule->pdo; rule++) {
			bool assigned = will_be_assigned(pdos, rule->pdo);

			if (rule->mandatory && !assigned && !missing)
				missing = rule->pdo;
			if (rule->excludes && assigned && will_be_assigned(pdos, rule->excludes))
				return excluded(pdos, rule);
		}
	}
	return missing ? mandatory_missing(pdos, missing) : 0;
}

/* A PDO that the SII calls fixed is as long as the SII has it. */
static int check_fixed(struct ecr_pdo_job *pdos)
{
	const struct ecr_pdo_side found = { .table = &pdos->table };

	for (uint8_t sm = 0; sm < ECR_SM_MAX; sm++) {
		struct ecr_pdo_view have;
		struct ecr_pdo_view known;

		for (unsigned int i = 0; ecr_pdo_of_side(&found, sm, i, &have); i++) {
			if (!ecr_pdo_in_sii(pdos->sii, have.index, &known) ||
			    !(known.sii.flags & ECR_SII_PDO_FIXED) ||
			    ecr_pdo_bits(&known) == ecr_pdo_bits(&have))
				continue;
			ecr_pdo_show(pdos, &known, &have);
			return ecr_pdo_mismatch(pdos, ECR_ERR_PDO_MISMATCH, have.index, 0,
						ecr_pdo_bits(&known), ecr_pdo_bits(&have));
		}
	}
	return 0;
}

int ecr_pdo_check(struct ecr_pdo_job *pdos)
{
	int error = check_fixed(pdos);

	return error || !pdos->wanted ? error : check_rules(pdos);
}
