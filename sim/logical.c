/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logical addressing: FMMUs bit by bit. A slave adds at most 1 for reading and 1 (LWR) or 2 (LRW)
 * for writing to a datagram's working counter, however many FMMUs match (ETG.1000.4, 5.4.3).
 */
#include "sim/esc.h"
#include "wire/frame.h"

#include <string.h>

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

static void copy_bits(uint8_t *to, uint32_t to_bit, const uint8_t *from, uint32_t from_bit,
		      uint32_t bits)
{
	if (!(to_bit % 8) && !(from_bit % 8) && !(bits % 8)) {
		memcpy(to + to_bit / 8, from + from_bit / 8, bits / 8);
		return;
	}
	for (uint32_t i = 0; i < bits; i++) {
		unsigned int bit = from[(from_bit + i) / 8] >> (from_bit + i) % 8 & 1;
		uint8_t *byte = &to[(to_bit + i) / 8];

		*byte = (uint8_t)((*byte & ~(1u << (to_bit + i) % 8)) | bit << (to_bit + i) % 8);
	}
}

/* Memory without a SyncManager is plain; with one, it must be active and of the right direction. An
 * entry may reach over several. */
static bool open_for(const struct sim_esc *esc, const struct overlap *overlap, bool write)
{
	uint32_t end = (overlap->physical + overlap->bits + 7) / 8;

	for (uint32_t at = overlap->physical / 8; at < end; at++) {
		int sm = sim_sm_at(esc, (uint16_t)at, 1);

		if (sm >= 0 && ecr_sm_master_writes(&esc->sms[sm]) != write)
			return false;
		if (sm >= 0)
			at = (uint32_t)esc->sms[sm].start + esc->sms[sm].length - 1;
		for (unsigned int i = 0; sm < 0 && i < esc->device.sms; i++)
			if (at >= esc->sms[i].start && at < esc->sms[i].start + esc->sms[i].length)
				return false; /* covered by one that is not active */
	}
	return true;
}

static bool write_part(struct sim_esc *esc, ecr_time now, const struct ecr_fmmu *fmmu,
		       uint32_t address, uint16_t length, const uint8_t *sent)
{
	struct overlap overlap;
	int sm;

	if (!fmmu->write || !find_overlap(fmmu, address, length, &overlap) ||
	    !open_for(esc, &overlap, true))
		return false;
	copy_bits(esc->memory, overlap.physical, sent, overlap.logical, overlap.bits);
	sm = sim_sm_at(esc, (uint16_t)(overlap.physical / 8), 1);
	if (sm >= 0 && (esc->sms[sm].control & ECR_SM_CONTROL_WATCHDOG) &&
	    (sim_al_status(esc) & ECR_AL_STATE_MASK) == ECR_AL_OP)
		sim_watchdog_kick(esc, now);
	esc->output_writes++;
	return true;
}

static bool read_part(struct sim_esc *esc, const struct ecr_fmmu *fmmu, uint32_t address,
		      uint16_t length, uint8_t *data)
{
	struct overlap overlap;

	if (!fmmu->read || !find_overlap(fmmu, address, length, &overlap) ||
	    !open_for(esc, &overlap, false))
		return false;
	copy_bits(data, overlap.logical, esc->memory, overlap.physical, overlap.bits);
	return true;
}

uint16_t sim_logical(struct sim_esc *esc, ecr_time now, uint8_t command, uint32_t address,
		     uint16_t length, const uint8_t *sent, uint8_t *data)
{
	bool wrote = false;
	bool read = false;

	if (address >= esc->logical_high || address + length <= esc->logical_low)
		return 0;
	if (command == ECR_CMD_LRW && (esc->device.features & ECR_FEATURE_NO_LRW))
		return 0;
	for (int i = 0; i < esc->fmmu_count && command != ECR_CMD_LRD; i++)
		wrote |= write_part(esc, now, &esc->fmmus[i], address, length, sent);
	for (int i = 0; i < esc->fmmu_count && command != ECR_CMD_LWR; i++)
		read |= read_part(esc, &esc->fmmus[i], address, length, data);
	return (uint16_t)((command == ECR_CMD_LRW ? 2 * wrote : wrote) + read);
}
