/* SPDX-License-Identifier: Apache-2.0 */
/* The hook for edges at latch inputs, in a session with its thread, against the simulator in this process. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"

#include <ecring/ecring.h>
#include <ecring/sim.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct ecr_sim *sim;
static atomic_int seen;
static atomic_ullong seen_at;
static atomic_bool wrong;
static uint64_t edge_at;
static int cycles;

/* The simulator runs in this thread, too: an edge after half a second. */
static void every_cycle(void *context, struct ecr_cycle *cycle)
{
	struct ecr_sim_time time = { 0 };

	(void)context;
	if (++cycles != 500)
		return;
	ecr_sim_clock(sim, cycle->now, 1, &time);
	edge_at = time.system_ns;
	if (!ecr_sim_edge(sim, cycle->now, 1, 0, false))
		atomic_store(&wrong, true);
}

static void note(void *context, const struct ecr_event *event)
{
	if (event->slave != 1 || strcmp(event->text, "mark") != 0 || context != (void *)&seen)
		atomic_store(&wrong, true);
	atomic_store(&seen_at, event->count);
	atomic_fetch_add(&seen, 1);
}

static void the_hook_is_called_with_name_and_time(void **state)
{
	static uint8_t image[1024];
	static const struct ecr_latch_config latches[] = { { .name = "mark" }, { 0 } };
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	struct ecr_sim_device devices[2] = { { .name = "a" }, { .name = "b" } };
	struct ecr_slave_config slaves[3] = {
		{ .name = "a", .process_data = ECR_ALL_TO("io") },
		{ .name = "b", .process_data = ECR_ALL_TO("io"), .sync = { .latches = latches } },
	};
	struct ecr_config config = { .domains = domains,
				     .slaves = slaves,
				     .scan_poll_ms = 10,
				     .scan_stable_ms = 20,
				     .dc = { .burst = 200 },
				     .cyclic = every_cycle,
				     .on_latch = note,
				     .on_latch_context = &seen };
	struct ecr_master *master = ecr_open();
	void *memory;

	(void)state;
	for (int i = 0; i < 2; i++) {
		devices[i].sii = image;
		devices[i].sii_size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);
		devices[i].emulation = true;
		devices[i].features = 0x000C; /* a clock of 64 bits */
	}
	memory = calloc(1, ecr_sim_size(devices, 2));
	sim = ecr_sim_init(memory, ecr_sim_size(devices, 2), devices, 2);
	assert_non_null(master);
	assert_non_null(sim);
	config.simulator = sim;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	for (int i = 0; i < 500 && !atomic_load(&seen); i++)
		nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	ecr_close(master);
	assert_int_equal(atomic_load(&seen), 1);
	assert_false(atomic_load(&wrong));
	assert_int_equal(atomic_load(&seen_at), edge_at);
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hook_is_called_with_name_and_time),
	};

	return RUN(tests);
}
