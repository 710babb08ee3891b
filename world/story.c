/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds in words. */
#include "world/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double ms(ecr_time time)
{
	return (double)time / 1e6;
}

static const char *target_name(enum ecr_target target)
{
	return target == ECR_TARGET_SAFEOP ? "SAFEOP" : target == ECR_TARGET_PREOP ? "PREOP" : "OP";
}

static void put_noise(const struct world_entry *entry, char *text, size_t size)
{
	const struct world_noise *noise = &entry->noise;

	snprintf(text, size,
		 "noise for %.3f ms: of a million frames %u lost, %u lost on their way back, %u "
		 "doubled, "
		 "%u late by %.3f ms, %u damaged",
		 ms(entry->lasts), noise->lost, noise->lost_back, noise->duplicated, noise->late,
		 ms(noise->late_ns), noise->corrupt);
}

static void put_habit(const struct world_plan *plan, const struct world_entry *entry, char *text,
		      size_t size)
{
	if (entry->habits.emergency_ns)
		snprintf(text, size, "for %.3f ms %s sends an emergency every %.3f ms",
			 ms(entry->lasts), plan->names[entry->fault.slave],
			 ms(entry->habits.emergency_ns));
	else
		snprintf(text, size, "for %.3f ms %s answers %.3f ms late", ms(entry->lasts),
			 plan->names[entry->fault.slave], ms(entry->habits.answer_ns));
}

/* What is taken away, or changed for another. */
static void put_change(const struct world_plan *plan, const struct world_entry *entry, char *text,
		       size_t size)
{
	switch (entry->kind) {
	case WORLD_REPLACE:
		snprintf(text, size, "for %.3f ms %s is in the place of %s, each time %.3f ms off",
			 ms(entry->lasts), plan->spares[entry->other].what,
			 plan->names[entry->fault.slave], ms(entry->gap));
		break;
	case WORLD_CABLE:
		snprintf(text, size,
			 "for %.3f ms the cable at %s port %d damages %u of a million frames",
			 ms(entry->lasts), plan->names[entry->socket.slave], entry->socket.port,
			 entry->chance);
		break;
	case WORLD_REMOVE:
		snprintf(text, size,
			 "the interface of port %u is gone for %.3f ms, told after %.3f ms",
			 entry->port, ms(entry->lasts), ms(entry->gap));
		break;
	case WORLD_SWAP:
		snprintf(text, size,
			 "for %.3f ms %s and %s have changed places, each time %.3f ms off",
			 ms(entry->lasts), plan->names[entry->fault.slave],
			 plan->names[entry->other], ms(entry->gap));
		break;
	default:
		break;
	}
}

static void put_what(const struct world_plan *plan, const struct ecr_sim *sim,
		     const struct world_entry *entry, char *text, size_t size)
{
	switch (entry->kind) {
	case WORLD_FAULT:
		if (!ecr_sim_print_fault(sim, &entry->fault, text, size))
			snprintf(text, size, "a fault without words");
		break;
	case WORLD_DISTURB:
		put_noise(entry, text, size);
		break;
	case WORLD_UNPLUG:
		snprintf(text, size, "port %u of the master unplugged for %.3f ms", entry->port,
			 ms(entry->lasts));
		break;
	case WORLD_PAUSE:
		snprintf(text, size, "the host stands still for %.3f ms", ms(entry->lasts));
		break;
	case WORLD_ACTIVATE:
		snprintf(text, size, "the application activates");
		break;
	case WORLD_DEACTIVATE:
		snprintf(text, size, "the application deactivates to %s",
			 target_name(entry->target));
		break;
	case WORLD_RESTART:
		snprintf(text, size, "the application stops and starts again");
		break;
	case WORLD_HABIT:
		put_habit(plan, entry, text, size);
		break;
	case WORLD_JOIN:
		snprintf(text, size, "%s is plugged into %s port %d",
			 plan->names[entry->fault.slave], plan->names[entry->socket.slave],
			 entry->socket.port);
		break;
	case WORLD_LEAVE:
		snprintf(text, size, "%s is pulled out", plan->names[entry->fault.slave]);
		break;
	case WORLD_STRANGER:
		snprintf(text, size, "for %.3f ms %s is in the place of %s, or at %s port %d",
			 ms(entry->lasts), plan->names[plan->count],
			 plan->names[entry->fault.slave], plan->names[entry->socket.slave],
			 entry->socket.port);
		break;
	case WORLD_PERIOD:
		snprintf(text, size, "the application sets the period of %s to %.3f ms",
			 plan->domains[entry->domain].id, ms(entry->period));
		break;
	default:
		put_change(plan, entry, text, size);
		break;
	}
}

void world_tell_entry(const struct world_plan *plan, const struct ecr_sim *sim, int number,
		      char *text, size_t size)
{
	const struct world_entry *entry = &plan->entries[number];
	char what[240];

	put_what(plan, sim, entry, what, sizeof(what));
	snprintf(text, size, "[%d] at %.3f ms: %s", number, ms(entry->at), what);
}

