/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds: a ring, its session, an application and everything that happens to them, drawn from one seed and run in
 * virtual time. First whatever the seed wants happens, and the checkers hold; then all faults end, and the session must
 * come back. The same seed gives the same story, to the last bit of the hash, wherever it is told.
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include <ecring/api.h>

#include <stdbool.h>
#include <stdint.h>

#define WORLD_ENTRIES 60 /* things that happen, at most */

struct world_options {
	uint64_t seed;
	uint64_t left_out; /* bit n: entry n of the story does not happen */
	/* Lines of the story: what is there, what happens, what the session says. NULL: silent. */
	void (*tell)(void *context, const char *line);
	void *context;
};

struct world_result {
	bool failed;
	const char *
		checker; /* of the first that did not hold: what it says without names and numbers, */
	char complaint[160]; /* and with them, */
	ecr_time at;	     /* and when, since the world began */
	uint64_t hash;	     /* of frames, events and states */
	uint64_t frames;
	ecr_time lasted; /* virtual time, */
	ecr_time back;	 /* of which it took so much to come back after the last fault */
	int entries;
	/* How often a slave that came back unseen was counted for one that had just gone, whose inputs were taken for fresh */
	uint32_t excused;
};

/* So often it happens by chance, in so many worlds: more than that is a failure. */
static inline uint64_t world_excusable(uint64_t worlds)
{
	return 2 + worlds / 1000;
}

/* False when there is no memory. */
bool world_run(const struct world_options *options, struct world_result *result);
/* Leaves out entries as long as the world fails by the same checker: the bits to leave out. `runs` may be NULL: how many runs it
 * took. */
uint64_t world_shrink(uint64_t seed, uint64_t left_out, int *runs);
/* Whether it fails without these, and of how many entries. */
typedef bool world_fails_fn(void *context, uint64_t left_out, int *entries);
/* The same of anything that fails; in the end each entry that is left is needed. */
uint64_t world_shrink_by(world_fails_fn *fails, void *context, uint64_t left_out, int *runs);
/* What happens, as a sentence; false behind the last one. */
bool world_entry(uint64_t seed, int number, char *text, size_t size);

#endif
