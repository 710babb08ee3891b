/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of the thread that owns the core. */
#define _GNU_SOURCE 1
#include "port/session.h"

#include "port/clock.h"
#include "wire/frame.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPIN_REPLIES_NS ECR_US(200)
#define SPIN_OTHERS_NS ECR_US(10) /* after a reply, while more are under way */
#define POLL_NS ECR_MS(1)
#define LOOKS 8
#define LONGEST_SLEEP ECR_MS(100)
#define LOOK_NS ECR_S(1)

static void take_calls(struct ecr_master *master)
{
	struct port_call *newest =
		atomic_exchange_explicit(&master->calls, NULL, memory_order_acquire);
	struct port_call *oldest = NULL;

	if (newest == PORT_CLOSED) {
		atomic_store(&master->calls, PORT_CLOSED);
		return;
	}
	while (newest) {
		struct port_call *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct port_call *call = oldest;
		int refused = 0;

		oldest = call->next;
		if (call->run) {
			call->run(master, call);
			port_end_call(master, call);
			continue;
		}
		call->request.context = call;
		refused = ecr_core_submit(master->core, port_now(), &call->request);
		if (refused) {
			call->request.result = refused;
			port_end_call(master, call);
		}
	}
}

/* A block of exactly the size asked for, touched so that no page fault comes later. */
static void give_memory(struct ecr_master *master, const struct ecr_event *event)
{
	int block = event->to == 1;
	struct port_call *call = &master->memory[block];

	if (master->blocks[block])
		munlock(master->blocks[block], master->block_sizes[block]);
	free(master->blocks[block]);
	master->blocks[block] = malloc(event->count);
	master->block_sizes[block] = event->count;
	if (master->blocks[block]) {
		memset(master->blocks[block], 0, event->count);
		if (!master->config->realtime.no_lock)
			port_realtime_lock(master, master->blocks[block], event->count);
	}
	call->request = (struct ecr_request){ .kind = ECR_REQUEST_MEMORY,
					      .memory = master->blocks[block],
					      .size = event->count };
	ecr_core_submit(master->core, port_now(), &call->request);
}

static void complete(struct ecr_master *master, const struct ecr_event *event)
{
	struct ecr_request *request = event->request;
	struct port_call *call = request->context;

	if (call)
		port_end_call(master, call);
}

static void lock(void *context, void *memory, size_t size)
{
	port_realtime_lock(context, memory, size);
}

static void refresh_view(struct ecr_master *master)
{
	struct port_view *view = atomic_load_explicit(&master->view, memory_order_relaxed);

	if (view && view->generation == ecr_core_generation(master->core))
		return;
	view = port_view_make(master->core, master->all_views);
	if (!view)
		return;
	if (!master->config->realtime.no_lock)
		port_view_each(view, lock, master);
	master->all_views = view;
	atomic_store_explicit(&master->view, view, memory_order_release);
}

static void drain_events(struct ecr_master *master)
{
	struct ecr_event event;

	while (ecr_core_event(master->core, &event)) {
		if (master->recorder)
			port_recorder_event(master->recorder, event.at, &event);
		port_count(master, event.kind);
		if (event.kind == ECR_EVENT_STATE_CHANGED) {
			refresh_view(master);
			atomic_store_explicit(&master->state, event.to, memory_order_release);
		}
		if (event.kind == ECR_EVENT_MEMORY_NEEDED)
			give_memory(master, &event);
		if (event.kind == ECR_EVENT_CONFIGURATION_RESULT)
			refresh_view(master);
		if (event.kind == ECR_EVENT_DC_LATCH && master->config->on_latch)
			master->config->on_latch(master->config->on_latch_context, &event);
		if (event.kind == ECR_EVENT_REQUEST_COMPLETED)
			complete(master, &event);
		else
			port_subscriptions_event(master, &event);
	}
}

static void publish(struct ecr_master *master)
{
	struct port_view *view = atomic_load_explicit(&master->view, memory_order_relaxed);

	if (view && view->generation == ecr_core_generation(master->core) &&
	    port_view_publish(view, master->core))
		port_subscriptions_changed(master);
}

static void record_received(struct ecr_master *master, const uint8_t *frame, size_t length,
			    const struct ecr_rx_meta *meta)
{
	unsigned int from = meta->origin == ECR_ORIGIN_OTHER_PORT ? 1 - meta->port : meta->port;

	if (master->recorder)
		port_recorder_frame(master->recorder, meta->at, meta->port, from, false, frame,
				    length);
}

/* What a frame brings is published before the next is looked for. When nothing is under way none is
 * looked for, unless one has rung or it costs nothing; what is left then rings again. */
