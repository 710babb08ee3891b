/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a fault to its detection, and from its end to operational, in virtual time on a wire of 100 Mbit/s: the last
 * slave of 3, 100 and 1000 is unplugged and plugged in, restarts, or falls back. Cycle 1 ms (10 ms for 1000 slaves), polls
 * every 250 ms, 1 us of delay per slave. And of a ring with two ports: the cycles that a break in its middle and its mending
 * cost, and cycles whose inputs were old or torn meanwhile, all changing all the time, by how long ports take to close and open their loops. These figures are the same
 * on every run and machine.
 */
#include "bench/common/bench.h"
#include "world/moving.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST 1000
#define CALM ECR_MS(137) /* far from any poll */
#define LONGEST_PAUSE ECR_S(5)

static struct vring ring;
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static char names[MOST][12];
static int last;
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
	return vring_slave(&ring, names[last]).fault.kind != ECR_FAULT_NONE;
}

static bool well(void)
{
	return ecr_core_state(ring.core) == ECR_STATE_OPERATIONAL && !named() &&
	       vring_slave(&ring, names[last]).al_state == ECR_AL_OP &&
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

static void print(const char *what, const char *to, ecr_time time, ecr_time floor,
		  const char *floor_name, double goal)
{
	double ms = (double)time / 1e6;
	double ratio = (double)time / (double)floor;
	char name[100];
	struct bench_line line = { .bench = "heal",
				   .name = name,
				   .unit = "ms",
				   .value = { ms, ms, ms },
				   .floor = (double)floor / 1e6,
				   .floor_name = floor_name,
				   .ratio = { ratio, ratio, ratio },
				   .goal = goal };

	snprintf(name, sizeof(name), "%d slaves, %s: %s", last + 1, what, to);
	bench_print(&line);
}

/* Who it is, is known within two cycles and a poll, which is asked for at once; the way back is not longer than the longest pause
 * between attempts and a start. */
static void print_detection(const char *what, ecr_time time)
{
	print(what, "to detection", time, period, "a cycle", 3);
}

static void print_return(const char *what, const char *to, ecr_time time)
{
	print(what, to, time, start, "a start", 1 + (double)LONGEST_PAUSE / (double)start);
}

/* `lasts`: how long the cause does; 0: an instant. */
static void measure(int count, const char *what, const char *fault, ecr_time lasts)
{
	char sentence[80];
	ecr_time found;

	come_up(count, -1);
	snprintf(sentence, sizeof(sentence), fault, names[last]);
	say(sentence);
	found = until(named);
	print_detection(what, found);
	if (lasts) {
		vring_run_until(&ring, ring.now + lasts);
		say("heal");
	}
	print_return(what, lasts ? "plugged in to operational" : "detection to operational",
		     until(well));
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

static void print_lost(const char *what, ecr_time loop_ns, uint64_t lost)
{
	char name[100];
	double cycles = (double)lost;
	int64_t goal = (loop_ns + period - 1) / period + 1;
	struct bench_line line = { .bench = "heal",
				   .name = name,
				   .unit = "cycles",
				   .value = { cycles, cycles, cycles },
				   .goal = (double)goal };

	snprintf(name, sizeof(name), "%d slaves, two ports, loops of %g ms: lost at %s", last + 1,
		 (double)loop_ns / 1e6, what);
	bench_print(&line);
}

static void print_wrong(ecr_time loop_ns)
{
	char name[100];
	double wrong = (double)moving.wrong;
	struct bench_line line = { .bench = "heal",
				   .name = name,
				   .unit = "cycles",
				   .value = { wrong, wrong, wrong },
				   .none = true };

	snprintf(name, sizeof(name), "%d slaves, two ports, loops of %g ms: with wrong inputs",
		 last + 1, (double)loop_ns / 1e6);
	bench_print(&line);
}

/* The cable in the middle is cut for a while, and mended. */
static void measure_ring(int count, ecr_time loop_ns)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_BREAK, .value = 1 };
	uint64_t before;

	come_up(count, loop_ns);
	moving_begin(&moving, &ring, count, period);
	ring.each_tick = look_at_inputs;
	cut.slave = last / 2;
	before = cycles_lost();
	if (!ecr_sim_inject(ring.sim, ring.now, &cut))
		abort();
	vring_run_until(&ring, ring.now + ECR_MS(500));
	print_lost("a break", loop_ns, cycles_lost() - before);
	before = cycles_lost();
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	print_lost("its mending", loop_ns, cycles_lost() - before);
	print_wrong(loop_ns);
	ring.each_tick = NULL;
	if (!moving.fresh)
		abort();
	if (ecr_core_state(ring.core) != ECR_STATE_OPERATIONAL)
		abort();
	vring_close(&ring);
}

int main(void)
{
	static const int counts[] = { 3, 100, 1000 };
	static const ecr_time loops[] = { 0, ECR_US(300), ECR_MS(3) };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (bench_quick() && counts[i] > 100)
			continue;
		measure(counts[i], "unplugged for 1 s", "disconnect %s", ECR_S(1));
		measure(counts[i], "unplugged for 30 s", "disconnect %s", ECR_S(30));
		measure(counts[i], "restart", "power-cycle %s", 0);
		measure(counts[i], "falls back", "retreat %s", 0);
		for (size_t k = 0; k < sizeof(loops) / sizeof(loops[0]); k++)
			measure_ring(counts[i], loops[k]);
	}
	return 0;
}
