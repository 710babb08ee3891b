/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"
#include "support/talker.h"

static struct vring ring;
static const struct ecr_config *config;

static void open_ring(void)
{
	config = talker_blocked_in_blob(&ring, ECR_SIM_MAILBOX_NO_ANSWER, ECR_ERR_RESPONSE_TIMEOUT);
}

static void a_restart_without_the_fault_works(void **state)
{
	(void)state;
	open_ring();
	talker_ends_by_restart(&ring, config, TALKER_BLOB_OBJECT, talker_counting(7), TALKER_BLOB);
}

static void without_the_fault_it_heals_by_itself(void **state)
{
	(void)state;
	open_ring();
	talker_ends_by_waiting(&ring, TALKER_BLOB_OBJECT, talker_counting(7), TALKER_BLOB);
}

static void start(enum ecr_target target, bool answers)
{
	static struct ecr_sdo_write list[2];
	const struct ecr_slave_config mailbox = { .name = "mailbox",
						  .startup = list,
						  .target_state = target };

	list[0] = (struct ecr_sdo_write){
		.index = 0x2003, .subindex = 1, .data = talker_counting(7), .size = TALKER_BLOB
	};
	config = talker_open(&ring, &mailbox);
	if (!answers)
		talker_spoil(&ring, ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_DOWNLOAD_SEGMENT,
			     TALKER_BLOB_OBJECT, 0, 1);
	assert_int_equal(vring_start(&ring, config), 0);
}

/* It falls to INIT, where it has no mailbox, so long after all have stations. */
static void falls_after(ecr_time at, enum ecr_target target)
{
	start(target, true);
	assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(1)));
	vring_run_until(&ring, ring.now + at);
	heal_say(&ring, "retreat mailbox init");
}

/* Held in PREOP nobody is polled: the attempt itself must find out that it is to be brought up again. */
static void one_that_falls_meanwhile_is_brought_up_again(void **state)
{
	static const enum ecr_target targets[] = { ECR_TARGET_OP, ECR_TARGET_PREOP };

	(void)state;
	for (int held = 0; held < 2; held++)
		for (ecr_time at = 0; at < ECR_MS(2); at += ECR_US(50)) {
			falls_after(at, targets[held]);
			vring_run_until(&ring, ring.now + ECR_US(2500));
			assert_true(vring_until_state(
				&ring, held ? ECR_STATE_PREOP_READY : ECR_STATE_OPERATIONAL,
				ECR_MS(2100)));
			talker_holds(&ring, TALKER_BLOB_OBJECT, talker_counting(7), TALKER_BLOB);
			vring_close(&ring);
		}
}

/* Held in PREOP it answers to one object never: pauses grow though each attempt brings it up again. */
static void pauses_grow_where_nobody_is_polled(void **state)
{
	int attempts = 0;

	(void)state;
	start(ECR_TARGET_PREOP, false);
	vring_run_until(&ring, ring.now + ECR_S(60));
	for (int i = 0; i < ring.event_count; i++)
		attempts += ring.events[i].kind == ECR_EVENT_SLAVE_STARTUP_RETRY;
	assert_in_range(attempts, 5, 20);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_without_the_fault_works),
		cmocka_unit_test(without_the_fault_it_heals_by_itself),
		cmocka_unit_test(one_that_falls_meanwhile_is_brought_up_again),
		cmocka_unit_test(pauses_grow_where_nobody_is_polled),
	};

	return RUN(tests);
}
