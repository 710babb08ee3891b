/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/fmmu.h"

#include "sim/quick.h"
#include "sim/syncmanager.h"
#include "wire/frame.h"

#include <string.h>

#define BYTES_BETWEEN 3u /* free ones between two bit-wise entries of a direction */
#define DIGITAL_OUTPUTS_END (ECR_REG_DIGITAL_OUTPUTS + 4u)

static bool too_near(const struct ecr_fmmu *a, const struct ecr_fmmu *b)
{
	uint64_t a_end = (uint64_t)a->logical + a->length + BYTES_BETWEEN;
	uint64_t b_end = (uint64_t)b->logical + b->length + BYTES_BETWEEN;

	return (ecr_fmmu_is_bitwise(a) || ecr_fmmu_is_bitwise(b)) &&
	       ((a->read && b->read) || (a->write && b->write)) && a->logical < b_end &&
	       b->logical < a_end;
}

/* A controller with a fixed configuration has a use for each entry. */
static bool fixed_elsewhere(const struct sim_esc *esc, unsigned int number,
			    const struct ecr_fmmu *fmmu)
{
	uint8_t usage;

	if (!(esc->device.features & ECR_FEATURE_FIXED_FMMU_SM))
		return false;
	if (!ecr_sii_fmmu_usage(&esc->sii, number, &usage))
		usage = number == 0 ? ECR_SII_FMMU_OUTPUTS : ECR_SII_FMMU_INPUTS;
	return fmmu->write != (usage == ECR_SII_FMMU_OUTPUTS);
}

/* Whether the hardware does what the entry says, beside the entries before it. What breaks a rule
 * maps nothing here, so that a master sees its mistake. */
static bool works(const struct sim_esc *esc, unsigned int number, struct ecr_fmmu *fmmu)
{
	bool outputs = fmmu->physical >= ECR_REG_DIGITAL_OUTPUTS &&
		       (uint32_t)fmmu->physical + fmmu->length <= DIGITAL_OUTPUTS_END;

	if (!fmmu->enable || !fmmu->length)
		return false;
	if (esc->device.features & ECR_FEATURE_BIT_FMMU_NOT) {
		fmmu->start_bit = fmmu->physical_bit = 0;
		fmmu->stop_bit = 7;
	}
	if (fmmu->write && ecr_fmmu_is_bitwise(fmmu) && !outputs)
		return false;
	for (int i = 0; i < esc->fmmu_count; i++)
		if (too_near(&esc->fmmus[i], fmmu))
			return false;
	return !fixed_elsewhere(esc, number, fmmu);
}

/* In the order in which the bytes of a frame come by: a SyncManager that is mapped in parts must see
 * its first byte first. */
static void insert(struct sim_esc *esc, const struct ecr_fmmu *fmmu)
{
	int at = esc->fmmu_count++;

	for (; at > 0 && esc->fmmus[at - 1].logical > fmmu->logical; at--)
		esc->fmmus[at] = esc->fmmus[at - 1];
	esc->fmmus[at] = *fmmu;
}

void sim_fmmu_decode(struct sim_esc *esc)
{
	struct sim_face *face = esc->face;

	esc->fmmu_count = 0;
	face->logical_low = UINT32_MAX;
	face->logical_high = 0;
	for (unsigned int i = 0; i < esc->device.fmmus; i++) {
		struct ecr_fmmu fmmu;

		ecr_fmmu_decode(esc->memory + ECR_REG_FMMU(i), &fmmu);
		if (!works(esc, i, &fmmu))
			continue;
		if (fmmu.logical < face->logical_low)
			face->logical_low = fmmu.logical;
		if (fmmu.logical + fmmu.length > face->logical_high)
			face->logical_high = fmmu.logical + fmmu.length;
		insert(esc, &fmmu);
	}
	sim_quick_find(esc);
}

struct overlap {
	uint32_t logical;  /* first bit of the datagram's data that matches, from its start */
	uint32_t physical; /* bit in the slave's memory */
	uint32_t bits;
};

static bool find_overlap(const struct ecr_fmmu *fmmu, uint32_t address, uint16_t length,
			 struct overlap *overlap)
{
	uint64_t begin = (uint64_t)fmmu->logical * 8 + fmmu->start_bit;
	uint64_t end = begin + ecr_fmmu_bits(fmmu);
	uint64_t low = (uint64_t)address * 8;
	uint64_t high = low + (uint64_t)length * 8;
	uint64_t from = begin > low ? begin : low;
	uint64_t to = end < high ? end : high;

