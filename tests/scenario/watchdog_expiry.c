/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

#define SYNC_MANAGER_WATCHDOG 0x001B

static struct vring ring;

static int domain(enum ecr_request_kind kind)
{
	struct ecr_request request = { .kind = kind, .name = "main" };

	return vring_request(&ring, &request);
}

static bool fell_back(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "mailbox");

	return info.fault.kind == ECR_FAULT_RETREATED && info.al_state == ECR_AL_SAFEOP;
}

/* 100 ms without outputs, at a cycle of 10 ms. */
static void cycling_stops_and_goes_on(void **state)
{
	uint64_t shown;
	uint64_t told;
	ecr_time stopped;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(domain(ECR_REQUEST_DOMAIN_STOP), 0);
	stopped = ring.now;
	assert_true(heal_until(&ring, fell_back, ECR_MS(200)));
	assert_in_range(ring.now - stopped, ECR_MS(85), ECR_MS(150));
	assert_int_equal(vring_slave(&ring, "mailbox").fault.al_code, SYNC_MANAGER_WATCHDOG);
	assert_true(ecr_sim_get_output(ring.sim, 2, 0, 16, &shown));
	assert_int_equal(shown, 0);
	assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
	/* In OP it would show what reached it before, and fall again: it stays until there are cycles. */
	told = ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED];
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], told);
	assert_true(fell_back(&ring));
	assert_int_equal(domain(ECR_REQUEST_DOMAIN_START), 0);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* A pause that is shorter is none of its business. */
static void a_short_pause_is_no_fault(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(domain(ECR_REQUEST_DOMAIN_STOP), 0);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(domain(ECR_REQUEST_DOMAIN_START), 0);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	reconnect_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cycling_stops_and_goes_on),
		cmocka_unit_test(a_short_pause_is_no_fault),
	};

	return RUN(tests);
}
