/* SPDX-License-Identifier: Apache-2.0 */
/* A session shown while it runs: live in a terminal, plain lines in a pipe, and a summary at the
 * end. */
#define _GNU_SOURCE 1
#include "cli/breaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM CLI_SLAVES
#define MOST_TOLD 4		 /* slaves with a fault in one line */
#define LINE_SLICES 10		 /* from one line in a pipe to the next */
#define START_PATIENCE ECR_S(40) /* then the duration counts, whatever the start has come to */

struct view {
	struct ecr_master *master;
	const struct cli_show *show;
	struct ecr_slave_summary slaves[ROOM];
	struct ecr_signal_info signals[ROOM];
	int slave_count;
	struct ecr_domain_info domain;
	struct ecr_bus_info bus;
	struct ecr_thread_info thread;
	ecr_time started;
	ecr_time begun_by;	 /* when the start should have ended */
	bool blocked;		 /* it has been */
	ecr_time watched_from;	 /* from here the duration counts; 0: not yet */
	ecr_time operational_at; /* 0 never */
	uint64_t frames_to_operational;
	bool was_operational;
};

static void gather(struct view *view)
{
	struct ecr_domain_info domains[1];

	view->slave_count = ecr_slaves(view->master, view->slaves, ROOM);
	if (view->slave_count < 0)
		view->slave_count = 0; /* the session has ended */
	if (view->slave_count > ROOM)
		view->slave_count = ROOM;
	if (ecr_domains(view->master, domains, 1) > 0)
		view->domain = domains[0];
	ecr_bus_info(view->master, &view->bus);
	ecr_thread_info(view->master, &view->thread);
}

static int signals_of(struct view *view, const char *slave)
{
	int count = ecr_slave_signals(view->master, slave, view->signals, ROOM);

	return count > ROOM ? ROOM : count;
}

static void print_signal(struct view *view, const char *slave, const struct ecr_signal_info *signal,
			 bool json)
{
	struct ecr_signal handle;
	struct ecr_sample sample;
	int error = ecr_signal_find(view->master, slave, signal->name, &handle);

	if (!error)
		error = ecr_signal_read(view->master, handle, &sample);
	if (json) {
		printf("{\"name\":");
		cli_json_string(signal->name);
		printf(",\"direction\":\"%s\",\"value\":",
		       signal->direction == ECR_OUTPUT ? "output" : "input");
		if (error)
			printf("null");
		else
			cli_print_value(&sample.value, true);
		printf("}");
		return;
	}
	printf(" %s=", signal->name);
	if (error)
		printf("?");
	else
		cli_print_value(&sample.value, false);
}

/* Sixteen bits read better as a row of dots than as sixteen names. */
static void print_bits(struct view *view, const char *slave, int count)
{
	printf("  ");
	for (int i = 0; i < count; i++) {
		struct ecr_signal handle;
		struct ecr_sample sample;

		if (ecr_signal_find(view->master, slave, view->signals[i].name, &handle) ||
		    ecr_signal_read(view->master, handle, &sample))
			putchar('?');
		else
			putchar(sample.value.boolean ? '#' : '.');
	}
}

static void print_slaves(struct view *view)
{
	for (int i = 0; i < view->slave_count; i++) {
		const struct ecr_slave_summary *slave = &view->slaves[i];
		int count = signals_of(view, slave->name);
		bool bits = count > 1;

		printf("%s %2d  0x%04x  %-16s %-6s",
		       view->show->breaker && cli_breaker_means(view->show->breaker, slave->name)
			       ? ">"
			       : " ",
		       slave->position, slave->station, slave->name,
		       slave->absent ? "absent"
		       : slave->fault.kind == ECR_FAULT_DOWN
			       ? "-"
			       : ecr_al_state_name((uint16_t)slave->al_state));
		if (slave->fault.kind != ECR_FAULT_NONE)
			printf(" %s(%s)", ecr_fault_name(slave->fault.kind),
			       ecr_error_name(slave->fault.error));
		if (slave->next_attempt_ns >= 0)
			printf(" next attempt in %.1f s", (double)slave->next_attempt_ns / 1e9);
		for (int k = 0; k < count; k++)
			bits = bits && view->signals[k].type == ECR_TYPE_BOOL;
		if (bits)
			print_bits(view, slave->name, count);
		for (int k = 0; k < count && !bits; k++)
			print_signal(view, slave->name, &view->signals[k], false);
		printf("\n");
	}
}

