/* SPDX-License-Identifier: Apache-2.0 */
/* Drives on one clock: SYNC0 every millisecond, frames 300 us before it, and how well it holds. dc_sync IF DRIVE... */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <stdlib.h>
#include <time.h>

/* What a control loop computes for: the instant at which all drives take their outputs. */
static void every_cycle(void *context, struct ecr_cycle *cycle)
{
	uint64_t *last_sync = context;

	*last_sync = cycle->dc_time_ns + 300000;
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
		printf("  %-16s delay %6lld ns  difference %4d ns (%d to %d)%s\n", slaves[i].name,
		       (long long)slaves[i].delay_ns, slaves[i].difference_ns,
		       slaves[i].difference_min_ns, slaves[i].difference_max_ns,
		       slaves[i].sync_running ? "  SYNC0" : "");
}

int main(int argc, char **argv)
{
	uint64_t last_sync = 0;
	struct ecr_slave_config *slaves = calloc((size_t)argc, sizeof(*slaves));
	struct ecr_config config = {
		.interface = argc > 1 ? argv[1] : "eth0",
		.domains = (struct ecr_domain_config[]){ { .id = "io", .cycle_ns = ECR_MS(1) },
							 { 0 } },
		.slaves = slaves,
		.dc = { .await_lock = true, .shift_ns = 300000, .lock_policy = ECR_DC_RECOVERING },
		.cyclic = every_cycle,
		.cyclic_context = &last_sync,
	};
	struct ecr_master *master = ecr_open();

	for (int i = 2; i < argc && slaves; i++)
		slaves[i - 2] = (struct ecr_slave_config){ .name = argv[i],
							   .process_data = ECR_ALL_TO("io"),
							   .sync = { .mode = ECR_SYNC_SYNC0 } };
	if (ecr_start(master, &config) || ecr_await_operational(master, ECR_S(30))) {
		ecr_report(master, stderr);
	} else {
		for (int second = 0; second < 5; second++) {
			nanosleep(&(struct timespec){ 1, 0 }, NULL);
			print_clocks(master);
		}
	}
	ecr_close(master);
	printf("the last SYNC0 was at %llu ns\n", (unsigned long long)last_sync);
	free(slaves);
	return 0;
}
