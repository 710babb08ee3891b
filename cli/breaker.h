/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the live view that break and heal the simulated ring of a session. */
#ifndef CLI_BREAKER_H
#define CLI_BREAKER_H

#include "cli/cli.h"

struct cli_breaker {
	const struct cli_ring *ring;
	int chosen;	  /* the slave that keys mean, in the order of the ring's description */
	char answer[600]; /* what was said last, and why it was refused; "" nothing yet */
};

struct cli_breaker cli_breaker_make(const struct cli_ring *ring);
void cli_breaker_press(struct cli_breaker *breaker, struct ecr_master *master, int key);
/* What can be broken, what has been said, what is broken and what is still to come. */
void cli_breaker_print(const struct cli_breaker *breaker, struct ecr_master *master);
/* Whether keys mean the slave of this name. */
bool cli_breaker_means(const struct cli_breaker *breaker, const char *slave);

#endif
