/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/app.h"

#include "sim/al.h"
#include "sim/sim.h"
#include "wire/coe_types.h"

#include <string.h>

static bool has_mailbox(const struct ecr_sii *sii)
{
	struct ecr_sii_mailbox area;

	ecr_sii_mailbox(sii, &area);
	return area.receive_size >= ECR_MAILBOX_HEADER && area.send_size >= ECR_MAILBOX_HEADER;
}

static bool has_coe(const struct ecr_sii *sii)
{
	struct ecr_sii_mailbox area;

	ecr_sii_mailbox(sii, &area);
	return area.protocols & ECR_SII_MAILBOX_COE;
}

/* While memory is only counted, what the SII brings cannot be looked at yet: its greatest size counts. */
static void count_communication(struct ecr_sim_app *app, struct ecr_arena *arena)
{
	const struct sim_communication *made = &app->communication;

	ecr_arena_take(arena, made->object_count, sizeof(struct sim_object));
	ecr_arena_take(arena, made->slot_count, sizeof(struct sim_slot));
	ecr_arena_take(arena, made->value_size, 1);
	app->dictionary.object_count += (uint32_t)made->object_count;
	if (made->largest > app->dictionary.largest)
		app->dictionary.largest = made->largest;
}

static void build_dictionary(struct ecr_sim_app *app, struct ecr_arena *arena,
			     const struct ecr_sim_device *device, const struct ecr_sii *sii)
{
	const struct ecr_sim_object *tables[2];
	size_t counts[2];

	sim_communication_build(&app->communication, arena, sii);
	tables[0] = device->objects;
	counts[0] = device->object_count;
	tables[1] = app->communication.objects;
	counts[1] = app->communication.objects ? app->communication.object_count : 0;
	sim_dictionary_build(&app->dictionary, arena, tables, counts, 2);
	if (!arena->base)
		count_communication(app, arena);
	app->mapped_room = app->communication.mapped;
	app->mapped = ECR_TAKE(arena, struct sim_mapped, app->mapped_room);
}

struct ecr_sim_app *sim_app_build(struct ecr_arena *arena, const struct ecr_sim_device *device)
{
	struct ecr_sim_app counted = { 0 };
	struct ecr_sim_app *taken;
	struct ecr_sim_app *app;
	struct ecr_sii sii;

	ecr_sii_open(&sii, device->sii, device->sii_size);
	if (!has_mailbox(&sii))
		return NULL;
	taken = ECR_TAKE(arena, struct ecr_sim_app, 1);
	app = taken ? taken : &counted;
	app->behaviour = device->behaviour;
	if (has_coe(&sii))
		build_dictionary(app, arena, device, &sii);
	if (app->behaviour)
		app->state = ecr_arena_take(arena, 1, app->behaviour->state_size);
	sim_mailbox_build(&app->mailbox, arena, &sii);
	sim_coe_build(&app->coe, arena, &app->dictionary);
	return arena->exhausted ? NULL : taken;
}

void sim_app_attach(struct ecr_sim_app *app, struct sim_esc *esc)
{
	app->esc = esc;
	esc->app = app;
	app->needs_sync = esc->device.clock.needs_sync;
	sim_dictionary_reset(&app->dictionary, true);
}

void sim_app_power_on(struct ecr_sim_app *app)
{
	app->al_state = ECR_AL_INIT;
	sim_mailbox_power_on(&app->mailbox);
	sim_coe_stop(&app->coe);
	sim_dictionary_reset(&app->dictionary, false);
	sim_pdo_refresh(app);
	sim_synchronisation_power_on(app);
	if (!app->behaviour)
		return;
	memset(app->state, 0, app->behaviour->state_size);
	if (app->behaviour->power_on)
		app->behaviour->power_on(app, app->state);
}

static void note_state(struct ecr_sim_app *app)
{
	uint8_t state = (uint8_t)(sim_al_status(app->esc) & ECR_AL_STATE_MASK);

	if (state == app->al_state)
		return;
	if (state == ECR_AL_INIT || state == ECR_AL_BOOT)
		sim_coe_stop(&app->coe);
	sim_mailbox_change(app, (enum ecr_al_state)app->al_state, (enum ecr_al_state)state);
	app->al_state = state;
}