static bool receive_from(struct ecr_master *master, struct port_transport *transport, ecr_time now)
{
	struct ecr_rx_meta meta;
	uint8_t *frame;
	size_t length;
	bool any = false;

	while ((master->frames_rang || transport->next || ecr_core_awaits(master->core)) &&
	       (frame = transport->receive(transport, now, &length, &meta))) {
		now = meta.at > now ? meta.at : now;
		record_received(master, frame, length, &meta);
		ecr_core_rx(master->core, now, frame, length, &meta);
		publish(master);
		master->frames_rang = master->frames_rang && master->backup;
		any = true;
	}
	if (any)
		master->received_at = now;
	if (any && transport->release)
		transport->release(transport);
	return any;
}

static bool receive_all(struct ecr_master *master, ecr_time now)
{
	bool any = receive_from(master, master->transport, now);

	if (master->backup)
		any = receive_from(master, master->backup, now) || any;
	master->frames_rang = false;
	return any;
}

static bool look_at_link(struct ecr_master *master, struct port_transport *transport, ecr_time now)
{
	bool up = transport->look(transport);

	ecr_core_link(master->core, now, transport->port, up ? ECR_LINK_UP : ECR_LINK_DOWN);
	return up;
}

/* Once a second while it is down, or when the kernel says that something about it has changed. */
static void watch_link(struct ecr_master *master, ecr_time now)
{
	bool up;

	if (!master->transport->look || (!master->link_rang && now < master->look_at))
		return;
	master->link_rang = false;
	up = look_at_link(master, master->transport, now);
	if (master->backup)
		up = look_at_link(master, master->backup, now) && up;
	master->look_at = up ? ECR_NEVER : now + LOOK_NS;
}

static bool send_next(struct ecr_master *master, struct port_transport *transport, ecr_time now)
{
	size_t length =
		ecr_core_tx(master->core, now, transport->port, transport->out, ECR_FRAME_MAX);

	if (!length)
		return false;
	if (master->recorder)
		port_recorder_frame(master->recorder, now, transport->port, transport->port, true,
				    transport->out, length);
	if (transport->send(transport, now, length)) {
		ecr_core_link(master->core, now, transport->port, ECR_LINK_SEND_FAILED);
		master->link_rang = true;
	}
	master->sent_at = now;
	return true;
}

/* With two ports each frame goes to both, one after the other. */
static void send_all(struct ecr_master *master, ecr_time now)
{
	bool any = true;

	while (any) {
		any = send_next(master, master->transport, now);
		any = (master->backup && send_next(master, master->backup, now)) || any;
		if (any)
			now = port_now();
	}
}

/* The time after the hook, which may take its own. */
static ecr_time run_hook(struct ecr_master *master, ecr_time now, ecr_time deadline)
{
	struct ecr_cycle cycle = { master, now, deadline, master->cycle_number,
				   ecr_core_ring_time(master->core, deadline) };

	master->config->cyclic(master->config->cyclic_context, &cycle);
	return port_now();
}

static void note_cycle(struct ecr_master *master, ecr_time late)
{
	master->info.cycles++;
	ecr_histogram_add(&master->info.wakeup, late);
}

void port_session_receive(struct ecr_master *master, ecr_time now)
{
	watch_link(master, now);
	receive_all(master, now);
}

void port_session_work(struct ecr_master *master, ecr_time now)
{
	struct port_view *view = atomic_load_explicit(&master->view, memory_order_relaxed);
	ecr_time deadline = ecr_core_next_cycle(master->core);
	bool due = deadline != ECR_NEVER && now >= deadline;
	ecr_time begun = now;

	ecr_core_listen(master->core, atomic_load_explicit(&master->listen, memory_order_relaxed));
	master->cycle_number += due;
	if (due && master->config->cyclic)
		now = run_hook(master, now, deadline);
	if (view && view->generation == ecr_core_generation(master->core))
		port_view_take_outputs(view, master->core);
	ecr_core_tick(master->core, now);
	send_all(master, now);
	if (due) /* now that its frames are on their way */
		note_cycle(master, begun - deadline);
	drain_events(master);
	take_calls(master);
	drain_events(master);
	if (master->recorder)
		port_recorder_tick(master->recorder, now);
}

void port_session_turn(struct ecr_master *master, ecr_time now)
{
	port_session_receive(master, now);
	port_session_work(master, now);
}

static ecr_time next_instant(struct ecr_master *master)
{
	struct port_transport *transport = master->transport;
	ecr_time wake = ecr_core_wake(master->core);
	ecr_time arrival = transport->next ? transport->next(transport) : ECR_NEVER;

	wake = wake < arrival ? wake : arrival;
	return wake < master->look_at ? wake : master->look_at;
}

/* True when something has come: a frame; news of the link and a call, too, unless `frames` alone are waited for. ppoll passes
 * over descriptors that are -1. */
