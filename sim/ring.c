/* SPDX-License-Identifier: Apache-2.0 */
/* A frame's way through the ring: each slave in turn does what each datagram's command says
 * (ETG.1000.4, 5.4). */
#include "sim/sim.h"

#include "base/arena.h"
#include "sim/app.h"
#include "sim/controller.h"
#include "sim/faults.h"
#include "sim/logical.h"
#include "sim/ports.h"
#include "sim/registers.h"
#include "sim/stations.h"
#include "wire/frame.h"

#include <string.h>

#define FORWARD_NS 500

/* The parts of the memory; NULL while it is only counted, or when it is too small. */
static struct ecr_sim *divide(struct ecr_arena *arena, int count)
{
	struct ecr_sim *sim = ecr_arena_take(
		arena, 1, sizeof(struct ecr_sim) + (size_t)count * sizeof(struct sim_esc));
	struct sim_face *faces = ECR_TAKE(arena, struct sim_face, (size_t)count);
	int *visits = ECR_TAKE(arena, int, 2 * (size_t)count);
	int *places = ECR_TAKE(arena, int, 2 * (size_t)count);
	uint32_t room = sim_stations_room(count);
	struct sim_station *stations = ECR_TAKE(arena, struct sim_station, room);
	/* Each end of each cable is met once at most. */
	size_t hop_count = 2 * (size_t)count + 2;
	struct sim_hop *hops = ECR_TAKE(arena, struct sim_hop, 2 * hop_count);

	if (!sim || arena->exhausted)
		return NULL;
	sim->count = count;
	sim->faces = faces;
	sim->routes[0].visits = visits;
	sim->routes[1].visits = visits + count;
	sim->routes[0].places = places;
	sim->routes[1].places = places + count;
	sim->stations = stations;
	sim->station_room = room;
	sim->routes[0].hops = hops;
	sim->routes[1].hops = hops + hop_count;
	return sim;
}

size_t ecr_sim_size(const struct ecr_sim_device *devices, int count)
{
	struct ecr_arena arena;

	ecr_arena_init(&arena, NULL, 0);
	divide(&arena, count > 0 ? count : 0);
	for (int i = 0; i < count; i++)
		sim_app_build(&arena, &devices[i]);
	return arena.used + ECR_ARENA_ALIGN;
}

/* A slave of its device; false when the device has no SII, or the memory ends. */
static bool make_slave(struct ecr_sim *sim, struct ecr_arena *arena, int number,
		       const struct ecr_sim_device *device)
{
	struct sim_esc *esc = &sim->slaves[number];
	struct ecr_sim_app *app;

	if (!device->sii)
		return false;
	sim_controller_init(esc, device, &sim->faces[number], &sim->news);
	if (!esc->device.forward_ns)
		esc->device.forward_ns = FORWARD_NS;
	if (!esc->device.return_ns)
		esc->device.return_ns = esc->device.forward_ns;
	app = sim_app_build(arena, &esc->device);
	if (app)
		sim_app_attach(app, esc);
	return !arena->exhausted;
}

struct ecr_sim *ecr_sim_init(void *memory, size_t size, const struct ecr_sim_device *devices,
			     int count)
{
	struct ecr_arena arena;
	struct ecr_sim *sim;

	if (!memory || count < 0 || size < ecr_sim_size(devices, count))
		return NULL;
	ecr_arena_init(&arena, memory, size);
	sim = divide(&arena, count);
	if (!sim)
		return NULL;
	sim->news = (struct sim_news){ .due = ECR_NEVER, .addressed = true };
	sim->corrupt.slave = SIM_NOBODY;
	sim->entry[0].slave = sim->entry[1].slave = SIM_NOBODY;
	for (int i = 0; i < count; i++)
		if (!make_slave(sim, &arena, i, &devices[i]))
			return NULL;
	if (!sim_ports_lay(sim))
		return NULL;
	for (int i = 0; i < count; i++)
		sim_controller_power_on(&sim->slaves[i]);
	sim_ports_settle(sim, 0);
	return sim;
}

int ecr_sim_count(const struct ecr_sim *sim)
{
	return sim->count;
}

/* What a datagram asks of one slave: reading and writing count 1 each; with RW commands 1 for the
 * read and 2 for the write. */
static uint16_t access(struct sim_esc *esc, ecr_time now, const struct ecr_datagram *datagram,
		       bool reads, bool writes)
{
	uint16_t offset = (uint16_t)(datagram->address >> 16);
	bool merge = ecr_command_is_broadcast(datagram->command);
	uint8_t sent[ECR_DATAGRAM_DATA_MAX];
	uint16_t wkc = 0;

	if (datagram->length > sizeof(sent))
		return 0;
	if (reads && writes)
		memcpy(sent, datagram->data, datagram->length);
	if (reads && sim_read(esc, now, offset, datagram->length, datagram->data, merge))
		wkc = 1;
	if (writes && sim_write(esc, now, offset, datagram->length, reads ? sent : datagram->data))
		wkc = (uint16_t)(wkc + (reads ? 2 : 1));
	return wkc;
}