static void print_histogram(const struct ecr_histogram *histogram)
{
	uint64_t most = 1;

	for (unsigned int i = 0; i < ECR_HISTOGRAM_BINS; i++)
		most = histogram->bins[i] > most ? histogram->bins[i] : most;
	for (unsigned int i = 0; i < ECR_HISTOGRAM_BINS; i += 4) {
		uint64_t sum = 0;

		for (unsigned int k = i; k < i + 4 && k < ECR_HISTOGRAM_BINS; k++)
			sum += histogram->bins[k];
		if (!sum)
			continue;
		printf("  %8.1f us |", (double)ecr_histogram_floor(i) / 1e3);
		for (uint64_t k = 0; k < sum * 40 / most && k < 60; k++)
			putchar('#');
		printf(" %llu\n", (unsigned long long)sum);
	}
}

static void print_end(struct view *view, int end)
{
	int position = view->bus.redundancy.ends[end];

	for (int i = 0; i < view->slave_count; i++)
		if (position >= 0 && view->slaves[i].position == position &&
		    !view->slaves[i].absent) {
			printf("%s", view->slaves[i].name);
			return;
		}
	printf(view->bus.redundancy.reach[end] ? "?" : "the master");
}

static void print_break(struct view *view)
{
	if (!view->bus.redundancy.split)
		return;
	printf("  the ring is broken between ");
	print_end(view, 0);
	printf(" and ");
	print_end(view, 1);
	printf("\n");
}

/* The counter is wrong, and nobody is known to be missing. */
static void print_suspects(struct view *view)
{
	struct ecr_suspect suspects[8];
	int count = ecr_suspects(view->master, view->domain.id, suspects, 8);

	for (int i = 0; i < count && i < 8; i++)
		printf("%s %s (%u)%s",
		       i ? "," : "  all answer, but the counter lacks a share; it may be that of",
		       suspects[i].name, suspects[i].position,
		       i == count - 1 ? "\n"
		       : i == 7	      ? ", ...\n"
				      : "");
}

/* "  link down", or which of two; nothing while frames can pass everywhere. */
static void print_link(const struct view *view)
{
	const struct ecr_redundancy_info *ring = &view->bus.redundancy;

	if (ring->redundant && ring->port_up[0] != ring->port_up[1])
		printf("  link of the %s port down", ring->port_up[0] ? "second" : "first");
	else if (!view->bus.up)
		printf("  link down");
}

static const char *what_start_does(enum ecr_state state)
{
	switch (state) {
	case ECR_STATE_DISCOVERING:
		return "counting the slaves";
	case ECR_STATE_AWAITING_PREOP:
		return "waiting for slaves on their way to PREOP";
	case ECR_STATE_PREOP_READY:
	case ECR_STATE_DEACTIVATED:
		return "on the way to OP";
	default:
		return NULL;
	}
}

/* Where the start stands, and whom or what the session waits for. */
static void print_start(struct view *view)
{
	const char *step = what_start_does(ecr_state(view->master));
	struct ecr_failure failure;

	if (step)
		printf("\n  %s\n", step);
	if (ecr_state(view->master) != ECR_STATE_OPERATIONAL &&
	    ecr_last_failure(view->master, &failure) == 0 && failure.error) {
		printf("\n");
		ecr_failure_print(&failure, stdout);
	}
}

static void print_live(struct view *view)
{
	printf("\033[H\033[J%s   state: %s   %.1f s", view->show->title,
	       ecr_state_name(ecr_state(view->master)), (double)(ecr_now() - view->started) / 1e9);
	print_link(view);
	printf("\n\n");
	print_slaves(view);
	printf("\n  cycles %llu  missed %llu  wkc %u/%u  round trip p50 %.1f us\n",
	       (unsigned long long)view->domain.cycle_count,
	       (unsigned long long)view->domain.total_miss_count, view->domain.actual_wkc,
	       view->domain.expected_wkc,
	       (double)ecr_histogram_at(&view->bus.round_trip, 5000) / 1e3);
	print_suspects(view);
	print_break(view);
	print_start(view);
	printf("\n  wake-up jitter\n");
	print_histogram(&view->thread.wakeup);
	if (view->show->breaker)
		cli_breaker_print(view->show->breaker, view->master);
	printf("\n  Ctrl-C ends it in order\n");
	fflush(stdout);
}

/* "  outputs down (no_response)": each slave with a fault, as far as a line goes. */
static void print_who(struct view *view)
{
	int told = 0;

	for (int i = 0; i < view->slave_count; i++) {
		const struct ecr_fault *fault = &view->slaves[i].fault;

		if (fault->kind == ECR_FAULT_NONE)
			continue;
		if (told++ == MOST_TOLD) {
			printf(", ...");
			return;
		}
		printf("%s %s %s (%s)", told == 1 ? " " : ",", view->slaves[i].name,
		       ecr_fault_name(fault->kind), ecr_error_name(fault->error));
	}
}

