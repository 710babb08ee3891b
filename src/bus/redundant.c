/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/redundant.h"

#include "base/container.h"
#include "base/le.h"
#include "wire/registers.h"

#include <string.h>

#define BOTH 3u
#define SILENCE_NS ECR_MS(50)

void ecr_redundant_reset(struct ecr_bus *bus)
{
	bus->split = false;
	bus->news = false;
	bus->reach[0] = bus->reach[1] = -1;
	bus->reference_behind = bus->far_known = false;
	bus->front = 0;
	bus->silent_at[0] = bus->silent_at[1] = ECR_NEVER;
}

/* The first position that port 1 reaches; more than any when that is not known. */
static int32_t first_behind(const struct ecr_bus *bus)
{
	if (!bus->port_up[0])
		return 0;
	return bus->port_up[1] && bus->reach[0] >= 0 ? bus->reach[0] : INT32_MAX;
}

/* The reference's own part alone gets its time. */
static bool reference_is_behind(const struct ecr_bus *bus)
{
	return !bus->port_up[0] || (bus->port_up[1] && bus->reference_behind);
}

void ecr_redundant_keep(struct ecr_bus *bus, struct ecr_flight *flight)
{
	flight->copies = (uint8_t)(bus->port_up[0] | bus->port_up[1] << 1);
	flight->waiting = flight->copies;
	flight->behind = bus->split || flight->copies != BOTH ? first_behind(bus) : -1;
	flight->counted = -1;
	flight->passed = -1;
	flight->far = -1;
	bus->seen[flight->index] = 0;
	bus->handing = flight;
}

static int32_t position_of(uint32_t address)
{
	return (uint16_t)(0u - address);
}

/* The time of the clocks: from one slave to all others, or from the master, whose is told in full. */
static bool carries_time(uint8_t command, uint32_t address, uint32_t length)
{
	return command == ECR_CMD_ARMW || command == ECR_CMD_FRMW ||
	       (command == ECR_CMD_BWR && address >> 16 == ECR_REG_DC_SYSTEM_TIME &&
		length == ECR_REG_DC_SYSTEM_TIME_SIZE);
}

/*
 * A whole ring breaks under a frame: the copy that nobody should process takes no time to anybody, and no position, which
 * would be that of another slave there.
 */
static void withhold(uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram))
		if (ecr_command_is_auto_increment(datagram.command) ||
		    carries_time(datagram.command, datagram.address, datagram.length))
			frame[datagram.offset] = ECR_CMD_NOP;
}

/* The session's own datagram, not a caller's question that looks like it. */
static bool is_clocks(const struct ecr_flight *flight, size_t number)
{
	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, const struct ecr_transaction, link);

		if (number < transaction->count)
			return transaction->owner == ECR_OWNER_CLOCK;
		number -= transaction->count;
	}
	return false;
}

/* Where the reference is not, what the master has put into the datagram is the time: as late as frames are there. The
 * question stays the same: should the line be whole again, the reference still is asked and never told. */
static void tell_far(const struct ecr_bus *bus, unsigned int port, uint8_t *frame,
		     const struct ecr_datagram *datagram, size_t number)
{
	uint64_t time;

	if (!bus->far_known || !is_clocks(bus->handing, number)) {
		frame[datagram->offset] = ECR_CMD_NOP;
		return;
	}
	bus->handing->far = (int8_t)port;
	time = datagram->length < 8 ? ecr_le32(datagram->data) : ecr_le64(datagram->data);
	time += (uint64_t)bus->far_later;
	ecr_put_le32(datagram->data, (uint32_t)time);
	if (datagram->length >= 8)
		ecr_put_le32(datagram->data + 4, (uint32_t)(time >> 32));
}

/*
 * Positions count from each port's own end of its part, so a question by position goes to one of
 * them only; and one slave's time is read where that slave is, and told in the other part by the master.
 */
