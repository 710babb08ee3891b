/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Process data that tell when they were set. All inputs of the ring change at one instant, from one generation to the
 * next, and so do all outputs: whatever is seen belongs to one generation as a whole, and to one that is young enough.
 */
#include "world/draw.h"
#include "world/inner.h"

#include "domain/pack.h"
#include "sim/al.h"
#include "sim/app.h"

#include <string.h>

#define MISCOUNTED ECR_MS(50) /* so long a counter may be right by chance */
#define OUTPUTS_SALT 0x100u
#define QUIET ECR_S(1) /* without trouble for so long: everything is as quick as it can be */

/* What its process data are is said by the device itself. */
static bool behaves(const struct world *world, int slave)
{
	const struct ecr_sim_app *app = world->ring.sim->slaves[slave].app;

	return app && app->behaviour;
}

static uint64_t word_of(const struct world *world, int slave, enum ecr_direction direction,
			uint32_t generation, uint32_t word)
{
	struct ecr_prng prng = world_prng(
		world->plan.seed, (uint64_t)generation << 32 | (uint64_t)slave << 16 | word |
					  (direction == ECR_OUTPUT ? OUTPUTS_SALT : 0));

	return ecr_prng_next(&prng);
}

/* Up to 64 bits of what a slave has in a generation; zero before the first. */
static uint64_t bits_of(const struct world *world, int slave, enum ecr_direction direction,
			uint32_t generation, uint32_t bit, uint32_t bits)
{
	uint32_t shift = bit % 64;
	uint64_t value;

	if (!generation)
		return 0;
	value = word_of(world, slave, direction, generation, bit / 64) >> shift;
	if (shift && shift + bits > 64)
		value |= word_of(world, slave, direction, generation, bit / 64 + 1) << (64 - shift);
	return bits == 64 ? value : value & (((uint64_t)1 << bits) - 1);
}

static uint64_t image_bits(const uint8_t *image, uint32_t bit, uint32_t bits)
{
	uint8_t bytes[8] = { 0 };

	ecr_bits_get(image, bit, bits, bytes);
	return ecr_le64(bytes);
}

static uint32_t part(uint32_t bits, uint32_t done)
{
	return bits - done < 64 ? bits - done : 64;
}

static void add_piece(struct world *world, const struct ecr_placed_signal *signal, uint32_t bit)
{
	struct world_piece *last =
		world->piece_count ? &world->pieces[world->piece_count - 1] : NULL;

	if (last && last->slave == signal->slave_index && last->domain == signal->domain &&
	    last->direction == signal->direction && last->bit + last->bits == bit &&
	    last->image_bit + last->bits == signal->bit_offset) {
		last->bits += signal->bit_size;
		return;
	}
	if (world->piece_count == WORLD_PIECES) {
		world_complain(world, "there are more process data than are looked at");
		return;
	}
	world->pieces[world->piece_count++] = (struct world_piece){
		signal->slave_index, signal->domain, signal->direction, signal->bit_offset, bit,
		signal->bit_size
	};
}

/* Where everything lies, after the plan was made anew: nothing is written yet, and who was lost shows what it showed. */
static void make_pieces(struct world *world)
{
	const struct ecr_core *core = world->ring.core;
	uint32_t bit[WORLD_SLAVES][2] = { 0 };

	world->generation = ecr_core_generation(core);
	world->piece_count = 0;
	for (uint32_t i = 0; i < ecr_core_signal_count(core); i++) {
		const struct ecr_placed_signal *signal = ecr_core_signal(core, i);
		uint32_t *at = &bit[signal->slave_index][signal->direction == ECR_OUTPUT];

		if (!behaves(world, signal->slave_index))
			add_piece(world, signal, *at);
		*at += signal->bit_size;
	}
	for (int i = 0; i < world->plan.count; i++) {
		world->slaves[i].least = world->outputs.generation + 1;
		world->slaves[i].shown = world->slaves[i].mixture = 0;
		world->slaves[i].writes = world->ring.sim->slaves[i].face->output_writes;
	}
}

