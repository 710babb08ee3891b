/* SPDX-License-Identifier: Apache-2.0 */
/* A session that was taken down to PREOP looks after its slaves; one where all are held there, when it is told to. */
#include "support/asked.h"
#include "support/check.h"
#include "support/heal.h"

#include <ecring/diag.h>

static struct vring ring;
static struct ecr_link_report links[8];
static int look_at_links(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 8 };

	return vring_request(&ring, &request);
}

static bool is_ready(struct vring *unused)
{
	return ecr_core_state(unused->core) == ECR_STATE_PREOP_READY;
}

static bool outputs_back(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "outputs");

	return !info.down && info.fault.kind == ECR_FAULT_NONE && info.al_state == ECR_AL_PREOP;
}

/* Asked as one; missed within the time that a poll takes; and back in PREOP. */
static void assert_watched(void)
{
	asked_for(&ring, ECR_S(2));
	assert_true(asked_all >= 7);
	assert_int_equal(asked_singly, 0);
	assert_int_equal(look_at_links(), 3);

	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(300)));
	assert_true(heal_recovering(&ring));
	vring_run_until(&ring, ring.now + ECR_MS(1500));
	assert_int_equal(look_at_links(), 2);

	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, 1, -1));
	assert_true(heal_until(&ring, outputs_back, ECR_S(1)));
	assert_true(heal_until(&ring, is_ready, ECR_MS(300)));
	vring_run_until(&ring, ring.now + ECR_MS(1500));
	assert_int_equal(look_at_links(), 3);
}

static void who_is_lost_after_a_deactivation_is_missed(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	heal_open(&ring);
	assert_int_equal(vring_request(&ring, &lower), 0);
	assert_true(heal_until(&ring, is_ready, ECR_S(1)));
	assert_watched();
	assert_int_equal(vring_request(&ring, &raise), 0);
	heal_ends_clean(&ring, ECR_S(2));
	vring_close(&ring);
}

static void where_all_are_held_it_is_asked_for(void **state)
{
	static struct ecr_config config;

	(void)state;
	config = vring_default_config();
	config.slaves = NULL;
	config.domains = NULL;
	config.watch_held = true;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_MS(2500)), 0);
	asked_for(&ring, ECR_S(2));
	assert_true(asked_all >= 7);
	assert_int_equal(asked_singly, 0);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	vring_run_until(&ring, ring.now + ECR_MS(1500));
	assert_true(vring_slave(&ring, "slave_2").down);
	assert_int_equal(look_at_links(), 2);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_lost_after_a_deactivation_is_missed),
		cmocka_unit_test(where_all_are_held_it_is_asked_for),
	};

	return RUN(tests);
}
