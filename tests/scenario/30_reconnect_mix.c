/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 30, 31, 34 and 35: while a slave's startup list fails, others suffer too. */
#include "support/check.h"
#include "support/reconnect.h"

#define SILENCE \
	"then after 1 download-segment of mailbox " \
	"mailbox silence mailbox in download-segment once"
#define SCRIPT "disconnect mailbox for 30 frames " SILENCE
#define FAULT ECR_EVENT_SLAVE_FAULT_CHANGED

static struct vring ring;

static void open_ring(const char *script)
{
	reconnect_open(&ring, &(struct reconnect){ 0 });
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, RECONNECT_BLOB, 0);
	heal_say(&ring, script);
}

static bool retreated_and_refused(struct vring *unused)
{
	return heal_outputs_retreated(unused) && reconnect_refused(unused);
}

static bool outputs_back_mailbox_not(struct vring *unused)
{
	return heal_operational(unused) && reconnect_refused(unused) &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "outputs").al_state == ECR_AL_OP;
}

static void assert_both_healed(int other, int other_fault)
{
	int mailbox = heal_find(&ring, 0, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP);
	int fault = heal_find(&ring, mailbox, FAULT, other, other_fault);

	assert_true(mailbox >= 0 && fault > mailbox);
	assert_true(heal_find(&ring, mailbox, FAULT, RECONNECT_MAILBOX, ECR_FAULT_NONE) > 0);
	assert_true(heal_find(&ring, fault, FAULT, other, ECR_FAULT_NONE) > 0);
}

static void another_slave_falls_back(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, RECONNECT_BLOB, 0);
	heal_when(&ring, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP, "retreat outputs");
	heal_say(&ring, SCRIPT " " SILENCE);
	assert_true(heal_until(&ring, retreated_and_refused, ECR_MS(2400)));
	assert_int_equal(heal_struck(), 1);
	assert_true(heal_healthy(&ring));
	reconnect_ends_clean(&ring, ECR_MS(7200));
	assert_both_healed(RECONNECT_OUTPUTS, ECR_FAULT_RETREATED);
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

static void another_slave_is_unplugged(void **state)
{
	(void)state;
	open_ring(SCRIPT);
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(4400)));
	heal_say(&ring, "disconnect outputs for 30 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	reconnect_ends_clean(&ring, ECR_MS(7200));
	assert_both_healed(RECONNECT_OUTPUTS, ECR_FAULT_DOWN);
	vring_close(&ring);
}

/* What matters comes back first, and does not wait for what does not. */
static void the_one_that_matters_heals_first(void **state)
{
	(void)state;
	open_ring("disconnect mailbox for 30 frames then mailbox silence mailbox in "
		  "download-segment");
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(4400)));
	heal_say(&ring, "disconnect outputs for 30 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	assert_true(heal_until(&ring, outputs_back_mailbox_not, ECR_MS(4800)));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(7200));
	vring_close(&ring);
}

static void the_fault_itself_unplugs_another(void **state)
{
	int fault;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	heal_when(&ring, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP,
		  "disconnect outputs for 30 frames");
	heal_say(&ring, SCRIPT);
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(4400)));
	assert_int_equal(heal_struck(), 1);
	fault = heal_find(&ring, 0, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP);
	assert_true(heal_find(&ring, fault, ECR_EVENT_SLAVE_DOWN, RECONNECT_OUTPUTS, -1) > fault);
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_both_healed(RECONNECT_OUTPUTS, ECR_FAULT_DOWN);
	vring_close(&ring);
}

/* A third one falls back the moment the session begins to recover. */
static void a_chain_of_three(void **state)
{
	int recovering;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	heal_when(&ring, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP,
		  "disconnect outputs for 30 frames");
	heal_when(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING, "retreat inputs");
	heal_say(&ring, SCRIPT);
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(4400)));
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_int_equal(heal_struck(), 2);
	assert_both_healed(RECONNECT_OUTPUTS, ECR_FAULT_DOWN);
	recovering = heal_find(&ring, 0, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING);
	assert_true(heal_find(&ring, recovering, FAULT, RECONNECT_INPUTS, ECR_FAULT_RETREATED) > 0);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_slave_falls_back),
		cmocka_unit_test(another_slave_is_unplugged),
		cmocka_unit_test(the_one_that_matters_heals_first),
		cmocka_unit_test(the_fault_itself_unplugs_another),
		cmocka_unit_test(a_chain_of_three),
	};

	return RUN(tests);
}
