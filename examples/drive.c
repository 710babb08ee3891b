/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A servo axis by CiA 402: switched on, homed, moved in cyclic synchronous position, switched off; then
 * commanded against actual position, in the terminal and as an SVG file. drive [SVG [IF]]: without an
 * interface the drive is simulated in this process; with one it is the first slave there.
 */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CYCLE_MS 1
#define CYCLES_A_MOVE 1200
#define ROOM 8192
#define WIDTH 76
#define HEIGHT 20

enum { CONTROL, TARGET, MODE, OUTPUTS };
enum { STATUS, ACTUAL, MODE_SHOWN, INPUTS };
enum phase { SWITCH_ON, HOME, MOVE, SWITCH_OFF, FINISHED };

/* A spindle of 10 mm a turn. */
static const struct ecr_402_units spindle = { .increments = 10000, .feed = 10 };
static const double stations[] = { 0, 120, -40, 60, 0 }; /* mm */

#define MOVES ((int)(sizeof(stations) / sizeof(stations[0])) - 1)

struct axis {
	atomic_bool ready;
	atomic_int phase;
	struct ecr_signal out[OUTPUTS];
	struct ecr_signal in[INPUTS];
	uint16_t control;
	int cycles; /* of this phase */
	int32_t start;
	int count; /* of what was recorded, mm: */
	double commanded[ROOM];
	double actual[ROOM];
};

static int64_t get(struct ecr_cycle *cycle, struct ecr_signal signal)
{
	struct ecr_sample sample;

	if (ecr_signal_read(cycle->master, signal, &sample))
		return 0;
	return sample.value.type == ECR_TYPE_SIGNED ? sample.value.i : (int64_t)sample.value.u;
}

static void put(struct ecr_cycle *cycle, struct ecr_signal signal, int64_t value)
{
	struct ecr_value given = ecr_signed(value);

	ecr_signal_write(cycle->master, signal, &given);
}

/* From station to station, soft at both ends; mm. */
static double path(int cycle)
{
	int move = cycle / CYCLES_A_MOVE;
	double part = (double)(cycle % CYCLES_A_MOVE) / CYCLES_A_MOVE;
	double soft = part * part * part * (10 - 15 * part + 6 * part * part);

	if (move >= MOVES)
		return stations[MOVES];
	return stations[move] + soft * (stations[move + 1] - stations[move]);
}

static void enter(struct axis *axis, enum phase phase)
{
	atomic_store(&axis->phase, phase);
	axis->cycles = 0;
}

static void home(struct axis *axis, uint16_t status)
{
	axis->control |= ECR_402_CONTROL_START;
	/* What is shown at first may be of the homing before. */
	if (axis->cycles < 10 || ecr_402_homing_of(status) != ECR_402_HOMING_DONE)
		return;
	axis->control &= (uint16_t)~ECR_402_CONTROL_START;
	enter(axis, MOVE);
}

static int32_t move(struct axis *axis, int64_t mode, int32_t actual)
{
	int32_t way = ecr_402_increments(&spindle, path(axis->cycles));

	if (mode != ECR_402_CSP) {
		axis->cycles = 0;
		axis->start = actual;
		return actual;
	}
	if (axis->count < ROOM) {
		axis->commanded[axis->count] = ecr_402_value(&spindle, way);
		axis->actual[axis->count++] = ecr_402_value(&spindle, actual - axis->start);
	}
	if (axis->cycles >= MOVES * CYCLES_A_MOVE + 300)
		enter(axis, SWITCH_OFF);
	return axis->start + way;
}

static void every_cycle(void *context, struct ecr_cycle *cycle)
{
	struct axis *axis = context;
	uint16_t status;
	int32_t actual;
	int32_t target;

	if (!atomic_load(&axis->ready))
		return;
	status = (uint16_t)get(cycle, axis->in[STATUS]);
	actual = target = (int32_t)get(cycle, axis->in[ACTUAL]);
	axis->control =
		ecr_402_walk(status, axis->control,
			     axis->phase < SWITCH_OFF ? ECR_402_ENABLED : ECR_402_DISABLED, true);
	axis->cycles++;
	if (axis->phase == SWITCH_ON && ecr_402_state_of(status) == ECR_402_ENABLED)
		enter(axis, HOME);
	else if (axis->phase == HOME)
		home(axis, status);
	else if (axis->phase == MOVE)
		target = move(axis, get(cycle, axis->in[MODE_SHOWN]), actual);
	else if (axis->phase == SWITCH_OFF && ecr_402_state_of(status) == ECR_402_DISABLED)
		enter(axis, FINISHED);
	put(cycle, axis->out[CONTROL], axis->control);
	put(cycle, axis->out[TARGET], target);
	put(cycle, axis->out[MODE], axis->phase <= HOME ? ECR_402_HM : ECR_402_CSP);
}

