/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

#define FAULT ECR_EVENT_SLAVE_FAULT_CHANGED

static void open_chain(const char *script)
{
	failing_list_open(&ring, &(struct reconnect){ .polled = true }, script);
	heal_when(&ring, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP,
		  "disconnect outputs for 30 frames");
	heal_when(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING, "retreat inputs");
}

static void assert_both_chains(void)
{
	int recovering = heal_find(&ring, 0, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING);
	int retreated = heal_find(&ring, recovering, FAULT, RECONNECT_INPUTS, ECR_FAULT_RETREATED);

	assert_int_equal(heal_struck(), 2);
	failing_list_both_healed(&ring, RECONNECT_OUTPUTS, ECR_FAULT_DOWN);
	assert_true(recovering > 0 && retreated > recovering);
	assert_true(heal_find(&ring, retreated, FAULT, RECONNECT_INPUTS, ECR_FAULT_NONE) > 0);
}

static void a_chain_of_three(void **state)
{
	(void)state;
	open_chain(FAILING_ONCE);
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(4400)));
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_both_chains();
	vring_close(&ring);
}

static bool only_outputs_is_back(struct vring *unused)
{
	return heal_operational(unused) && reconnect_refused(unused) &&
	       vring_slave(unused, "inputs").fault.kind == ECR_FAULT_RETREATED &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "outputs").al_state == ECR_AL_OP;
}

/* Neither of the others can be raised meanwhile. */
static void the_one_that_matters_heals_before_both(void **state)
{
	(void)state;
	open_chain(FAILING_SILENCE);
	heal_when(&ring, FAULT, RECONNECT_INPUTS, ECR_FAULT_RETREATED, "stick inputs");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(4400)));
	assert_true(heal_until(&ring, only_outputs_is_back, ECR_MS(5600)));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(8400));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_of_three),
		cmocka_unit_test(the_one_that_matters_heals_before_both),
	};

	return RUN(tests);
}
