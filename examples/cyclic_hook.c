/* SPDX-License-Identifier: Apache-2.0 */
/* A control loop in the cyclic thread: every input is copied to the output of the same number. cyclic_hook IF */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <stdatomic.h>
#include <time.h>

#define CHANNELS 16

struct loop {
	atomic_bool ready;
	struct ecr_signal in[CHANNELS];
	struct ecr_signal out[CHANNELS];
	atomic_ulong cycles;
};

/* Between receiving and sending: no lock, no search, nothing that blocks. */
static void every_cycle(void *context, struct ecr_cycle *cycle)
{
	struct loop *loop = context;
	struct ecr_sample sample;

	if (!atomic_load(&loop->ready))
		return;
	for (int i = 0; i < CHANNELS; i++)
		if (ecr_signal_read(cycle->master, loop->in[i], &sample) == 0)
			ecr_signal_write(cycle->master, loop->out[i], &sample.value);
	atomic_fetch_add(&loop->cycles, 1);
}

int main(int argc, char **argv)
{
	static struct loop loop;
	struct ecr_config config = {
		.interface = argc > 1 ? argv[1] : "eth0",
		.domains = (struct ecr_domain_config[]){ { .id = "io", .cycle_ns = ECR_MS(1) },
							 { 0 } },
		.slaves =
			(struct ecr_slave_config[]){
				{ .name = "coupler" },
				{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
				{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
				{ 0 } },
		.cyclic = every_cycle,
		.cyclic_context = &loop,
	};
	struct ecr_master *master = ecr_open();
	char name[16];
	int error = ecr_start(master, &config);

	if (!error)
		error = ecr_await_operational(master, ECR_S(10));
	for (int i = 0; i < CHANNELS && !error; i++) {
		snprintf(name, sizeof(name), "ch%d", i + 1);
		error = ecr_signal_find(master, "inputs", name, &loop.in[i]);
		if (!error)
			error = ecr_signal_find(master, "outputs", name, &loop.out[i]);
	}
	if (error) {
		ecr_report(master, stderr);
	} else {
		atomic_store(&loop.ready, true);
		nanosleep(&(struct timespec){ 5, 0 }, NULL);
		printf("%lu cycles\n", (unsigned long)atomic_load(&loop.cycles));
	}
	return ecr_close(master);
}