/* Some controllers cannot do these (register 0x0008). */
static bool unable(const struct sim_esc *esc, uint8_t command)
{
	return (esc->device.features & ECR_FEATURE_NO_BRW) &&
	       (command == ECR_CMD_BRW || command == ECR_CMD_APRW || command == ECR_CMD_FPRW);
}

static uint16_t plain(struct sim_esc *esc, ecr_time now, const struct ecr_datagram *datagram)
{
	if (unable(esc, datagram->command))
		return 0;
	return access(esc, now, datagram, ecr_command_reads(datagram->command),
		      ecr_command_writes(datagram->command));
}

/* ARMW and FRMW: the addressed slave reads into the frame, every other one writes what passes. */
static uint16_t pass_multiple(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			      int reach, const struct ecr_datagram *datagram)
{
	uint16_t position = (uint16_t)datagram->address;
	uint32_t sum = 0;

	for (int i = 0; i < reach; i++) {
		struct sim_esc *esc = &sim->slaves[route->visits[i]];
		bool mine = datagram->command == ECR_CMD_ARMW ? (uint16_t)(position + i) == 0
							      : sim_station_is(esc->face, position);

		sum += access(esc, now, datagram, mine, !mine);
	}
	return (uint16_t)sum;
}

static uint16_t pass_position(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			      int reach, const struct ecr_datagram *datagram)
{
	int place = (uint16_t)(0u - datagram->address);

	return place < reach ? plain(&sim->slaves[route->visits[place]], now, datagram) : 0;
}

static uint16_t pass_station(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			     int reach, const struct ecr_datagram *datagram)
{
	uint16_t station = (uint16_t)datagram->address;
	int only = sim_stations_find(sim, station);
	uint32_t sum = 0;

	if (only == SIM_NOBODY)
		return 0;
	if (only != SIM_SEVERAL)
		return route->places[only] >= 0 && route->places[only] < reach
			       ? plain(&sim->slaves[only], now, datagram)
			       : 0;
	for (int i = 0; i < reach; i++)
		if (sim_station_is(&sim->faces[route->visits[i]], station))
			sum += plain(&sim->slaves[route->visits[i]], now, datagram);
	return (uint16_t)sum;
}

static uint16_t pass_addressed(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			       int reach, const struct ecr_datagram *datagram)
{
	if (datagram->command == ECR_CMD_ARMW || datagram->command == ECR_CMD_FRMW)
		return pass_multiple(sim, now, route, reach, datagram);
	if (ecr_command_is_auto_increment(datagram->command))
		return pass_position(sim, now, route, reach, datagram);
	return pass_station(sim, now, route, reach, datagram);
}

static uint16_t pass_broadcast(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			       int reach, const struct ecr_datagram *datagram)
{
	uint32_t sum = 0;

	if (ecr_command_writes(datagram->command) &&
	    datagram->address >> 16 == ECR_REG_DC_RECEIVE_TIMES)
		sim_clock_latch_passing(sim, route);
	for (int i = 0; i < reach; i++)
		sum += plain(&sim->slaves[route->visits[i]], now, datagram);
	return (uint16_t)sum;
}

static uint16_t shifted(uint16_t wkc, int32_t by)
{
	int32_t sum = (int32_t)wkc + by;

	return (uint16_t)(sum < 0 ? 0 : sum > 0xFFFF ? 0xFFFF : sum);
}

/* For milestones: a slave in OP has been asked for its AL status. */
static void note_poll(struct ecr_sim *sim, const struct ecr_datagram *datagram, uint16_t wkc)
{
	uint16_t offset = (uint16_t)(datagram->address >> 16);

	if (!sim->fault_count || !wkc || offset != ECR_REG_AL_STATUS ||
	    datagram->data[0] != ECR_AL_OP)
		return;
	if (datagram->command == ECR_CMD_BRD && wkc == sim->count)
		sim_faults_polled(sim, SIM_EVERYBODY);
	if (datagram->command != ECR_CMD_FPRD)
		return;
	for (int i = 0; i < sim->count; i++)
		if (sim_station_is(&sim->faces[i], (uint16_t)datagram->address))
			sim_faults_polled(sim, i);
}