static void direct(const struct ecr_bus *bus, int32_t behind, unsigned int port, uint8_t *frame,
		   size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, frame, length);
	for (size_t number = 0; ecr_frame_next(&reader, &datagram); number++) {
		bool by_position = ecr_command_is_auto_increment(datagram.command);
		int32_t position = position_of(datagram.address);
		bool time = !by_position &&
			    carries_time(datagram.command, datagram.address, datagram.length);

		if (!by_position && !time)
			continue;
		if (time && reference_is_behind(bus) != (port == 1))
			tell_far(bus, port, frame, &datagram, number);
		else if (!time && (position >= behind) != (port == 1))
			frame[datagram.offset] = ECR_CMD_NOP;
		else if (port == 1 && by_position)
			ecr_datagram_set_address(
				&datagram, (datagram.address & 0xFFFF0000u) |
						   (uint16_t)(datagram.address + (uint32_t)behind));
	}
}

void ecr_redundant_skip(struct ecr_bus *bus, unsigned int port)
{
	struct ecr_flight *flight = bus->handing;

	flight->waiting &= (uint8_t) ~(1u << port);
	if (!flight->waiting)
		bus->handing = NULL;
}

size_t ecr_redundant_hand(struct ecr_bus *bus, unsigned int port, uint8_t *frame)
{
	struct ecr_flight *flight = bus->handing;
	size_t length = flight->length;

	if (!(flight->waiting >> port & 1))
		return 0;
	memcpy(frame, flight->sent, length);
	if (flight->behind >= 0)
		direct(bus, flight->behind, port, frame, length);
	else if (port != bus->front)
		withhold(frame, length);
	ecr_redundant_skip(bus, port);
	return length;
}

bool ecr_redundant_withheld(const struct ecr_ask *ask, const struct ecr_datagram *datagram)
{
	return datagram->command == ECR_CMD_NOP &&
	       (ecr_command_is_auto_increment(ask->command) ||
		carries_time(ask->command, ask->address, ask->length));
}

static unsigned int copy_of(const struct ecr_arrival *arrival)
{
	return arrival->crossed ? 1 - arrival->port : arrival->port;
}

static bool untouched(uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram))
		if (datagram.wkc)
			return false;
	return true;
}

bool ecr_redundant_is_rest(struct ecr_bus *bus, uint8_t index, const struct ecr_arrival *arrival,
			   uint8_t *frame, size_t length)
{
	uint8_t bit = (uint8_t)(1u << copy_of(arrival));

	if (bus->index_state[index] != ECR_INDEX_ANSWERED || (bus->seen[index] & bit))
		return false;
	bus->seen[index] |= bit;
	if (arrival->crossed && !untouched(frame, length))
		bus->front = (uint8_t)copy_of(arrival);
	return true;
}

/* What the master itself has told the other part is nobody's answer. */
static bool is_told(const struct ecr_flight *flight, const struct ecr_ask *ask, unsigned int copy)
{
	return flight->far == (int8_t)copy && carries_time(ask->command, ask->address, ask->length);
}

static void merge_data(const struct ecr_ask *ask, const uint8_t *came, const uint8_t *sent,
		       bool first)
{
	if (!ask->in)
		return;
	if (first) {
		memcpy(ask->in, came, ask->length);
		return;
	}
	/* A broadcast shows what any slave has; of the rest each bit is changed in one half only. */
	for (uint16_t i = 0; i < ask->length; i++)
		ask->in[i] = (uint8_t)(ecr_command_is_broadcast(ask->command)
					       ? ask->in[i] | came[i]
					       : ask->in[i] ^ came[i] ^ sent[i]);
}

/* Every slave has these registers; what only slaves with a clock have counts those. */
static bool counts_all(const struct ecr_ask *ask)
{
	return ask->command == ECR_CMD_BRD && (ask->address == ecr_address_all(ECR_REG_AL_STATUS) ||
					       ask->address == ecr_address_all(ECR_REG_TYPE));
}