static void tell_features(const struct world_plan *plan, char *text, size_t size)
{
	static const char *const names[] = { "noise",	    "replies",	 "cables",	 "power",
					     "states",	    "counters",	 "actions",	 "periods",
					     "ring",	    "tree",	 "clocks",	 "mailbox",
					     "pauses",	    "spoiled",	 "startup",	 "hot",
					     "others",	    "interface", "bad-cables",	 "extras",
					     "safe-values", "watched",	 "clock-options" };
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && at < size; i++)
		if (plan->features & 1u << i)
			at += (size_t)snprintf(text + at, size - at, " %s", names[i]);
}

static const char *presence_of(const struct world_plan *plan, int slave)
{
	static const char *const by[] = { ", optional", ", optional, known by its alias",
					  ", optional, known by its identification",
					  ", optional, known by its memory" };
	const struct ecr_presence_config *presence = &plan->slaves[slave].presence;

	return presence->optional ? by[presence->by] : "";
}

/* Where it hangs, unless that is behind the one before. */
static void put_place(const struct world_plan *plan, int slave, char *text, size_t size)
{
	const struct ecr_sim_device *device = &plan->devices[slave];

	text[0] = '\0';
	if (device->parent)
		snprintf(text, size, " at %s port %d", plan->names[device->parent - 1],
			 device->parent_port);
}

static void tell_clocks(const struct world_plan *plan,
			void (*tell)(void *context, const char *line), void *context)
{
	const struct ecr_dc_config *dc = &plan->config.dc;
	char line[400];

	snprintf(line, sizeof(line),
		 "clocks of %s every %.3f ms, %.3f ms ahead, %s%s%s%s: within %u ns after %u "
		 "cycles, %d ms to agree, burst of %u, filters %u and %u, measured every %d ms",
		 dc->master_clock ? "the master"
		 : dc->reference  ? dc->reference
				  : "the first one",
		 ms(dc->cycle_ns), ms(dc->shift_ns), ecr_dc_policy_name(dc->lock_policy),
		 dc->await_lock ? ", awaited" : "", dc->free_running ? ", free running" : "",
		 dc->always ? ", always" : "", dc->lock_threshold_ns, dc->warmup_cycles,
		 (int)dc->lock_timeout_ms, dc->burst, dc->filter_shift[0], dc->filter_shift[1],
		 (int)dc->measure_ms);
	tell(context, line);
	for (int i = 0; i < plan->count; i++) {
		const struct ecr_sync_config *sync = &plan->slaves[i].sync;

		if (!sync->mode && !sync->keep)
			continue;
		snprintf(line, sizeof(line),
			 "slave %s goes by %s%s, every %.6f ms and %.6f ms later, SYNC1 %.6f ms, "
			 "keeps %u",
			 plan->names[i],
			 sync->mode == ECR_SYNC_SYNC1	? "SYNC1"
			 : sync->mode == ECR_SYNC_SYNC0 ? "SYNC0"
							: "no SYNC",
			 plan->devices[i].clock.needs_sync ? ", which it needs" : "",
			 ms(sync->sync0_cycle_ns), ms(sync->sync0_shift_ns), ms(sync->sync1_ns),
			 sync->keep);
		tell(context, line);
	}
}

void world_tell_ring(const struct world_plan *plan, void (*tell)(void *context, const char *line),
		     void *context)
{
	char line[400];
	char features[240];

	tell_features(plan, features, sizeof(features));
	snprintf(line, sizeof(line), "world %llu: %d slaves,%s", (unsigned long long)plan->seed,
		 plan->count, features[0] ? features : " nothing special");
	tell(context, line);
	for (int i = 0; i < plan->domain_count; i++) {
		snprintf(line, sizeof(line), "domain %s every %.3f ms%s%s", plan->domains[i].id,
			 ms(plan->domains[i].cycle_ns),
			 plan->domains[i].separate ? ", LRD and LWR" : "",
			 plan->domains[i].overlap ? ", inputs over outputs" : "");
		tell(context, line);
	}
	if (world_has(plan, WORLD_CLOCK_OPTIONS))
		tell_clocks(plan, tell, context);
	if (world_has(plan, WORLD_EXTRAS)) {
		snprintf(line, sizeof(line),
			 "behind them %d that nobody has configured, x0 and so on",
			 world_extra_count(plan));
		tell(context, line);
	}
	for (int i = 0; i < plan->count; i++) {
		const struct ecr_process_data *data = &plan->slaves[i].process_data;
		char place[40];

		put_place(plan, i, place, sizeof(place));
		snprintf(line, sizeof(line), "slave %s in %s%s, polled every %d ms%s",
			 plan->names[i], data->domain ? data->domain : "no domain", place,
			 plan->slaves[i].health_poll_ms, presence_of(plan, i));
		tell(context, line);
	}
}

bool world_entry(uint64_t seed, int number, char *text, size_t size)
{
	struct world_plan *plan = calloc(1, sizeof(*plan));
	struct ecr_sim *sim = NULL;
	void *memory = NULL;
	bool there = false;
	size_t room;

	if (!plan)
		return false;
	world_draw_plan(plan, seed);
	if (number >= 0 && number < plan->entry_count) {
		room = ecr_sim_size(plan->devices, plan->count + plan->strangers);
		memory = malloc(room);
		sim = ecr_sim_init(memory, room, plan->devices, plan->count + plan->strangers);
	}
	if (sim) {
		world_tell_entry(plan, sim, number, text, size);
		there = true;
	}
	free(memory);
	free(plan);
	return there;
}
