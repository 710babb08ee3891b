/* SPDX-License-Identifier: Apache-2.0 */
/* The one clock of a session: CLOCK_MONOTONIC. */
#ifndef PORT_CLOCK_H
#define PORT_CLOCK_H

#include <ecring/api.h>

#include <time.h>

ecr_time port_now(void);
/* What to add to it for the time since 2000-01-01 00:00 UTC, as the system's clock has it now. */
ecr_time port_wall(void);
struct timespec port_timespec(ecr_time duration);

#endif
