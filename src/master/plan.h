/* SPDX-License-Identifier: Apache-2.0 */
/* While the plan is made: how far the domains' images are filled, and the slave being placed. */
#ifndef ECR_MASTER_PLAN_H
#define ECR_MASTER_PLAN_H

#include "master/master.h"
#include "slave/mapping.h"

#define LOGICAL_GAP 3u /* free bytes between bit-wise FMMUs of one direction in one ESC */

struct ecr_spot {
	uint32_t byte;
	uint8_t bit;
};

/* A domain's image as far as it is drawn. */
struct ecr_sketch {
	uint32_t size;
	uint32_t start; /* of the slave being placed, for overlapping inputs and outputs */
	struct ecr_spot
		open[2]; /* by direction: where a byte shared bit-wise goes on; bit 0: none */
};

struct ecr_drawing {
	struct ecr_core *core;
	struct ecr_arena *arena;
	struct ecr_sketch sketches[ECR_DOMAINS_MAX];
	uint32_t placement_room;
	uint32_t signal_room;
};

struct ecr_placing {
	struct ecr_core *core;
	struct ecr_drawing *drawing;
	struct ecr_slave *slave;
	struct ecr_mapping mapping;
	uint32_t uses[ECR_SLAVE_SMS]; /* by place in mapping.sms: bit per domain */
	bool join;	 /* adjoining SyncManagers share an FMMU, because there are few */
	uint32_t needed; /* FMMUs, when there are too few */
	uint32_t had;
};

/* Places the slave in all its domains. NO_MEMORY, or what is wrong with the slave's request. */
int ecr_plan_place(struct ecr_placing *placing);
/* A slave without process data in any domain, too, is let into SAFEOP by its own rules only when its
 * SyncManagers are as long as its PDOs are. */
int ecr_plan_place_unmapped(struct ecr_placing *placing);

#endif
