/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distributed clock of a controller (ETG.1000.4, 6.12): an oscillator that is never quite right,
 * the control loop that corrects it, receive times, SYNC signals and latches. The model is written
 * down in docs/dc.md.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <ecring/api.h>

/* Time with a fraction of 2^-40 ns, on a straight line since `clock.at`. */
struct sim_fine {
	int64_t ns;
	int64_t fraction;
};

struct sim_sync {
	bool running;
	bool pending; /* waits for the start time */
	uint64_t next;
	uint64_t period;
	uint64_t count;
};

struct sim_clock {
	ecr_time entered[2]; /* when a frame of each route is stamped, since it entered the ring */
	int64_t drift;	     /* 2^-40 per ns */
	int64_t correction;  /* 2^-40 per ns, of the control loop */
	int64_t integral;    /* its part that remembers */
	int64_t mean;	     /* filtered difference, 2^-16 ns */
	int32_t difference;
	ecr_time at;
	ecr_time controlled_at;
	struct sim_fine oscillator;
	struct sim_fine corrected; /* what the loop has added so far */
	bool latch;		   /* the frame under way has written 0x0900 */
	struct sim_sync sync[2];
	uint32_t missed; /* the application's count of SYNC0 without process data */
	bool fed;	 /* process data came since the last SYNC0 */
	bool late;	 /* they came too late for the next one */
};

struct sim_esc;
struct sim_route;
struct ecr_sim;

void sim_clock_power_on(struct sim_esc *esc);
/* Routes have changed. */
void sim_clock_routes(struct ecr_sim *sim);
/* A frame has passed: receive times of those that it told to latch them. */
void sim_clock_latch(struct ecr_sim *sim, ecr_time start, const struct sim_route *route);

/* Before the master reads registers of the unit, and after it has written some. */
void sim_clock_read(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length);
void sim_clock_written(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length);
/* After a read: SYNC and latch status are acknowledged by it. */
void sim_clock_was_read(struct sim_esc *esc, uint16_t address, uint16_t length);
bool sim_clock_read_only(uint16_t address);

/* SYNC signals that are due, and what the application makes of them. */
void sim_clock_tick(struct sim_esc *esc, ecr_time now);
/* Process data of the master have arrived. */
void sim_clock_fed(struct sim_esc *esc, ecr_time now);
/* AL status code for a refused step; 0: granted. */
uint16_t sim_clock_refusal(const struct sim_esc *esc, unsigned int to);

/* Local and system time at a true time. */
uint64_t sim_clock_local(const struct sim_esc *esc, ecr_time at);
uint64_t sim_clock_system(const struct sim_esc *esc, ecr_time at);
/* A register of the unit; which ones there are is the controller's and its EEPROM's matter. */
bool sim_clock_exists(const struct sim_esc *esc, uint16_t at);

#endif
