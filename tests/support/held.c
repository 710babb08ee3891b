/* SPDX-License-Identifier: Apache-2.0 */
#include "support/held.h"

#include "support/check.h"

static const struct ecr_slave_config all_held[] = {
	{ .name = "coupler", .target_state = ECR_TARGET_PREOP },
	{ .name = "inputs", .target_state = ECR_TARGET_PREOP },
	{ .name = "outputs", .target_state = ECR_TARGET_PREOP },
	{ 0 },
};

void held_open(struct vring *ring)
{
	static struct ecr_config config;

	config = vring_default_config();
	config.slaves = all_held;
	config.domains = NULL;
	vring_open(ring, vring_default_names);
	assert_int_equal(vring_start(ring, &config), 0);
	assert_int_equal(vring_await_running(ring, ECR_MS(2500)), 0);
}

static bool undisturbed(struct vring *ring)
{
	return ecr_core_state(ring->core) == ECR_STATE_PREOP_READY && heal_nobody_blamed(ring) &&
	       vring_slave(ring, "outputs").al_state == ECR_AL_PREOP;
}

void held_undisturbed(struct vring *ring)
{
	heal_say(ring, "disconnect outputs");
	assert_true(heal_stays(ring, undisturbed, ECR_MS(400)));
	assert_false(heal_saw(ring, ECR_EVENT_SLAVE_DOWN, -1, -1));
}

void held_activate_all_but(struct vring *ring, int held)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	reconnect_open(ring, &(struct reconnect){ .all_held = true });
	assert_int_equal(ecr_core_state(ring->core), ECR_STATE_PREOP_READY);
	for (int i = 0; i < 4; i++) {
		struct ecr_slave_config config = *reconnect_slave(i);
		struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					       .name = config.name,
					       .slave = &config };

		config.target_state = i == held ? ECR_TARGET_PREOP : ECR_TARGET_OP;
		assert_int_equal(vring_request(ring, &request), 0);
	}
	assert_int_equal(vring_request(ring, &activate), 0);
	assert_int_equal(vring_await_operational(ring, ECR_MS(2500)), 0);
}

static bool mailbox_down(struct vring *ring)
{
	return vring_slave(ring, "mailbox").fault.kind == ECR_FAULT_DOWN;
}

void held_lose_mailbox(struct vring *ring)
{
	heal_say(ring, "disconnect mailbox for 40 frames");
	assert_true(heal_until(ring, mailbox_down, ECR_MS(2400)));
	assert_int_equal(vring_slave(ring, "mailbox").fault.error, ECR_ERR_NO_RESPONSE);
	assert_true(heal_operational(ring));
}

static bool mailbox_in_preop(struct vring *ring)
{
	struct ecr_slave_info info = vring_slave(ring, "mailbox");

	return info.fault.kind == ECR_FAULT_NONE && !info.down && info.al_state == ECR_AL_PREOP &&
	       info.configuration_error == 0;
}

void held_comes_back_to_preop(struct vring *ring)
{
	assert_true(mailbox_in_preop(ring));
	reconnect_reads_back(ring);
	held_lose_mailbox(ring);
	assert_true(heal_until(ring, mailbox_in_preop, ECR_MS(7200)));
	assert_true(heal_stays(ring, mailbox_in_preop, ECR_MS(500)));
	reconnect_reads_back(ring);
	assert_false(heal_saw(ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	assert_true(heal_healthy(ring));
}