/* How many slaves the copy of a port has passed in its part says where the ring is broken. */
static void note_part(struct ecr_bus *bus, struct ecr_flight *flight, unsigned int copy,
		      uint16_t count)
{
	if (!bus->split)
		return;
	if (copy == 0)
		flight->counted = count;
	if (bus->reach[copy] == count)
		return;
	bus->reach[copy] = count;
	bus->news = true;
}

/* The counters add up. */
static void merge(struct ecr_bus *bus, struct ecr_flight *flight, unsigned int copy, uint8_t *frame)
{
	bool first = !flight->answered;
	size_t at = ECR_FRAME_HEADER_SIZE;
	struct ecr_datagram came;
	struct ecr_datagram sent;

	for (struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		for (uint16_t i = 0; i < transaction->count; i++) {
			struct ecr_ask *ask = &transaction->asks[i];

			ecr_datagram_read(flight->sent, at, &sent);
			at = ecr_datagram_read(frame, at, &came);
			ask->wkc = (uint16_t)(came.wkc + (first ? 0 : ask->wkc));
			ask->by = (uint8_t)((first ? 0 : ask->by) | (came.wkc ? 1u << copy : 0));
			ask->irq = (uint16_t)(came.irq | (first ? 0 : ask->irq));
			ask->passed =
				(uint16_t)(came.address - sent.address + (first ? 0 : ask->passed));
			bus->irq |= came.irq;
			merge_data(ask, is_told(flight, ask, copy) ? sent.data : came.data,
				   sent.data, first);
			if (counts_all(ask))
				note_part(bus, flight, copy, came.wkc);
		}
	}
	if (flight->tally) {
		ecr_datagram_read(frame, at, &came);
		note_part(bus, flight, copy, came.wkc);
	}
	flight->answered = true;
}

static void set_split(struct ecr_bus *bus, bool split)
{
	if (bus->split == split)
		return;
	bus->split = split;
	bus->reach[0] = bus->reach[1] = -1;
	bus->reference_behind = bus->far_known = false;
	bus->news = true;
	bus->info.redundancy.breaks += split;
}

/* A question to one slave that nobody in this half has answered. */
static bool unanswered(const struct ecr_transaction *transaction)
{
	for (uint16_t i = 0; i < transaction->count; i++)
		if (!transaction->asks[i].wkc &&
		    !ecr_command_is_broadcast(transaction->asks[i].command))
			return true;
	return false;
}

/* Everybody is counted: one half alone is too few. */
static bool counts(const struct ecr_transaction *transaction)
{
	for (uint16_t i = 0; i < transaction->count; i++)
		if (counts_all(&transaction->asks[i]))
			return true;
	return false;
}

/* Of a half from which nothing has come for a while nothing is expected. */
static bool is_silent(const struct ecr_bus *bus, unsigned int copy, ecr_time now)
{
	return now - bus->silent_at[copy] > SILENCE_NS;
}

bool ecr_redundant_lacks_half(const struct ecr_bus *bus, const struct ecr_flight *flight)
{
	return flight->arrived != flight->copies && !is_silent(bus, flight->arrived & 1, bus->now);
}

static bool has_positions(const struct ecr_transaction *transaction)
{
	for (uint16_t i = 0; i < transaction->count; i++)
		if (ecr_command_is_auto_increment(transaction->asks[i].command))
			return true;
	return false;
}

bool ecr_redundant_tallies(const struct ecr_bus *bus, const struct ecr_flight *flight)
{
	bool positions = false;

	if (!bus->split || flight->length + ECR_BUS_TALLY_SIZE > ECR_FRAME_MAX)
		return false;
	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, const struct ecr_transaction, link);

		if (counts(transaction))
			return false;
		positions = positions || has_positions(transaction);
	}
	return positions;
}

