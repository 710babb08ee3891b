/* SPDX-License-Identifier: Apache-2.0 */
#include "support/failing_list.h"

#include "support/check.h"

#define FAULT ECR_EVENT_SLAVE_FAULT_CHANGED
#define BY_THEN ECR_MS(4400)

static void assert_never_recovered(struct vring *ring)
{
	assert_false(heal_saw(ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
}

/* What it wrote is to be seen, so it must not be there from the start. */
static void write_something_else(struct vring *ring)
{
	assert_int_equal(
		talker_download(ring, "mailbox", 0x2003, 1, talker_counting(9), TALKER_BLOB).error,
		0);
}

void failing_list_disturbs_nobody(struct vring *ring, const struct failing_list *how)
{
	reconnect_open(ring, &(struct reconnect){ .small = how->small });
	write_something_else(ring);
	reconnect_expect(how->cause, how->small ? TALKER_OBJECT(0x2000, 2) : TALKER_BLOB_OBJECT,
			 how->abort_code);
	heal_say(ring, how->sentence);
	assert_true(heal_until(ring, reconnect_refused, BY_THEN));
	assert_true(reconnect_rest_operates(ring));
	heal_loopback(ring);
	assert_true(heal_stays(ring, reconnect_rest_operates, ECR_S(1)));
	talker_other_holds(ring, RECONNECT_MAILBOX, TALKER_BLOB_OBJECT,
			   talker_counting(how->written_all_the_same ? RECONNECT_FIRST : 9),
			   TALKER_BLOB);
	if (how->written_all_the_same)
		reconnect_reads_back(ring);
	ecr_sim_clear_faults(ring->sim);
	reconnect_ends_clean(ring, ECR_MS(6500));
	assert_never_recovered(ring);
	vring_close(ring);
}

void failing_list_open(struct vring *ring, const struct reconnect *what, const char *script)
{
	reconnect_open(ring, what);
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, TALKER_BLOB_OBJECT, 0);
	heal_say(ring, script);
}

void failing_list_fails(struct vring *ring)
{
	assert_true(heal_until(ring, reconnect_refused, BY_THEN));
}

bool failing_list_then(struct vring *ring, int slave, int fault)
{
	int failed = heal_find(ring, 0, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP);

	return failed >= 0 && heal_find(ring, failed, FAULT, slave, fault) > failed;
}

void failing_list_both_healed(struct vring *ring, int other, int fault)
{
	int failed = heal_find(ring, 0, FAULT, RECONNECT_MAILBOX, ECR_FAULT_PREOP);
	int at = heal_find(ring, failed, FAULT, other, fault);

	assert_true(failed >= 0 && at > failed);
	assert_true(failing_list_then(ring, RECONNECT_MAILBOX, ECR_FAULT_NONE));
	assert_true(heal_find(ring, at, FAULT, other, ECR_FAULT_NONE) > at);
}
