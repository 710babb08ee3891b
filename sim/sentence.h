/* SPDX-License-Identifier: Apache-2.0 */
/* Faults as sentences, both ways; the grammar is in ecring/sim.h. */
#ifndef SIM_SENTENCE_H
#define SIM_SENTENCE_H

#include "base/text.h"
#include "sim/sim.h"

/* What happens, without when and for how long. */
void sim_sentence_put(struct ecr_text *text, const struct ecr_sim *sim,
		      const struct ecr_sim_fault *fault);
/* A time with the unit that suits it. */
void sim_sentence_put_time(struct ecr_text *text, ecr_time time);

#endif
