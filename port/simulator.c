/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to the simulated ring of a session, in the session's own thread. */
#include "port/session.h"

#include <ecring/sim.h>

#include <stdio.h>

struct saying {
	const char *sentence;
	char *text;
	size_t size;
};

static void say(struct ecr_master *master, struct port_call *call)
{
	struct saying *saying = call->argument;
	struct ecr_sim *sim = master->config->simulator;

	if (!sim) {
		snprintf(saying->text, saying->size, "this session has no simulated ring");
		call->request.result = ECR_ERR_INVALID_OPTIONS;
	} else if (!saying->sentence) {
		call->request.result = ecr_sim_faults(sim, saying->text, saying->size);
	} else if (!ecr_sim_say(sim, ecr_now(), saying->sentence, saying->text, saying->size)) {
		call->request.result = ECR_ERR_INVALID_ARGUMENT;
	}
}

int ecr_tell_simulator(struct ecr_master *master, const char *sentence, char *text, size_t size)
{
	struct saying saying = { .sentence = sentence, .size = size };
	struct port_call call = { .run = say, .argument = &saying };

	if (!text && size)
		return ECR_ERR_INVALID_ARGUMENT;
	saying.text = text;
	return port_call(master, &call);
}