/* In a line: whom the start waits for, who is not at fault yet. */
static void print_awaited(const struct view *view)
{
	struct ecr_failure failure;

	if (ecr_state(view->master) == ECR_STATE_AWAITING_PREOP &&
	    ecr_last_failure(view->master, &failure) == 0 && failure.slave[0])
		printf("  waits for %s (%s)", failure.slave,
		       ecr_error_name(failure.cause ? failure.cause : failure.error));
}

static void print_line(struct view *view)
{
	printf("%6.1f s  %-12s %d slaves  %llu cycles  %llu missed  wkc %u/%u",
	       (double)(ecr_now() - view->started) / 1e9, ecr_state_name(ecr_state(view->master)),
	       view->slave_count, (unsigned long long)view->domain.cycle_count,
	       (unsigned long long)view->domain.total_miss_count, view->domain.actual_wkc,
	       view->domain.expected_wkc);
	print_link(view);
	print_who(view);
	print_awaited(view);
	printf("\n");
	print_suspects(view);
	print_break(view);
	fflush(stdout);
}

/* A running light over every boolean output. */
static void move_outputs(struct view *view, unsigned int step)
{
	for (int i = 0; i < view->slave_count; i++) {
		int count = signals_of(view, view->slaves[i].name);

		for (int k = 0; k < count; k++)
			if (view->signals[k].direction == ECR_OUTPUT &&
			    view->signals[k].type == ECR_TYPE_BOOL)
				ecr_write_output(
					view->master, view->slaves[i].name, view->signals[k].name,
					ecr_bool(step % (unsigned int)count == (unsigned int)k));
	}
}

static void print_percentiles(const char *name, const struct ecr_histogram *histogram)
{
	printf("\"%s\":{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}", name,
	       (double)ecr_histogram_at(histogram, 5000) / 1e3,
	       (double)ecr_histogram_at(histogram, 9900) / 1e3,
	       (double)ecr_histogram_at(histogram, 9990) / 1e3, (double)histogram->max_ns / 1e3);
}

static void print_redundancy(const struct ecr_redundancy_info *info)
{
	printf("\"redundancy\":{\"redundant\":%s,\"port_up\":[%s,%s],\"split\":%s,\"reach\":[%d,"
	       "%d],\"ends\":[%d,%d],\"breaks\":%u,\"partial\":%llu},",
	       info->redundant ? "true" : "false", info->port_up[0] ? "true" : "false",
	       info->port_up[1] ? "true" : "false", info->split ? "true" : "false", info->reach[0],
	       info->reach[1], info->ends[0], info->ends[1], info->breaks,
	       (unsigned long long)info->partial);
}

static void print_thread(const struct ecr_thread_info *thread)
{
	static const char *const scheduling[] = { [ECR_SCHEDULING_FIFO] = "fifo",
						  [ECR_SCHEDULING_ROUND_ROBIN] = "rr",
						  [ECR_SCHEDULING_OTHER] = "other" };

	printf("\"thread\":{\"overruns\":%llu,\"scheduling\":\"%s\",\"priority\":%d,"
	       "\"pinned\":%s,\"locked\":%s,\"stack_kib\":%u,\"no_sleep_states\":%s,\"lacking\":",
	       (unsigned long long)thread->overruns, scheduling[thread->scheduling],
	       thread->priority, thread->pinned ? "true" : "false",
	       thread->locked ? "true" : "false", thread->stack_kib,
	       thread->no_sleep_states ? "true" : "false");
	cli_json_string(thread->lacking);
	printf("},");
}

static void print_json(struct view *view)
{
	printf("{\"state\":\"%s\",\"cycles\":%llu,\"missed\":%llu,\"wkc\":%u,\"expected_wkc\":%u,"
	       "\"frames_to_operational\":%llu,\"time_to_operational_ms\":%.3f,\"slaves\":[",
	       view->was_operational ? "operational" : ecr_state_name(ecr_state(view->master)),
	       (unsigned long long)view->domain.cycle_count,
	       (unsigned long long)view->domain.total_miss_count, view->domain.actual_wkc,
	       view->domain.expected_wkc, (unsigned long long)view->frames_to_operational,
	       view->operational_at ? (double)(view->operational_at - view->started) / 1e6 : -1.0);
	for (int i = 0; i < view->slave_count; i++) {
		const struct ecr_slave_summary *slave = &view->slaves[i];
		int count = signals_of(view, slave->name);

		printf("%s{\"name\":", i ? "," : "");
		cli_json_string(slave->name);
		printf(",\"position\":%d,\"station\":%d,\"state\":\"%s\",\"fault\":\"%s\","
		       "\"signals\":[",
		       slave->position, slave->station,
		       slave->absent ? "absent" : ecr_al_state_name((uint16_t)slave->al_state),
		       ecr_fault_name(slave->fault.kind));
		for (int k = 0; k < count; k++) {
			printf("%s", k ? "," : "");
			print_signal(view, slave->name, &view->signals[k], true);
		}
		printf("]}");
	}
	printf("],\"link\":{\"status\":\"%s\",\"xdp\":%s,\"losses\":%u,\"reopened\":%u,"
	       "\"foreign_frames\":%llu},",
	       ecr_link_status_name(view->bus.link.status), view->bus.link.xdp ? "true" : "false",
	       view->bus.link.losses, view->bus.link.reopened,
	       (unsigned long long)view->bus.link.foreign_frames);
	print_thread(&view->thread);
	print_redundancy(&view->bus.redundancy);
	print_percentiles("round_trip_us", &view->bus.round_trip);
	printf(",");
	print_percentiles("wakeup_us", &view->thread.wakeup);
	printf("}\n");
}