static bool wait_for(struct ecr_master *master, ecr_time duration, bool frames)
{
	const struct port_transport *backup = master->backup;
	struct pollfd fds[5] = { { master->transport->fd, POLLIN, 0 },
				 { backup ? backup->fd : -1, POLLIN, 0 },
				 { master->transport->watch_fd, POLLIN, 0 },
				 { master->wake_fd, POLLIN, 0 },
				 { backup ? backup->watch_fd : -1, POLLIN, 0 } };
	struct timespec timeout = port_timespec(duration);
	nfds_t frame_fds = backup ? 2 : 1;
	uint64_t count;

	if (ppoll(fds, frames ? frame_fds : 5, &timeout, NULL) <= 0)
		return false;
	master->frames_rang |= fds[0].revents || fds[1].revents;
	master->link_rang |=
		((fds[0].revents | fds[1].revents) & POLLERR) || fds[2].revents || fds[4].revents;
	if (fds[3].revents)
		(void)!read(master->wake_fd, &count, sizeof(count));
	return true;
}

static bool has_calls(const struct ecr_master *master)
{
	return atomic_load_explicit(&master->calls, memory_order_relaxed) != NULL;
}

/* Several looks for a frame to one at the clock, and now and then one at what else may ring. */
static bool spin(struct ecr_master *master, ecr_time *now, ecr_time until)
{
	struct port_transport *transport = master->transport;
	bool awaits = transport->fd >= 0 && ecr_core_awaits(master->core);

	if (!awaits && *now - master->polled_at > POLL_NS) {
		master->polled_at = *now;
		if (wait_for(master, 0, false))
			return true;
	}
	for (; *now < until && !has_calls(master); *now = port_now())
		for (int i = 0; i < LOOKS && awaits; i++)
			if (transport->pending && !master->backup ? transport->pending(transport)
								  : receive_all(master, *now))
				return true;
	return false;
}

/* Until when to spin for replies. The others of a cycle follow its first sooner than a sleep ends. */
static ecr_time spin_replies_until(const struct ecr_master *master, ecr_time wake)
{
	const struct ecr_realtime *realtime = &master->config->realtime;
	ecr_time until = INT64_MIN;

	if (!ecr_core_awaits(master->core))
		return INT64_MIN;
	if (realtime->spin_replies)
		until = master->sent_at + SPIN_REPLIES_NS;
	else if (!realtime->no_spin && master->transport->pending && !master->backup)
		until = master->received_at + SPIN_OTHERS_NS;
	return until < wake ? until : wake;
}

/* How much of the time ahead to sleep; the rest is spun, since a sleep overshoots. */
static ecr_time sleep_of(const struct ecr_master *master, ecr_time ahead)
{
	if (master->config->realtime.no_spin)
		return ahead;
	return port_lead_sleep(&master->lead, ahead);
}

/* True when something has come. */
static bool sleep_for_all(struct ecr_master *master, ecr_time duration)
{
	bool rang = true;

	atomic_store(&master->sleeping, true);
	if (!atomic_load(&master->calls))
		rang = wait_for(master, duration, false);
	atomic_store(&master->sleeping, false);
	return rang;
}

/* So long nothing but a frame that is under way is listened to, if it comes: with each descriptor more a sleep ends later.
 * Whoever else rings waits no longer than POLL_NS. */
static ecr_time frames_alone(const struct ecr_master *master, ecr_time now)
{
	ecr_time left = master->polled_at + POLL_NS - now;

	return left > 0 && master->transport->fd >= 0 && ecr_core_awaits(master->core) ? left : 0;
}

/* True when something has come. */
static bool sleep_for(struct ecr_master *master, ecr_time *now, ecr_time duration)
{
	ecr_time end = *now + duration;
	ecr_time alone = frames_alone(master, *now);
	bool rang = false;

	if (alone) {
		rang = wait_for(master, alone < duration ? alone : duration, true);
		*now = port_now();
	}
	if (!rang && *now < end) {
		rang = sleep_for_all(master, end - *now);
		*now = port_now();
		master->polled_at = *now;
	}
	if (!rang)
		port_lead_note(&master->lead, *now - end);
	return rang;
}

ecr_time port_session_wait(struct ecr_master *master, ecr_time until)
{
	ecr_time wake = next_instant(master);
	ecr_time now = port_now();
	ecr_time replies;
	ecr_time sleep;

	if (wake > until)
		wake = until;
	if (wake > now + LONGEST_SLEEP)
		wake = now + LONGEST_SLEEP;
	replies = spin_replies_until(master, wake);
	if (replies > now && (spin(master, &now, replies) || has_calls(master)))
		return now;
	sleep = wake > now ? sleep_of(master, wake - now) : 0; /* it may be at the begin of time */
	if (sleep && sleep_for(master, &now, sleep))
		return now;
	spin(master, &now, wake);
	return now;
}
