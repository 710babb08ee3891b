/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a fault to its detection, and from its end to operational, in virtual time on a wire of 100 Mbit/s: the first, the
 * middle, and the last slave of 3, 100 and 1000 is unplugged and plugged in, restarts, or falls back, at instants that are spread over
 * a cycle; what is told is the worst of them, beside it the median. Cycle 1 ms (10 ms for 1000 slaves), polls every 250 ms, 1 us of delay
 * per slave. And of a ring with two ports: the cycles that a break (before its second slave, in the middle, before its last) and
 * its mending cost, and cycles whose inputs were old or torn meanwhile, all changing all the time, by how long ports take to close and
 * open their loops. These figures are the same on every run and machine.
 */
#include "bench/common/bench.h"
#include "world/moving.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST 1000
#define CALM ECR_MS(137) /* far from any poll */
#define LONGEST_PAUSE ECR_S(5)
#define INSTANTS 16 /* of a cycle */
#define PLACES 3
#define UNEVEN ECR_MS(331) /* each outage is longer by so much: attempts come at other instants */

static struct vring ring;
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static char names[MOST][12];
static int last;
static int victim;
static ecr_time period;
static ecr_time start; /* how long it took the ring to come to OP */

/* `loop_ns`: with two ports, how long ports take for their loops; -1: one port. */
static void come_up(int count, ecr_time loop_ns)
{
	static uint8_t image[1024];
	static struct ecr_domain_config domains[2];
	static struct ecr_config config;
	bool two_ports = loop_ns >= 0;
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	last = count - 1;
	period = count > 100 ? ECR_MS(10) : ECR_MS(1);
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] = (struct ecr_sim_device){
			.name = names[i], .sii = image, .sii_size = size, .forward_ns = 1000
		};
		if (two_ports)
			devices[i].loop_close_ns = devices[i].loop_open_ns = (uint32_t)loop_ns;
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main"),
						       .on_fault = ECR_ON_FAULT_HOLD };
	}
	slaves[count] = (struct ecr_slave_config){ 0 };
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = period };
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	vring_open_devices(&ring, devices, count);
	if (two_ports) {
		config.backup_interface = "the simulator's second port";
		ring.two_ports = ecr_sim_close_ring(ring.sim, count - 1, -1);
	}
	start = ring.now;
	if (vring_start(&ring, &config) || vring_await_operational(&ring, ECR_S(60)))
		abort();
	start = ring.now - start;
	vring_run_until(&ring, ring.now + ECR_S(1) + CALM);
}

static void say(const char *sentence)
{
	char error[200];

	if (!ecr_sim_say(ring.sim, ring.now, sentence, error, sizeof(error)))
		abort();
}

/* The slave is named as the culprit. */
static bool named(void)
{
	return vring_slave(&ring, names[victim]).fault.kind != ECR_FAULT_NONE;
}

static bool well(void)
{
	return ecr_core_state(ring.core) == ECR_STATE_OPERATIONAL && !named() &&
	       vring_slave(&ring, names[victim]).al_state == ECR_AL_OP &&
	       vring_domain(&ring, "main").cycle_health.error == 0;
}

static ecr_time until(bool (*reached)(void))
{
	ecr_time began = ring.now;

	while (!reached() && ring.now - began < ECR_S(20))
		vring_run_until(&ring, ring.now + ECR_US(10));
	if (!reached())
		abort();
	return ring.now - began;
}

/* What one fault took at each instant, in order when it is told. */
struct times {
	double ns[INSTANTS];
	size_t count;
};

static void note(struct times *times, ecr_time time)
{
	times->ns[times->count++] = (double)time;
}

static int instants(void)
{
	return bench_quick() ? 2 : INSTANTS;
}

static const char *const place_names[PLACES] = { "first", "middle", "last" };

static int place(int number)
{
	return number * last / (PLACES - 1);
}

/* What it took at worst is held against the goal. */
static void print(const char *what, const char *to, struct times *times, ecr_time floor,
		  const char *floor_name, double goal)
{
	double median = bench_middle(times->ns, times->count).median;
	double worst = times->ns[times->count - 1];
	double ratio = worst / (double)floor;
	char name[100];
	char beside[60];
	struct bench_line line = { .bench = "heal",
				   .name = name,
				   .unit = "ms",
				   .value = { worst / 1e6, worst / 1e6, worst / 1e6 },
				   .floor = (double)floor / 1e6,
				   .floor_name = floor_name,
				   .ratio = { ratio, ratio, ratio },
				   .goal = goal,
				   .note = beside };

	snprintf(name, sizeof(name), "%d slaves, %s: %s", last + 1, what, to);
	snprintf(beside, sizeof(beside), "median %.4g ms", median / 1e6);
	bench_print(&line);
}

/* Who it is, is known within two cycles and a poll, which is asked for at once; of a line from which nothing comes back not before it
 * has had the time to be heard again. */
static void print_detection(const char *what, struct times *times, bool silence)
{
	print(what, "to detection", times, period, "a cycle", silence ? 0 : 3);
}

/* The way back is not longer than the longest pause between attempts and a start. */
static void print_return(const char *what, const char *to, struct times *times)
{
	print(what, to, times, start, "a start", 1 + (double)LONGEST_PAUSE / (double)start);
}

/* All is calm, and this instant of a cycle has come. */
static void await_instant(int instant)
{
	ecr_time calm = ring.now + ECR_S(1) + CALM;

	vring_run_until(&ring, calm + period - calm % period + instant * period / INSTANTS);
}