	if (from >= to)
		return false;
	overlap->logical = (uint32_t)(from - low);
	overlap->physical =
		(uint32_t)(fmmu->physical * 8u + fmmu->physical_bit + (uint32_t)(from - begin));
	overlap->bits = (uint32_t)(to - from);
	return overlap->physical + overlap->bits <= SIM_MEMORY * 8u;
}

static bool whole_bytes(const struct overlap *overlap)
{
	return !(overlap->physical % 8) && !(overlap->logical % 8) && !(overlap->bits % 8);
}

void sim_copy_bits(uint8_t *to, uint32_t to_bit, const uint8_t *from, uint32_t from_bit,
		   uint32_t bits)
{
	for (uint32_t i = 0; i < bits; i++) {
		unsigned int bit = from[(from_bit + i) / 8] >> (from_bit + i) % 8 & 1;
		uint8_t *byte = &to[(to_bit + i) / 8];

		*byte = (uint8_t)((*byte & ~(1u << (to_bit + i) % 8)) | bit << (to_bit + i) % 8);
	}
}

/* A SyncManager that is set up but not active lets nobody through. */
static bool locked(const struct sim_esc *esc, uint32_t start, uint32_t length)
{
	for (unsigned int i = 0; i < esc->device.sms; i++)
		if (esc->sms[i].length && !ecr_sm_enabled(&esc->sms[i]) &&
		    start + length > esc->sms[i].start &&
		    start < (uint32_t)esc->sms[i].start + esc->sms[i].length)
			return true;
	return false;
}

static bool write_overlap(struct sim_esc *esc, ecr_time now, const struct overlap *overlap,
			  const uint8_t *sent)
{
	uint16_t start = (uint16_t)(overlap->physical / 8);
	uint16_t length = (uint16_t)((overlap->physical % 8 + overlap->bits + 7) / 8);
	uint8_t bytes[4];

	if (locked(esc, start, length))
		return false;
	if (whole_bytes(overlap))
		return sim_sm_write(esc, now, start, length, sent + overlap->logical / 8);
	if (length > sizeof(bytes))
		return false;
	memcpy(bytes, esc->memory + start, length);
	sim_copy_bits(bytes, overlap->physical % 8, sent, overlap->logical, overlap->bits);
	return sim_sm_write(esc, now, start, length, bytes);
}

static bool read_overlap(struct sim_esc *esc, const struct overlap *overlap, uint8_t *data)
{
	uint16_t start = (uint16_t)(overlap->physical / 8);
	uint16_t length = (uint16_t)((overlap->physical % 8 + overlap->bits + 7) / 8);
	uint8_t bytes[ECR_DATAGRAM_DATA_MAX + 2];

	if (locked(esc, start, length))
		return false;
	if (whole_bytes(overlap))
		return sim_sm_read(esc, start, length, data + overlap->logical / 8, false);
	if (length > sizeof(bytes) || !sim_sm_read(esc, start, length, bytes, false))
		return false;
	sim_copy_bits(data, overlap->logical, bytes, overlap->physical % 8, overlap->bits);
	return true;
}

uint16_t sim_fmmu_access(struct sim_esc *esc, ecr_time now, uint8_t command, uint32_t address,
			 uint16_t length, const uint8_t *sent, uint8_t *data)
{
	struct overlap overlap;
	bool wrote = false;
	bool read = false;

	if (command == ECR_CMD_LRW && (esc->device.features & ECR_FEATURE_NO_LRW))
		return 0;
	for (int i = 0; i < esc->fmmu_count && command != ECR_CMD_LRD; i++)
		if (esc->fmmus[i].write && find_overlap(&esc->fmmus[i], address, length, &overlap))
			wrote |= write_overlap(esc, now, &overlap, sent);
	for (int i = 0; i < esc->fmmu_count && command != ECR_CMD_LWR; i++)
		if (esc->fmmus[i].read && find_overlap(&esc->fmmus[i], address, length, &overlap))
			read |= read_overlap(esc, &overlap, data);
	return (uint16_t)((command == ECR_CMD_LRW ? 2 * wrote : wrote) + read);
}
