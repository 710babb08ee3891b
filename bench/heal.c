/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a fault to its detection, and from its end to operational, in virtual time on a wire of 100 Mbit/s: the last
 * slave of 3, 100 and 1000 is unplugged and plugged in, restarts, or falls back. Cycle 1 ms (10 ms for 1000 slaves), polls
 * every 250 ms, 1 us of delay per slave. These figures are the same on every run and machine.
 */
#include "bench/common/bench.h"
#include "world/vring.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST 1000
#define CALM ECR_MS(137) /* far from any poll */

static struct vring ring;
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static char names[MOST][12];
static int last;
static ecr_time period;

static void come_up(int count)
{
	static uint8_t image[1024];
	static struct ecr_domain_config domains[2];
	static struct ecr_config config;
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	last = count - 1;
	period = count > 100 ? ECR_MS(10) : ECR_MS(1);
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] = (struct ecr_sim_device){
			.name = names[i], .sii = image, .sii_size = size, .forward_ns = 1000
		};
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main") };
	}
	slaves[count] = (struct ecr_slave_config){ 0 };
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = period };
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	vring_open_devices(&ring, devices, count);
	if (vring_start(&ring, &config) || vring_await_operational(&ring, ECR_S(60)))
		abort();
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

static void print(const char *what, const char *to, ecr_time time)
{
	double ms = (double)time / 1e6;
	char name[100];
	struct bench_line line = {
		.bench = "heal", .name = name, .unit = "ms", .value = { ms, ms, ms }
	};

	snprintf(name, sizeof(name), "%d slaves, %s: %s", last + 1, what, to);
	bench_print(&line);
	line.unit = "cycles";
	line.value.median = line.value.low = line.value.high = (double)time / (double)period;
	bench_print(&line);
}

/* `lasts`: how long the cause does; 0: an instant. */
static void measure(int count, const char *what, const char *fault, ecr_time lasts)
{
	char sentence[80];
	ecr_time found;

	come_up(count);
	snprintf(sentence, sizeof(sentence), fault, names[last]);
	say(sentence);
	found = until(named);
	print(what, "to detection", found);
	if (lasts) {
		vring_run_until(&ring, ring.now + lasts);
		say("heal");
	}
	print(what, lasts ? "plugged in to operational" : "detection to operational", until(well));
	vring_close(&ring);
}

int main(void)
{
	static const int counts[] = { 3, 100, 1000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (bench_quick() && counts[i] > 100)
			continue;
		measure(counts[i], "unplugged for 1 s", "disconnect %s", ECR_S(1));
		measure(counts[i], "unplugged for 30 s", "disconnect %s", ECR_S(30));
		measure(counts[i], "restart", "power-cycle %s", 0);
		measure(counts[i], "falls back", "retreat %s", 0);
	}
	return 0;
}
