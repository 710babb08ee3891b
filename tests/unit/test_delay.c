/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Propagation delays. A small model of a ring lets a frame walk a tree with true times: every slave
 * stamps in the middle of its forwarding time, cables take as long there as back.
 */
#include "support/check.h"

#include "base/prng.h"
#include "dc/delay.h"

#include <string.h>

#define SLAVES 200

struct model {
	int count;
	unsigned int ports[SLAVES];
	int parent[SLAVES];
	bool clock[SLAVES];
	int64_t forward[SLAVES]; /* from port to port, ns */
	int64_t extra[SLAVES];	 /* more through the processing unit */
	int64_t cable[SLAVES];	 /* towards the master */
	int64_t phase[SLAVES];	 /* of the clock's ticks */
	uint32_t start[SLAVES];	 /* of the clock */
	int64_t arrival[SLAVES]; /* truth: the stamp at port 0 */
	int64_t tick;
	struct ecr_receive_times times[SLAVES];
	uint16_t status[SLAVES];
	struct ecr_node nodes[SLAVES];
	struct ecr_tree tree;
	struct ecr_delay delays[SLAVES];
};

static struct model model;

static void stamp(int slave, unsigned int port, int64_t at)
{
	int64_t local = (at + model.phase[slave]) / model.tick * model.tick;

	if (model.clock[slave])
		model.times[slave].time[port] = model.start[slave] + (uint32_t)local;
}

/* A frame arrives at port 0 of `slave`, the next one in the order; when it leaves again. */
static int64_t pass(int *next, int64_t at)
{
	static const unsigned int order[3] = { 3, 1, 2 };
	int self = (*next)++;
	int64_t now = at + model.forward[self] / 2;

	model.arrival[self] = now;
	stamp(self, 0, now);
	now += model.extra[self];
	for (int i = 0; i < 3; i++) {
		if (!(model.ports[self] >> order[i] & 1))
			continue;
		int64_t cable = model.cable[*next];

		now += model.forward[self] / 2 + cable;
		now = pass(next, now) + cable + model.forward[self] / 2;
		stamp(self, order[i], now);
	}
	return now + model.forward[self] / 2;
}

static void measure(void)
{
	int next = 0;

	for (int i = 0; i < model.count; i++) {
		model.status[i] = 0;
		for (unsigned int port = 0; port < 4; port++)
			model.status[i] |=
				(uint16_t)(model.ports[i] >> port & 1 ? ECR_DL_STATUS_SIGNAL(port)
								      : ECR_DL_STATUS_LOOP(port));
		model.times[i] = (struct ecr_receive_times){
			.valid = model.clock[i],
			.extra_ns = (uint16_t)model.extra[i],
		};
	}
	if (model.count)
		pass(&next, 12345);
	assert_int_equal(next, model.count);
	assert_true(ecr_tree_build(&model.tree, model.nodes, model.status, model.count));
	ecr_delays(&model.tree, model.times, model.delays);
}

static int first_clock(void)
{
	for (int i = 0; i < model.count; i++)
		if (model.clock[i])
			return i;
	return 0;
}

static int64_t true_delay(int slave)
{
	return model.arrival[slave] - model.arrival[first_clock()];
}

/* Ports as digits, a slave without a clock begins with '-'. */
static void shape(const char *const *slaves)
{
	memset(&model, 0, sizeof(model));
	model.tick = 1;
	for (; slaves[model.count]; model.count++) {
		int i = model.count;

		model.clock[i] = slaves[i][0] != '-';
		for (const char *digit = slaves[i]; *digit; digit++)
			model.ports[i] |= *digit == '-' ? 0 : 1u << (*digit - '0');
		model.forward[i] = 300 + 20 * i;
		model.cable[i] = 5 + 7 * i;
		model.start[i] = 0xFFFFFF00u + 0x123456u * (uint32_t)i; /* some wrap on the way */
	}
	measure();
}

static void all_exact(void)
{
	for (int i = 0; i < model.count; i++) {
		assert_int_equal(model.delays[i].known, model.clock[i]);
		if (!model.clock[i])
			continue;
		assert_false(model.delays[i].guessed);
		assert_int_equal(model.delays[i].arrival_ns, true_delay(i));
	}
}

static void lines(void **state)
{
	(void)state;
	shape((const char *const[]){ "0", NULL });
	all_exact();
	shape((const char *const[]){ "01", "0", NULL });
	all_exact();
	shape((const char *const[]){ "01", "01", "01", "0", NULL });
	all_exact();
}

