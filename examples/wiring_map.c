/* SPDX-License-Identifier: Apache-2.0 */
/* Which output is wired to which input: toggles every output of every slave and watches all inputs. wiring_map IF */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <string.h>
#include <time.h>

#define ROOM 512

struct point {
	char slave[ECR_NAME_SIZE];
	char signal[ECR_NAME_SIZE];
	bool before;
};

static struct point inputs[ROOM];
static struct point outputs[ROOM];
static int input_count;
static int output_count;

static void settle(void)
{
	nanosleep(&(struct timespec){ 0, 40000000 }, NULL);
}

static bool input(struct ecr_master *master, const struct point *point)
{
	struct ecr_sample sample;

	return ecr_read_input(master, point->slave, point->signal, &sample) == 0 &&
	       sample.value.boolean;
}

static void add(struct point *points, int *count, const char *slave, const char *signal)
{
	if (*count == ROOM)
		return;
	memcpy(points[*count].slave, slave, ECR_NAME_SIZE);
	memcpy(points[*count].signal, signal, ECR_NAME_SIZE);
	(*count)++;
}

static void collect(struct ecr_master *master)
{
	static struct ecr_slave_summary slaves[ROOM];
	static struct ecr_signal_info signals[ROOM];
	int count = ecr_slaves(master, slaves, ROOM);

	for (int i = 0; i < count && i < ROOM; i++) {
		int found = ecr_slave_signals(master, slaves[i].name, signals, ROOM);

		for (int k = 0; k < found && k < ROOM; k++) {
			if (signals[k].type != ECR_TYPE_BOOL)
				continue;
			if (signals[k].direction == ECR_INPUT)
				add(inputs, &input_count, slaves[i].name, signals[k].name);
			else
				add(outputs, &output_count, slaves[i].name, signals[k].name);
		}
	}
}

static int map(struct ecr_master *master)
{
	int wired = 0;

	for (int o = 0; o < output_count; o++) {
		int hits = 0;

		for (int i = 0; i < input_count; i++)
			inputs[i].before = input(master, &inputs[i]);
		ecr_write_output(master, outputs[o].slave, outputs[o].signal, ecr_bool(true));
		settle();
		printf("%s.%s ->", outputs[o].slave, outputs[o].signal);
		for (int i = 0; i < input_count; i++)
			if (input(master, &inputs[i]) && !inputs[i].before)
				printf(" %s.%s", inputs[i].slave, inputs[i].signal) > 0 ? hits++
											: 0;
		printf(hits == 0 ? " open\n" : hits > 1 ? " (short)\n" : "\n");
		wired += hits == 1;
		ecr_write_output(master, outputs[o].slave, outputs[o].signal, ecr_bool(false));
		settle();
	}
	printf("%d of %d outputs are wired to one input\n", wired, output_count);
	return 0;
}

int main(int argc, char **argv)
{
	struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) }, { 0 } };
	struct ecr_slave_config mapped = { .process_data = ECR_ALL_TO("io") };
	struct ecr_config config = { .interface = argc > 1 ? argv[1] : "eth0", .domains = domains };
	static struct ecr_slave_summary slaves[ROOM];
	struct ecr_master *master = ecr_open();
	int error = ecr_start(master, &config);
	int count = 0;

	if (!error)
		error = ecr_await_running(master, ECR_S(10));
	if (!error)
		count = ecr_slaves(master, slaves, ROOM);
	for (int i = 0; i < count && i < ROOM && !error; i++)
		error = ecr_configure_slave(master, slaves[i].name, &mapped);
	if (error || ecr_activate(master) || ecr_await_operational(master, ECR_S(10))) {
		ecr_report(master, stderr);
	} else {
		collect(master);
		map(master);
	}
	return ecr_close(master);
}
