/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox server of a device (ETG.1000.4, 5.6 and 6.7.3; ETG.1000.6, 5.2): takes requests out of
 * SyncManager 0, drops those that came twice, and puts what is to be sent into SyncManager 1, one
 * after the other, again when the master asks for a repetition.
 */
#ifndef SIM_MAILBOX_H
#define SIM_MAILBOX_H

#include "base/arena.h"
#include "base/text.h"
#include "wire/mailbox.h"
#include "wire/sii.h"

#include <ecring/sim_coe.h>

struct ecr_coe_emergency;

#define SIM_MAILS 16u
#define SIM_MAILBOX_RULES 16u
#define SIM_STAGES (ECR_SIM_STAGE_INFO + 1u)

/* A message to the master. */
struct sim_mail {
	uint8_t *bytes;
	ecr_time due;
	uint16_t length;
	uint8_t stage; /* enum ecr_sim_stage */
	bool counts;   /* towards the milestones of its stage: neither refused nor spoiled */
	bool jumps;    /* its counter is one too many */
	bool again;    /* it comes twice */
};

struct sim_mailbox_rule {
	struct ecr_sim_mailbox_fault fault;
	uint32_t left; /* 0: until cleared */
	uint32_t from; /* steps of its stage from which on it strikes */
};

struct sim_mailbox {
	uint16_t size;			  /* of the longest message */
	struct sim_mail mails[SIM_MAILS]; /* waiting, a ring */
	uint32_t head;
	uint32_t count;
	struct sim_mail current; /* lies in the SyncManager */
	struct sim_mail last;	 /* was read last, for repetition */
	struct sim_mail stored;	 /* was pushed out of the SyncManager by a repetition */
	bool has_current;
	bool has_last;
	bool has_stored;
	bool running;
	uint8_t counter_in; /* of the last request; 0: none yet */
	uint8_t counter_out;
	ecr_time take_at; /* when the waiting request is taken out; ECR_NEVER: none waits */
	ecr_time quiet_until;
	ecr_time emergency_at;
	struct sim_mailbox_rule rules[SIM_MAILBOX_RULES];
	uint32_t rule_count;
	uint32_t steps[SIM_STAGES];
	uint32_t duplicates; /* requests that came twice */
};

void sim_mailbox_build(struct sim_mailbox *mailbox, struct ecr_arena *arena,
		       const struct ecr_sii *sii);
void sim_mailbox_power_on(struct sim_mailbox *mailbox);
/* The state has changed: the server starts, stops, or pauses. */
void sim_mailbox_change(struct ecr_sim_app *app, enum ecr_al_state from, enum ecr_al_state to);
void sim_mailbox_tick(struct ecr_sim_app *app);

/* Messages to the master (sim/mailbox_post.c). Where the next message is to be built: NULL when too many wait. */
uint8_t *sim_mailbox_room(struct ecr_sim_app *app, size_t *size);
/* Sends it, unless a fault has it otherwise; false: the device falls silent. `refused`: it is an
 * abort. */
bool sim_mailbox_answer(struct ecr_sim_app *app, size_t length, enum ecr_sim_stage stage,
			uint16_t index, uint8_t subindex, bool refused);

/* Puts it behind those that wait; its bytes are where sim_mailbox_room said. */
void sim_mailbox_post(struct ecr_sim_app *app, const struct sim_mail *made);
/* False: too many messages wait, or nothing runs. */
bool sim_mailbox_emergency(struct ecr_sim_app *app, const struct ecr_coe_emergency *emergency);
/* What the master has read since, and what it wants to read again. */
void sim_mailbox_settle(struct ecr_sim_app *app);
/* The next message into the SyncManager, when that is free and the message is due. */
void sim_mailbox_deliver(struct ecr_sim_app *app);

/* Faults (sim/mailbox_faults.c). The code with which a service is to be refused; 0 none. */
uint32_t sim_mailbox_abort_wanted(struct sim_mailbox *mailbox, enum ecr_sim_stage stage,
				  uint16_t index, uint8_t subindex);
/* Spoils the message that is about to be sent; false: it is not sent at all. */
bool sim_mailbox_spoil(struct sim_mailbox *mailbox, struct sim_mail *mail, enum ecr_sim_stage stage,
		       uint16_t index, uint8_t subindex);
bool sim_mailbox_add_rule(struct sim_mailbox *mailbox, const struct ecr_sim_mailbox_fault *fault);
bool sim_mailbox_rule_valid(const struct ecr_sim_mailbox_fault *fault);
/* As sentences have them, "upload-segment"; NULL behind the last one. */
const char *sim_mailbox_kind_word(unsigned int kind);
const char *sim_mailbox_stage_word(unsigned int stage);
/* Good answers of a stage that the master has read. */
uint32_t sim_mailbox_steps(const struct sim_mailbox *mailbox, enum ecr_sim_stage stage);
void sim_mailbox_clear_rules(struct sim_mailbox *mailbox);
/* A line for each fault; how many. */
int sim_mailbox_describe(const struct sim_mailbox *mailbox, const char *slave,
			 struct ecr_text *text);

#endif