/* Positions before the break went to port 0, those behind it to port 1 and counted from there. */
static bool is_astray(const struct ecr_bus *bus, const struct ecr_flight *flight,
		      const struct ecr_ask *ask)
{
	int32_t position = position_of(ask->address);
	bool at_first = position < flight->behind;

	if (flight->behind < 0) /* whole, or broken meanwhile: the other part was not asked */
		return flight->passed < 0 && !ask->wkc;
	if (flight->passed >= 0) /* mended meanwhile */
		return flight->passed ? flight->behind > 0 : !at_first;
	if (flight->copies != BOTH) /* one port alone has all positions */
		return false;
	if (flight->failed >> !at_first & 1) /* nobody was asked */
		return true;
	if (flight->counted >= 0) /* the frame itself says where the ring is broken */
		return at_first ? position >= flight->counted : flight->behind != flight->counted;
	if (at_first) /* nobody has answered, and where the first part ends was not known */
		return !ask->wkc && flight->behind == INT32_MAX;
	return !is_silent(bus, 0, bus->now); /* unless the first part is nobody */
}

bool ecr_redundant_astray(const struct ecr_bus *bus, const struct ecr_flight *flight,
			  const struct ecr_transaction *transaction)
{
	for (uint16_t i = 0; i < transaction->count; i++)
		if (ecr_command_is_auto_increment(transaction->asks[i].command) &&
		    is_astray(bus, flight, &transaction->asks[i]))
			return true;
	return false;
}

bool ecr_redundant_doubtful(const struct ecr_bus *bus, const struct ecr_flight *flight,
			    const struct ecr_transaction *transaction)
{
	if (flight->class != ECR_RELIABLE || flight->arrived == flight->copies)
		return false;
	return unanswered(transaction) ||
	       (counts(transaction) && !is_silent(bus, flight->arrived & 1, bus->now));
}

/* Whoever was asked may be in the other half, which is silent while a loop opens or closes: its copy is
 * waited for as long as any frame, unless it was not sent or has been silent for a while. */
static bool may_be_behind(const struct ecr_bus *bus, const struct ecr_flight *flight,
			  unsigned int other, ecr_time now)
{
	if (flight->class != ECR_RELIABLE || flight->failed || is_silent(bus, other, now))
		return false;
	if (flight->tally)
		return true;
	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, const struct ecr_transaction, link);

		if (unanswered(transaction) || counts(transaction))
			return true;
	}
	return false;
}

bool ecr_redundant_arrived(struct ecr_bus *bus, struct ecr_flight *flight, ecr_time now,
			   const struct ecr_arrival *arrival, uint8_t *frame)
{
	unsigned int copy = copy_of(arrival);
	uint8_t bit = (uint8_t)(1u << copy);
	ecr_time rest;

	if (flight->arrived & bit)
		return false;
	flight->arrived |= bit;
	bus->seen[flight->index] |= bit;
	bus->silent_at[copy] = ECR_NEVER;
	if (arrival->crossed && !untouched(frame, flight->length))
		bus->front = (uint8_t)copy;
	if (arrival->crossed && copy != bus->front)
		return flight->answered && flight->arrived == flight->copies;
	if (arrival->crossed)
		flight->passed = (int8_t)copy;
	set_split(bus, !arrival->crossed);
	merge(bus, flight, copy, frame);
	if (arrival->crossed) /* it has passed everybody */
		flight->arrived = flight->copies;
	if (flight->arrived == flight->copies)
		return true;
	rest = now + (now - flight->sent_at) + bus->rest;
	if (rest < flight->deadline && !may_be_behind(bus, flight, 1 - copy, now))
		flight->deadline = rest;
	return false;
}

void ecr_redundant_half(struct ecr_bus *bus, const struct ecr_flight *flight)
{
	unsigned int missing = flight->arrived & 1;

	bus->info.redundancy.partial++;
	if (bus->silent_at[missing] == ECR_NEVER)
		bus->silent_at[missing] = bus->now;
	if (!bus->split || bus->reach[1 - missing] < 0 || bus->reach[missing] == 0)
		return;
	bus->reach[missing] = 0; /* until something comes back there */
	bus->news = true;
}
