/* SPDX-License-Identifier: Apache-2.0 */
/* Process data seen from the field side: bits of a slave's inputs and outputs, and wires between
 * them. */
#include "sim/al.h"
#include "sim/quick.h"
#include "sim/sim.h"
#include "sim/syncmanager.h"

#include <string.h>

int ecr_sim_find(const struct ecr_sim *sim, const char *name)
{
	for (int i = 0; i < sim->count; i++)
		if (strlen(name) == strlen(sim->slaves[i].name) &&
		    memcmp(name, sim->slaves[i].name, strlen(name)) == 0)
			return i;
	return -1;
}

uint32_t ecr_sim_bits(const struct ecr_sim *sim, int slave, enum ecr_direction direction)
{
	uint32_t bits = 0;

	if (slave < 0 || slave >= sim->count)
		return 0;
	for (unsigned int i = 0; i < SIM_SMS; i++)
		if (sim->slaves[slave].sm_output[i] == (direction == ECR_OUTPUT))
			bits += sim->slaves[slave].sm_bits[i];
	return bits;
}

/* Bits that lie side by side in one SyncManager. */
struct run {
	int sm;
	uint32_t at; /* bit of the slave's memory */
	uint32_t bits;
};

/* The part of the wanted bits that begins with the first; false when there is no such bit. */
static bool locate(const struct sim_esc *esc, bool output, uint32_t bit, uint32_t bits,
		   struct run *run)
{
	for (int i = 0; i < (int)SIM_SMS; i++) {
		uint32_t left = esc->sm_bits[i];

		if (esc->sm_output[i] != output || !left)
			continue;
		if (bit < left) {
			run->sm = i;
			run->at = esc->sm_start[i] * 8u + bit;
			run->bits = bits < left - bit ? bits : left - bit;
			return esc->sm_start[i] && run->at + run->bits <= SIM_MEMORY * 8u;
		}
		bit -= left;
	}
	return false;
}

static bool get(const struct sim_esc *esc, bool output, uint32_t bit, uint32_t bits,
		uint64_t *value)
{
	struct run run;

	*value = 0;
	bits = bits < 64 ? bits : 64;
	for (uint32_t done = 0; done < bits; done += run.bits) {
		if (!locate(esc, output, bit + done, bits - done, &run))
			return false;
		for (uint32_t i = 0; i < run.bits; i++)
			*value |= (uint64_t)(esc->memory[(run.at + i) / 8] >> (run.at + i) % 8 & 1)
				  << (done + i);
	}
	return true;
}

/* True when a bit has changed. */
static bool put(struct sim_esc *esc, const struct run *run, uint64_t value)
{
	bool changed = false;

	for (uint32_t i = 0; i < run->bits; i++) {
		uint8_t *byte = &esc->memory[(run->at + i) / 8];
		uint8_t bit = (uint8_t)(1u << (run->at + i) % 8);
		uint8_t now = (uint8_t)((*byte & ~bit) | (value >> i & 1 ? bit : 0));

		changed = changed || now != *byte;
		*byte = now;
	}
	return changed;
}

bool ecr_sim_set_input(struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits, uint64_t value)
{
	struct sim_esc *esc;
	struct run run;

	if (slave < 0 || slave >= sim->count)
		return false;
	esc = &sim->slaves[slave];
	bits = bits < 64 ? bits : 64;
	for (uint32_t done = 0; done < bits; done += run.bits) {
		if (!locate(esc, false, bit + done, bits - done, &run))
			return false;
		if (put(esc, &run, value >> done) && ecr_sm_enabled(&esc->sms[run.sm]))
			sim_sm_give(esc, run.sm);
	}
	return true;
}

bool ecr_sim_get_input(const struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits,
		       uint64_t *value)
{
	return slave >= 0 && slave < sim->count &&
	       get(&sim->slaves[slave], false, bit, bits, value);
}

bool ecr_sim_get_output(const struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits,
			uint64_t *value)
{
	if (slave < 0 || slave >= sim->count || !get(&sim->slaves[slave], true, bit, bits, value))
		return false;
	if (!sim_outputs_active(&sim->slaves[slave]))
		*value = 0;
	return true;
}

bool ecr_sim_wire(struct ecr_sim *sim, int from, uint32_t from_bit, int to, uint32_t to_bit,
		  uint32_t bits)
{
	uint64_t value;

	if (sim->wire_count == SIM_WIRES || !bits || bits > 64 ||
	    !ecr_sim_get_output(sim, from, from_bit, bits, &value) ||
	    !ecr_sim_get_input(sim, to, to_bit, bits, &value))
		return false;
	sim->wires[sim->wire_count++] = (struct sim_wire){ from, to, from_bit, to_bit, bits };
	return true;
}

void ecr_sim_look(const struct ecr_sim *sim, int slave, struct ecr_sim_state *state)
{
	const struct sim_esc *esc = &sim->slaves[slave];

	*state = (struct ecr_sim_state){
		.station = esc->face->station,
		.al_status = sim_al_status(esc),
		.al_code = (uint16_t)(esc->memory[ECR_REG_AL_STATUS_CODE] |
				      (unsigned int)esc->memory[ECR_REG_AL_STATUS_CODE + 1] << 8),
		.connected = sim->slaves[slave].reached,
		.output_writes = esc->face->output_writes,
	};
}

uint8_t *ecr_sim_registers(struct ecr_sim *sim, int slave)
{
	sim_quick_show(&sim->slaves[slave]);
	return sim->slaves[slave].memory;
}
