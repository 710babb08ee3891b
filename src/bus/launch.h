/* SPDX-License-Identifier: Apache-2.0 */
/* When the next frame may go. */
#ifndef ECR_BUS_LAUNCH_H
#define ECR_BUS_LAUNCH_H

#include "bus/bus.h"

/*
 * A reliable frame goes out when it is full or nothing else is under way (so that work of many
 * slaves shares frames), and only when it is off the wire a guard before the next cyclic send.
 */
ecr_time ecr_bus_reliable_at(const struct ecr_bus *bus, ecr_time now);

#endif
