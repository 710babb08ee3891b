/* SPDX-License-Identifier: Apache-2.0 */
/* The one clock of a session: CLOCK_MONOTONIC. */
#ifndef PORT_CLOCK_H
#define PORT_CLOCK_H

#include <ecring/api.h>

#include <time.h>

ecr_time port_now(void);
struct timespec port_timespec(ecr_time duration);

#endif
