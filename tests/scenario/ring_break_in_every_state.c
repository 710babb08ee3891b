/* SPDX-License-Identifier: Apache-2.0 */
/* A redundant ring breaks at every place, in every state, and while the state changes. */
#include "support/check.h"
#include "support/tworing.h"

#define LOOP ECR_US(200)
#define PLACES \
	(TWORING_SLAVES + 1) /* behind each slave but the last, and at both ports of the master */
#define STEP ECR_US(313)

static struct vring ring;

static void break_at(int place)
{
	if (place < TWORING_SLAVES - 1)
		tworing_cut(&ring, place);
	else
		ecr_sim_plug(ring.sim, ring.now, place == TWORING_SLAVES, false);
}

static void mend(void)
{
	ecr_sim_clear_faults(ring.sim);
	for (unsigned int port = 0; port < 2; port++)
		ecr_sim_plug(ring.sim, ring.now, port, true);
}

static int ask(enum ecr_request_kind kind, enum ecr_target target)
{
	struct ecr_request request = { .kind = kind, .target = target };

	return vring_request(&ring, &request);
}

static bool broken(void)
{
	struct ecr_redundancy_info info = tworing_info(&ring);

	return info.split || !info.port_up[0] || !info.port_up[1];
}

static bool ring_is_broken(struct vring *vring)
{
	(void)vring;
	return broken();
}

static bool ring_is_whole(struct vring *vring)
{
	return !ring_is_broken(vring);
}

static void assert_all_in(enum ecr_al_state al_state)
{
	for (int i = 0; i < TWORING_SLAVES; i++) {
		assert_int_equal(vring_slave(&ring, tworing_names[i]).al_state, al_state);
		assert_int_equal(vring_slave(&ring, tworing_names[i]).fault.kind, ECR_FAULT_NONE);
	}
}

/* Settled in a lower state: the break does not change it, and the way up works on the broken ring. */
static void while_settled(enum ecr_target target, enum ecr_state state, enum ecr_al_state al_state)
{
	for (int place = 0; place < PLACES; place++) {
		tworing_open(&ring, ECR_MS(1), LOOP);
		tworing_come_up(&ring);
		assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, target), 0);
		break_at(place);
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_int_equal(ecr_core_state(ring.core), state);
		assert_all_in(al_state);
		assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(broken());
		tworing_assert_sound(&ring);
		mend();
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_false(broken());
		tworing_assert_sound(&ring);
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
		vring_close(&ring);
	}
}

static void in_preop(void **state)
{
	(void)state;
	while_settled(ECR_TARGET_PREOP, ECR_STATE_PREOP_READY, ECR_AL_PREOP);
}

static void in_safeop(void **state)
{
	(void)state;
	while_settled(ECR_TARGET_SAFEOP, ECR_STATE_DEACTIVATED, ECR_AL_SAFEOP);
}

static void break_later(int place, ecr_time later)
{
	vring_run_until(&ring, ring.now + later);
	break_at(place);
}

/* From the first count to OP. */
static void while_it_starts(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++)
		for (ecr_time later = ECR_MS(21); later < ECR_MS(36); later += STEP) {
			tworing_open(&ring, ECR_MS(1), LOOP);
			break_later(place, later);
			if (!heal_until(&ring, tworing_sound, ECR_S(8)))
				fail_msg("place %d after %lld us: %s", place,
					 (long long)later / 1000,
					 ecr_state_name(ecr_core_state(ring.core)));
			tworing_assert_sound(&ring);
			mend();
			vring_run_until(&ring, ring.now + ECR_MS(100));
			tworing_assert_sound(&ring);
			vring_close(&ring);
		}
}

static bool tries_again(struct vring *vring)
{
	return vring->counts[ECR_EVENT_SLAVE_STARTUP_RETRY] > 0;
}

/* One slave refuses: between its attempts, 200 ms apart, nobody asks anybody anything. */
static void while_a_start_rests(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++) {
		struct ecr_config *config = tworing_prepare(&ring, ECR_MS(1), LOOP);

		heal_say(&ring, "refuse c preop 0x0011");
		assert_int_equal(vring_start(&ring, config), 0);
		assert_true(heal_until(&ring, tries_again, ECR_S(4)));
		break_later(place, ECR_MS(10));
		assert_true(heal_until(&ring, ring_is_broken, ECR_MS(60)));
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_STARTUP_RETRY], 1);
		mend();
		assert_true(heal_until(&ring, ring_is_whole, ECR_MS(60)));
		assert_true(heal_until(&ring, tworing_sound, ECR_S(4)));
		vring_close(&ring);
	}
}