struct trouble {
	const char *what;
	const char *sentence;
	const char *back;
	ecr_time lasts; /* so long its cause does, at least; 0: an instant */
};

/* One fault of the victim: when it was named, and when all was well again. */
static void suffer(const struct trouble *trouble, int instant, struct times *found,
		   struct times *healed)
{
	char sentence[80];

	await_instant(instant);
	snprintf(sentence, sizeof(sentence), trouble->sentence, names[victim]);
	say(sentence);
	note(found, until(named));
	if (trouble->lasts) {
		vring_run_until(&ring, ring.now + trouble->lasts + instant * UNEVEN);
		say("heal");
	}
	note(healed, until(well));
}

static void measure(int count, const struct trouble *trouble)
{
	come_up(count, -1);
	for (int number = 0; number < PLACES; number++) {
		struct times found = { 0 };
		struct times healed = { 0 };
		char what[60];

		victim = place(number);
		for (int i = 0; i < instants(); i++)
			suffer(trouble, i * INSTANTS / instants(), &found, &healed);
		snprintf(what, sizeof(what), "the %s %s", place_names[number], trouble->what);
		print_detection(what, &found, trouble->lasts && !victim);
		print_return(what, trouble->back, &healed);
	}
	vring_close(&ring);
}

static struct moving moving;

static void look_at_inputs(struct vring *unused)
{
	moving_look(&moving, unused);
}

static uint64_t cycles_lost(void)
{
	return vring_domain(&ring, "main").total_miss_count;
}

/* Of all places and instants. */
struct losses {
	double cycles[PLACES * INSTANTS];
	size_t count;
};

static void print_lost(const char *what, ecr_time loop_ns, struct losses *lost)
{
	char name[100];
	char beside[60];
	double median = bench_middle(lost->cycles, lost->count).median;
	double worst = lost->cycles[lost->count - 1];
	int64_t goal = (loop_ns + period - 1) / period + 1;
	struct bench_line line = { .bench = "heal",
				   .name = name,
				   .unit = "cycles",
				   .value = { worst, worst, worst },
				   .goal = (double)goal,
				   .note = beside };

	snprintf(name, sizeof(name), "%d slaves, two ports, loops of %g ms: lost at %s", last + 1,
		 (double)loop_ns / 1e6, what);
	snprintf(beside, sizeof(beside), "median %g", median);
	bench_print(&line);
}

static void print_wrong(ecr_time loop_ns, uint64_t cycles)
{
	char name[100];
	double wrong = (double)cycles;
	struct bench_line line = { .bench = "heal",
				   .name = name,
				   .unit = "cycles",
				   .value = { wrong, wrong, wrong },
				   .none = true };

	snprintf(name, sizeof(name), "%d slaves, two ports, loops of %g ms: with wrong inputs",
		 last + 1, (double)loop_ns / 1e6);
	bench_print(&line);
}

static void note_lost(struct losses *lost, uint64_t before)
{
	lost->cycles[lost->count++] = (double)(cycles_lost() - before);
}

/* The cable behind this slave is cut for a while, and mended. */
static void cut_and_mend(int slave, int instant, struct losses *cut, struct losses *mended)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK,
				       .value = 1,
				       .slave = (uint16_t)slave };
	uint64_t before;

	await_instant(instant);
	before = cycles_lost();
	if (!ecr_sim_inject(ring.sim, ring.now, &fault))
		abort();
	vring_run_until(&ring, ring.now + ECR_MS(500) + period * instant / INSTANTS);
	note_lost(cut, before);
	before = cycles_lost();
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	note_lost(mended, before);
	if (ecr_core_state(ring.core) != ECR_STATE_OPERATIONAL)
		abort();
}

static void measure_ring(int count, ecr_time loop_ns)
{
	struct losses cut = { 0 };
	struct losses mended = { 0 };

	come_up(count, loop_ns);
	moving_begin(&moving, &ring, count, period);
	ring.each_tick = look_at_inputs;
	for (int number = 0; number < PLACES; number++)
		for (int i = 0; i < instants(); i++)
			cut_and_mend(number * (last - 1) / (PLACES - 1), i * INSTANTS / instants(),
				     &cut, &mended);
	print_lost("a break", loop_ns, &cut);
	print_lost("its mending", loop_ns, &mended);
	print_wrong(loop_ns, moving.wrong);
	ring.each_tick = NULL;
	if (!moving.fresh)
		abort();
	vring_close(&ring);
}

int main(void)
{
	static const int counts[] = { 3, 100, 1000 };
	static const ecr_time loops[] = { 0, ECR_US(300), ECR_MS(3) };
	static const struct trouble troubles[] = {
		{ "unplugged for 1 s", "disconnect %s", "plugged in to operational", ECR_S(1) },
		{ "unplugged for 30 s", "disconnect %s", "plugged in to operational", ECR_S(30) },
		{ "restarts", "power-cycle %s", "detection to operational", 0 },
		{ "falls back", "retreat %s", "detection to operational", 0 },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (bench_quick() && counts[i] > 100)
			continue;
		for (size_t k = 0; k < sizeof(troubles) / sizeof(troubles[0]); k++)
			measure(counts[i], &troubles[k]);
		for (size_t k = 0; k < sizeof(loops) / sizeof(loops[0]); k++)
			measure_ring(counts[i], loops[k]);
	}
	return 0;
}
