/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A servo axis by CiA 402: switched on, homed, moved in cyclic synchronous position, switched off; then
 * commanded against actual position, in the terminal and as an SVG file. drive [SVG [IF]]: without an
 * interface the drive is simulated in this process; with one it is the first slave there. When the slave
 * leaves OP, or the drive falls into a fault, the reason is told, and the axis goes on from where it stands
 * once it is back.
 */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CYCLE_MS 1
#define CYCLES_A_MOVE 1200
#define CYCLES_OF_REST 300 /* at the end of the way */
#define CYCLES_MISSED 20   /* one after the other are no reason to begin anew */
#define ROOM 65536	   /* what is recorded at most: a minute and more */
#define PATIENCE ECR_S(10) /* with what is not as it should be */
#define LIMIT ECR_S(60)
#define WIDTH 76
#define HEIGHT 20

enum { CONTROL, TARGET, MODE, OUTPUTS };
enum { STATUS, ACTUAL, MODE_SHOWN, INPUTS };
enum phase { SWITCH_ON, HOME, MOVE, SWITCH_OFF, FINISHED };

/* A spindle of 10 mm a turn. */
static const struct ecr_402_units spindle = { .increments = 10000, .feed = 10 };
static const double stations[] = { 0, 120, -40, 60, 0 }; /* mm */

#define MOVES ((int)(sizeof(stations) / sizeof(stations[0])) - 1)

struct point {
	double at; /* s */
	double commanded;
	double actual; /* mm */
	bool first;    /* after a gap, and of all */
};

struct axis {
	atomic_bool ready;
	atomic_int phase;
	atomic_bool fault; /* of the drive, */
	atomic_bool told;  /* which it is: then it may be reset */
	struct ecr_signal out[OUTPUTS];
	struct ecr_signal in[INPUTS];
	uint16_t control;
	int cycles; /* of this phase */
	int missed; /* cycles one after the other that brought nothing new */
	bool placed;
	int32_t place; /* increments where the way begins */
	bool moving;
	int move; /* from where it was to the station behind */
	int step; /* cycles of this move */
	double from;
	int count;
	struct point points[ROOM];
};

/* What came with this cycle; false when it is not new. */
static bool get(struct ecr_cycle *cycle, const struct axis *axis, int64_t values[INPUTS])
{
	for (int i = 0; i < INPUTS; i++) {
		struct ecr_sample sample;

		if (ecr_signal_read(cycle->master, axis->in[i], &sample))
			return false;
		values[i] = sample.value.type == ECR_TYPE_SIGNED ? sample.value.i
								 : (int64_t)sample.value.u;
	}
	return true;
}

static void put(struct ecr_cycle *cycle, struct ecr_signal signal, int64_t value)
{
	struct ecr_value given = ecr_signed(value);

	ecr_signal_write(cycle->master, signal, &given);
}

static void enter(struct axis *axis, enum phase phase)
{
	atomic_store(&axis->phase, phase);
	axis->cycles = 0;
}

static void home(struct axis *axis, uint16_t status)
{
	if (ecr_402_state_of(status) != ECR_402_ENABLED) { /* then it begins anew */
		axis->control &= (uint16_t)~ECR_402_CONTROL_START;
		axis->cycles = 0;
		return;
	}
	axis->control |= ECR_402_CONTROL_START;
	/* What is shown at first may be of the homing before. */
	if (axis->cycles < 10 || ecr_402_homing_of(status) != ECR_402_HOMING_DONE)
		return;
	axis->control &= (uint16_t)~ECR_402_CONTROL_START;
	enter(axis, MOVE);
}

/* From where it stands to the next station, soft at both ends; mm. */
static double next_step(struct axis *axis)
{
	double part = axis->step < CYCLES_A_MOVE ? (double)axis->step / CYCLES_A_MOVE : 1;
	double soft = part * part * part * (10 - 15 * part + 6 * part * part);
	double way = axis->from + soft * (stations[axis->move + 1] - axis->from);
	bool last = axis->move + 1 == MOVES;

	axis->step++;
	if (!last && axis->step == CYCLES_A_MOVE) {
		axis->from = stations[++axis->move];
		axis->step = 0;
	} else if (last && axis->step == CYCLES_A_MOVE + CYCLES_OF_REST) {
		enter(axis, SWITCH_OFF);
	}
	return way;
}

