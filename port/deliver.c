/* SPDX-License-Identifier: Apache-2.0 */
/* Events and changed signals into the rings of those who have subscribed, by the owner of the core. */
#define _GNU_SOURCE 1
#include "port/clock.h"
#include "port/session.h"

#include <string.h>
#include <unistd.h>

static void push(struct ecr_subscription *subscription, const struct ecr_event *event,
		 const struct ecr_sample *sample)
{
	unsigned int head = atomic_load_explicit(&subscription->head, memory_order_relaxed);
	unsigned int tail = atomic_load_explicit(&subscription->tail, memory_order_acquire);
	uint64_t one = 1;

	if (head - tail == PORT_RING) {
		atomic_fetch_add_explicit(&subscription->dropped, 1, memory_order_relaxed);
		return;
	}
	subscription->events[head % PORT_RING] = *event;
	if (sample)
		subscription->samples[head % PORT_RING] = *sample;
	else
		memset(&subscription->samples[head % PORT_RING], 0, sizeof(*sample));
	atomic_store_explicit(&subscription->head, head + 1, memory_order_release);
	if (head == tail)
		(void)!write(subscription->fd, &one, sizeof(one));
}

void port_subscriptions_event(struct ecr_master *master, const struct ecr_event *event)
{
	int top = atomic_load_explicit(&master->subscription_top, memory_order_acquire);

	for (int i = 0; i < top; i++) {
		struct ecr_subscription *subscription =
			atomic_load_explicit(&master->subscriptions[i], memory_order_acquire);

		if (subscription && (subscription->kinds & ECR_EVENT_BIT(event->kind)))
			push(subscription, event, NULL);
	}
}

static bool same_value(const struct ecr_value *a, const struct ecr_value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case ECR_TYPE_BOOL:
		return a->boolean == b->boolean;
	case ECR_TYPE_BYTES:
		return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
	default:
		return a->u == b->u; /* the 64 bits of integers and reals alike */
	}
}

static void look(struct ecr_master *master, struct port_view *view,
		 struct ecr_subscription *subscription)
{
	struct ecr_event event = {
		.kind = ECR_EVENT_SIGNAL, .slave = -1, .domain = -1, .at = port_now()
	};
	struct ecr_sample sample;

	if (subscription->generation != view->generation ||
	    subscription->signal >= view->signal_count)
		return;
	if (port_view_read(view, subscription->signal, event.at, &sample))
		return;
	if (subscription->seen && same_value(&subscription->last, &sample.value))
		return;
	subscription->seen = true;
	subscription->last = sample.value;
	event.domain = (int16_t)view->signals[subscription->signal].placed.domain;
	event.text = view->signals[subscription->signal].placed.model.name;
	port_count(master, ECR_EVENT_SIGNAL);
	push(subscription, &event, &sample);
}

void port_subscriptions_changed(struct ecr_master *master)
{
	struct port_view *view = atomic_load_explicit(&master->view, memory_order_relaxed);
	int top = atomic_load_explicit(&master->subscription_top, memory_order_acquire);

	for (int i = 0; i < top; i++) {
		struct ecr_subscription *subscription =
			atomic_load_explicit(&master->subscriptions[i], memory_order_acquire);

		if (subscription && !subscription->kinds)
			look(master, view, subscription);
	}
}
