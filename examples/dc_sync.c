/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives on one clock: SYNC0 every millisecond, frames 300 us before it, and how well it holds.
 * dc_sync IF SLAVE... names all slaves in the order of the ring; NAME:free is one without SYNC0, a coupler.
 */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AHEAD_NS 300000 /* frames before SYNC0 */

/* What a control loop computes for: the instant at which all drives take the outputs of this cycle. */
static void every_cycle(void *context, struct ecr_cycle *cycle)
{
	uint64_t *next_sync = context;

	*next_sync = cycle->dc_time_ns + AHEAD_NS;
}

static void print_clocks(struct ecr_master *master)
{
	struct ecr_dc_slave slaves[64];
	struct ecr_dc_status status;
	int count = ecr_dc_slaves(master, slaves, 64);

	ecr_dc_status(master, &status);
	printf("lock %s, largest difference %u ns, master's offset %lld ns, rate %lld ppb\n",
	       ecr_dc_lock_name(status.lock_state), status.max_sync_diff_ns,
	       (long long)status.phase_ns, (long long)status.rate_ppb);
	for (int i = 0; i < count && i < 64; i++)
		if (slaves[i].kind >= ECR_CLOCK_32)
			printf("  %-16s delay %6lld ns  difference %4d ns (%d to %d)%s\n",
			       slaves[i].name, (long long)slaves[i].delay_ns,
			       slaves[i].difference_ns, slaves[i].difference_min_ns,
			       slaves[i].difference_max_ns,
			       slaves[i].sync_running ? "  SYNC0" : "");
}

static struct ecr_slave_config slave_of(char *argument)
{
	struct ecr_slave_config slave = { .name = argument,
					  .process_data = ECR_ALL_TO("io"),
					  .sync = { .mode = ECR_SYNC_SYNC0 } };
	char *free_run = strstr(argument, ":free");

	if (free_run) {
		*free_run = '\0';
		slave.sync.mode = ECR_SYNC_FREE_RUN;
	}
	return slave;
}

static int watch(struct ecr_master *master, const struct ecr_config *config)
{
	if (ecr_start(master, config) || ecr_await_operational(master, ECR_S(30))) {
		ecr_report(master, stderr);
		return 1;
	}
	for (int second = 0; second < 5; second++) {
		nanosleep(&(struct timespec){ 1, 0 }, NULL);
		print_clocks(master);
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t next_sync = 0;
	struct ecr_slave_config *slaves = calloc((size_t)argc + 1, sizeof(*slaves));
	struct ecr_config config = {
		.interface = argc > 1 ? argv[1] : "eth0",
		.domains = (struct ecr_domain_config[]){ { .id = "io", .cycle_ns = ECR_MS(1) },
							 { 0 } },
		.slaves = slaves,
		.dc = { .await_lock = true,
			.shift_ns = AHEAD_NS,
			.lock_policy = ECR_DC_RECOVERING },
		.cyclic = every_cycle,
		.cyclic_context = &next_sync,
	};
	struct ecr_master *master = slaves ? ecr_open() : NULL;
	int result = 1;

	for (int i = 2; master && i < argc; i++)
		slaves[i - 2] = slave_of(argv[i]);
	if (master)
		result = watch(master, &config);
	ecr_close(master);
	if (!result)
		printf("the outputs of the last cycle were for the SYNC0 at %llu ns\n",
		       (unsigned long long)next_sync);
	free(slaves);
	return result;
}
