/* SPDX-License-Identifier: Apache-2.0 */
/* A slave falls while an activation waits for the clocks' lock. */
#include "support/check.h"
#include "support/clocksession.h"
#include "support/heal.h"

#include <string.h>

#define CLOCKS 4
#define WAIT_CYCLES 4000 /* of 1 ms each, before the lock may come */
#define LIMIT_MS 6000
#define POLL ECR_MS(250)
#define SOON ECR_MS(400)    /* an attempt that is due, and a start-up */
#define RAISED ECR_MS(2500) /* from the lock to OP, with a pause for who is missing */

struct fall {
	const char *sentence;
	enum ecr_fault_kind kind;
	int error;
	ecr_time lasts; /* without the slave, or with the error */
};

static const struct fall falls[] = {
	{ "retreat s2 init", ECR_FAULT_RETREATED, ECR_ERR_RETREATED, 0 },
	{ "power-off s2 for 700ms", ECR_FAULT_DOWN, ECR_ERR_NO_RESPONSE, ECR_MS(700) },
	{ "unplug s3 for 700ms", ECR_FAULT_DOWN, ECR_ERR_NO_RESPONSE, ECR_MS(700) },
	{ "al-error s2 0x0011", ECR_FAULT_LATCHED, ECR_ERR_AL_ERROR, 0 },
};

#define FALLS ((int)(sizeof(falls) / sizeof(falls[0])))

static int seen; /* events, before the fall */

static bool waits(void)
{
	return cr_status().lock_state == ECR_DC_LOCKING;
}

static struct ecr_failure trouble(void)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&cr_ring, &request), 0);
	return failure;
}

static void to_wait(void)
{
	cr_prepare(CLOCKS);
	for (int i = 0; i < CLOCKS; i++)
		cr_devices[i].emulation = false;
	cr_config.dc.await_lock = true;
	cr_config.dc.warmup_cycles = WAIT_CYCLES;
	cr_config.dc.lock_timeout_ms = LIMIT_MS;
	cr_start(CLOCKS);
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(500));
	assert_true(waits());
	seen = cr_ring.event_count;
}

/* A session that has operated is lowered to PREOP, and raised once more. */
static void to_wait_again(void)
{
	static struct ecr_request raise;
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };

	to_wait();
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	assert_int_equal(vring_request(&cr_ring, &lower), 0);
	raise = (struct ecr_request){ .kind = ECR_REQUEST_ACTIVATE };
	assert_int_equal(ecr_core_submit(cr_ring.core, cr_ring.now, &raise), 0);
	for (int i = 0; i < 200 && !waits(); i++)
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(10));
	assert_true(waits());
	seen = cr_ring.event_count;
}

static const char *whom(const struct fall *fall)
{
	return strstr(fall->sentence, "s3") ? "s3" : "s2";
}

static int number_of(const struct fall *fall)
{
	return whom(fall)[1] - '0';
}

static bool told(const struct fall *fall)
{
	return heal_find(&cr_ring, seen, ECR_EVENT_SLAVE_FAULT_CHANGED, number_of(fall),
			 (int)fall->kind) >= 0;
}

static void assert_told(const struct fall *fall)
{
	ecr_time until = cr_ring.now + 2 * POLL;
	struct ecr_failure failure;

	while (!told(fall) && cr_ring.now < until)
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(50));
	if (!told(fall))
		fail_msg("%s: nobody says so", fall->sentence);
	failure = trouble();
	assert_string_equal(failure.slave, whom(fall));
	assert_true(failure.error == fall->error || failure.cause == fall->error);
}

static bool is_back(const struct fall *fall)
{
	struct ecr_slave_info slave = vring_slave(&cr_ring, whom(fall));

	return slave.al_state == ECR_AL_PREOP && slave.fault.kind == ECR_FAULT_NONE;
}

static void assert_back(const struct fall *fall, ecr_time until)
{
	while (!is_back(fall) && cr_ring.now < until)
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
	if (!is_back(fall))
		fail_msg("%s: it does not come back", fall->sentence);
	assert_true(waits());
	assert_int_equal(trouble().error, 0);
}

static int results(int error)
{
	int count = 0;

	for (int i = seen; i < cr_ring.event_count; i++)
		count += cr_ring.events[i].kind == ECR_EVENT_ACTIVATION_RESULT &&
			 cr_ring.events[i].error == error;
	return count;
}

static void assert_all_operate(void)
{
	for (int i = 0; i < CLOCKS; i++) {
		assert_int_equal(vring_slave(&cr_ring, cr_names[i]).al_state, ECR_AL_OP);
		assert_int_equal(vring_slave(&cr_ring, cr_names[i]).fault.kind, ECR_FAULT_NONE);
	}
	cr_assert_together(CLOCKS, 1000);
}

static void it_is_told_and_is_back(void (*begin)(void))
{
	for (int i = 0; i < FALLS; i++) {
		ecr_time from;

		begin();
		from = cr_ring.now;
		heal_say(&cr_ring, falls[i].sentence);
		assert_told(&falls[i]);
		assert_back(&falls[i], from + falls[i].lasts + 2 * POLL + SOON);
		assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL,
					      ECR_MS(LIMIT_MS) - (cr_ring.now - from)));
		assert_int_equal(results(0), 1);
		assert_int_equal(results(ECR_ERR_ACTIVATION_FAILED), 0);
		assert_all_operate();
		vring_close(&cr_ring);
	}
}

