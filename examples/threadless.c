/* SPDX-License-Identifier: Apache-2.0 */
/* Without a thread of the library's: the program calls the loop itself. threadless IF */
#include <ecring/ecring.h>

int main(int argc, char **argv)
{
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
	};
	struct ecr_master *master = ecr_open();
	struct ecr_sample sample;
	ecr_time end;

	if (ecr_start_manual(master, &config) || ecr_await_operational(master, ECR_S(10))) {
		ecr_report(master, stderr);
		return ecr_close(master);
	}
	for (end = ecr_now() + ECR_S(5); ecr_now() < end;) {
		ecr_run_once(master, end);
		if (ecr_read_input(master, "inputs", "ch1", &sample) == 0)
			ecr_write_output(master, "outputs", "ch1", ecr_bool(!sample.value.boolean));
	}
	printf("state at the end: %s\n", ecr_state_name(ecr_state(master)));
	return ecr_close(master);
}
