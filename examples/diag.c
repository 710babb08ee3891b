/* SPDX-License-Identifier: Apache-2.0 */
/* What the ring says of itself: slaves and their faults, cables, who else is on the wire. diag IF [SECONDS] */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <stdlib.h>
#include <time.h>

#define ROOM 256

static void print_slave(struct ecr_master *master, const struct ecr_slave_summary *slave)
{
	struct ecr_al_entry history[ECR_AL_HISTORY];
	struct ecr_slave_info info;
	int count = ecr_al_history(master, slave->name, history, ECR_AL_HISTORY);

	printf("%3d  0x%04x  %-12s %s", slave->position, slave->station, slave->name,
	       slave->down ? "does not answer" : ecr_al_state_name((uint16_t)slave->al_state));
	if (slave->fault.kind != ECR_FAULT_NONE)
		printf("  %s: %s", ecr_fault_name(slave->fault.kind),
		       ecr_error_text(slave->fault.error));
	if (slave->next_attempt_ns >= 0)
		printf(", tried again in %.1f s", (double)slave->next_attempt_ns / 1e9);
	printf("\n");
	if (ecr_slave_info(master, slave->name, &info) == 0 && info.configuration_failure.error)
		ecr_failure_print(&info.configuration_failure, stdout);
	for (int i = 0; i < count; i++)
		if (history[i].code)
			printf("         was %s with 0x%04x, %s\n",
			       ecr_al_state_name(history[i].status), history[i].code,
			       ecr_al_code_text(history[i].code));
}

static int print_bad(const struct ecr_link_report *links, int count)
{
	char text[320];
	int bad = 0;

	for (int i = 0; i < count && i < ROOM; i++)
		if (ecr_link_text(&links[i], text, sizeof(text)) && ++bad)
			printf("%s\n", text);
	return bad;
}

static void print_cables(struct ecr_master *master)
{
	static struct ecr_link_report links[ROOM], ends[ROOM];
	int count = ecr_links(master, links, ROOM);
	int open = ecr_loose_ends(master, ends, ROOM);
	int bad = print_bad(links, count) + print_bad(ends, open);

	if (count >= 0 && !bad)
		printf("%d cables, none of them with an error\n", count);
}

static void print_wire(struct ecr_master *master)
{
	struct ecr_bus_info bus;

	if (ecr_bus_info(master, &bus))
		return;
	printf("%llu frames sent, %llu lost; a round trip takes %.1f us, %.1f us at most\n",
	       (unsigned long long)bus.frames_sent, (unsigned long long)bus.frames_lost,
	       (double)ecr_histogram_at(&bus.round_trip, 5000) / 1e3,
	       (double)bus.round_trip.max_ns / 1e3);
	if (bus.link.foreign_frames)
		printf("%llu frames of somebody else: is there a second master?\n",
		       (unsigned long long)bus.link.foreign_frames);
}

int main(int argc, char **argv)
{
	struct ecr_config config = { .interface = argc > 1 ? argv[1] : "eth0" };
	static struct ecr_slave_summary slaves[ROOM];
	struct timespec listen = { .tv_sec = argc > 2 ? atoi(argv[2]) : 3 };
	struct ecr_master *master = ecr_open();
	int error = ecr_start(master, &config);

	if (!error)
		error = ecr_await_running(master, ECR_S(10));
	/* A slave that does not come up is what a report is for. */
	if (error && ecr_state(master) != ECR_STATE_AWAITING_PREOP) {
		ecr_report(master, stderr);
	} else {
		int count;

		nanosleep(&listen, NULL); /* counters of cables are read once a second */
		count = ecr_slaves(master, slaves, ROOM);
		for (int i = 0; i < count && i < ROOM; i++)
			print_slave(master, &slaves[i]);
		print_cables(master);
		print_wire(master);
	}
	ecr_close(master);
	return error != 0;
}