static void a_line_by_hand(void **state)
{
	(void)state;
	memset(&model, 0, sizeof(model));
	/* out 100 ns later than in, and 40 ns of that behind the second one: 30 ns each way */
	struct ecr_receive_times times[3] = {
		{ .valid = true, .time = { 0xFFFFFFF0u, 84, 0, 0 } },
		{ .valid = true, .time = { 1000, 1040, 0, 0 } },
		{ .valid = true, .time = { 7, 0, 0, 0 } },
	};
	uint16_t status[3] = { ECR_DL_STATUS_SIGNAL(0) | ECR_DL_STATUS_SIGNAL(1),
			       ECR_DL_STATUS_SIGNAL(0) | ECR_DL_STATUS_SIGNAL(1),
			       ECR_DL_STATUS_SIGNAL(0) };

	assert_true(ecr_tree_build(&model.tree, model.nodes, status, 3));
	ecr_delays(&model.tree, times, model.delays);
	assert_int_equal(model.delays[1].arrival_ns, 30);
	assert_int_equal(model.delays[2].arrival_ns, 50);
}

static void branches(void **state)
{
	(void)state;
	shape((const char *const[]){ "013", "0", "0", NULL });
	all_exact();
	shape((const char *const[]){ "0123", "01", "0", "0", "01", "0", NULL });
	all_exact();
	shape((const char *const[]){ "01", "012", "013", "0", "0", "01", "01", "0", NULL });
	all_exact();
}

static void slaves_without_clock_in_between(void **state)
{
	(void)state;
	shape((const char *const[]){ "01", "-01", "0", NULL });
	all_exact();
	shape((const char *const[]){ "01", "-01", "-01", "01", "-01", "0", NULL });
	all_exact();
	/* at the end, and before the first */
	shape((const char *const[]){ "-01", "-01", "01", "01", "-0", NULL });
	all_exact();
	/* a line of them on one branch */
	shape((const char *const[]){ "013", "-01", "0", "-01", "01", "0", NULL });
	all_exact();
}

/* Only the sum of the three ways is known; even ways are found, others are near. */
static void a_branch_at_a_slave_without_clock(void **state)
{
	(void)state;
	shape((const char *const[]){ "01", "-013", "0", "0", NULL });
	for (int i = 0; i < 4; i++)
		model.forward[i] = 300, model.cable[i] = 10;
	measure();
	for (int i = 2; i < 4; i++) {
		assert_true(model.delays[i].known && model.delays[i].guessed);
		assert_int_equal(model.delays[i].arrival_ns, true_delay(i));
	}
	model.cable[2] = 70;
	measure();
	for (int i = 2; i < 4; i++)
		assert_in_range(model.delays[i].arrival_ns - true_delay(i) + 60, 0, 120);
}

/* A coupler without clock at the head whose both branches have clocks: no slave sees both. */
static void a_first_branch_without_clock(void **state)
{
	(void)state;
	shape((const char *const[]){ "-013", "0", "0", NULL });
	assert_int_equal(model.delays[1].arrival_ns, 0);
	assert_true(model.delays[2].known && model.delays[2].guessed);
	assert_true(model.delays[2].arrival_ns > 0);
}

/*
 * A line with a port of the master at each end, whose last slave knows no times and has a branch: no stamp tells when
 * the other copy came to the branch's place.
 */
static void a_branch_at_the_end_of_two_ports_without_clock(void **state)
{
	const uint16_t linked = ECR_DL_STATUS_SIGNAL(0) | ECR_DL_STATUS_SIGNAL(1);
	uint16_t status[3] = { linked, linked | ECR_DL_STATUS_SIGNAL(3), ECR_DL_STATUS_SIGNAL(0) };
	struct ecr_receive_times times[3] = { { .valid = true, .time = { 1000, 1770 } },
					      { .valid = false },
					      { .valid = true, .time = { 5000 } } };
	struct ecr_node nodes[3];
	struct ecr_delay old[3] = { 0 }, delays[3];
	struct ecr_two_ports ring = { nodes, status, times, 3 };

	(void)state;
	for (int i = 0; i < 3; i++)
		for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
			if (!(status[i] & ECR_DL_STATUS_SIGNAL(port)))
				status[i] = (uint16_t)(status[i] | ECR_DL_STATUS_LOOP(port));
	assert_true(ecr_delays_two_ports(&ring, old, delays));
	assert_false(delays[0].guessed);
	assert_true(delays[2].known && delays[2].guessed);
}

static void processing_units_take_longer(void **state)
{
	(void)state;
	shape((const char *const[]){ "013", "01", "-01", "0", "01", "0", NULL });
	for (int i = 0; i < model.count; i++)
		model.extra[i] = 40 + 2 * i;
	measure();
	all_exact();
}