static void next_generation(struct world *world, struct world_values *values, uint32_t least_us,
			    uint32_t most_us)
{
	values->generation++;
	values->since[values->generation % WORLD_GENERATIONS] = world->ring.now;
	values->next_at =
		world->ring.now + ECR_US(ecr_prng_between(&world->draws, least_us, most_us));
}

static void set_inputs(struct world *world)
{
	struct ecr_sim *sim = world->ring.sim;

	next_generation(world, &world->inputs, 300, 4000);
	for (int i = 0; i < world->plan.count; i++) {
		uint32_t bits = ecr_sim_bits(sim, i, ECR_INPUT);

		for (uint32_t done = 0; done < bits && !behaves(world, i); done += 64)
			ecr_sim_set_input(sim, i, done, part(bits, done),
					  bits_of(world, i, ECR_INPUT, world->inputs.generation,
						  done, part(bits, done)));
	}
}

static void write_piece(struct world *world, const struct world_piece *piece)
{
	struct ecr_image image;
	uint8_t bytes[8];

	ecr_core_image(world->ring.core, piece->domain, &image);
	for (uint32_t done = 0; done < piece->bits; done += 64) {
		ecr_put_le64(bytes,
			     bits_of(world, piece->slave, ECR_OUTPUT, world->outputs.generation,
				     piece->bit + done, part(piece->bits, done)));
		ecr_bits_put(image.outputs, piece->image_bit + done, part(piece->bits, done),
			     bytes);
	}
}

static void write_outputs(struct world *world)
{
	struct ecr_core *core = world->ring.core;

	/* What is written at once when a slave is back leaves nothing of its fault values to be seen. */
	next_generation(world, &world->outputs, 1000,
			world_has(&world->plan, WORLD_SAFE) ? 400000 : 20000);
	for (int i = 0; i < world->piece_count; i++)
		if (world->pieces[i].direction == ECR_OUTPUT)
			write_piece(world, &world->pieces[i]);
	for (uint32_t i = 0; i < ecr_core_signal_count(core); i++)
		if (ecr_core_signal(core, i)->direction == ECR_OUTPUT)
			ecr_core_release(core, i);
}

static bool quiet(const struct world *world, int slave)
{
	ecr_time now = world->ring.now;

	return world->strict ||
	       (!world->last && world->state == ECR_STATE_OPERATIONAL &&
		now - world->state_since > QUIET && now - world->disturbed > QUIET &&
		now - world->slaves[slave].trouble > QUIET && now - world->paused > QUIET);
}

/* When the piece was read, as the session says: for a slave that is there, when its datagram was published. */
static ecr_time read_at(const struct world *world, const struct world_piece *piece,
			const struct ecr_image *image)
{
	const struct ecr_core *core = world->ring.core;
	struct ecr_presence presence = ecr_core_presence(core, piece->slave);
	uint32_t last = (piece->image_bit + piece->bits - 1) / 8 / image->part_bytes;
	ecr_time oldest = ECR_NEVER;

	for (uint32_t i = piece->image_bit / 8 / image->part_bytes; i <= last; i++) {
		ecr_time at = ecr_core_refreshed(core, piece->domain, i);

		oldest = at < oldest ? at : oldest;
	}
	return oldest >= presence.since ? oldest : presence.frozen_at;
}

static bool piece_is(const struct world *world, const struct world_piece *piece,
		     const struct ecr_image *image, uint32_t generation)
{
	for (uint32_t done = 0; done < piece->bits; done += 64) {
		uint32_t bits = part(piece->bits, done);

		if (image_bits(image->inputs, piece->image_bit + done, bits) !=
		    bits_of(world, piece->slave, ECR_INPUT, generation, piece->bit + done, bits))
			return false;
	}
	return true;
}

