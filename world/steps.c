/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What slaves are asked for: one step of the EtherCAT state machine at a time (ETG.1000.6, 6.4.1), whether the slave itself
 * would refuse another one or, with device emulation, follow it blindly. A slave may fall before anybody has asked for its state
 * again: so the request must be right for the state that the session believes it to be in, which is judged in check.c, or for one
 * of those that it was in lately.
 */
#include "world/inner.h"

#include "wire/frame.h"
#include "wire/registers.h"

static bool is_step(unsigned int from, unsigned int to)
{
	switch (to) {
	case ECR_AL_INIT:
		return true;
	case ECR_AL_PREOP:
		return from != ECR_AL_BOOT;
	case ECR_AL_BOOT:
		return from == ECR_AL_INIT || from == ECR_AL_BOOT;
	case ECR_AL_SAFEOP:
		return from == ECR_AL_PREOP || from == ECR_AL_SAFEOP || from == ECR_AL_OP;
	case ECR_AL_OP:
		return from == ECR_AL_SAFEOP || from == ECR_AL_OP;
	default:
		return false;
	}
}

void world_note_states(struct world *world)
{
	for (int i = 0; i < world->plan.count; i++) {
		const struct sim_esc *esc = &world->ring.sim->slaves[i];

		world->slaves[i].in_state[sim_al_status(esc) & ECR_AL_STATE_MASK] = world->ring.now;
	}
}

static bool may_be_asked(const struct world *world, int slave, unsigned int to)
{
	const struct ecr_core *core = world->ring.core;
	const struct world_slave *known = &world->slaves[slave];
	ecr_time since = world->ring.now - world_patience(world);

	if (slave < core->slave_count && is_step(core->slaves[slave].al_state, to))
		return true;
	for (unsigned int from = ECR_AL_INIT; from <= ECR_AL_OP; from++)
		if (known->in_state[from] >= since && is_step(from, to))
			return true;
	return false;
}

/* Of two with one station either may be meant. Positions are only written to by those who ask for INIT. */
static void check_request(struct world *world, const struct ecr_datagram *datagram, unsigned int to)
{
	uint16_t station = (uint16_t)datagram->address;
	int wrong = -1;

	for (int i = 0; i < world->plan.count; i++) {
		bool right = may_be_asked(world, i, to);

		if (!ecr_command_is_broadcast(datagram->command)) {
			if (world->ring.sim->slaves[i].face->station != station)
				continue;
			if (right)
				return;
		}
		wrong = right ? wrong : i;
	}
	if (wrong >= 0)
		world_complain(world, "%s is asked for state %u, and no step leads there",
			       world->plan.names[wrong], to);
}

static bool asks_for_state(const struct ecr_datagram *datagram)
{
	return ecr_command_writes(datagram->command) &&
	       !ecr_command_is_logical(datagram->command) &&
	       !ecr_command_is_auto_increment(datagram->command) &&
	       datagram->address >> 16 == ECR_REG_AL_CONTROL && datagram->length;
}

void world_check_requests(struct world *world, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	unsigned int to;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram)) {
		if (!asks_for_state(&datagram))
			continue;
		to = datagram.data[0] & ECR_AL_STATE_MASK;
		world_check_gate(world, to);
		/* Nobody asks for anybody's state while the host stands still. */
		if (world->ring.now - world->paused >= world_patience(world))
			check_request(world, &datagram, to);
	}
}
