/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds from seeds: many, to look for one that fails; or one, to see what happens in it. */
#include "cli/apart.h"
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tally {
	uint64_t worlds;
	uint64_t failures;
	uint64_t frames;
	uint64_t hash;
	ecr_time lasted;
	ecr_time longest; /* until a session was back */
	uint64_t excused;
};

static void tell(void *context, const char *line)
{
	(void)context;
	puts(line);
	fflush(stdout); /* it stands there, whatever happens next */
}

static bool number_of(const char *option, const char *text, uint64_t *number)
{
	char *end;

	if (!text)
		return true;
	errno = 0;
	*number = strtoull(text, &end, 0);
	if (end != text && !*end && text[0] != '-' && errno == 0)
		return true;
	fprintf(stderr, "ecring world: --%s %s: a number from 0 to %" PRIu64 " is wanted\n", option,
		text, UINT64_MAX);
	return false;
}

/* "0,3,7": what else the seed wants is left out. */
static bool parse_only(const char *text, uint64_t *left_out)
{
	if (!text)
		return true;
	*left_out = UINT64_MAX;
	while (*text) {
		char *end;
		unsigned long number = strtoul(text, &end, 10);

		if (end == text || number >= WORLD_ENTRIES || (*end && *end != ',')) {
			fprintf(stderr, "ecring world: --only: numbers below %d, as 0,3,7\n",
				WORLD_ENTRIES);
			return false;
		}
		*left_out &= ~((uint64_t)1 << number);
		text = *end ? end + 1 : end;
	}
	return true;
}

static void progress(const struct tally *tally, uint64_t count)
{
	static ecr_time next;

	if (!isatty(STDERR_FILENO) || ecr_now() < next)
		return;
	next = ecr_now() + ECR_MS(200);
	fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " worlds, %" PRIu64 " failures ", tally->worlds,
		count, tally->failures);
}

static void clear_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", 60, "");
}

/* The things that happen without which the world would not fail, and how to see them again. */
static void print_shrunk(uint64_t seed, uint64_t left_out)
{
	char only[160] = "";
	char text[300];
	size_t at = 0;
	int runs = 0;

	left_out = cli_apart_shrink(seed, left_out, &runs);
	printf("world %" PRIu64 " fails with these alone (%d runs):\n", seed, runs);
	for (int i = 0; world_entry(seed, i, text, sizeof(text)); i++) {
		if (left_out >> i & 1)
			continue;
		printf("  %s\n", text);
		at += (size_t)snprintf(only + at, sizeof(only) - at, "%s%d", at ? "," : "", i);
	}
	printf("replay: ecring world --seed %" PRIu64 " --trace --only '%s'\n", seed, only);
}

static bool run_one(const struct cli_options *options, uint64_t seed, uint64_t left_out,
		    struct tally *tally)
{
	const struct world_options world = { .seed = seed,
					     .left_out = left_out,
					     .tell = options->trace ? tell : NULL };
	struct world_result result;

	if (!cli_apart_run(&world, &result)) {
		fprintf(stderr, "ecring world: no memory, or no process\n");
		return false;
	}
	tally->worlds++;
	tally->failures += result.failed;
	tally->frames += result.frames;
	tally->lasted += result.lasted;
	tally->hash = tally->hash * 31 + result.hash;
	tally->excused += result.excused;
	if (result.back > tally->longest)
		tally->longest = result.back;
	if (!result.failed)
		return true;
	clear_progress();
	printf("world %" PRIu64 " at %.3f ms: %s\n", seed, (double)result.at / 1e6,
	       result.complaint);
	if (options->shrink)
		print_shrunk(seed, left_out);
	fflush(stdout);
	return true;
}

static void judge_excuses(struct tally *tally)
{
	if (tally->excused <= world_excusable(tally->worlds))
		return;
	printf("too much is excused: %" PRIu64 " times in %" PRIu64 " worlds, and %" PRIu64
	       " times may be chance\n",
	       tally->excused, tally->worlds, world_excusable(tally->worlds));
	tally->failures++;
}

static void print_tally(const struct tally *tally, uint64_t seed)
{
	printf("%" PRIu64 " worlds from %" PRIu64 ", %" PRIu64 " frames, %.1f s of virtual time, "
	       "longest way back %.3f s, ",
	       tally->worlds, seed, tally->frames, (double)tally->lasted / 1e9,
	       (double)tally->longest / 1e9);
	if (tally->excused)
		printf("%" PRIu64 " excused, ", tally->excused);
	printf("%" PRIu64 " failures, hash %016" PRIx64 "\n", tally->failures, tally->hash);
}

int cli_world(const struct cli_options *options)
{
	struct tally tally = { 0 };
	uint64_t seed = 1;
	uint64_t count = 1;
	uint64_t left_out = 0;

	if (!number_of("seed", options->seed, &seed) ||
	    !number_of("count", options->count, &count) || !parse_only(options->only, &left_out))
		return CLI_USAGE;
	if (!count || count - 1 > UINT64_MAX - seed) {
		fprintf(stderr,
			"ecring world: --count %" PRIu64
			": 1 or more, and no seed is beyond %" PRIu64 "\n",
			count, UINT64_MAX);
		return CLI_USAGE;
	}
	cli_catch_signals();
	for (uint64_t i = 0; i < count && !cli_interrupted(); i++) {
		if (!run_one(options, seed + i, left_out, &tally))
			return CLI_SYSTEM;
		progress(&tally, count);
	}
	clear_progress();
	judge_excuses(&tally);
	print_tally(&tally, seed);
	return tally.failures || cli_interrupted() ? CLI_FAILED : CLI_OK;
}