/* How long before it was published an input may have been read. */
static ecr_time flight(const struct world *world, const struct world_piece *piece)
{
	ecr_time longest = world->period_was[piece->domain];

	if (quiet(world, piece->slave))
		return ECR_MS(1) < longest ? ECR_MS(1) : longest;
	return 9 * longest + ECR_MS(1);
}

/* Two things at one instant, as it takes, are rare: a world that has it again and again has another reason for it. */
static void excuse(struct world *world)
{
	if (world->ring.now < world->excused_until)
		return;
	world->excused_until = world->ring.now + MISCOUNTED;
	if (++world->result->excused > world_excusable(1))
		world_complain(world, "inputs are not fresh more often than counters are right by "
				      "chance");
}

/*
 * A counter is a sum: one slave that came back unseen can stand for another that has just gone, until a poll finds out that
 * either is so.
 */
static bool miscounted(const struct world *world, const struct world_piece *piece)
{
	ecr_time since = world->ring.now - flight(world, piece);
	ecr_time proven = world->slaves[piece->slave].proven;

	/* While the host stands still nothing is published. */
	if (world->ring.now - (proven > world->paused ? proven : world->paused) > MISCOUNTED)
		return false;
	for (int i = 0; i < world->plan.count; i++)
		if (i != piece->slave && world->slaves[i].uncounted >= since &&
		    world->slaves[piece->slave].trouble >= since)
			return true;
	return false;
}

/* Of two that were swapped the one that is there alone may be taken for itself, in the place of the other. */
static void note_stand_ins(struct world *world)
{
	for (int i = 0; i < world->plan.count && world_has(&world->plan, WORLD_OTHERS); i++) {
		struct world_slave *known = &world->slaves[i];
		int slave = world_taken_for(world, i);

		if (slave != i)
			known->mistaken = world->slaves[slave].mistaken = world->ring.now;
		known->stands_in = slave != i || (known->stands_in && !world_is_itself(world, i));
		if (!known->stands_in)
			continue;
		known->shown = world->outputs.generation;
		known->least = known->shown + 1;
	}
}

static void check_input(struct world *world, const struct world_piece *piece)
{
	const struct world_values *inputs = &world->inputs;
	struct ecr_image image;
	ecr_time at;
	ecr_time earliest;

	ecr_core_image(world->ring.core, piece->domain, &image);
	if (!image.inputs)
		return;
	at = read_at(world, piece, &image);
	if (at <= world->slaves[piece->slave].mistaken)
		return;
	if (at < 0 || world->ring.now - at > image.stale_after) {
		if (world->strict && !world_away(world, piece->slave))
			world_complain(world, "inputs of %s are stale though all is well",
				       world->plan.names[piece->slave]);
		world->slaves[piece->slave].proven = world->ring.now;
		return;
	}
	earliest = at - flight(world, piece);
	for (uint32_t g = inputs->generation; g; g--) {
		ecr_time until = g == inputs->generation
					 ? ECR_NEVER
					 : inputs->since[(g + 1) % WORLD_GENERATIONS];

		if (until < earliest || inputs->generation - g >= WORLD_GENERATIONS - 1)
			break;
		if (inputs->since[g % WORLD_GENERATIONS] <= at &&
		    piece_is(world, piece, &image, g)) {
			world->slaves[piece->slave].proven = world->ring.now;
			return;
		}
	}
	if (miscounted(world, piece)) {
		excuse(world);
		return;
	}
	world_complain(world, "inputs of %s are said to be fresh, and were not so at that time",
		       world->plan.names[piece->slave]);
}

/* Looks where anything was published, or the session thinks otherwise of a slave. */
static void check_inputs(struct world *world)
{
	const struct ecr_core *core = world->ring.core;
	bool others = world->presence != ecr_core_presence_number(core);
	bool changed[WORLD_DOMAINS] = { 0 };

	world->presence = ecr_core_presence_number(core);
	for (int i = 0; i < ecr_core_image_count(core); i++) {
		struct ecr_image image;

		ecr_core_image(core, i, &image);
		changed[i] = others || image.valid_cycles != world->published[i];
		world->published[i] = image.valid_cycles;
	}
	for (int i = 0; i < world->piece_count && !world_over(world); i++)
		if (world->pieces[i].direction == ECR_INPUT && changed[world->pieces[i].domain])
			check_input(world, &world->pieces[i]);
}

