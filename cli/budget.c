/* SPDX-License-Identifier: Apache-2.0 */
/* What a ring costs on the wire: frame time, shortest cycle, utilisation; see docs/scaling.md for the
 * formula. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_DATA 1486u   /* of one datagram that fills a frame */
#define PART 1474u	   /* of the image that one datagram carries, at most */
#define FRAME_OVERHEAD 28u /* Ethernet 14, EtherCAT 2, datagram 12 */
#define FRAME_SHORTEST 60u
#define DATAGRAM 12u
#define CLOCK_BYTES (DATAGRAM + 8 + DATAGRAM + 4) /* the time to all, the differences of all */
#define AROUND 24u				  /* check sum 4, preamble 8, gap 12 */
#define BYTE_NS 80				  /* at 100 Mbit/s */
#define SLAVE_NS 1000	/* there and back; the processing unit and two ports */
#define MASTER_NS 20000 /* to send, be woken and publish */

#define DEVICE_TYPE 0x1000 /* what every slave with objects has */

#define TOO_LONG "round_trip_too_long" /* the name of the refusal */

struct budget {
	int slaves;
	uint64_t image;
	uint64_t mailboxes; /* bytes of it: whether there is mail */
	uint64_t clock;	    /* bytes beside it */
	uint64_t frames;
	uint64_t wire_bytes;
	ecr_time wire;
	ecr_time delay;
	ecr_time round_trip;
	ecr_time shortest;
};

static uint64_t frame_bytes(uint64_t data)
{
	uint64_t bytes = data + FRAME_OVERHEAD;

	return (bytes < FRAME_SHORTEST ? FRAME_SHORTEST : bytes) + AROUND;
}

static void add_frame(struct budget *budget, uint64_t data)
{
	budget->frames++;
	budget->wire_bytes += frame_bytes(data);
}

/* Behind what is there; bytes that belong together are not divided among two datagrams. */
static void place(struct budget *budget, uint64_t size)
{
	uint64_t last = size ? (budget->image + size - 1) / PART : 0;

	if (size && size <= PART && budget->image / PART != last)
		budget->image = last * PART;
	budget->image += size;
}

/* The clocks' datagrams come first, and share the frame of the image's first datagram where that leaves room. */
static void add_frames(struct budget *budget)
{
	uint64_t left = budget->image;
	uint64_t ahead = budget->clock;

	if (ahead && (left > PART ? PART : left) + ahead > FRAME_DATA) {
		add_frame(budget, ahead - DATAGRAM);
		ahead = 0;
	}
	do {
		uint64_t data = left < PART ? left : PART;

		add_frame(budget, data + ahead);
		left -= data;
		ahead = 0;
	} while (left);
}

static bool has_objects(struct ecr_sim *sim, int slave)
{
	uint8_t type[4];

	return ecr_sim_read_object(sim, slave, DEVICE_TYPE, 0, type, sizeof(type)) > 0;
}

static struct budget calculate(struct cli_ring *ring)
{
	struct ecr_sim *sim = cli_ring_sim(ring);
	struct budget budget = { .slaves = ecr_sim_count(sim) };

	for (int i = 0; i < budget.slaves; i++) {
		place(&budget, (ecr_sim_bits(sim, i, ECR_OUTPUT) + 7) / 8);
		place(&budget, (ecr_sim_bits(sim, i, ECR_INPUT) + 7) / 8);
		place(&budget, has_objects(sim, i));
		budget.mailboxes += has_objects(sim, i);
	}
	budget.clock = cli_ring_has_clocks(ring) ? CLOCK_BYTES : 0;
	add_frames(&budget);
	budget.wire = (ecr_time)budget.wire_bytes * BYTE_NS;
	budget.delay = (ecr_time)budget.slaves * SLAVE_NS;
	budget.round_trip = budget.wire + budget.delay;
	budget.shortest = budget.round_trip + MASTER_NS;
	return budget;
}

static double us(ecr_time time)
{
	return (double)time / 1e3;
}

static void print_text(const struct budget *budget, ecr_time cycle)
{
	printf("slaves          %d\n", budget->slaves);
	printf("image           %llu bytes, %llu frame%s, %llu bytes on the wire\n",
	       (unsigned long long)budget->image, (unsigned long long)budget->frames,
	       budget->frames > 1 ? "s" : "", (unsigned long long)budget->wire_bytes);
	if (budget->mailboxes)
		printf("                %llu of them tell whether a mailbox holds mail\n",
		       (unsigned long long)budget->mailboxes);
	if (budget->clock)
		printf("clocks          %llu bytes more for time and differences of all\n",
		       (unsigned long long)budget->clock);
	printf("frame time      %.1f us   wire bytes x 80 ns\n", us(budget->wire));
	printf("ring's delay    %.1f us   slaves x 1 us\n", us(budget->delay));
	printf("round trip      %.1f us   frame time + delay\n", us(budget->round_trip));
	printf("shortest cycle  %.1f us   round trip + 20 us of the master\n",
	       us(budget->shortest));
	printf("at %.0f us       %.1f %% of the wire used\n", us(cycle),
	       100 * us(budget->wire) / us(cycle));
}

static bool fits(const struct budget *budget, ecr_time cycle)
{
	return budget->round_trip <= cycle;
}

static void print_json(const struct budget *budget, ecr_time cycle)
{
	printf("{\"slaves\":%d,\"image_bytes\":%llu,\"clock_bytes\":%llu,\"frames\":%llu,\"wire_"
	       "bytes\":%llu,"
	       "\"frame_time_us\":%.3f,\"delay_us\":%.3f,\"round_trip_us\":%.3f,"
	       "\"shortest_cycle_us\":%.3f,\"cycle_us\":%.3f,\"utilisation\":%.4f,\"refused\":%s}"
	       "\n",
	       budget->slaves, (unsigned long long)budget->image, (unsigned long long)budget->clock,
	       (unsigned long long)budget->frames, (unsigned long long)budget->wire_bytes,
	       us(budget->wire), us(budget->delay), us(budget->round_trip), us(budget->shortest),
	       us(cycle), us(budget->wire) / us(cycle),
	       fits(budget, cycle) ? "null" : "\"" TOO_LONG "\"");
}

int cli_budget(const struct cli_options *options)
{
	const char *description = options->words[0];
	ecr_time cycle = options->cycle ? options->cycle : ECR_MS(1);
	struct cli_ring *ring;
	struct budget budget;

	if (!description) {
		fprintf(stderr,
			"ecring budget: a ring is missing, such as EK1100,digital:8:8*100\n");
		return CLI_USAGE;
	}
	ring = cli_ring_make(description, NULL, 0);
	if (!ring)
		return CLI_USAGE;
	budget = calculate(ring);
	cli_ring_free(ring);
	if (options->json)
		print_json(&budget, cycle);
	else
		print_text(&budget, cycle);
	if (fits(&budget, cycle))
		return CLI_OK;
	fprintf(stderr,
		"ecring: " TOO_LONG
		": a round trip of %.1f us does not fit into a cycle of %.1f us; %.1f us is "
		"the shortest\n",
		us(budget.round_trip), us(cycle), us(budget.shortest));
	return CLI_FAILED;
}
