/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE 1
#include "cli/apart.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 60 /* of processor time: a world takes some hundredths of a second */
/* That a machine with much else to do may stretch it over; one that sleeps for ever is ended then. */
#define LONGEST_S 1800

/* What the child has found out. */
struct report {
	bool ran; /* false: no memory */
	struct world_result result;
};

static void limit(int clock, time_t seconds)
{
	const struct itimerval timer = { .it_value.tv_sec = seconds };

	setitimer(clock, &timer, NULL);
}

/* Either signal ends it. */
static void run_child(const struct world_options *options, struct report *report)
{
	limit(ITIMER_PROF, PATIENCE_S);
	limit(ITIMER_REAL, LONGEST_S);
	report->ran = world_run(options, &report->result);
	limit(ITIMER_REAL, 0);
	limit(ITIMER_PROF, 0);
	exit(0);
}

static void blame(struct world_result *result, int number)
{
	bool hangs = number == SIGPROF || number == SIGALRM;

	*result = (struct world_result){ .failed = true,
					 .checker = hangs ? "hang" : "crash",
					 .entries = WORLD_ENTRIES };
	if (hangs)
		snprintf(result->complaint, sizeof(result->complaint), "no end within %d s%s",
			 number == SIGPROF ? PATIENCE_S : LONGEST_S,
			 number == SIGPROF ? " of processor time" : "");
	else
		snprintf(result->complaint, sizeof(result->complaint),
			 "the program has crashed: %s", strsignal(number));
}

/* False: the world could not be run. */
static bool take(const struct report *report, int status, struct world_result *result)
{
	if (WIFSIGNALED(status)) {
		blame(result, WTERMSIG(status));
		return true;
	}
	if (WEXITSTATUS(status)) { /* as a sanitizer ends it */
		blame(result, SIGABRT);
		return true;
	}
	*result = report->result;
	return report->ran;
}

bool cli_apart_run(const struct world_options *options, struct world_result *result)
{
	struct report *report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;
	bool good;

	if (report == MAP_FAILED)
		return false;
	fflush(NULL);
	child = fork();
	if (!child)
		run_child(options, report);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		; /* Ctrl-C: after this one */
	good = child > 0 && take(report, status, result);
	munmap(report, sizeof(*report));
	return good;
}

struct failing_world {
	uint64_t seed;
	const char *checker;
};

/* By the same checker as before, once there is one. */
static bool fails(void *context, uint64_t left_out, int *entries)
{
	struct failing_world *world = context;
	struct world_options options = { .seed = world->seed, .left_out = left_out };
	struct world_result result = { 0 };

	if (!cli_apart_run(&options, &result))
		return false;
	*entries = result.entries;
	if (result.failed && !world->checker)
		world->checker = result.checker;
	return result.failed && strcmp(result.checker, world->checker) == 0;
}

uint64_t cli_apart_shrink(uint64_t seed, uint64_t left_out, int *runs)
{
	struct failing_world world = { .seed = seed };

	return world_shrink_by(fails, &world, left_out, runs);
}