static bool shows(const struct world *world, int slave, uint32_t generation, bool *zero)
{
	uint32_t all = ecr_sim_bits(world->ring.sim, slave, ECR_OUTPUT);
	bool same = true;
	uint64_t raw;

	*zero = true;
	for (uint32_t done = 0; done < all; done += 64) {
		uint32_t bits = part(all, done);

		ecr_sim_get_output(world->ring.sim, slave, done, bits, &raw);
		*zero = *zero && raw == 0;
		same = same && raw == bits_of(world, slave, ECR_OUTPUT, generation, done, bits);
	}
	return same;
}

/* What is held is as in that generation, the rest at its fault value. */
static bool shows_mixture(const struct world *world, int slave, uint32_t generation)
{
	const struct world_safe *safe = &world->plan.safe[slave];
	uint32_t all = ecr_sim_bits(world->ring.sim, slave, ECR_OUTPUT);

	for (uint32_t done = 0; done < all; done += 64) {
		uint32_t bits = part(all, done);
		uint64_t held = safe->held[done / 64];
		uint64_t written = bits_of(world, slave, ECR_OUTPUT, generation, done, bits);
		uint64_t raw;

		ecr_sim_get_output(world->ring.sim, slave, done, bits, &raw);
		if (raw != ((written & held) | (safe->value[done / 64] & ~held)))
			return false;
	}
	return true;
}

/*
 * It has been lost or has restarted, and the application has not written since: of a generation before the one of the loss
 * nothing is left but in what is held. Where no frame comes it goes on to show what it showed.
 */
static bool shows_fault_values(struct world *world, int slave)
{
	struct world_slave *known = &world->slaves[slave];
	uint32_t g = known->least ? known->least - 1 : 0;

	if (!world->plan.safe[slave].any_fault_value)
		return false;
	if (known->mixture && shows_mixture(world, slave, known->mixture - 1))
		return true;
	for (; g <= world->outputs.generation; g++) {
		if (shows_mixture(world, slave, g)) {
			known->mixture = g + 1;
			return true;
		}
	}
	return !known->shown && shows_mixture(world, slave, 0);
}

/* Where fault values are drawn, nothing but these is an excuse for a terminal that operates and shows nothing. */
static bool may_be_zero(const struct world *world, int slave)
{
	return !world_has(&world->plan, WORLD_SAFE) || !world->slaves[slave].shown ||
	       !sim_outputs_active(&world->ring.sim->slaves[slave]);
}

static ecr_time longest_period(const struct world *world)
{
	ecr_time longest = 0;

	for (int i = 0; i < world->plan.domain_count; i++)
		longest = world->period_was[i] > longest ? world->period_was[i] : longest;
	return longest;
}

/* It is not where it takes outputs, and that is told. */
static bool is_kept_back(const struct world *world, int slave)
{
	return world->ring.core->slaves[slave].fault.kind != ECR_FAULT_NONE &&
	       world_truth(world, slave) != ECR_AL_OP;
}

/* The generation that a quiet slave shows at least. */
static uint32_t due_generation(const struct world *world, int slave)
{
	const struct world_values *outputs = &world->outputs;
	ecr_time lag = longest_period(world) + ECR_MS(1);
	uint32_t g = outputs->generation;

	/* On the way down slaves leave OP before the session says so. */
	if (!quiet(world, slave) || world->ring.core->phase != ECR_PHASE_STEADY ||
	    is_kept_back(world, slave))
		return 0;
	while (g && outputs->since[g % WORLD_GENERATIONS] > world->ring.now - lag &&
	       outputs->generation - g < WORLD_GENERATIONS - 2)
		g--;
	/* What was written before it operated is withheld from it. */
	return outputs->since[g % WORLD_GENERATIONS] > world->slaves[slave].trouble ? g : 0;
}