static int find_signals(struct ecr_master *master, struct axis *axis)
{
	static const char *const outputs[] = { "controlword", "target_position",
					       "modes_of_operation" };
	static const char *const inputs[] = { "statusword", "position_actual_value",
					      "modes_of_operation_display" };
	int error = 0;

	for (int i = 0; i < OUTPUTS && !error; i++)
		error = ecr_signal_find(master, "axis", outputs[i], &axis->out[i]);
	for (int i = 0; i < INPUTS && !error; i++)
		error = ecr_signal_find(master, "axis", inputs[i], &axis->in[i]);
	return error;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double distance(double a, double b)
{
	return a < b ? b - a : a - b;
}

static double least(const struct axis *axis)
{
	double value = 0;

	for (int i = 0; i < axis->count; i++)
		value = -larger(-value, larger(-axis->commanded[i], -axis->actual[i]));
	return value;
}

static double most(const struct axis *axis)
{
	double value = 1;

	for (int i = 0; i < axis->count; i++)
		value = larger(value, larger(axis->commanded[i], axis->actual[i]));
	return value;
}

static int row_of(double value, double low, double scale)
{
	return HEIGHT - 1 - (int)((value - low) * scale + 0.5);
}

/* Commanded as dots, actual as stars. */
static void plot(const struct axis *axis)
{
	char rows[HEIGHT][WIDTH + 1];
	double low = least(axis);
	double scale = (HEIGHT - 1) / (most(axis) - low);

	for (int row = 0; row < HEIGHT; row++) {
		memset(rows[row], ' ', WIDTH);
		rows[row][WIDTH] = '\0';
	}
	for (int i = 0; i < axis->count; i++) {
		int column = i * WIDTH / axis->count;

		rows[row_of(axis->commanded[i], low, scale)][column] = '.';
		rows[row_of(axis->actual[i], low, scale)][column] = '*';
	}
	for (int row = 0; row < HEIGHT; row++)
		printf("%7.1f mm |%s\n", low + (HEIGHT - 1 - row) / scale, rows[row]);
}

static void put_line(FILE *file, const struct axis *axis, const double *values, const char *colour)
{
	double low = least(axis);
	double scale = 360 / (most(axis) - low);

	fprintf(file, "<polyline fill='none' stroke='%s' points='", colour);
	for (int i = 0; i < axis->count; i += 4)
		fprintf(file, "%.1f,%.1f ", 20 + i * 760.0 / axis->count,
			380 - (values[i] - low) * scale);
	fprintf(file, "'/>\n");
}

static void write_svg(const struct axis *axis, const char *path_name)
{
	FILE *file = fopen(path_name, "w");

	if (!file) {
		perror(path_name);
		return;
	}
	fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 420'>\n");
	fprintf(file,
		"<text x='20' y='410' font-family='sans-serif' font-size='14'>"
		"commanded (blue) and actual (red) position, %.1f to %.1f mm, %.1f s</text>\n",
		least(axis), most(axis), axis->count * CYCLE_MS / 1000.0);
	put_line(file, axis, axis->commanded, "blue");
	put_line(file, axis, axis->actual, "red");
	fprintf(file, "</svg>\n");
	fclose(file);
	printf("written: %s\n", path_name);
}

/* What is sent in a cycle is seen in the actual position a cycle later at the earliest. */
static bool tell(const struct axis *axis)
{
	double worst = 0;

	for (int i = 0; i < axis->count; i++)
		worst = larger(worst, distance(axis->commanded[i], axis->actual[i]));
	plot(axis);
	printf("%d cycles, at most %.3f mm behind, %.3f mm at the end\n", axis->count, worst,
	       axis->count ? axis->commanded[axis->count - 1] - axis->actual[axis->count - 1] : 0);
	return axis->count && distance(axis->actual[axis->count - 1], stations[MOVES]) < 0.05;
}

static struct ecr_sim *simulated_axis(void)
{
	static uint8_t sii[2048];
	struct ecr_sim_device device = { .name = "axis" };
	size_t size;

	if (!ecr_sim_shipped("drive", &device, sii, sizeof(sii)))
		return NULL;
	size = ecr_sim_size(&device, 1);
	return ecr_sim_init(malloc(size), size, &device, 1);
}

static void run(struct axis *axis, ecr_time limit)
{
	ecr_time end = ecr_now() + limit;

	atomic_store(&axis->ready, true);
	while (atomic_load(&axis->phase) != FINISHED && ecr_now() < end)
		nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	atomic_store(&axis->ready, false);
}

int main(int argc, char **argv)
{
	static struct axis axis;
	/* An index pulse as home. */
	static const struct ecr_sdo_write startup[] = {
		{ .index = ECR_402_HOMING_METHOD, .type = ECR_SDO_I8, .value = 34 },
		{ 0 },
	};
	struct ecr_sim *sim = argc > 2 ? NULL : simulated_axis();
	struct ecr_config config = {
		.interface = argc > 2 ? argv[2] : NULL,
		.simulator = sim,
		.domains =
			(struct ecr_domain_config[]){ { .id = "io", .cycle_ns = ECR_MS(CYCLE_MS) },
						      { 0 } },
		.slaves = (struct ecr_slave_config[]){ { .name = "axis",
							 .driver = &ecr_402_driver,
							 .process_data = ECR_ALL_TO("io"),
							 .startup = startup },
						       { 0 } },
		.scan_stable_ms = 100,
		.cyclic = every_cycle,
		.cyclic_context = &axis,
	};
	struct ecr_master *master = ecr_open();
	bool arrived = false;

	if (ecr_start(master, &config) || ecr_await_operational(master, ECR_S(10)) ||
	    find_signals(master, &axis)) {
		ecr_report(master, stderr);
	} else {
		run(&axis, ECR_S(30));
		arrived = tell(&axis);
		if (argc > 1)
			write_svg(&axis, argv[1]);
	}
	ecr_close(master);
	free(sim);
	return arrived ? EXIT_SUCCESS : EXIT_FAILURE;
}
