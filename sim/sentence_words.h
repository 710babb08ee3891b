/* SPDX-License-Identifier: Apache-2.0 */
/* The words of sentences, for reading and for printing them. */
#ifndef SIM_SENTENCE_WORDS_H
#define SIM_SENTENCE_WORDS_H

#include "sim/sim.h"

enum sim_wants {
	WANTS_NOTHING,
	WANTS_SLAVE,
	WANTS_PORT,   /* a slave, and perhaps one of its ports */
	WANTS_SOCKET, /* a slave, and perhaps where it is plugged in */
	WANTS_CODE,   /* a slave and an AL status code */
	WANTS_STATE,  /* a slave, perhaps an AL state, and a code */
	WANTS_LEVEL,  /* a slave, and perhaps a state below OP */
	WANTS_OFFSET, /* a number with its sign, and perhaps whose */
	WANTS_TIME,
	WANTS_ANSWER, /* of a mailbox */
};

/* Each table ends with an entry without a word. */
struct sim_verb {
	const char *word;
	enum ecr_sim_fault_kind kind;
	enum sim_wants wants;
};

struct sim_state_word {
	const char *word;
	enum ecr_al_state state;
};

struct sim_unit {
	const char *word;
	ecr_time ns;
};

extern const struct sim_verb sim_verbs[];
extern const struct sim_state_word sim_state_words[];
extern const struct sim_unit sim_units[]; /* each larger than the one before */

/* What words are separated by. */
static inline bool sim_is_space(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

#endif
