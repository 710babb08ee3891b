/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static bool outputs_back_mailbox_not(struct vring *unused)
{
	return heal_operational(unused) && reconnect_refused(unused) &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "outputs").al_state == ECR_AL_OP;
}

static void open_and_unplug(const char *script)
{
	failing_list_open(&ring, &(struct reconnect){ 0 }, script);
	failing_list_fails(&ring);
	heal_say(&ring, "disconnect outputs for 30 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
}

static void another_slave_is_unplugged(void **state)
{
	(void)state;
	open_and_unplug(FAILING_ONCE);
	reconnect_ends_clean(&ring, ECR_MS(7200));
	failing_list_both_healed(&ring, RECONNECT_OUTPUTS, ECR_FAULT_DOWN);
	vring_close(&ring);
}

/* What matters comes back first, and does not wait for what does not. */
static void the_one_that_matters_heals_first(void **state)
{
	(void)state;
	open_and_unplug(FAILING_SILENCE);
	assert_true(heal_until(&ring, outputs_back_mailbox_not, ECR_MS(4800)));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(7200));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_slave_is_unplugged),
		cmocka_unit_test(the_one_that_matters_heals_first),
	};

	return RUN(tests);
}