static void submit(struct ecr_request *request, bool *done)
{
	request->context = done;
	assert_int_equal(ecr_core_submit(ring.core, ring.now, request), 0);
}

static void changing(enum ecr_request_kind kind, int place, ecr_time later)
{
	struct ecr_request request = { .kind = kind, .target = ECR_TARGET_PREOP };
	bool done = false;

	tworing_open(&ring, ECR_MS(1), LOOP);
	tworing_come_up(&ring);
	if (kind == ECR_REQUEST_ACTIVATE)
		assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP), 0);
	submit(&request, &done);
	break_later(place, later);
	for (int i = 0; i < 4000 && !done; i++)
		vring_run_until(&ring, ring.now + ECR_MS(1));
	assert_true(done);
	assert_int_equal(request.result, 0);
	if (kind == ECR_REQUEST_DEACTIVATE) {
		assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(6)));
		assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
	}
	assert_true(heal_until(&ring, tworing_sound, ECR_S(6)));
	mend();
	vring_run_until(&ring, ring.now + ECR_MS(100));
	tworing_assert_sound(&ring);
	vring_close(&ring);
}

static void while_it_is_activated(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++)
		for (ecr_time later = 0; later < ECR_MS(6); later += STEP)
			changing(ECR_REQUEST_ACTIVATE, place, later);
}

static void while_it_is_deactivated(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++)
		for (ecr_time later = 0; later < ECR_MS(2); later += STEP)
			changing(ECR_REQUEST_DEACTIVATE, place, later);
}

static void assert_all_at_rest(void)
{
	struct ecr_sim_state truth;

	for (int i = 0; i < TWORING_SLAVES; i++) {
		ecr_sim_look(ring.sim, i, &truth);
		assert_int_equal(truth.al_status, ECR_AL_INIT);
	}
}

static void assert_stops(const bool *done)
{
	ecr_time asked = ring.now;

	while (!*done && ring.now - asked < ECR_MS(100))
		vring_run_until(&ring, ring.now + ECR_US(100));
	assert_true(*done);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
	assert_all_at_rest();
}

/* The ring breaks so long after it is asked for, or, when that is negative, before. False: by then all had stopped. */
static bool stopping(int place, ecr_time later, ecr_time takes)
{
	struct ecr_request request = { .kind = ECR_REQUEST_STOP };
	bool done = false;
	bool met;

	tworing_open(&ring, ECR_MS(1), LOOP);
	tworing_come_up(&ring);
	for (int i = 0; i < TWORING_SLAVES; i++)
		ring.sim->slaves[i].device.al_delay_ns = (uint32_t)takes;
	if (later < 0) {
		break_at(place);
		vring_run_until(&ring, ring.now - later);
	}
	submit(&request, &done);
	if (later >= 0)
		vring_run_until(&ring, ring.now + later);
	met = !done;
	if (later >= 0)
		break_at(place);
	assert_stops(&done);
	assert_int_equal(request.result, 0);
	vring_close(&ring);
	return met;
}

/* From when loops are still closing, so that nobody hears of it, on. */
static void at_any_instant(int place, ecr_time takes, ecr_time step)
{
	ecr_time later = -LOOP;

	while (stopping(place, later, takes))
		later += step;
	assert_true(later > 3 * step); /* else none was met */
}

static void while_it_is_stopped(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++) {
		at_any_instant(place, 0, ECR_US(5));
		at_any_instant(place, ECR_MS(2), STEP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_preop),
		cmocka_unit_test(in_safeop),
		cmocka_unit_test(while_it_starts),
		cmocka_unit_test(while_a_start_rests),
		cmocka_unit_test(while_it_is_activated),
		cmocka_unit_test(while_it_is_deactivated),
		cmocka_unit_test(while_it_is_stopped),
	};

	return RUN(tests);
}
