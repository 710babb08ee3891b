/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where slaves may come and go: who stands where. The ring is counted again and again; when the
 * number has changed every position is asked for its station and alias, and those without a station
 * of ours for their identification, when somebody is looked for by it. Who is who is then found
 * without another question (master/attend.c).
 */
#ifndef ECR_MASTER_ROLL_H
#define ECR_MASTER_ROLL_H

#include "base/arena.h"
#include "job/job.h"

#include <ecring/config.h>

#define ECR_STRANGER (-1)
#define ECR_ROLL_BATCH 8u
#define ECR_ROLL_SPARE 16u /* positions beyond the slaves of the session */

/* What the session has to do with one that is nobody of it, as long as it is there. */
struct ecr_acquaintance {
	bool told;	/* that it is there; where nobody gets a station of its own, */
	int16_t behind; /* behind that slave, */
	int32_t alias;	/* and with this alias; -1: not read yet */
	bool met_known; /* it was taken for another, who it is not: */
	struct ecr_identity met;
};

/* One position. */
struct ecr_attendant {
	uint16_t station; /* 0: none yet */
	uint16_t alias;
	uint16_t dl_status;
	uint16_t al_status;
	uint16_t own;		 /* station of the slave whose FMMUs it has; 0: of none */
	uint16_t identification; /* as requested */
	bool identified;	 /* it has answered the request, */
	bool asked;		 /* for it, */
	bool recalled; /* it was before, and has the same station: what it has answered is known */
	bool mute;     /* or it does not: it has no processor, or no identification */
	bool newcomer; /* not known by its station */
	bool renamed;  /* it gets a station in this roll, */
	ecr_time read_at; /* and was looked at then */
	int16_t name; /* number of the station that a newcomer gets, or, without one, the place; -1: none */
	struct ecr_acquaintance known; /* of whoever stands here; kept by the name: */
	struct ecr_acquaintance named; /* of whoever has this number as its name */
	int16_t found; /* slave whose identification lies in its memory; ECR_STRANGER */
	int16_t slave; /* who it is; ECR_STRANGER: nobody of the session */
};

struct ecr_core;

struct ecr_roll {
	struct ecr_job job;
	struct ecr_core *core;
	struct ecr_attendant *places;
	uint16_t room;
	uint16_t count;	    /* slaves on the ring */
	uint16_t at;	    /* position in work */
	uint16_t next_name; /* for the next newcomer */
	uint16_t sample;    /* the next one that is looked at between two rolls */
	uint16_t batch[ECR_ROLL_BATCH];
	uint16_t batch_count;
	bool looked; /* those of the batch who seem to be there twice still stood where they were */
	bool one_by_one; /* somebody waits for his place until another is known to be in his */
	bool naming;	 /* newcomers are given stations, and who has got them is not known yet */
	int sought;	 /* slave whose identification is looked for in memories */
	bool waited;
	bool whole; /* every position was asked when `count` was counted */
	bool open;  /* somebody has not answered who it is, and may be who is sought: */
	ecr_time again_at;
	bool due; /* that is why it asks now */
	ecr_time pause;
	ecr_time
		unrest; /* so long it waits before it begins again; 0: nothing has moved while it asked */
	bool to_check; /* it is to be counted once more, now that all were brought up, */
	bool checked;  /* and was */
	bool anew; /* more are there than were counted, and nobody operates yet: all places are doubtful */
	bool tight; /* at the start one was not there, or stood for another: nothing but the order told */
	bool unheeded; /* what the last one has found was not acted upon */
	ecr_time until;
};

#endif
