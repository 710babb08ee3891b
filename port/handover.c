/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on their way to the owner of the core, and back. */
#include "port/session.h"

#include <unistd.h>

bool port_hand_in(struct ecr_master *master, struct port_call *call)
{
	struct port_call *head = atomic_load_explicit(&master->calls, memory_order_relaxed);
	uint64_t one = 1;

	do {
		if (head == PORT_CLOSED)
			return false;
		call->next = head;
	} while (!atomic_compare_exchange_weak(&master->calls, &head, call));
	/* Both sides in one order: the sleeper sees the call, or we see the sleeper. */
	if (atomic_load(&master->sleeping))
		(void)!write(master->wake_fd, &one, sizeof(one));
	return true;
}

void port_end_call(struct ecr_master *master, struct port_call *call)
{
	if (call->ended)
		call->ended(master, call);
	else
		sem_post(&call->done);
}
