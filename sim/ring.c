/* SPDX-License-Identifier: Apache-2.0 */
/* A frame's way through the ring: each slave in turn does what each datagram's command says
 * (ETG.1000.4, 5.4). */
#include "sim/sim.h"

#include "wire/frame.h"

#include <string.h>

size_t ecr_sim_size(int devices)
{
	return sizeof(struct ecr_sim) + (size_t)devices * sizeof(struct sim_esc);
}

struct ecr_sim *ecr_sim_init(void *memory, size_t size, const struct ecr_sim_device *devices,
			     int count)
{
	struct ecr_sim *sim = memory;

	if (!memory || count < 0 || size < ecr_sim_size(count))
		return NULL;
	memset(sim, 0, sizeof(*sim));
	sim->count = count;
	for (int i = 0; i < count; i++) {
		if (!devices[i].sii)
			return NULL;
		sim_esc_init(&sim->slaves[i], &devices[i]);
	}
	sim->cut = count;
	sim_links(sim);
	return sim;
}

int ecr_sim_count(const struct ecr_sim *sim)
{
	return sim->count;
}

/* Port 0 looks to the master, port 1 to the next slave. */
void sim_links(struct ecr_sim *sim)
{
	for (int i = 0; i < sim->count; i++) {
		bool next = i + 1 < sim->cut;
		uint16_t status = ECR_DL_STATUS_PDI_OPERATIONAL | ECR_DL_STATUS_LINK(0) |
				  ECR_DL_STATUS_SIGNAL(0);

		status |= (uint16_t)(next ? ECR_DL_STATUS_LINK(1) | ECR_DL_STATUS_SIGNAL(1)
					  : ECR_DL_STATUS_LOOP(1));
		status |= (uint16_t)(ECR_DL_STATUS_LOOP(2) | ECR_DL_STATUS_LOOP(3));
		sim->slaves[i].memory[ECR_REG_DL_STATUS] = (uint8_t)status;
		sim->slaves[i].memory[ECR_REG_DL_STATUS + 1] = (uint8_t)(status >> 8);
	}
}

/* Reading and writing count 1 each; with RW commands 1 for the read and 2 for the write. */
static uint16_t access(struct sim_esc *esc, ecr_time now, const struct ecr_datagram *datagram,
		       uint16_t offset, bool reads, bool writes, bool merge)
{
	uint8_t sent[ECR_DATAGRAM_DATA_MAX];
	uint16_t wkc = 0;

	if (datagram->length > sizeof(sent))
		return 0;
	if (writes)
		memcpy(sent, datagram->data, datagram->length);
	if (reads && sim_esc_read(esc, now, offset, datagram->length, datagram->data, merge))
		wkc = 1;
	if (writes && sim_esc_write(esc, now, offset, datagram->length, sent))
		wkc = (uint16_t)(wkc + (reads ? 2 : 1));
	return wkc;
}

static bool has_station(const struct sim_esc *esc, uint16_t station)
{
	if (station && esc->station == station)
		return true;
	return (esc->memory[ECR_REG_DL_ALIAS] & ECR_DL_ALIAS_ENABLE) &&
	       (esc->memory[ECR_REG_ALIAS] | esc->memory[ECR_REG_ALIAS + 1] << 8) == station;
}

/* ARMW and FRMW: the addressed slave reads into the frame, every other one writes what passes. */
static uint16_t multiple_write(struct sim_esc *esc, ecr_time now,
			       const struct ecr_datagram *datagram, uint16_t offset, bool addressed)
{
	return access(esc, now, datagram, offset, addressed, !addressed, false);
}

