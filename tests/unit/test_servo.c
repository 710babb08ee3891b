/* SPDX-License-Identifier: Apache-2.0 */
/* The servo that makes the master's cycle follow, and the lock state. */
#include "support/check.h"

#include "base/prng.h"
#include "dc/lock.h"
#include "dc/servo.h"

#define PERIOD ECR_MS(1)

/* A cycle whose clock runs slow by `ppb`: it comes later and later unless the servo hurries it. */
struct plant {
	struct ecr_servo servo;
	ecr_time interval;
	int64_t late; /* ps */
	int64_t ppb;
	ecr_time now;
	int64_t rate;
	struct ecr_prng prng;
	uint32_t noise_ns;
	enum ecr_dc_servo_state state;
	int jumps;
};

static void open_plant(struct plant *plant, ecr_time interval, int64_t late_ns, int64_t ppb)
{
	struct ecr_servo_config defaults = { 0 };

	*plant = (struct plant){
		.interval = interval, .late = late_ns * 1000, .ppb = ppb, .now = ECR_S(1)
	};
	plant->prng.state = 7;
	ecr_servo_init(&plant->servo, &defaults, interval);
}

static int64_t noise(struct plant *plant)
{
	return plant->noise_ns ? (int64_t)ecr_prng_below(&plant->prng, 2 * plant->noise_ns + 1) -
					 plant->noise_ns
			       : 0;
}

static void advance(struct plant *plant)
{
	plant->now += plant->interval;
	plant->late += plant->ppb * plant->interval / 1000000;
	plant->late -= plant->rate / 1000 * plant->interval / 1000000;
}

static void one(struct plant *plant, int64_t extra)
{
	int64_t offset = plant->late / 1000 + noise(plant) + extra;

	plant->rate = ecr_servo_sample(&plant->servo, offset, plant->now, &plant->state);
	if (plant->state == ECR_DC_SERVO_JUMP) {
		plant->late -= offset * 1000;
		plant->jumps++;
	}
	advance(plant);
}

static void run(struct plant *plant, int samples)
{
	for (int i = 0; i < samples; i++)
		one(plant, 0);
}

static int64_t late_ns(const struct plant *plant)
{
	return plant->late < 0 ? -plant->late / 1000 : plant->late / 1000;
}

static void it_jumps_once_and_settles(void **state)
{
	static const int64_t drifts[] = { 0, 100000, -100000, 37 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct plant plant;

		open_plant(&plant, PERIOD, 480000, drifts[i]);
		run(&plant, 1);
		assert_int_equal(plant.state, ECR_DC_SERVO_UNLOCKED);
		run(&plant, 500);
		assert_int_equal(plant.jumps, 1);
		assert_int_equal(plant.state, ECR_DC_SERVO_LOCKED);
		assert_true(late_ns(&plant) < 100);
		run(&plant, 1500);
		assert_true(late_ns(&plant) < 5);
		assert_in_range(plant.rate / 1000 - drifts[i] + 50, 0, 100);
	}
}

static void other_periods_settle_too(void **state)
{
	static const ecr_time periods[] = { ECR_US(100), ECR_MS(10), ECR_MS(100), ECR_S(1) };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct plant plant;

		open_plant(&plant, periods[i], -30000, 20000);
		run(&plant, 2000);
		assert_int_equal(plant.state, ECR_DC_SERVO_LOCKED);
		assert_true(late_ns(&plant) < 1000);
	}
}

static void a_small_first_offset_is_not_jumped_over(void **state)
{
	struct plant plant;

	(void)state;
	open_plant(&plant, PERIOD, 300, 0);
	run(&plant, 2000);
	assert_int_equal(plant.jumps, 0);
	assert_true(late_ns(&plant) < 5);
}

static void outliers_do_not_move_it(void **state)
{
	struct plant plant;

	(void)state;
	open_plant(&plant, PERIOD, 100000, 50000);
	run(&plant, 3000);
	for (int i = 0; i < 100; i++) {
		one(&plant, i % 2 ? 400000 : -300000);
		run(&plant, 5);
		assert_true(late_ns(&plant) < 50);
	}
	assert_int_equal(plant.servo.outliers, 100);
	assert_int_equal(plant.jumps, 1);
}

/* The reference itself was set: what looked like outliers is the new truth. */
static void a_moved_reference_is_followed(void **state)
{
	struct plant plant;

	(void)state;
	open_plant(&plant, PERIOD, 100000, 50000);
	run(&plant, 3000);
	plant.late += 250000000;
	run(&plant, 200);
	assert_int_equal(plant.jumps, 2);
	run(&plant, 1000);
	assert_true(late_ns(&plant) < 50);
}

static void it_runs_on_without_samples(void **state)
{
	struct plant plant;

	(void)state;
	open_plant(&plant, PERIOD, 100000, 80000);
	run(&plant, 4000);
	for (int i = 0; i < 1000; i++) {
		plant.rate = ecr_servo_miss(&plant.servo);
		advance(&plant);
	}
	assert_true(late_ns(&plant) < 200);
	run(&plant, 1);
	assert_int_equal(plant.state, ECR_DC_SERVO_LOCKED);
	for (int i = 0; i < 10000; i++)
		ecr_servo_miss(&plant.servo);
	run(&plant, 1);
	assert_int_equal(plant.state, ECR_DC_SERVO_UNLOCKED);
}

