/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECR_BUS_MATCH_H
#define ECR_BUS_MATCH_H

#include "bus/bus.h"

/* The flight whose answer it is, found out piece by piece; NULL: nobody's, counted by its reason. */
struct ecr_flight *ecr_bus_match(struct ecr_bus *bus, ecr_time now,
				 const struct ecr_arrival *arrival, uint8_t *frame, size_t length);

#endif
