/* SPDX-License-Identifier: Apache-2.0 */
/* Two faults at one instant on a ring with two ports: it breaks elsewhere as it is mended, or at two places. */
#include "support/check.h"
#include "support/tworing.h"

#define PERIOD ECR_MS(1)
#define CABLES \
	(TWORING_SLAVES - 1) /* between slaves; the next two lead to the ports of the master */
#define PLACES (CABLES + 2)

static struct vring ring;

static const uint32_t loops[] = { 0, 200000, 700000, 3000000 };

static void run(ecr_time time)
{
	vring_run_until(&ring, ring.now + time);
}

static void come_up(uint32_t loop_ns)
{
	tworing_open(&ring, PERIOD, loop_ns);
	tworing_come_up(&ring);
}

static void break_at(int place)
{
	if (place < CABLES)
		tworing_cut(&ring, place);
	else
		ecr_sim_plug(ring.sim, ring.now, place == CABLES ? 0 : 1, false);
}

static void mend(void)
{
	ecr_sim_clear_faults(ring.sim);
	for (unsigned int port = 0; port < 2; port++)
		ecr_sim_plug(ring.sim, ring.now, port, true);
}

static void move_to(int place)
{
	mend();
	break_at(place);
}

/* Behind which position the ring is broken, as a user is told. */
static void assert_broken_at(int place)
{
	struct ecr_redundancy_info info = tworing_info(&ring);

	if (place < CABLES) {
		assert_true(info.split && info.port_up[0] && info.port_up[1]);
		assert_int_equal(info.reach[0], place + 1);
		assert_int_equal(info.reach[1], CABLES - place);
		assert_int_equal(info.ends[0], place);
		assert_int_equal(info.ends[1], place + 1);
	} else {
		assert_false(info.port_up[place == CABLES ? 0 : 1]);
	}
}

static void assert_lost(uint64_t before, uint32_t loop_ns, int from, int to)
{
	uint64_t lost = tworing_missed(&ring) - before;

	if (lost > (uint64_t)((loop_ns + PERIOD - 1) / PERIOD + 1))
		fail_msg("from %d to %d, loops of %u us: %llu cycles lost", from, to,
			 loop_ns / 1000, (unsigned long long)lost);
}

static uint64_t downs(void)
{
	return ring.counts[ECR_EVENT_SLAVE_DOWN];
}

/* Between slaves nobody is taken for lost, and it costs what a break does that stays. */
static void move_under_way(int from, int to, uint32_t loop_ns)
{
	bool between = from < CABLES && to < CABLES;
	uint64_t lost = tworing_missed(&ring);
	uint64_t down = downs();

	move_to(to);
	run(ECR_MS(60));
	assert_broken_at(to);
	if (between)
		assert_lost(lost, loop_ns, from, to);
	if (between || !loop_ns)
		assert_int_equal(downs(), down);
	if (!heal_until(&ring, tworing_sound, ECR_S(1)))
		fail_msg("from %d to %d, loops of %u us: not sound", from, to, loop_ns / 1000);
}

/* At several instants of the cycle. */
static void the_break_moves_while_all_operate(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(loops) / sizeof(loops[0]); k++) {
		come_up(loops[k]);
		tworing_watch(&ring);
		for (int from = 0; from < PLACES; from++)
			for (int to = 0; to < PLACES; to++) {
				if (from == to)
					continue;
				move_to(from);
				run(ECR_MS(60) + ECR_US(83) * (from * PLACES + to));
				assert_broken_at(from);
				move_under_way(from, to, loops[k]);
				mend();
				run(ECR_MS(60));
				assert_true(tworing_sound(&ring));
			}
		tworing_assert_sound(&ring);
		inputs_unwatch(&ring);
		vring_close(&ring);
	}
}

static int ask(enum ecr_request_kind kind, enum ecr_target target)
{
	struct ecr_request request = { .kind = kind, .target = target };

	return vring_request(&ring, &request);
}