static void begins_to_count(struct view *view)
{
	view->watched_from = ecr_now();
	view->frames_to_operational = view->bus.frames_sent;
}

/* A start that is blocked has the time of another attempt. */
static void note_start(struct view *view)
{
	enum ecr_state state = ecr_state(view->master);

	if (state == ECR_STATE_ACTIVATION_BLOCKED && !view->blocked) {
		view->blocked = true;
		view->begun_by = ecr_now() + CLI_HEAL_PATIENCE;
	}
	if (!view->watched_from && ecr_now() >= view->begun_by)
		begins_to_count(view);
}

/* Until something is to be shown again; on the way there not a moment longer than to OP. */
static int wait_a_slice(struct view *view)
{
	ecr_time until = ecr_now() + CLI_SLICE;

	if (!view->operational_at && ecr_await_operational(view->master, CLI_SLICE) == 0) {
		gather(view);
		begins_to_count(view);
		view->operational_at = view->watched_from;
		return cli_keys_wait(0);
	}
	return cli_keys_wait(until > ecr_now() ? until - ecr_now() : 0);
}

static bool goes_on(const struct view *view)
{
	ecr_time duration = view->show->duration;

	return !cli_interrupted() && ecr_state(view->master) != ECR_STATE_IDLE &&
	       !(duration && view->watched_from && ecr_now() - view->watched_from >= duration);
}

static void show_once(struct view *view, bool live, unsigned int step)
{
	if (live)
		print_live(view);
	else if (!view->show->json && step % LINE_SLICES == 0)
		print_line(view);
}

static void watch(struct view *view, bool live)
{
	if (live && view->show->breaker)
		cli_keys_open();
	for (unsigned int step = 0; goes_on(view); step++) {
		int key;

		gather(view);
		if (view->show->toggle_outputs && view->operational_at)
			move_outputs(view, step);
		show_once(view, live, step);
		note_start(view);
		for (key = wait_a_slice(view); key && view->show->breaker; key = cli_keys_wait(0))
			cli_breaker_press(view->show->breaker, view->master, key);
	}
	cli_keys_close();
}

static int finish(struct view *view)
{
	struct ecr_failure failure;
	bool good;

	gather(view);
	good = ecr_state(view->master) == ECR_STATE_OPERATIONAL &&
	       view->domain.actual_wkc == view->domain.expected_wkc;
	view->was_operational = ecr_state(view->master) == ECR_STATE_OPERATIONAL;
	if (view->show->json)
		print_json(view);
	else
		printf("%s: %d slaves, %llu cycles, %llu missed, wkc %u/%u\n",
		       ecr_state_name(ecr_state(view->master)), view->slave_count,
		       (unsigned long long)view->domain.cycle_count,
		       (unsigned long long)view->domain.total_miss_count, view->domain.actual_wkc,
		       view->domain.expected_wkc);
	if (view->operational_at)
		cli_tell_anew();
	if (!good && !view->show->told && ecr_last_failure(view->master, &failure) == 0)
		cli_tell_failure(&failure);
	return good ? CLI_OK : CLI_FAILED;
}

bool cli_show_is_live(const struct cli_show *show)
{
	return isatty(STDOUT_FILENO) && !show->json;
}

int cli_run_session(struct ecr_master *master, const struct cli_show *show)
{
	struct view *view = calloc(1, sizeof(*view));
	int result;

	if (!view)
		return CLI_SYSTEM;
	view->master = master;
	view->show = show;
	view->started = show->started ? show->started : ecr_now();
	view->begun_by = ecr_now() + START_PATIENCE;
	watch(view, cli_show_is_live(show));
	result = finish(view);
	free(view);
	return result;
}