static void noise_is_averaged(void **state)
{
	struct plant plant;
	int64_t worst = 0;

	(void)state;
	open_plant(&plant, PERIOD, 0, -30000);
	plant.noise_ns = 1000;
	run(&plant, 5000);
	for (int i = 0; i < 5000; i++) {
		run(&plant, 1);
		worst = late_ns(&plant) > worst ? late_ns(&plant) : worst;
	}
	assert_true(worst < 600);
}

static void the_null_servo_leaves_the_cycle_alone(void **state)
{
	struct ecr_servo servo;
	struct ecr_servo_config config = { .kind = ECR_SERVO_NULL };
	enum ecr_dc_servo_state now;

	(void)state;
	ecr_servo_init(&servo, &config, PERIOD);
	assert_int_equal(ecr_servo_sample(&servo, 400000, ECR_S(1), &now), 0);
	assert_int_equal(ecr_servo_miss(&servo), 0);
	assert_int_equal(now, ECR_DC_SERVO_LOCKED);
}

static void rates_keep_their_fractions(void **state)
{
	(void)state;
	/* 100 ppm of 1 ms are 100 ns, 1 ppb of 1 ms is 1/1000 ns */
	assert_true(ecr_rate_of(100000000, PERIOD) == 100LL << 32);
	assert_in_range(ecr_rate_of(1000, PERIOD), (1LL << 32) / 1000 - 5, (1LL << 32) / 1000);
	assert_true(ecr_rate_of(-100000000, PERIOD) == -(100LL << 32));
	assert_true(ecr_rate_of(500000000, ECR_S(1)) == 500000LL << 32);
	assert_true(ecr_rate_of(1000000000, 1) == (1LL << 32) / 1000 ||
		    ecr_rate_of(1000000000, 1) == (1LL << 32) / 1000 - 1);
}

static struct ecr_dc_lock lock_of(uint32_t threshold, uint32_t warmup)
{
	struct ecr_dc_lock lock = { .state = ECR_DC_DISABLED,
				    .threshold_ns = threshold,
				    .warmup = warmup };

	ecr_lock_event(&lock, ECR_LOCK_ENABLED);
	return lock;
}

static void the_largest_difference_decides(void **state)
{
	struct ecr_dc_lock lock = lock_of(100, 0);

	(void)state;
	assert_int_equal(lock.state, ECR_DC_INACTIVE);
	assert_int_equal(ecr_lock_event(&lock, ECR_LOCK_STARTED), ECR_LOCK_CHANGED);
	assert_int_equal(lock.state, ECR_DC_LOCKING);
	assert_int_equal(ecr_lock_sample(&lock, 101), ECR_LOCK_NO_NEWS);
	assert_int_equal(ecr_lock_sample(&lock, 100), ECR_LOCK_REGAINED);
	assert_int_equal(ecr_lock_sample(&lock, 0), ECR_LOCK_NO_NEWS);
	assert_int_equal(ecr_lock_sample(&lock, 250), ECR_LOCK_LOST);
	assert_int_equal(lock.state, ECR_DC_LOCKING);
	assert_int_equal(lock.max_difference_ns, 250);
	for (int i = 1; i < ECR_LOCK_AGAIN; i++)
		assert_int_equal(ecr_lock_sample(&lock, 3), ECR_LOCK_NO_NEWS);
	assert_int_equal(ecr_lock_sample(&lock, 3), ECR_LOCK_REGAINED);
	assert_int_equal(ecr_lock_event(&lock, ECR_LOCK_BEYOND), ECR_LOCK_LOST);
	assert_true(lock.fleeting); /* as soon as it was back */
	for (int i = 0; i < 2 * ECR_LOCK_AGAIN; i++)
		ecr_lock_sample(&lock, 3);
	assert_int_equal(ecr_lock_event(&lock, ECR_LOCK_BEYOND), ECR_LOCK_LOST);
	assert_false(lock.fleeting);
	assert_int_equal(ecr_lock_event(&lock, ECR_LOCK_STOPPED), ECR_LOCK_CHANGED);
	assert_int_equal(lock.state, ECR_DC_INACTIVE);
}

/* Clocks whose differences swing about the threshold lose it once, and have it again when they are calm. */
static void it_does_not_flap_at_the_threshold(void **state)
{
	struct ecr_dc_lock lock = lock_of(100, 0);
	int news = 0;

	(void)state;
	ecr_lock_event(&lock, ECR_LOCK_STARTED);
	assert_int_equal(ecr_lock_sample(&lock, 99), ECR_LOCK_REGAINED);
	for (int i = 0; i < 10000; i++)
		news += ecr_lock_sample(&lock, i % 50 == 7 ? 101 : 99) != ECR_LOCK_NO_NEWS;
	assert_int_equal(news, 1);
	for (int i = 0; i < ECR_LOCK_AGAIN; i++)
		news += ecr_lock_sample(&lock, 100) != ECR_LOCK_NO_NEWS;
	assert_int_equal(news, 2);
	assert_int_equal(lock.state, ECR_DC_LOCKED);
}

