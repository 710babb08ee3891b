/* SPDX-License-Identifier: Apache-2.0 */
/* A world's course: on to a time, or until the session is well again. */
#ifndef WORLD_COURSE_H
#define WORLD_COURSE_H

#include "world/inner.h"

#define WORLD_LOOK ECR_MS(5)
#define WORLD_COME_BACK ECR_S(5)    /* the longest pause between two attempts */
#define WORLD_START_UP ECR_S(3)	    /* of a ring of this size, where none was seen */
#define WORLD_CLOCKS_AGREE ECR_S(8) /* until clocks have found together */
#define WORLD_TRIED ECR_S(1)	    /* until one that may be taken for another was */
#define WORLD_BREAK ECR_MS(60)	    /* until a broken ring is known to be */
#define WORLD_JOINED ECR_S(2)	    /* until a slave that is plugged in operates */

void world_go_on_until(struct world *world, ecr_time end);
/* Until all is well; a complaint when it is not by then. The last fault ended when it was calm. */
void world_settle(struct world *world, ecr_time calm, ecr_time end);
/* The same within the bound of a last fault that ends now. */
void world_come_back(struct world *world);
/* A moment later it operates, and no domain has suffered. */
void world_must_be_well(struct world *world, const char *when);

#endif