/* It shows one of the generations from there on: which one it was is remembered. */
static bool shows_one(struct world *world, int slave, uint32_t from)
{
	uint32_t last = world->outputs.generation;
	bool zero;

	if (last >= WORLD_GENERATIONS && from < last - WORLD_GENERATIONS + 1)
		from = last - WORLD_GENERATIONS + 1;
	for (uint32_t g = from; g <= last; g++) {
		if (shows(world, slave, g, &zero)) {
			world->slaves[slave].shown = g;
			return true;
		}
	}
	return false;
}

static void check_output(struct world *world, int slave)
{
	struct world_slave *known = &world->slaves[slave];
	uint32_t due = due_generation(world, slave);
	/*
	 * The frame of the instant at which it was lost was made before that, and is seen at the next look. Where no
	 * frame comes nobody can help what it shows: it may still reach OP, which it was asked for before.
	 */
	bool just = world->looked <= known->lost_at || !world_reachable(world, slave) ||
		    world->ring.sim->slaves[slave].face->output_writes == known->writes;
	uint32_t from = known->least > known->shown + 1 && !just ? known->least : known->shown + 1;
	bool zero;

	if (due <= known->shown && known->shown && shows(world, slave, known->shown, &zero))
		return;
	/* Outside OP, or at its fault values: of few bits these would pass for a generation by chance. */
	shows(world, slave, 0, &zero);
	if (zero && !due && may_be_zero(world, slave))
		return;
	if (shows_one(world, slave, due > from ? due : from) || (just && !due))
		return;
	if (!due && world_has(&world->plan, WORLD_SAFE) && shows_fault_values(world, slave))
		return;
	shows(world, slave, 0, &zero);
	if (due)
		world_complain(world, "outputs of %s do not follow what is written",
			       world->plan.names[slave]);
	else if (!zero || !may_be_zero(world, slave))
		world_complain(world, "%s shows outputs that it should not",
			       world->plan.names[slave]);
}

static void check_outputs(struct world *world)
{
	for (int i = 0; i < world->plan.count && !world_over(world); i++) {
		bool mapped = false;

		if (behaves(world, i) || world->slaves[i].stands_in)
			continue;
		for (int k = 0; k < world->piece_count && !mapped; k++)
			mapped = world->pieces[k].slave == i &&
				 world->pieces[k].direction == ECR_OUTPUT;
		if (mapped)
			check_output(world, i);
	}
	world->looked = world->ring.now;
}

static bool may_hold(const struct world *world, int slave)
{
	bool holds = world->plan.slaves[slave].on_fault == ECR_ON_FAULT_HOLD;

	for (int i = 0; i < world->plan.domain_count; i++)
		holds = holds || world->plan.domains[i].on_fault == ECR_ON_FAULT_HOLD;
	return holds;
}

void world_note_down(struct world *world, int slave)
{
	if (world_has(&world->plan, WORLD_SAFE) ? !world->plan.safe[slave].any_fault_value
						: may_hold(world, slave))
		return;
	world->slaves[slave].least = world->outputs.generation + 1;
	world->slaves[slave].lost_at = world->ring.now;
	world->slaves[slave].writes = world->ring.sim->slaves[slave].face->output_writes;
}

void world_values_tick(struct world *world)
{
	if (world->generation != ecr_core_generation(world->ring.core))
		make_pieces(world);
	if (ecr_core_state(world->ring.core) == ECR_STATE_IDLE)
		world->piece_count = 0;
	note_stand_ins(world);
	check_inputs(world);
	check_outputs(world);
	if (world->ring.now >= world->inputs.next_at)
		set_inputs(world);
	if (world->ring.now >= world->outputs.next_at && world->piece_count)
		write_outputs(world);
}
