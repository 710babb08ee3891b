/* SPDX-License-Identifier: Apache-2.0 */
/* The process data watchdog (ETG.1000.4, 6.7). */
#ifndef SIM_WATCHDOG_H
#define SIM_WATCHDOG_H

#include "sim/esc.h"

/* The register says again that it runs. */
void sim_watchdog_show(struct sim_esc *esc);

/* It counts anew from here; the slave itself is looked at only where it had expired. */
static inline void sim_watchdog_restart(struct sim_esc *esc, struct sim_face *face,
					struct sim_news *news, ecr_time now)
{
	face->watchdog_at = face->watchdog_span ? now + face->watchdog_span : ECR_NEVER;
	face->watchdog_expired = false;
	if (!face->watchdog_shown)
		sim_watchdog_show(esc);
	sim_face_wake(face, news, face->watchdog_at);
}

static inline void sim_watchdog_kick(struct sim_esc *esc, ecr_time now)
{
	sim_watchdog_restart(esc, esc->face, esc->news, now);
}

void sim_watchdog_stop(struct sim_esc *esc);
/* True when it expires now. */
bool sim_watchdog_tick(struct sim_esc *esc, ecr_time now);

/* Its registers have been written. */
void sim_watchdog_set(struct sim_esc *esc);

#endif
