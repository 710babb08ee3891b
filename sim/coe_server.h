/* SPDX-License-Identifier: Apache-2.0 */
/* CoE as a device speaks it (ETG.1000.6, 5.6): SDOs, information about the dictionary, emergencies. */
#ifndef SIM_COE_SERVER_H
#define SIM_COE_SERVER_H

#include "base/arena.h"
#include "sim/dictionary.h"
#include "wire/coe.h"

/* One transfer at a time, and one answer of the information service under way. */
struct sim_coe {
	uint8_t *data; /* of the transfer */
	uint8_t *undo;
	uint32_t room; /* of both */
	uint32_t total;
	uint32_t done;
	enum ecr_coe_sdo_kind open; /* UPLOAD or DOWNLOAD; UNKNOWN: none */
	uint16_t index;
	uint8_t subindex;
	bool complete;
	bool toggle;
	uint8_t *info;
	uint32_t info_room;
	uint32_t info_total;
	uint32_t info_done;
	uint16_t info_index;
	uint8_t info_subindex;
	uint8_t info_kind; /* of the answer; 0: none under way */
};

void sim_coe_build(struct sim_coe *coe, struct ecr_arena *arena,
		   const struct sim_dictionary *dictionary);
void sim_coe_stop(struct sim_coe *coe);
/* Whether the device speaks CoE, now. */
bool sim_coe_spoken(const struct ecr_sim_app *app);
/* False: no such service. */
bool sim_coe_serve(struct ecr_sim_app *app, const struct ecr_mailbox_message *message);
/* What an answer of several messages still owes. */
void sim_coe_continue(struct ecr_sim_app *app);

/* The information service (sim/coe_info.c). */
bool sim_info_serve(struct ecr_sim_app *app, const struct ecr_mailbox_message *message);

/* Objects over the mailbox, with access rights, states and lengths (sim/objects.c): 0 or an abort
 * code. */
uint32_t sim_object_read(struct ecr_sim_app *app, uint16_t index, uint8_t subindex, bool complete,
			 uint8_t *data, uint32_t room, uint32_t *length);
uint32_t sim_object_write(struct ecr_sim_app *app, uint16_t index, uint8_t subindex, bool complete,
			  const uint8_t *data, uint32_t length);
/* Before the data are all there. */
uint32_t sim_object_writable(struct ecr_sim_app *app, uint16_t index, uint8_t subindex,
			     bool complete, uint32_t length);

#endif
