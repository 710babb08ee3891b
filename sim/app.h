/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind a controller with a mailbox: objects, mailbox server, behaviour. */
#ifndef SIM_APP_H
#define SIM_APP_H

#include "sim/coe_server.h"
#include "sim/communication.h"
#include "sim/dictionary.h"
#include "sim/esc.h"
#include "sim/mailbox.h"

/* One mapped entry: an object's bits within a SyncManager's image. */
struct sim_mapped {
	struct sim_slot *slot;
	uint32_t bit;
	uint16_t bits;
	uint8_t sm;
};

struct ecr_sim_app {
	struct sim_esc *esc;
	const struct ecr_sim_behaviour *behaviour; /* may be NULL */
	void *state;
	struct sim_communication communication;
	struct sim_dictionary dictionary;
	struct sim_mapped *mapped;
	uint32_t mapped_room;
	uint32_t mapped_count;
	struct sim_coe coe;
	struct sim_mailbox mailbox;
	ecr_time now;
	uint8_t al_state; /* as last seen */
	bool needs_sync;  /* whatever its objects say */
};

/* NULL when the SII announces no mailbox. An arena that counts says how much memory is needed. */
struct ecr_sim_app *sim_app_build(struct ecr_arena *arena, const struct ecr_sim_device *device);
void sim_app_attach(struct ecr_sim_app *app, struct sim_esc *esc);
void sim_app_power_on(struct ecr_sim_app *app);
/* Time goes on, or something has happened. */
void sim_app_tick(struct ecr_sim_app *app, ecr_time now);
void sim_app_clear_faults(struct ecr_sim_app *app);
int sim_app_faults(const struct ecr_sim_app *app, const char *slave, struct ecr_text *text);
/* Why the device does not go to that state: 0 or an AL status code. */
uint16_t sim_app_refusal(struct ecr_sim_app *app, enum ecr_al_state to);

/* What it is synchronised by (sim/synchronisation.c). After a write: 0 or an abort code. */
uint32_t sim_synchronisation_written(struct ecr_sim_app *app, uint16_t index);
void sim_synchronisation_power_on(struct ecr_sim_app *app);
uint16_t sim_synchronisation_refusal(struct ecr_sim_app *app);
/* Before a read: counters and errors are put into the object. */
void sim_synchronisation_show(struct ecr_sim_app *app, uint16_t index);

/* Assignment and mapping (sim/pdo.c). */
void sim_pdo_refresh(struct ecr_sim_app *app);
/* What a write of the object would break: 0 or an abort code. */
uint32_t sim_pdo_check(const struct ecr_sim_app *app, uint16_t index, uint8_t subindex,
		       uint64_t value);
bool sim_pdo_concerns(uint16_t index);
uint16_t sim_pdo_refusal(const struct ecr_sim_app *app);
void sim_pdo_outputs_to_objects(struct ecr_sim_app *app);
void sim_pdo_objects_to_inputs(struct ecr_sim_app *app);
/* A mapped entry's value as the image has it, for devices without a behaviour. */
void sim_pdo_image_to_object(struct ecr_sim_app *app, const struct sim_slot *slot);

#endif
