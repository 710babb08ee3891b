/* SPDX-License-Identifier: Apache-2.0 */
/* The host does nothing for a while, or its clock jumps: the cyclic thread comes back much too late. */
#include "support/check.h"
#include "support/reconnect.h"

#include "wire/al_status.h"
#include "wire/registers.h"

static struct vring ring;

static void pause_host(ecr_time time)
{
	ring.now += time; /* frames that were under way have arrived, nobody looked */
	ecr_sim_tick(ring.sim, ring.now);
}

/* As many cycles as fit, not as many as were missed. */
static void assert_no_burst(void)
{
	uint64_t before = ring.frames;

	vring_run_until(&ring, ring.now + ECR_MS(30));
	assert_true(ring.frames - before < 40);
}

static bool is_on(struct vring *unused)
{
	uint64_t raw;

	assert_true(ecr_sim_get_output(unused->sim, RECONNECT_OUTPUTS, 0, 1, &raw));
	return raw;
}

static void assert_mailbox_in(uint16_t al_status, uint16_t al_code)
{
	struct ecr_sim_state truth;

	ecr_sim_look(ring.sim, RECONNECT_MAILBOX, &truth);
	assert_int_equal(truth.al_status, al_status);
	assert_int_equal(truth.al_code, al_code);
}

static bool all_well(struct vring *unused)
{
	return is_on(unused) && heal_healthy(unused) &&
	       vring_slave(unused, "mailbox").al_state == ECR_AL_OP;
}

/* A terminal, which shows by its outputs that nobody feeds it, and a device with a processor, which falls to SAFEOP. */
static void open_switched_on(void)
{
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(105));
	assert_true(all_well(&ring));
}

/* The deadlines that have passed meanwhile are skipped. */
static void assert_goes_on(ecr_time time, uint64_t before)
{
	uint64_t skipped;

	assert_no_burst();
	skipped = vring_domain(&ring, "main").skipped - before;
	assert_in_range(skipped, (uint64_t)(time / ECR_MS(10)) - 2,
			(uint64_t)(time / ECR_MS(10)) + 1);
}

/* Shorter than the watchdog: nobody but the host has noticed. */
static void for_60_ms(void **state)
{
	uint64_t skipped, faults;

	(void)state;
	open_switched_on();
	skipped = vring_domain(&ring, "main").skipped;
	faults = ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED];
	pause_host(ECR_MS(60));
	assert_true(is_on(&ring));
	assert_mailbox_in(ECR_AL_OP, 0);
	assert_goes_on(ECR_MS(60), skipped);
	assert_true(heal_stays(&ring, is_on, ECR_MS(200)));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], faults);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* Longer than the watchdog: outputs have fallen back, and come again by themselves as they were written before. */
static void pauses(ecr_time time)
{
	uint64_t skipped;
	int from, fallen;

	open_switched_on();
	skipped = vring_domain(&ring, "main").skipped;
	from = ring.event_count;
	pause_host(time);
	assert_false(is_on(&ring));
	assert_mailbox_in(ECR_AL_SAFEOP | ECR_AL_ERROR, ECR_AL_CODE_WATCHDOG);
	assert_goes_on(time, skipped);
	assert_true(is_on(&ring));
	assert_true(heal_until(&ring, all_well, ECR_MS(500)));
	fallen = heal_find(&ring, from, ECR_EVENT_SLAVE_HEALTH_FAULT, RECONNECT_MAILBOX,
			   ECR_AL_SAFEOP);
	assert_true(fallen >= 0);
	assert_int_equal(ring.events[fallen].actual, ECR_AL_CODE_WATCHDOG);
	assert_true(heal_stays(&ring, all_well, ECR_MS(200)));
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void for_200_ms(void **state)
{
	(void)state;
	pauses(ECR_MS(200));
}

static void for_an_hour(void **state)
{
	(void)state;
	pauses(ECR_S(3600));
}

static bool cycled;

static void note_cycle(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	cycled = cycled || datagram->command == ECR_CMD_LRW;
}

/* A reply that has waited for the host is as old as it is. */
static void inputs_that_have_waited_are_not_fresh(void **state)
{
	ecr_time sent;

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	ring.each_datagram = note_cycle;
	for (cycled = false; !cycled;)
		vring_run_until(&ring, ring.now + ECR_US(1));
	sent = ring.now;
	pause_host(ECR_MS(50));
	vring_run_until(&ring, ring.now);
	assert_true(vring_domain(&ring, "main").freshness.refreshed_at_us * 1000 <=
		    sent + ECR_MS(1));
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_FRESH);
	vring_close(&ring);
}

/*
 * The first cycle behind the pause is whole, though the slave has fallen to SAFEOP: who hears that the session operates
 * again has heard of that slave before.
 */
static void nobody_is_believed_unasked(void **state)
{
	struct ecr_request faster = { .kind = ECR_REQUEST_CYCLE_TIME,
				      .name = "main",
				      .cycle_ns = ECR_MS(2) };
	int from, faulted, fallen, again;

	(void)state;
	heal_open(&ring);
	assert_int_equal(vring_request(&ring, &faster), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	from = ring.event_count;
	heal_say(&ring, "disconnect coupler for 12ms");
	vring_run_until(&ring, ring.now + ECR_MS(12));
	heal_say(&ring, "retreat outputs");
	pause_host(ECR_MS(50));
	heal_ends_clean(&ring, ECR_S(6));
	faulted = heal_find(&ring, from, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING);
	fallen = heal_find(&ring, from, ECR_EVENT_SLAVE_HEALTH_FAULT, 2, ECR_AL_SAFEOP);
	again = heal_find(&ring, from, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_OPERATIONAL);
	assert_in_range(faulted, from, again);
	assert_in_range(fallen, from, again);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_that_have_waited_are_not_fresh),
		cmocka_unit_test(for_60_ms),
		cmocka_unit_test(for_200_ms),
		cmocka_unit_test(for_an_hour),
		cmocka_unit_test(nobody_is_believed_unasked),
	};

	return RUN(tests);
}
