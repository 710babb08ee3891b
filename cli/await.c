/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a ring: interruptible, and with a word on the link when that is what lacks. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <time.h>

#define RING_PATIENCE ECR_S(30) /* until slaves are found that stay */
#define LINK_PATIENCE ECR_S(5)	/* a link that comes up takes seconds */

static enum ecr_link_status link_status(struct ecr_master *master)
{
	struct ecr_bus_info info;

	return ecr_bus_info(master, &info) ? ECR_LINK_STATUS_UP : info.link.status;
}

static void say_link(const char *verb, const char *interface, enum ecr_link_status status)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "ecring %s: the link of %s is %s\n  try: ip link set %s up; is the cable plugged "
		 "in, "
		 "has the first slave power?\n",
		 verb, interface, ecr_link_status_name(status), interface);
	cli_tell(text);
}

static int give_up(struct ecr_master *master, const char *verb, const char *interface)
{
	struct ecr_failure failure;
	char text[300];

	if (cli_interrupted()) {
		fprintf(stderr, "ecring %s: interrupted before a ring was there\n", verb);
	} else if (ecr_last_failure(master, &failure) == 0 && failure.error &&
		   failure.error != ECR_ERR_DISCOVERING) {
		cli_tell_failure(&failure);
	} else {
		snprintf(text, sizeof(text),
			 "ecring %s: no ring came up on %s within 30 s\n  try: check the cable and "
			 "the power of the first slave; ecring scan -i %s\n",
			 verb, interface ? interface : "the simulator",
			 interface ? interface : "IF");
		cli_tell(text);
	}
	return CLI_FAILED;
}

/* It does not run, and goes on trying. */
static bool may_heal(struct ecr_master *master)
{
	enum ecr_state state = ecr_state(master);

	return state == ECR_STATE_ACTIVATION_BLOCKED || state == ECR_STATE_RECOVERING;
}

int cli_await_slaves(struct ecr_master *master, const char *verb, const char *interface,
		     ecr_time preop_patience)
{
	ecr_time searched = ecr_now(); /* until then no slaves had been found */
	ecr_time began = searched;
	ecr_time seen = began; /* the link, up */
	int error = ECR_ERR_TIMEOUT;

	while (error == ECR_ERR_TIMEOUT && !cli_interrupted() && searched - began < RING_PATIENCE) {
		enum ecr_link_status status = link_status(master);

		if (ecr_state(master) != ECR_STATE_AWAITING_PREOP)
			searched = ecr_now();
		else if (ecr_now() - searched >= preop_patience)
			return CLI_OK;

		if (!interface || status == ECR_LINK_STATUS_UP)
			seen = ecr_now();
		if (ecr_now() - seen > LINK_PATIENCE) {
			say_link(verb, interface, status);
			return CLI_FAILED;
		}
		error = ecr_await_running(master, CLI_SLICE);
	}
	return error && !may_heal(master) ? give_up(master, verb, interface) : CLI_OK;
}

int cli_await_ring(struct ecr_master *master, const char *verb, const char *interface)
{
	int result = cli_await_slaves(master, verb, interface, ECR_NEVER);

	return result == CLI_OK && may_heal(master) ? give_up(master, verb, interface) : result;
}

static void pause_a_slice(void)
{
	struct timespec slice = { .tv_nsec = (long)CLI_SLICE };

	nanosleep(&slice, NULL);
}

/* A session that is blocked may heal by itself: it is given the time for another attempt. */
int cli_await_operational(struct ecr_master *master, ecr_time patience)
{
	ecr_time until = ecr_now() + patience;
	int error = ECR_ERR_TIMEOUT;
	bool blocked = false;

	while (error && !cli_interrupted() && ecr_now() < until) {
		error = ecr_await_operational(master, CLI_SLICE);
		if (!error || error == ECR_ERR_TIMEOUT)
			continue;
		if (!may_heal(master))
			break;
		if (!blocked) {
			fprintf(stderr, "ecring: %s; waiting for it to heal\n",
				ecr_error_name(error));
			until = ecr_now() + CLI_HEAL_PATIENCE;
			blocked = true;
		}
		pause_a_slice();
	}
	return error;
}