static void behave(struct ecr_sim_app *app)
{
	if (!app->behaviour || !app->behaviour->step)
		return;
	if (ecr_sim_app_outputs_valid(app))
		sim_pdo_outputs_to_objects(app);
	app->behaviour->step(app, app->state, app->now);
	if (app->al_state == ECR_AL_OP || app->al_state == ECR_AL_SAFEOP)
		sim_pdo_objects_to_inputs(app);
	sim_esc_wake(app->esc, app->now + 1); /* as often as anybody looks */
}

void sim_app_tick(struct ecr_sim_app *app, ecr_time now)
{
	app->now = now;
	note_state(app);
	behave(app);
	sim_mailbox_tick(app);
}

void sim_app_clear_faults(struct ecr_sim_app *app)
{
	sim_mailbox_clear_rules(&app->mailbox);
}

int sim_app_faults(const struct ecr_sim_app *app, const char *slave, struct ecr_text *text)
{
	return sim_mailbox_describe(&app->mailbox, slave, text);
}

uint16_t sim_app_refusal(struct ecr_sim_app *app, enum ecr_al_state to)
{
	uint16_t code = to == ECR_AL_SAFEOP || to == ECR_AL_OP ? sim_pdo_refusal(app) : 0;

	if (!code && to == ECR_AL_SAFEOP && app->al_state == ECR_AL_PREOP)
		code = sim_synchronisation_refusal(app);
	if (!code && app->behaviour && app->behaviour->change)
		code = app->behaviour->change(app, app->state, to);
	return code;
}

enum ecr_al_state ecr_sim_app_state(const struct ecr_sim_app *app)
{
	return (enum ecr_al_state)app->al_state;
}

bool ecr_sim_app_outputs_valid(const struct ecr_sim_app *app)
{
	return sim_outputs_active(app->esc);
}

static struct ecr_sim_app *app_of(const struct ecr_sim *sim, int slave)
{
	return slave >= 0 && slave < sim->count ? sim->slaves[slave].app : NULL;
}

bool ecr_sim_inject_mailbox(struct ecr_sim *sim, int slave,
			    const struct ecr_sim_mailbox_fault *fault)
{
	struct ecr_sim_app *app = app_of(sim, slave);

	return app && sim_mailbox_add_rule(&app->mailbox, fault);
}

uint32_t ecr_sim_mailbox_steps(const struct ecr_sim *sim, int slave, enum ecr_sim_stage stage)
{
	const struct ecr_sim_app *app = app_of(sim, slave);

	return app && (unsigned int)stage < SIM_STAGES ? app->mailbox.steps[stage] : 0;
}

int ecr_sim_read_object(const struct ecr_sim *sim, int slave, uint16_t index, uint8_t subindex,
			void *data, size_t size)
{
	const struct ecr_sim_app *app = app_of(sim, slave);
	const struct sim_slot *slot =
		app ? sim_dictionary_find(&app->dictionary, index, subindex) : NULL;

	if (!slot)
		return -1;
	if (slot->length)
		memcpy(data, sim_slot_value(&app->dictionary, slot),
		       slot->length < size ? slot->length : size);
	return (int)slot->length;
}

bool ecr_sim_write_object(struct ecr_sim *sim, int slave, uint16_t index, uint8_t subindex,
			  const void *data, size_t size)
{
	struct ecr_sim_app *app = app_of(sim, slave);
	struct sim_slot *slot = app ? sim_dictionary_find(&app->dictionary, index, subindex) : NULL;

	if (!slot || size > sim_entry_size(slot->entry))
		return false;
	if (size)
		memcpy(sim_slot_value(&app->dictionary, slot), data, size);
	if (!ecr_coe_type_bits(slot->entry->type))
		slot->length = (uint32_t)size;
	if (sim_pdo_concerns(index))
		sim_pdo_refresh(app);
	return true;
}

bool ecr_sim_emergency(struct ecr_sim *sim, int slave, const struct ecr_emergency *emergency)
{
	struct ecr_sim_app *app = app_of(sim, slave);

	if (!app || !app->dictionary.object_count || !ecr_sim_app_emergency(app, emergency))
		return false;
	sim_esc_wake(app->esc, 0);
	return true;
}