static void record(struct axis *axis, ecr_time now, double commanded, double actual, bool first)
{
	if (axis->count < ROOM)
		axis->points[axis->count++] = (struct point){ .at = (double)now / 1e9,
							      .commanded = commanded,
							      .actual = actual,
							      .first = first };
}

/* While it cannot follow it is told to stay where it is. */
static int32_t move(struct axis *axis, ecr_time now, const int64_t values[INPUTS])
{
	int32_t actual = (int32_t)values[ACTUAL];
	bool follows = ecr_402_state_of((uint16_t)values[STATUS]) == ECR_402_ENABLED &&
		       values[MODE_SHOWN] == ECR_402_CSP;
	bool first = follows && !axis->moving;
	double stands;
	double way;

	axis->moving = follows;
	if (!follows)
		return actual;
	if (!axis->placed)
		axis->place = actual;
	axis->placed = true;
	stands = ecr_402_value(&spindle, actual - axis->place);
	if (first) {
		axis->from = stands;
		axis->step = 0;
	}
	way = next_step(axis);
	record(axis, now, way, stands, first);
	return axis->place + ecr_402_increments(&spindle, way);
}

static void every_cycle(void *context, struct ecr_cycle *cycle)
{
	struct axis *axis = context;
	int64_t values[INPUTS];
	int64_t target;
	uint16_t status;

	if (!atomic_load(&axis->ready))
		return;
	if (!get(cycle, axis, values)) {
		axis->moving = axis->moving && ++axis->missed < CYCLES_MISSED;
		return;
	}
	axis->missed = 0;
	status = (uint16_t)values[STATUS];
	target = values[ACTUAL];
	axis->control = ecr_402_walk(status, axis->control,
				     axis->phase < SWITCH_OFF ? ECR_402_ENABLED : ECR_402_DISABLED,
				     atomic_load(&axis->told));
	atomic_store(&axis->fault, ecr_402_state_of(status) == ECR_402_FAULT);
	axis->cycles++;
	if (axis->phase == SWITCH_ON && ecr_402_state_of(status) == ECR_402_ENABLED)
		enter(axis, HOME);
	else if (axis->phase == HOME)
		home(axis, status);
	else if (axis->phase == MOVE)
		target = move(axis, cycle->now, values);
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
		value = -larger(-value,
				larger(-axis->points[i].commanded, -axis->points[i].actual));
	return value;
}

static double most(const struct axis *axis)
{
	double value = 1;

	for (int i = 0; i < axis->count; i++)
		value = larger(value, larger(axis->points[i].commanded, axis->points[i].actual));
	return value;
}

/* From the first point to the last, gaps included; s. */
static double duration(const struct axis *axis)
{
	return axis->count > 1 ? axis->points[axis->count - 1].at - axis->points[0].at : 1;
}

/* Of the whole duration, 0 to 1. */
static double part(const struct axis *axis, int i)
{
	return (axis->points[i].at - axis->points[0].at) / duration(axis);
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
		int column = (int)(part(axis, i) * (WIDTH - 1));

		rows[row_of(axis->points[i].commanded, low, scale)][column] = '.';
		rows[row_of(axis->points[i].actual, low, scale)][column] = '*';
	}
	for (int row = 0; row < HEIGHT; row++)
		printf("%7.1f mm |%s\n", low + (HEIGHT - 1 - row) / scale, rows[row]);
}

/* A line for each run without a gap. */
static void put_lines(FILE *file, const struct axis *axis, bool commanded)
{
	double low = least(axis);
	double scale = 360 / (most(axis) - low);

	for (int i = 0; i < axis->count; i++) {
		const struct point *point = &axis->points[i];

		if (point->first)
			fprintf(file, "%s<polyline fill='none' stroke='%s' points='",
				i ? "'/>\n" : "", commanded ? "blue" : "red");
		if (point->first || i % 4 == 0)
			fprintf(file, "%.1f,%.1f ", 20 + part(axis, i) * 760,
				380 - ((commanded ? point->commanded : point->actual) - low) *
						scale);
	}
	fprintf(file, "%s", axis->count ? "'/>\n" : "");
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
		least(axis), most(axis), duration(axis));
	put_lines(file, axis, true);
	put_lines(file, axis, false);
	fprintf(file, "</svg>\n");
	fclose(file);
	printf("written: %s\n", path_name);
}