static void nobody_has_a_clock(void **state)
{
	(void)state;
	shape((const char *const[]){ "-01", "-0", NULL });
	assert_false(model.delays[0].known || model.delays[1].known);
	shape((const char *const[]){ NULL });
}

static void time_is_continued_from_32_bits(void **state)
{
	(void)state;
	assert_true(ecr_time64(5, 0x1FFFFFFFFu) == 0x200000005u);
	assert_true(ecr_time64(0xFFFFFFF0u, 0x200000005u) == 0x1FFFFFFF0u);
	assert_true(ecr_time64(0x80, 0x300000000u) == 0x300000080u);
	assert_int_equal(ecr_time32_difference(3, 0xFFFFFFFFu), 4);
	assert_int_equal(ecr_time32_difference(0xFFFFFFFFu, 3), -4);
}

static void grow(struct ecr_prng *prng, int parent, int room)
{
	static const unsigned int order[3] = { 3, 1, 2 };
	int self = model.count++;

	model.parent[self] = parent;
	model.ports[self] = 1;
	model.clock[self] = true;
	model.forward[self] = 2 * (int64_t)ecr_prng_between(prng, 100, 800);
	model.cable[self] = ecr_prng_between(prng, 0, 600);
	model.start[self] = (uint32_t)ecr_prng_next(prng);
	model.phase[self] = model.tick > 1 ? ecr_prng_below(prng, 10) : 0;
	for (int i = 0; i < 3; i++) {
		if (model.count >= room || !ecr_prng_below(prng, 3))
			continue;
		model.ports[self] |= 1u << order[i];
		grow(prng, self, room);
	}
}

static void random_tree(struct ecr_prng *prng, int64_t tick)
{
	memset(&model, 0, sizeof(model));
	model.tick = tick;
	grow(prng, -1, 1 + (int)ecr_prng_below(prng, SLAVES));
	measure();
}

static void exact_with_clocks_of_1_ns(void **state)
{
	struct ecr_prng prng = { 1 };

	(void)state;
	for (int round = 0; round < 1000; round++) {
		random_tree(&prng, 1);
		all_exact();
	}
}

/* As many are known as are configured; who hangs behind the others has its part in the way all the same. */
static void exact_before_those_who_are_unknown(void **state)
{
	struct ecr_prng prng = { 3 };

	(void)state;
	for (int round = 0; round < 1000; round++) {
		random_tree(&prng, 1);
		model.count = 1 + (int)ecr_prng_below(&prng, (uint32_t)model.count);
		assert_true(ecr_tree_build(&model.tree, model.nodes, model.status, model.count));
		ecr_delays(&model.tree, model.times, model.delays);
		all_exact();
	}
}

/* Half of the sum is all that is left to say where the last that is known has no clock. */
static void behind_one_without_clock_somebody_is_unknown(void **state)
{
	(void)state;
	shape((const char *const[]){ "01", "-013", "0", "0", NULL });
	model.count = 3;
	assert_true(ecr_tree_build(&model.tree, model.nodes, model.status, model.count));
	ecr_delays(&model.tree, model.times, model.delays);
	assert_false(model.delays[0].guessed);
	assert_true(model.delays[2].known && model.delays[2].guessed);
}

/* k counts the slaves that the frame has passed since the first one. */
static void within_k_ticks_with_clocks_of_10_ns(void **state)
{
	struct ecr_prng prng = { 2 };
	int64_t worst = 0;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		random_tree(&prng, 10);
		for (int i = 0; i < model.count; i++) {
			int64_t error = model.delays[i].arrival_ns - true_delay(i);

			error = error < 0 ? -error : error;
			worst = error > worst ? error : worst;
			assert_true(error <= 10 * i);
		}
	}
	print_message("worst error %lld ns\n", (long long)worst);
	assert_true(worst > 0 && worst < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(a_line_by_hand),
		cmocka_unit_test(branches),
		cmocka_unit_test(slaves_without_clock_in_between),
		cmocka_unit_test(a_branch_at_a_slave_without_clock),
		cmocka_unit_test(a_first_branch_without_clock),
		cmocka_unit_test(a_branch_at_the_end_of_two_ports_without_clock),
		cmocka_unit_test(processing_units_take_longer),
		cmocka_unit_test(nobody_has_a_clock),
		cmocka_unit_test(time_is_continued_from_32_bits),
		cmocka_unit_test(exact_with_clocks_of_1_ns),
		cmocka_unit_test(exact_before_those_who_are_unknown),
		cmocka_unit_test(behind_one_without_clock_somebody_is_unknown),
		cmocka_unit_test(within_k_ticks_with_clocks_of_10_ns),
	};

	return RUN(tests);
}
