/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which FMMU entries the controller carries out. Bit-wise writes reach the digital output registers
 * only; a bit-wise entry needs three free logical bytes to the next entry of its direction; a
 * controller without bit operation maps whole bytes; one with a fixed configuration has a use for
 * each entry. What breaks a rule maps nothing here, so that a master sees its mistake.
 */
#include "sim/esc.h"

#include "base/le.h"

#define FREE_BYTES 3u

static uint16_t features(const struct sim_esc *esc)
{
	return ecr_le16(esc->memory + ECR_REG_FEATURES);
}

static bool bit_wise(const struct ecr_fmmu *fmmu)
{
	return fmmu->start_bit != 0 || fmmu->stop_bit != 7 || fmmu->physical_bit != 0;
}

static bool too_near(const struct ecr_fmmu *a, const struct ecr_fmmu *b)
{
	uint64_t a_end = (uint64_t)a->logical + a->length + FREE_BYTES;
	uint64_t b_end = (uint64_t)b->logical + b->length + FREE_BYTES;

	return (bit_wise(a) || bit_wise(b)) && ((a->read && b->read) || (a->write && b->write)) &&
	       a->logical < b_end && b->logical < a_end;
}

static bool fixed_elsewhere(const struct sim_esc *esc, unsigned int number,
			    const struct ecr_fmmu *fmmu)
{
	uint8_t usage;

	if (!(features(esc) & ECR_FEATURE_FIXED_FMMU_SM))
		return false;
	if (!ecr_sii_fmmu_usage(&esc->sii, number, &usage))
		usage = number == 0 ? ECR_SII_FMMU_OUTPUTS : ECR_SII_FMMU_INPUTS;
	return fmmu->write != (usage == ECR_SII_FMMU_OUTPUTS);
}

bool sim_fmmu_works(const struct sim_esc *esc, unsigned int number, struct ecr_fmmu *fmmu)
{
	if (features(esc) & ECR_FEATURE_BIT_FMMU_NOT) {
		fmmu->start_bit = fmmu->physical_bit = 0;
		fmmu->stop_bit = 7;
	}
	if (fmmu->write && bit_wise(fmmu) &&
	    (fmmu->physical < ECR_REG_DIGITAL_OUTPUTS ||
	     fmmu->physical >= ECR_REG_DIGITAL_OUTPUTS + ECR_REG_DIGITAL_OUTPUTS_SIZE))
		return false;
	for (int i = 0; i < esc->fmmu_count; i++)
		if (too_near(&esc->fmmus[i], fmmu))
			return false;
	return !fixed_elsewhere(esc, number, fmmu);
}