/* What is sent in a cycle is seen in the actual position a cycle later at the earliest. */
static bool tell(const struct axis *axis)
{
	const struct point *end = &axis->points[axis->count - 1];
	double worst = 0;

	if (!axis->count) {
		printf("it has not moved\n");
		return false;
	}
	for (int i = 0; i < axis->count; i++)
		worst = larger(worst, distance(axis->points[i].commanded, axis->points[i].actual));
	plot(axis);
	printf("%d cycles, at most %.3f mm behind, %.3f mm at the end\n", axis->count, worst,
	       end->commanded - end->actual);
	return axis->phase == FINISHED && distance(end->actual, stations[MOVES]) < 0.05;
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

/* Why the slave is not in OP: its AL status where it says something, else what the session knows. */
static void tell_loss(struct ecr_master *master, double at)
{
	struct ecr_slave_info info;

	if (ecr_slave_info(master, "axis", &info))
		return;
	printf("%.2f s: OP is lost: ", at);
	if (info.fault.kind == ECR_FAULT_NONE)
		printf("cycles do not come back whole, the session is %s",
		       ecr_state_name(ecr_state(master)));
	else
		printf("the axis is %s, in AL state %s", ecr_fault_name(info.fault.kind),
		       info.down ? "unknown" : ecr_al_state_name((uint16_t)info.al_state));
	if (info.fault.al_code)
		printf(", AL status code 0x%04x: %s", info.fault.al_code,
		       ecr_al_code_text(info.fault.al_code));
	else if (info.fault.error)
		printf(", %s", ecr_error_text(info.fault.error));
	printf("\n");
}

static void tell_fault(struct ecr_master *master, double at)
{
	uint16_t code;

	if (ecr_sdo_read_u16(master, "axis", ECR_402_ERROR_CODE, 0, &code) == 0)
		printf("%.2f s: the drive reports 0x%04x: %s\n", at, code,
		       ecr_402_error_text(code));
}

static bool in_operation(struct ecr_master *master)
{
	struct ecr_slave_info info;

	return ecr_state(master) == ECR_STATE_OPERATIONAL &&
	       ecr_slave_info(master, "axis", &info) == 0 && info.fault.kind == ECR_FAULT_NONE &&
	       info.al_state == ECR_AL_OP;
}

/* Until the way is done, or there is a reason to give it up. */
static void run(struct ecr_master *master, struct axis *axis)
{
	ecr_time began = ecr_now();
	ecr_time well = began; /* when all was as it should be */
	bool operates = true;
	bool fault = false;

	atomic_store(&axis->ready, true);
	while (atomic_load(&axis->phase) != FINISHED) {
		ecr_time now = ecr_now();
		double at = (double)(now - began) / 1e9;
		bool before = operates;

		operates = in_operation(master);
		fault = atomic_load(&axis->fault);
		if (before && !operates)
			tell_loss(master, at);
		if (!before && operates)
			printf("%.2f s: in OP again: it goes on from where it stands\n", at);
		if (fault && !atomic_load(&axis->told))
			tell_fault(master, at);
		atomic_store(&axis->told, fault);
		well = operates && !fault ? now : well;
		if (now - well > PATIENCE || now - began > LIMIT) {
			printf("%.2f s: given up: %s\n", at,
			       !operates ? "it does not come back to OP"
			       : fault	 ? "the drive stays in its fault"
					 : "it does not get done");
			if (!operates)
				tell_loss(master, at);
			break;
		}
		nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	}
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
	int error = ecr_start(master, &config);

	if (!error)
		error = ecr_await_operational(master, ECR_S(10));
	if (!error)
		error = find_signals(master, &axis);
	if (error) {
		fprintf(stderr, "drive: %s\n", ecr_error_text(error));
		ecr_report(master, stderr);
	} else {
		run(master, &axis);
		arrived = tell(&axis);
		if (argc > 1)
			write_svg(&axis, argv[1]);
	}
	ecr_close(master);
	free(sim);
	return arrived ? EXIT_SUCCESS : EXIT_FAILURE;
}