static void it_warms_up_first(void **state)
{
	struct ecr_dc_lock lock = lock_of(100, 5);

	(void)state;
	ecr_lock_event(&lock, ECR_LOCK_STARTED);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(ecr_lock_sample(&lock, 1), ECR_LOCK_NO_NEWS);
		assert_int_equal(lock.state, ECR_DC_LOCKING);
		ecr_lock_cycle(&lock);
	}
	assert_int_equal(ecr_lock_sample(&lock, 1), ECR_LOCK_REGAINED);
}

static void without_a_clock_it_is_unavailable(void **state)
{
	struct ecr_dc_lock lock = lock_of(100, 0);

	(void)state;
	ecr_lock_event(&lock, ECR_LOCK_NO_CLOCK);
	assert_int_equal(lock.state, ECR_DC_UNAVAILABLE);
	assert_int_equal(ecr_lock_sample(&lock, 1), ECR_LOCK_NO_NEWS);
	assert_int_equal(lock.state, ECR_DC_UNAVAILABLE);
}

static void every_pair_of_state_and_event_has_a_meaning(void **state)
{
	(void)state;
	for (int from = ECR_DC_DISABLED; from < ECR_DC_LOCK_STATES; from++)
		for (int event = 0; event < ECR_LOCK_EVENT_COUNT; event++) {
			enum ecr_dc_lock_state next = ecr_lock_next((enum ecr_dc_lock_state)from,
								    (enum ecr_lock_event)event);

			assert_in_range(next, ECR_DC_DISABLED, ECR_DC_LOCKED);
			if (next == ECR_DC_LOCKED)
				assert_true(from == ECR_DC_LOCKED || from == ECR_DC_LOCKING);
			assert_string_not_equal(ecr_dc_lock_name(next), "?");
		}
}

/* A broadcast ORs: 60 and 67 read as 127, which says nothing about a threshold of 100. */
static void a_broadcast_decides_only_what_it_can(void **state)
{
	(void)state;
	assert_int_equal(ecr_lock_window(90, 100, 5000), 90);
	assert_int_equal(ecr_lock_window(200, 100, 5), 200);
	assert_int_equal(ecr_lock_window(60 | 67, 100, 67), 67);
	assert_int_equal(ecr_lock_window(60 | 67, 100, 110), 110);
	assert_int_equal(ecr_lock_window(60 | 67, 100, 0), 64);
	assert_int_equal(ecr_lock_window(60 | 67, 100, 9999), 127);
	assert_int_equal(ecr_lock_window(0, 100, 3), 0);
}

static void policies(void **state)
{
	(void)state;
	assert_int_equal(ecr_lock_decide(ECR_DC_ADVISORY, true, false, false), ECR_DC_CONTINUE);
	assert_int_equal(ecr_lock_decide(ECR_DC_ADVISORY, false, true, false), ECR_DC_CONTINUE);
	assert_int_equal(ecr_lock_decide(ECR_DC_RECOVERING, true, false, false),
			 ECR_DC_ENTER_RECOVERY);
	assert_int_equal(ecr_lock_decide(ECR_DC_RECOVERING, true, true, true),
			 ECR_DC_KEEP_RECOVERING);
	assert_int_equal(ecr_lock_decide(ECR_DC_RECOVERING, false, true, true),
			 ECR_DC_KEEP_RECOVERING);
	assert_int_equal(ecr_lock_decide(ECR_DC_RECOVERING, false, true, false),
			 ECR_DC_RESUME_RUNNING);
	assert_int_equal(ecr_lock_decide(ECR_DC_RECOVERING, false, false, false), ECR_DC_CONTINUE);
	assert_int_equal(ecr_lock_decide(ECR_DC_FATAL, true, false, false), ECR_DC_STOP_SESSION);
	assert_int_equal(ecr_lock_decide(ECR_DC_FATAL, false, false, false), ECR_DC_CONTINUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_jumps_once_and_settles),
		cmocka_unit_test(other_periods_settle_too),
		cmocka_unit_test(a_small_first_offset_is_not_jumped_over),
		cmocka_unit_test(outliers_do_not_move_it),
		cmocka_unit_test(a_moved_reference_is_followed),
		cmocka_unit_test(it_runs_on_without_samples),
		cmocka_unit_test(noise_is_averaged),
		cmocka_unit_test(the_null_servo_leaves_the_cycle_alone),
		cmocka_unit_test(rates_keep_their_fractions),
		cmocka_unit_test(the_largest_difference_decides),
		cmocka_unit_test(it_does_not_flap_at_the_threshold),
		cmocka_unit_test(it_warms_up_first),
		cmocka_unit_test(without_a_clock_it_is_unavailable),
		cmocka_unit_test(every_pair_of_state_and_event_has_a_meaning),
		cmocka_unit_test(a_broadcast_decides_only_what_it_can),
		cmocka_unit_test(policies),
	};

	return RUN(tests);
}
