/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `ecring world` says of a world that fails or has no end, and `--shrink` of what it needs. The worlds here are told, not
 * lived: of their entries some are needed, and some seeds take their time.
 */
#define _DEFAULT_SOURCE 1
#include "cli/cli.h"
#include "support/check.h"
#include "world/world.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES 12
#define SEED "41"
#define NEEDED ((uint64_t)1 << 3 | (uint64_t)1 << 7 | (uint64_t)1 << 11)
#define OTHER ((uint64_t)1 << 7) /* without it another checker finds something */

/* Worlds to which time passes so many times as fast; one waits its turn, one works on and on, one sleeps for ever. */
#define HASTE 500
#define WAITS 51
#define WORKS 52
#define SLEEPS 53

void cli_catch_signals(void)
{
}

bool cli_interrupted(void)
{
	return false;
}

/* What is left until a timer rings. */
static void hasten(int clock)
{
	struct itimerval left;
	int64_t us;

	getitimer(clock, &left);
	us = (left.it_value.tv_sec * 1000000LL + left.it_value.tv_usec) / HASTE;
	left.it_value.tv_sec = us / 1000000;
	left.it_value.tv_usec = us % 1000000;
	setitimer(clock, &left, NULL);
}

static void take_time(uint64_t seed)
{
	const struct timespec turn = { .tv_nsec = ECR_MS(400) };
	volatile uint64_t which = seed; /* there is no end to it */

	if (seed < WAITS || seed > SLEEPS)
		return;
	hasten(ITIMER_REAL);
	hasten(ITIMER_PROF);
	if (seed == WAITS)
		nanosleep(&turn, NULL);
	while (which == WORKS)
		;
	while (which == SLEEPS)
		pause();
}

bool world_run(const struct world_options *options, struct world_result *result)
{
	uint64_t missing = options->left_out & NEEDED;

	take_time(options->seed);
	*result = (struct world_result){ .entries = ENTRIES, .frames = 10, .lasted = ECR_S(1) };
	result->failed = !missing || missing == OTHER;
	result->checker = missing ? "something else" : "a slave is lost";
	snprintf(result->complaint, sizeof(result->complaint), "%s",
		 missing ? "something else" : "s3 is lost");
	result->at = ECR_MS(250);
	return true;
}

bool world_entry(uint64_t seed, int number, char *text, size_t size)
{
	snprintf(text, size, "[%d] of %d", number, (int)seed);
	return number < ENTRIES;
}

/* What the program says, and its status. */
static int said(const struct cli_options *options, char *text, size_t size)
{
	FILE *file = tmpfile();
	int before = dup(STDOUT_FILENO);
	size_t length;
	int status;

	assert_true(file && before >= 0);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	status = cli_world(options);
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	close(before);
	rewind(file);
	length = fread(text, 1, size - 1, file);
	text[length] = 0;
	fclose(file);
	return status;
}

static void what_is_needed_is_told_and_replayed(void **state)
{
	struct cli_options options = { .seed = SEED, .shrink = true };
	char text[2000];

	(void)state;
	assert_int_equal(said(&options, text, sizeof(text)), CLI_FAILED);
	assert_non_null(strstr(text, "world 41 at 250.000 ms: s3 is lost\n"
				     "world 41 fails with these alone ("));
	assert_non_null(strstr(text, " runs):\n  [3] of 41\n  [7] of 41\n  [11] of 41\n"
				     "replay: ecring world --seed 41 --trace --only '3,7,11'\n"));
	assert_non_null(strstr(text, ", 1 failures, hash "));
	/* As it says. */
	options = (struct cli_options){ .seed = SEED, .only = "3,7,11" };
	assert_int_equal(said(&options, text, sizeof(text)), CLI_FAILED);
	assert_true(strncmp(text, "world 41 at 250.000 ms: s3 is lost\n1 worlds", 43) == 0);
	options.only = "3,11,0,1,2";
	assert_int_equal(said(&options, text, sizeof(text)), CLI_FAILED);
	assert_non_null(strstr(text, "something else"));
	options.only = "7,11";
	assert_int_equal(said(&options, text, sizeof(text)), CLI_OK);
}

/* A part of a story is shrunk further: what was left out stays out. */
static void a_part_is_shrunk_further(void **state)
{
	struct cli_options options = { .seed = SEED, .only = "0,3,7,8,11", .shrink = true };
	char text[2000];
	int runs = 0;

	(void)state;
	assert_int_equal(said(&options, text, sizeof(text)), CLI_FAILED);
	assert_non_null(strstr(text, "--only '3,7,11'\n"));
	assert_true((~world_shrink(41, (uint64_t)1 << 1, &runs) & 0xFFF) == NEEDED);
	assert_in_range(runs, 2, 60);
}

static void each_failure_is_told_by_itself(void **state)
{
	struct cli_options options = { .seed = SEED, .count = "2", .shrink = true };
	char text[4000];

	(void)state;
	assert_int_equal(said(&options, text, sizeof(text)), CLI_FAILED);
	assert_non_null(strstr(text, "replay: ecring world --seed 41 --trace --only '3,7,11'\n"
				     "world 42 at 250.000 ms: s3 is lost\n"));
	assert_non_null(strstr(text, "replay: ecring world --seed 42 --trace --only '3,7,11'\n"
				     "2 worlds from 41, 20 frames, 2.0 s of virtual time, "));
	assert_non_null(strstr(text, ", 2 failures, hash "));
}

/* It has no end; whether that took the processor's time, or only the clock's. */
static bool has_worked(const char *seed)
{
	struct cli_options options = { .seed = seed, .only = "3" };
	char text[2000];

	assert_int_equal(said(&options, text, sizeof(text)), CLI_FAILED);
	assert_non_null(strstr(text, ": no end within "));
	return strstr(text, " s of processor time\n");
}

/* On a machine that is short of time one waits longer than it would ever work, and is well. */
static void only_one_without_an_end_is_ended(void **state)
{
	struct cli_options waits = { .seed = "51", .only = "3" };
	char text[2000];

	(void)state;
	assert_int_equal(said(&waits, text, sizeof(text)), CLI_OK);
	assert_true(has_worked("52"));
	assert_false(has_worked("53"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_needed_is_told_and_replayed),
		cmocka_unit_test(a_part_is_shrunk_further),
		cmocka_unit_test(each_failure_is_told_by_itself),
		cmocka_unit_test(only_one_without_an_end_is_ended),
	};

	return RUN(tests);
}