static void at_a_start(void **state)
{
	(void)state;
	it_is_told_and_is_back(to_wait);
}

static void when_it_is_raised_anew(void **state)
{
	(void)state;
	it_is_told_and_is_back(to_wait_again);
}

/* The others do not wait for it: the activation has failed, and who keeps it from its end is named. */
static void one_that_stays_away_blocks(void **state)
{
	static const struct fall off = { "power-off s3 for 8s", ECR_FAULT_DOWN, ECR_ERR_NO_RESPONSE,
					 ECR_S(8) };
	ecr_time from;

	(void)state;
	to_wait();
	from = cr_ring.now;
	heal_say(&cr_ring, off.sentence);
	assert_told(&off);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_ACTIVATION_BLOCKED,
				      ECR_MS(LIMIT_MS) + RAISED));
	assert_true(cr_ring.now - from >= ECR_MS(3000));
	assert_int_equal(results(ECR_ERR_ACTIVATION_FAILED), 1);
	assert_int_equal(trouble().error, ECR_ERR_ACTIVATION_FAILED);
	assert_string_equal(trouble().slave, "s3");
	assert_int_equal(vring_slave(&cr_ring, "s2").al_state, ECR_AL_OP);
	vring_run_until(&cr_ring, from + off.lasts + SOON);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(1)));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3)); /* its clock finds to the others' time */
	assert_all_operate();
	vring_close(&cr_ring);
}

/* Meanwhile the others are raised without s3, which takes two seconds: s2 has been acknowledged by then. */
static void what_is_over_is_not_told_any_more(void **state)
{
	ecr_time locked;

	(void)state;
	to_wait();
	locked = heal_find(&cr_ring, 0, ECR_EVENT_DC_LOCK_CHANGED, -1, ECR_DC_LOCKING);
	locked = cr_ring.events[locked].at + WAIT_CYCLES * ECR_MS(1);
	heal_say(&cr_ring, "power-off s3 for 8s");
	vring_run_until(&cr_ring, locked - ECR_MS(100));
	heal_say(&cr_ring, "al-error s2 0x0011");
	vring_run_until(&cr_ring, locked - ECR_MS(10));
	assert_int_equal(vring_slave(&cr_ring, "s2").fault.kind, ECR_FAULT_LATCHED);
	vring_run_until(&cr_ring, locked + ECR_MS(100));
	assert_int_equal(vring_slave(&cr_ring, "s2").al_state, ECR_AL_SAFEOP);
	assert_int_equal(vring_slave(&cr_ring, "s2").fault.kind, ECR_FAULT_NONE);
	assert_string_equal(trouble().slave, "s3");
	vring_close(&cr_ring);
}

static const char *const troubles[] = { "power-cycle s1",
					"power-off s0 for 300ms",
					"unplug s2 for 400ms",
					"unplug s3 for 150ms",
					"retreat s1 init",
					"al-error s3 0x0011",
					"disconnect s0 for 300ms",
					"drop for 150ms",
					"break s1 port 1 for 250ms",
					"lose for 20ms" };

/* Around the wait, and where it passes over into the way up. */
static void at_any_instant(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		for (ecr_time at = ECR_MS(150); at < ECR_MS(550); at += ECR_US(17300)) {
			cr_prepare(CLOCKS);
			cr_config.dc.await_lock = true;
			cr_config.dc.warmup_cycles = 300;
			cr_start(CLOCKS);
			heal_trouble_after(&cr_ring, at, troubles[i]);
			vring_run_until(&cr_ring, cr_ring.now + at + ECR_MS(500));
			if (!vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(9)))
				fail_msg("%s after %lld us", troubles[i], (long long)at / 1000);
			vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
			assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
			vring_close(&cr_ring);
		}
}

/* The lock would come later than it may: the limit is what it was, whatever has happened meanwhile. */
static void the_wait_has_its_limit(void **state)
{
	ecr_time limit;

	(void)state;
	cr_prepare(CLOCKS);
	cr_config.dc.await_lock = true;
	cr_config.dc.warmup_cycles = WAIT_CYCLES;
	cr_config.dc.lock_timeout_ms = 2000;
	cr_start(CLOCKS);
	while (!waits())
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
	limit = cr_ring.now + ECR_S(2);
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(300));
	heal_say(&cr_ring, "retreat s2 init");
	vring_run_until(&cr_ring, limit - ECR_MS(10));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_AWAITING_PREOP);
	vring_run_until(&cr_ring, limit + ECR_MS(10));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	assert_int_equal(trouble().cause, ECR_ERR_DC_LOCK_TIMEOUT);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	assert_all_operate();
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_a_start),
		cmocka_unit_test(when_it_is_raised_anew),
		cmocka_unit_test(one_that_stays_away_blocks),
		cmocka_unit_test(what_is_over_is_not_told_any_more),
		cmocka_unit_test(the_wait_has_its_limit),
		cmocka_unit_test(at_any_instant),
	};

	return RUN(tests);
}
