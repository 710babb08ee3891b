/* SPDX-License-Identifier: Apache-2.0 */
/* A line of slaves with clocks, and a master on a virtual clock. */
#ifndef TESTS_SUPPORT_CLOCKSESSION_H
#define TESTS_SUPPORT_CLOCKSESSION_H

#include "support/vring.h"

#define CR_WALL 800000000000000000LL /* the virtual clock's zero, ns since 2000 */
#define CR_SLAVES 8

extern struct vring cr_ring;
extern struct ecr_sim_device cr_devices[CR_SLAVES];
extern struct ecr_slave_config cr_slaves[CR_SLAVES + 1];
extern char cr_names[CR_SLAVES][16];
extern struct ecr_config cr_config;

/* A line of slaves with clocks that are off by up to 100 ppm and started whenever. */
void cr_prepare(int count);
/* With a backup_interface the line's end comes back to a second port. */
void cr_start(int count);
void cr_to_operational(int count);
struct ecr_dc_status cr_status(void);
int cr_await_locked(ecr_time within);
struct ecr_sim_time cr_truth(int slave);
/* The largest difference between any two clocks as they really are. */
uint64_t cr_spread(int count);
struct ecr_dc_slave cr_clock_of(int slave);
/* The delay of a slave is what a frame takes from the first one to it. */
void cr_assert_measured(int slave);
/* Drives that work with SYNC0 and say so when they miss it, or its process data. */
void cr_make_drives(int count);
/* Every clock within `limit` of every other, for a while. */
void cr_assert_together(int count, uint64_t limit);

#endif
