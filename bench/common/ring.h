/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring for a benchmark, and the configuration that maps all of it to one domain "io". */
#ifndef BENCH_COMMON_RING_H
#define BENCH_COMMON_RING_H

#include <ecring/ecring.h>

struct bench_ring {
	struct ecr_sim *sim;
	struct ecr_sim_device *devices;
	struct ecr_slave_config *slaves;
	struct ecr_domain_config domains[2];
	struct ecr_config config;
	uint8_t (*images)[16384];
	uint8_t *image; /* of all alike */
	int count;
};

/* What each slave of a ring of equal ones is. */
struct bench_pattern {
	bool coe;	    /* a mailbox device with 20 startup SDOs, else 8 outputs and 8 inputs */
	bool clocks;	    /* with distributed clocks, SYNC0 in use */
	bool unmapped;	    /* found, and held in PREOP */
	uint32_t eeprom_ns; /* per eight bytes */
	uint32_t forward_ns;
};

/* `count` slaves that share an image of `bytes` (even) as evenly as words allow, half of it
 * outputs. The addresses within the ring must not change afterwards. */
void bench_ring_open(struct bench_ring *ring, int count, uint32_t bytes, ecr_time cycle_ns);
/* The same with a delay of each slave, each way; 0: the simulator's own. */
void bench_ring_open_delayed(struct bench_ring *ring, int count, uint32_t bytes, ecr_time cycle_ns,
			     uint32_t delay_ns);
/* The same for `count` equal slaves. */
void bench_ring_open_equal(struct bench_ring *ring, int count, const struct bench_pattern *pattern,
			   ecr_time cycle_ns);
void bench_ring_close(struct bench_ring *ring);

#endif
