/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distributed clock of a controller (ETG.1000.4, 6.12): an oscillator that is never quite right,
 * the control loop that corrects it, receive times, SYNC signals and latches. The model is written
 * down in docs/distributed-clocks.md.
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
	bool on;
	bool pending; /* waits for the start time */
	bool raised;  /* waits for being acknowledged */
	uint64_t next;
	uint64_t period;
	uint64_t fired; /* the last pulse */
	uint64_t count;
};

struct ecr_sim;
struct sim_clock {
	ecr_time entered[2]; /* when a frame of each route is stamped, since it entered the ring */
	int64_t drift;	     /* 2^-40 per ns */
	int64_t correction;  /* 2^-40 per ns, of the control loop */
	int64_t integral;    /* its part that remembers */
	int64_t mean;	     /* filtered difference, 2^-16 ns */
	ecr_time at;
	ecr_time controlled_at;
	struct sim_fine oscillator;
	struct sim_fine corrected; /* what the loop has added so far */
	bool latch;		   /* the frame under way has written 0x0900 */
	struct sim_sync sync[2];
	uint64_t looked; /* system time up to which pulses have been given, */
	uint64_t offset; /* with this offset */
	uint32_t missed; /* the application's count of SYNC0 without process data */
	bool fed;	 /* process data came since the last SYNC0 */
	bool late;	 /* they came too late for the next one */
	bool ready;	 /* the last SYNC0 found them in time */
	bool upset;	 /* somebody wrote what this application does not bear */
};

struct sim_esc;
struct sim_route;

/* NULL: the slave has no such unit, or there is none. */
struct sim_esc *sim_clock_of(struct ecr_sim *sim, int slave);
/* The ring's time is now the true one. */
void sim_clock_power_on(struct sim_esc *esc);
/* A frame of a route arrives at the processing unit that long after it entered the ring. */
void sim_clock_route(struct sim_esc *esc, unsigned int route, ecr_time entered);
/* The frame under way tells all to latch: also those that it passes without being processed. */
void sim_clock_latch_passing(struct ecr_sim *sim, const struct sim_route *route);
/* A frame has passed: receive times of those that it told to latch them. */
void sim_clock_latch(struct ecr_sim *sim, ecr_time start, const struct sim_route *route);

/* Before the master reads registers of the unit, and after it has read or written some. */
void sim_clock_read(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length);
void sim_clock_was_read(struct sim_esc *esc, uint16_t address, uint16_t length);
void sim_clock_written(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length);
bool sim_clock_read_only(uint16_t address);
/* A register of the unit; which ones there are is the controller's and its EEPROM's matter. */
bool sim_clock_exists(const struct sim_esc *esc, uint16_t at);
/* More than receive times. */
bool sim_clock_full(const struct sim_esc *esc);

/* Local and system time at a true time. */
uint64_t sim_clock_local(const struct sim_esc *esc, ecr_time at);
uint64_t sim_clock_system(const struct sim_esc *esc, ecr_time at);
/* UINT32_MAX or UINT64_MAX. */
uint64_t sim_clock_width(const struct sim_esc *esc);
/* From now on with another rate. */
void sim_clock_bend(struct sim_clock *clock, ecr_time at, int64_t drift, int64_t correction);

/* The control loop: a time has been written; it is told to forget. */
void sim_loop_control(struct sim_esc *esc, ecr_time at);
void sim_loop_reset(struct sim_esc *esc, ecr_time at, bool speed);
/* Sets the registers that show it. */
void sim_loop_show(struct sim_esc *esc);

/* SYNC signals that are due, and what the application makes of them. */
void sim_sync_tick(struct sim_esc *esc, ecr_time now);
/* Activation or start time have been written. */
void sim_sync_written(struct sim_esc *esc, ecr_time at, bool start_time);
/* The clock has jumped: pulses in between are neither given nor made up for. */
void sim_sync_jumped(struct sim_esc *esc, ecr_time at);
void sim_sync_show(struct sim_esc *esc, ecr_time at);
/* Process data of the master have arrived. */
void sim_sync_fed(struct sim_esc *esc, ecr_time now);
/* AL status code for a refused step; 0: granted. */
uint16_t sim_sync_refusal(const struct sim_esc *esc, unsigned int to);

void sim_latch_was_read(struct sim_esc *esc, uint16_t address, uint16_t length);

static inline bool sim_clock_touches(uint16_t address, uint16_t length, uint32_t reg, uint32_t size)
{
	return address < reg + size && (uint32_t)address + length > reg;
}

#endif
