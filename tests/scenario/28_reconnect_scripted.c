/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 28 and 29: faults of the startup list that pass by themselves. */
#include "support/check.h"
#include "support/reconnect.h"

#define ONE_SILENCE \
	"disconnect mailbox for 30 frames then after 1 download-segment of mailbox " \
	"mailbox silence mailbox in download-segment once"

static struct vring ring;

static bool reported_to(int from, int to)
{
	int at = heal_find(&ring, from, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_MAILBOX,
			   ECR_FAULT_PREOP);

	return at >= 0 &&
	       heal_find(&ring, at, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_MAILBOX, to) > at;
}

static void one_silence_passes(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, RECONNECT_BLOB, 0);
	heal_say(&ring, ONE_SILENCE);
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(4400)));
	assert_int_equal(heal_pending(&ring), 0);
	assert_true(reconnect_rest_operates(&ring));
	reconnect_ends_clean(&ring, ECR_MS(6400));
	assert_true(reported_to(0, ECR_FAULT_NONE));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

/* The next attempt fails otherwise, and what is told follows. */
static void another_fault_follows(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, RECONNECT_BLOB, 0);
	heal_say(&ring, ONE_SILENCE " then after 1 download of mailbox "
				    "mailbox payload mailbox in download-segment once");
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(4400)));
	assert_int_equal(heal_pending(&ring), 1);
	assert_true(reconnect_rest_operates(&ring));
	reconnect_expect(ECR_ERR_INVALID_COE_RESPONSE, RECONNECT_BLOB, 0);
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(7200)));
	assert_true(reconnect_rest_operates(&ring));
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_true(reported_to(0, ECR_FAULT_NONE));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_silence_passes),
		cmocka_unit_test(another_fault_follows),
	};

	return RUN(tests);
}
