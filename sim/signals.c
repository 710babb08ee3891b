/* SPDX-License-Identifier: Apache-2.0 */
/* Process data seen from the field side: bits of a slave's inputs and outputs, and wires between
 * them. */
#include "sim/esm.h"
#include "sim/sim.h"

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

/* Where one bit lies in the slave's memory, by the SII; false when there is no such bit. */
static bool locate(const struct sim_esc *esc, bool output, uint32_t bit, uint32_t *at)
{
	struct ecr_sii_sm sm;

	for (unsigned int i = 0; i < SIM_SMS; i++) {
		if (esc->sm_output[i] != output || !esc->sm_bits[i])
			continue;
		if (bit < esc->sm_bits[i]) {
			if (!ecr_sii_sm(&esc->sii, i, &sm))
				return false;
			*at = sm.start * 8u + bit;
			return *at < SIM_MEMORY * 8u;
		}
		bit -= esc->sm_bits[i];
	}
	return false;
}

static bool get(const struct sim_esc *esc, bool output, uint32_t bit, uint32_t bits,
		uint64_t *value)
{
	uint32_t at;

	*value = 0;
	for (uint32_t i = 0; i < bits && i < 64; i++) {
		if (!locate(esc, output, bit + i, &at))
			return false;
		*value |= (uint64_t)(esc->memory[at / 8] >> at % 8 & 1) << i;
	}
	return true;
}

bool ecr_sim_set_input(struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits, uint64_t value)
{
	struct sim_esc *esc;
	uint32_t at;

	if (slave < 0 || slave >= sim->count)
		return false;
	esc = &sim->slaves[slave];
	for (uint32_t i = 0; i < bits && i < 64; i++) {
		if (!locate(esc, false, bit + i, &at))
			return false;
		esc->memory[at / 8] = (uint8_t)((esc->memory[at / 8] & ~(1u << at % 8)) |
						(unsigned int)(value >> i & 1) << at % 8);
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
		.output_writes = esc->output_writes,
	};
}

uint8_t *ecr_sim_registers(struct ecr_sim *sim, int slave)
{
	return sim->slaves[slave].memory;
}
