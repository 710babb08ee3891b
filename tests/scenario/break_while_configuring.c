/* SPDX-License-Identifier: Apache-2.0 */
/* Something happens at any instant while slaves are configured and raised: nothing is refused, all come up. */
#include "support/check.h"
#include "support/reconnect.h"

#define LAST ECR_MS(12) /* nothing is under way later */
#define STEP ECR_US(197)

static struct vring ring;

static int configure(int slave)
{
	struct ecr_slave_config config = *reconnect_slave(slave);
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
				       .name = config.name,
				       .slave = &config };

	config.target_state = ECR_TARGET_OP;
	return vring_request(&ring, &request);
}

static void configure_and_activate(void)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	for (int i = 0; i < 4; i++)
		assert_int_equal(configure(i), 0);
	assert_int_equal(vring_request(&ring, &activate), 0);
}

/* The last one's list is what takes time. */
static void once(const char *fault, ecr_time at)
{
	reconnect_open(&ring, &(struct reconnect){ .all_held = true, .combined = true });
	heal_trouble_after(&ring, at, fault);
	configure_and_activate();
	if (!heal_until(&ring, heal_operational, ECR_S(8)))
		fail_msg("%s after %lld us: %s", fault, (long long)at / 1000,
			 ecr_state_name(ecr_core_state(ring.core)));
	reconnect_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

static void at_any_instant(void **state)
{
	(void)state;
	for (int i = 0; heal_troubles[i]; i++)
		for (ecr_time at = 0; at < LAST; at += STEP)
			once(heal_troubles[i], at);
}

/* A list that fails keeps a session in PREOP from being ready: another one is taken at once. */
static void what_is_wrong_can_be_configured_otherwise(void **state)
{
	static const struct ecr_sdo_write wrong[] = { { .index = 0x2FFF, .type = ECR_SDO_U8 },
						      { 0 } };
	struct ecr_slave_config mailbox;
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE, .name = "mailbox" };

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .all_held = true });
	mailbox = *reconnect_slave(RECONNECT_MAILBOX);
	mailbox.startup = wrong;
	request.slave = &mailbox;
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	assert_int_equal(vring_slave(&ring, "mailbox").configuration_failure.index, 0x2FFF);
	configure_and_activate();
	reconnect_ends_clean(&ring, ECR_S(2));
	vring_close(&ring);
}

/* ... and what works is not held back by what does not. */
static void the_others_are_activated_all_the_same(void **state)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .all_held = true });
	for (int i = 0; i < 4; i++)
		assert_int_equal(configure(i), 0);
	heal_say(&ring, "break coupler port 2");
	assert_int_equal(configure(RECONNECT_MAILBOX), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	assert_int_equal(vring_request(&ring, &activate), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_OP);
	heal_loopback(&ring);
	assert_int_equal(vring_request(&ring, &activate), ECR_ERR_ACTIVATION_IN_PROGRESS);
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_any_instant),
		cmocka_unit_test(what_is_wrong_can_be_configured_otherwise),
		cmocka_unit_test(the_others_are_activated_all_the_same),
	};

	return RUN(tests);
}
