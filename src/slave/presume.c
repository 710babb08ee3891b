/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken for true of a slave that may come and go, from the image of its EEPROM in the configuration. */
#include "slave/slave.h"

#include <string.h>

#define FMMUS_LEAST 2 /* of a device whose EEPROM does not list them */

/* Until it is seen it is what its EEPROM's image says. */
void ecr_slave_presume(struct ecr_slave *slave)
{
	const struct ecr_presence_config *presence = &slave->config->presence;
	struct ecr_sii_identity identity;
	struct ecr_sii_general general;
	uint8_t usage;

	if (!presence->sii || presence->sii_size > slave->eeprom.room)
		return;
	memcpy(slave->eeprom.bytes, presence->sii, presence->sii_size);
	ecr_sii_open(&slave->sii, slave->eeprom.bytes, presence->sii_size);
	slave->eeprom.mixed = false;
	ecr_sii_identity(&slave->sii, &identity);
	slave->identity = (struct ecr_identity){ identity.vendor, identity.product,
						 identity.revision, identity.serial };
	ecr_sii_general(&slave->sii, &general);
	slave->pdos.coe_details = general.present ? general.coe_details : 0;
	slave->not_lrw = general.flags & ECR_SII_FLAG_NOT_LRW;
	slave->fmmu_count = 0;
	while (slave->fmmu_count < ECR_SLAVE_FMMUS &&
	       ecr_sii_fmmu_usage(&slave->sii, slave->fmmu_count, &usage))
		slave->fmmu_count++;
	if (slave->fmmu_count < FMMUS_LEAST)
		slave->fmmu_count = FMMUS_LEAST;
	slave->sm_count = ECR_SLAVE_SMS;
	slave->reserved = true;
}

void ecr_slave_presume_again(struct ecr_slave *slave)
{
	if (slave->eeprom.have < slave->eeprom.want || slave->eeprom.checking)
		ecr_slave_presume(slave);
}

bool ecr_slave_presumed(const struct ecr_slave *slave, struct ecr_identity *identity)
{
	const struct ecr_presence_config *presence = &slave->config->presence;
	struct ecr_sii_identity presumed;
	struct ecr_sii sii;

	if (!slave->reserved)
		return false;
	ecr_sii_open(&sii, presence->sii, presence->sii_size);
	ecr_sii_identity(&sii, &presumed);
	*identity = (struct ecr_identity){ presumed.vendor, presumed.product, presumed.revision,
					   presumed.serial };
	return true;
}
