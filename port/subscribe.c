/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: a bounded ring each, filled by the owner of the core (deliver.c), read by one reader, with
 * a pollable descriptor. */
#define _GNU_SOURCE 1
#include "port/clock.h"
#include "port/session.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void refresh_listen(struct ecr_master *master)
{
	uint64_t kinds = ECR_EVENTS_USUAL;

	for (int i = 0; i < PORT_SUBSCRIPTIONS; i++) {
		struct ecr_subscription *subscription = atomic_load(&master->subscriptions[i]);

		kinds |= subscription ? subscription->kinds : 0;
	}
	atomic_store(&master->listen, kinds);
}

static void raise_top(struct ecr_master *master, int top)
{
	int known = atomic_load(&master->subscription_top);

	while (known < top && !atomic_compare_exchange_weak(&master->subscription_top, &known, top))
		;
}

/* Gives it a descriptor and a place; frees it when there is none. */
static int enter(struct ecr_master *master, struct ecr_subscription *subscription,
		 struct ecr_subscription **result)
{
	struct ecr_subscription *none;

	subscription->master = master;
	subscription->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (int i = 0; i < PORT_SUBSCRIPTIONS && subscription->fd >= 0; i++) {
		none = NULL;
		if (atomic_compare_exchange_strong(&master->subscriptions[i], &none,
						   subscription)) {
			raise_top(master, i + 1);
			atomic_fetch_or(&master->listen, subscription->kinds);
			*result = subscription;
			return 0;
		}
	}
	if (subscription->fd >= 0)
		close(subscription->fd);
	free(subscription);
	return ECR_ERR_BUSY;
}

int ecr_subscribe_events(struct ecr_master *master, uint64_t kinds,
			 struct ecr_subscription **result)
{
	struct ecr_subscription *subscription;

	if (!master || !kinds || !result)
		return ECR_ERR_INVALID_ARGUMENT;
	subscription = calloc(1, sizeof(*subscription));
	if (!subscription)
		return ECR_ERR_NO_MEMORY;
	subscription->kinds = kinds;
	return enter(master, subscription, result);
}

int ecr_subscribe(struct ecr_master *master, const char *slave, const char *signal,
		  struct ecr_subscription **result)
{
	struct port_view *view;
	struct ecr_subscription *subscription;
	struct ecr_sample now;
	uint32_t number;
	int error;

	if (!slave && !signal)
		return ecr_subscribe_events(master, ECR_EVENTS_USUAL, result);
	if (!master || !slave || !signal || !result)
		return ECR_ERR_INVALID_ARGUMENT;
	view = atomic_load_explicit(&master->view, memory_order_acquire);
	if (!view || atomic_load(&master->state) == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	error = port_view_find(view, slave, signal, &number);
	if (error)
		return error;
	subscription = calloc(1, sizeof(*subscription));
	if (!subscription)
		return ECR_ERR_NO_MEMORY;
	subscription->signal = number;
	subscription->generation = view->generation;
	if (port_view_read(view, number, port_now(), &now) == 0) {
		subscription->last = now.value; /* changes are told, not the value at hand */
		subscription->seen = true;
	}
	return enter(master, subscription, result);
}

int ecr_subscription_fd(const struct ecr_subscription *subscription)
{
	return subscription ? subscription->fd : -1;
}

int ecr_subscription_next(struct ecr_subscription *subscription, struct ecr_event *event,
			  struct ecr_sample *sample)
{
	unsigned int tail;
	uint64_t count;

	if (!subscription || !event)
		return ECR_ERR_INVALID_ARGUMENT;
	tail = atomic_load_explicit(&subscription->tail, memory_order_relaxed);
	if (atomic_load_explicit(&subscription->head, memory_order_acquire) == tail) {
		(void)!read(subscription->fd, &count, sizeof(count));
		if (atomic_load_explicit(&subscription->head, memory_order_acquire) == tail)
			return 0;
	}
	*event = subscription->events[tail % PORT_RING];
	if (sample)
		*sample = subscription->samples[tail % PORT_RING];
	atomic_store_explicit(&subscription->tail, tail + 1, memory_order_release);
	return 1;
}

uint64_t ecr_subscription_dropped(const struct ecr_subscription *subscription)
{
	if (!subscription)
		return 0;
	return atomic_load_explicit(&((struct ecr_subscription *)(uintptr_t)subscription)->dropped,
				    memory_order_relaxed);
}

/* In the owner's thread, so that it cannot be filling the ring at that moment. */
static void remove_subscription(struct ecr_master *master, struct port_call *call)
{
	for (int i = 0; i < PORT_SUBSCRIPTIONS; i++) {
		struct ecr_subscription *expected = call->argument;

		atomic_compare_exchange_strong(&master->subscriptions[i], &expected, NULL);
	}
	refresh_listen(master);
}

void ecr_unsubscribe(struct ecr_subscription *subscription)
{
	struct port_call call = { .run = remove_subscription, .argument = subscription };

	if (!subscription)
		return;
	if (port_call(subscription->master, &call) == ECR_ERR_NOT_STARTED)
		remove_subscription(subscription->master, &call);
	close(subscription->fd);
	free(subscription);
}

void port_subscriptions_free(struct ecr_master *master)
{
	for (int i = 0; i < PORT_SUBSCRIPTIONS; i++) {
		struct ecr_subscription *left = atomic_exchange(&master->subscriptions[i], NULL);

		if (left)
			close(left->fd);
		free(left);
	}
}