static uint16_t visit(struct sim_esc *esc, ecr_time now, struct ecr_datagram *datagram)
{
	uint8_t command = datagram->command;
	uint16_t position = (uint16_t)datagram->address;
	uint16_t offset = (uint16_t)(datagram->address >> 16);
	bool reads = ecr_command_reads(command);
	bool writes = ecr_command_writes(command);
	bool first = position == 0;

	if (ecr_command_is_auto_increment(command) || ecr_command_is_broadcast(command))
		ecr_datagram_set_address(datagram,
					 (uint16_t)(position + 1) | (uint32_t)offset << 16);
	if (ecr_command_is_logical(command)) {
		uint16_t wkc = sim_logical(esc, now, command, datagram->address, datagram->length,
					   datagram->data, datagram->data);

		return (uint16_t)(wkc && (int32_t)wkc + esc->logical_offset < 0
					  ? 0
					  : wkc + esc->logical_offset * !!wkc);
	}
	if (command == ECR_CMD_ARMW)
		return multiple_write(esc, now, datagram, offset, first);
	if (command == ECR_CMD_FRMW)
		return multiple_write(esc, now, datagram, offset, has_station(esc, position));
	if (ecr_command_is_auto_increment(command) && !first)
		return 0;
	if (command >= ECR_CMD_FPRD && command <= ECR_CMD_FPRW && !has_station(esc, position))
		return 0;
	if (command == ECR_CMD_NOP || command >= ECR_CMD_COUNT)
		return 0;
	return access(esc, now, datagram, offset, reads, writes, ecr_command_is_broadcast(command));
}

static uint16_t irq_of(const struct sim_esc *esc)
{
	unsigned int mask = esc->memory[ECR_REG_IRQ_MASK] |
			    (unsigned int)esc->memory[ECR_REG_IRQ_MASK + 1] << 8;
	unsigned int events = esc->memory[ECR_REG_IRQ] | (unsigned int)esc->memory[ECR_REG_IRQ + 1]
								 << 8;

	return (uint16_t)(mask & events);
}

static uint16_t shifted(uint16_t wkc, int32_t by)
{
	int32_t sum = (int32_t)wkc + by;

	return (uint16_t)(sum < 0 ? 0 : sum > 0xFFFF ? 0xFFFF : sum);
}

static void pass_datagram(struct ecr_sim *sim, ecr_time now, struct ecr_datagram *datagram,
			  int reach)
{
	uint16_t irq = datagram->irq;
	uint16_t wkc = datagram->wkc;

	for (int i = 0; i < reach; i++) {
		wkc = (uint16_t)(wkc + visit(&sim->slaves[i], now, datagram));
		irq |= irq_of(&sim->slaves[i]);
	}
	wkc = shifted(wkc, sim->wkc_offset);
	wkc = shifted(wkc, sim->command_offset[datagram->command & 15]);
	ecr_datagram_set_wkc(datagram, wkc);
	if (irq != datagram->irq)
		ecr_datagram_set_irq(datagram, irq);
}

static void settle_wires(struct ecr_sim *sim)
{
	for (int i = 0; i < sim->wire_count; i++) {
		const struct sim_wire *wire = &sim->wires[i];
		uint64_t value;

		if (ecr_sim_get_output(sim, wire->from, wire->from_bit, wire->bits, &value))
			ecr_sim_set_input(sim, wire->to, wire->to_bit, wire->bits, value);
	}
}

void ecr_sim_tick(struct ecr_sim *sim, ecr_time now)
{
	for (int i = 0; i < sim->count; i++)
		sim_esc_tick(&sim->slaves[i], now);
	settle_wires(sim);
}

bool ecr_sim_process(struct ecr_sim *sim, ecr_time now, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	bool healthy = true;
	int reach;

	ecr_sim_tick(sim, now);
	sim_faults_begin(sim, now);
	if (sim->drop) {
		sim_faults_end(sim, now, false);
		return false;
	}
	/* Behind a damaged link nobody acts, and the network card that gets the frame drops it. */
	reach = sim->corrupt >= 0 && sim->corrupt < sim->cut ? sim->corrupt : sim->cut;
	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram)) {
		pass_datagram(sim, now, &datagram, reach);
		healthy = healthy && datagram.wkc > 0;
	}
	settle_wires(sim);
	healthy = healthy && sim->corrupt < 0 && sim->cut == sim->count && !sim->wkc_offset;
	if (sim->corrupt >= 0 && sim->corrupt < sim->cut) {
		uint8_t *errors = &sim->slaves[sim->corrupt].memory[ECR_REG_RX_ERRORS];

		*errors = (uint8_t)(*errors + (*errors < 0xFF));
		sim_faults_end(sim, now, false);
		return false;
	}
	sim_faults_end(sim, now, healthy);
	return true;
}