static void pass_datagram(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			  int reach, struct ecr_datagram *datagram)
{
	uint8_t command = datagram->command;
	uint16_t wkc = datagram->wkc;

	if (command == ECR_CMD_NOP || command >= ECR_CMD_COUNT)
		;
	else if (ecr_command_is_logical(command))
		wkc = (uint16_t)(wkc + sim_logical_pass(sim, now, route, reach, datagram));
	else if (ecr_command_is_broadcast(command))
		wkc = (uint16_t)(wkc + pass_broadcast(sim, now, route, reach, datagram));
	else
		wkc = (uint16_t)(wkc + pass_addressed(sim, now, route, reach, datagram));
	if (ecr_command_is_auto_increment(command) || ecr_command_is_broadcast(command))
		ecr_datagram_set_address(datagram,
					 (datagram->address & 0xFFFF0000u) |
						 (uint16_t)(datagram->address + (uint32_t)reach));
	note_poll(sim, datagram, wkc);
	wkc = shifted(wkc, sim->wkc_offset);
	wkc = shifted(wkc, sim->command_offset[command & 15]);
	ecr_datagram_set_wkc(datagram, wkc);
}

static uint16_t events_of(const struct ecr_sim *sim, const struct sim_route *route, int reach)
{
	uint16_t irq = 0;

	if (!sim->news.irqs)
		return 0;
	for (int i = 0; i < reach; i++)
		irq |= sim->faces[route->visits[i]].irq;
	return irq;
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

static void look_after(struct ecr_sim *sim, ecr_time now)
{
	bool settle = false;

	sim->news.due = ECR_NEVER;
	for (int i = 0; i < sim->count; i++) {
		struct sim_face *face = &sim->faces[i];

		if (face->due <= now) {
			face->due = ECR_NEVER;
			sim_controller_tick(&sim->slaves[i], now);
			if (sim->slaves[i].ports_due <= now)
				settle = true;
			else /* it was called for something else */
				sim_esc_wake(&sim->slaves[i], sim->slaves[i].ports_due);
		}
		if (face->due < sim->news.due)
			sim->news.due = face->due;
	}
	if (settle)
		sim_ports_settle(sim, now);
}

void ecr_sim_tick(struct ecr_sim *sim, ecr_time now)
{
	sim->news.now = now;
	if (now >= sim->news.due)
		look_after(sim, now);
	settle_wires(sim);
}

static void count_error(struct sim_esc *esc, unsigned int reg)
{
	esc->memory[reg] = (uint8_t)(esc->memory[reg] + (esc->memory[reg] < 0xFF));
}

/* Slaves before the damaged link act on the frame; those behind see a wrong check sum: the first
 * counts an error of its link, the others a forwarded one (ETG.1000.4, 6.6). */
static int damaged_at(struct ecr_sim *sim, const struct sim_route *route)
{
	int reach = route->count;
	bool damaged = false;

	if (sim->corrupt.slave == SIM_NOBODY)
		return reach;
	for (int i = 0; i < route->hop_count; i++) {
		const struct sim_end *end = &route->hops[i].end;
		struct sim_esc *esc = &sim->slaves[end->slave];

		if (damaged) {
			count_error(esc, ECR_REG_FORWARDED_ERRORS + end->port);
		} else if (end->slave == sim->corrupt.slave && end->port == sim->corrupt.port) {
			damaged = true;
			reach = route->hops[i].before;
			count_error(esc, ECR_REG_RX_INVALID(end->port));
		}
	}
	if (damaged)
		sim->exit = SIM_NOBODY; /* the network card drops it */
	return reach;
}

/* How many slaves act on the frame; sim->exit says where it comes out. */
static int reach_of(struct ecr_sim *sim, const struct sim_route *route, uint8_t *frame,
		    size_t length)
{
	int reach;

	sim->exit = route->exit;
	sim->took = route->delay;
	reach = damaged_at(sim, route);
	if (!sim_ports_circulates(route, frame, length))
		return reach;
	sim->exit = SIM_NOBODY;
	return reach < route->circulates ? reach : route->circulates;
}

int ecr_sim_pass(struct ecr_sim *sim, ecr_time now, unsigned int port, uint8_t *frame,
		 size_t length)
{
	const struct sim_route *route = &sim->routes[port & 1];
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	bool healthy = true;
	uint16_t irq;
	int reach;

	ecr_sim_tick(sim, now);
	sim_faults_begin(sim, now);
	if (sim->drops) {
		sim_faults_end(sim, now, false);
		return SIM_NOBODY;
	}
	reach = reach_of(sim, route, frame, length);
	irq = events_of(sim, route, reach);
	sim->news.via = (uint8_t)(port & 1);
	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram)) {
		pass_datagram(sim, now, route, reach, &datagram);
		if (irq)
			ecr_datagram_set_irq(&datagram, datagram.irq | irq);
		healthy = healthy && datagram.wkc > 0;
	}
	sim_clock_latch(sim, now, route);
	if (now >= sim->news.due) /* what the frame has brought is seen at once */
		look_after(sim, now);
	settle_wires(sim);
	sim_faults_end(sim, now, healthy && !sim->disturbed);
	return sim->exit;
}

bool ecr_sim_process(struct ecr_sim *sim, ecr_time now, uint8_t *frame, size_t length)
{
	return ecr_sim_pass(sim, now, 0, frame, length) == 0;
}