/* Whether anybody cycles or not: the ring is raised over the break where it is now, and none is taken for another. */
static void the_break_moves_in_preop(void **state)
{
	(void)state;
	for (int from = 0; from < PLACES; from++)
		for (int to = 0; to < PLACES; to++) {
			if (from == to)
				continue;
			come_up(200000);
			assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP), 0);
			break_at(from);
			run(ECR_MS(300));
			move_to(to);
			if (to % 2)
				run(ECR_MS(300));
			assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
			run(ECR_MS(100));
			assert_broken_at(to);
			tworing_assert_sound(&ring);
			assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
			vring_close(&ring);
		}
}

/* From the first count on: each slave has its own name and station in the end. */
static void the_break_moves_while_it_starts(void **state)
{
	(void)state;
	for (int from = 0; from < CABLES; from++)
		for (int to = 0; to < CABLES; to++)
			for (ecr_time later = ECR_MS(21); later < ECR_MS(36);
			     later += ECR_US(939)) {
				if (from == to)
					continue;
				tworing_open(&ring, PERIOD, 0);
				break_at(from);
				run(later);
				move_to(to);
				if (!heal_until(&ring, tworing_sound, ECR_S(8)))
					fail_msg("from %d to %d after %lld us", from, to,
						 (long long)later / 1000);
				tworing_assert_sound(&ring);
				for (int i = 0; i < TWORING_SLAVES; i++)
					assert_int_equal(
						vring_slave(&ring, tworing_names[i]).station,
						0x1000 + i);
				vring_close(&ring);
			}
}

/* Whoever is between two breaks is reached by no port, and nobody else is at fault; mended at once, all is well. */
static void two_breaks_at_once_cost_those_between_them(void **state)
{
	(void)state;
	for (int first = 0; first < CABLES; first++)
		for (int second = first + 1; second < CABLES; second++) {
			come_up(200000);
			break_at(first);
			break_at(second);
			run(ECR_MS(400));
			for (int i = 0; i < TWORING_SLAVES; i++) {
				struct ecr_slave_info info = vring_slave(&ring, tworing_names[i]);
				bool between = i > first && i <= second;

				assert_int_equal(info.fault.kind,
						 between ? ECR_FAULT_DOWN : ECR_FAULT_NONE);
			}
			mend();
			assert_true(heal_until(&ring, tworing_sound, ECR_S(8)));
			tworing_watch(&ring);
			run(ECR_MS(50));
			inputs_unwatch(&ring);
			tworing_assert_sound(&ring);
			vring_close(&ring);
		}
}

/* It is found again at its position, counted from where the ring is broken now. */
static void a_slave_restarts_as_the_break_moves(void **state)
{
	(void)state;
	for (int from = 0; from < CABLES; from++)
		for (int to = 0; to < CABLES; to++)
			for (int who = 0; who < TWORING_SLAVES; who++) {
				char sentence[] = "power-cycle ?";

				if (from == to)
					continue;
				come_up(0);
				break_at(from);
				run(ECR_MS(60));
				move_to(to);
				sentence[sizeof(sentence) - 2] = tworing_names[who][0];
				heal_say(&ring, sentence);
				assert_true(heal_until(&ring, heal_recovering, ECR_MS(500)));
				if (!heal_until(&ring, tworing_sound, ECR_S(6)))
					fail_msg("from %d to %d, %s restarts", from, to,
						 tworing_names[who]);
				tworing_assert_sound(&ring);
				vring_close(&ring);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_break_moves_while_all_operate),
		cmocka_unit_test(the_break_moves_in_preop),
		cmocka_unit_test(the_break_moves_while_it_starts),
		cmocka_unit_test(two_breaks_at_once_cost_those_between_them),
		cmocka_unit_test(a_slave_restarts_as_the_break_moves),
	};

	return RUN(tests);
}
