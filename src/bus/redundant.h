/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ports of the master at the two ends of a line. Each frame is built once and goes out on both.
 * In a sound ring the copy of port 0 passes every slave and arrives at port 1, that of port 1 comes
 * to port 0 untouched. Where the line is broken each copy turns back and has passed its own part of
 * the slaves: what came back is merged.
 */
#ifndef ECR_BUS_REDUNDANT_H
#define ECR_BUS_REDUNDANT_H

#include "bus/bus.h"

void ecr_redundant_reset(struct ecr_bus *bus);
/* The frame that was built into flight->sent goes out on both ports. */
void ecr_redundant_keep(struct ecr_bus *bus, struct ecr_flight *flight);
/* The copy that waits for this port: its length, 0 when it has had it. */
size_t ecr_redundant_hand(struct ecr_bus *bus, unsigned int port, uint8_t *frame);
/* This port will not take its copy. */
void ecr_redundant_skip(struct ecr_bus *bus, unsigned int port);
/* The question was for the other part: nobody here was asked. */
bool ecr_redundant_withheld(const struct ecr_ask *ask, const struct ecr_datagram *datagram);
/* The other copy of a frame that has been answered. One that has passed slaves behind one that has not says that the
 * ring is entered by slaves at the other port than was thought. */
bool ecr_redundant_is_rest(struct ecr_bus *bus, uint8_t index, const struct ecr_arrival *arrival,
			   uint8_t *frame, size_t length);
/* Takes or merges what a copy has brought; true when nothing more is to be waited for. */
bool ecr_redundant_arrived(struct ecr_bus *bus, struct ecr_flight *flight, ecr_time now,
			   const struct ecr_arrival *arrival, uint8_t *frame);

/* Positions are asked by the frame while the ring is broken: it is to say itself where. */
bool ecr_redundant_tallies(const struct ecr_bus *bus, const struct ecr_flight *flight);
/* A position in it was looked for where that slave is not: another may have answered, or nobody. */
bool ecr_redundant_astray(const struct ecr_bus *bus, const struct ecr_flight *flight,
			  const struct ecr_transaction *transaction);
/* One half has come back, and has not answered for the slave that was asked, or counts itself alone. */
bool ecr_redundant_doubtful(const struct ecr_bus *bus, const struct ecr_flight *flight,
			    const struct ecr_transaction *transaction);
/* Of one half something was expected, and has not come. */
bool ecr_redundant_lacks_half(const struct ecr_bus *bus, const struct ecr_flight *flight);
/* One half has come back and the other did not. */
void ecr_redundant_half(struct ecr_bus *bus, const struct ecr_flight *flight);

#endif
