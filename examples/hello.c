/* SPDX-License-Identifier: Apache-2.0 */
#include <ecring/ecring.h>

int main(int argc, char **argv)
{
	struct ecr_master *master = ecr_open();
	struct ecr_config config = {
		.interface = argc > 1 ? argv[1] : "eth0",
		.domains = (struct ecr_domain_config[]){ { .id = "io", .cycle_ns = ECR_MS(1) },
							 { 0 } },
		.slaves =
			(struct ecr_slave_config[]){
				{ .name = "coupler" },
				{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
				{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
				{ 0 },
			},
	};
	struct ecr_sample in;

	if (ecr_start(master, &config) || ecr_await_operational(master, ECR_S(10)) ||
	    ecr_write_output(master, "outputs", "ch1", ecr_bool(true)) ||
	    ecr_read_input(master, "inputs", "ch1", &in))
		ecr_report(master, stderr); /* says which slave, what, why, what to try */
	else
		printf("ch1 = %d, updated at %lld us\n", in.value.boolean,
		       (long long)in.updated_at_us);
	return ecr_close(master); /* stops in order; start and stop may repeat before it */
}
