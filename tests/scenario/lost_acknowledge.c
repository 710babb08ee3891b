/* SPDX-License-Identifier: Apache-2.0 */
/* A slave has latched an error and fallen back; frames of its way back are lost, each in turn. */
#include "support/check.h"
#include "support/reconnect.h"

#include <stdio.h>

#define FRAMES 60
#define WRONG_FMMU 0x001D

static struct vring ring;

static bool mailbox_suffers(struct vring *unused)
{
	return vring_slave(unused, "mailbox").fault.kind != ECR_FAULT_NONE;
}

static bool mailbox_is_well(struct vring *unused)
{
	return !mailbox_suffers(unused);
}

static void lose(int number, const char *way)
{
	char sentence[80];

	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "al-error mailbox 0x001D");
	snprintf(sentence, sizeof(sentence), "after %d frames %s for 2 frames", number, way);
	heal_say(&ring, sentence);
	assert_true(heal_until(&ring, mailbox_suffers, ECR_MS(100)));
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	vring_close(&ring);
}

static void whichever_frame_is_lost_it_is_raised(void **state)
{
	(void)state;
	for (int i = 1; i < FRAMES; i++) {
		lose(i, "drop");
		lose(i, "lose");
	}
}

/* In OP, or fallen back with it: told with its code, acknowledged, raised. */
static void the_error_is_told_while_it_lasts(void **state)
{
	struct ecr_slave_info info;
	struct ecr_sim_state truth;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "refuse mailbox op 0x001D");
	heal_say(&ring, "al-error mailbox 0x001D");
	assert_true(heal_until(&ring, mailbox_suffers, ECR_MS(100)));
	info = vring_slave(&ring, "mailbox");
	assert_int_equal(info.fault.kind, ECR_FAULT_LATCHED);
	assert_int_equal(info.fault.al_code, WRONG_FMMU);
	assert_int_equal(info.al_state, ECR_AL_OP);
	assert_true(heal_until(&ring, mailbox_is_well, ECR_MS(400)));
	ecr_sim_look(ring.sim, RECONNECT_MAILBOX, &truth);
	assert_int_equal(truth.al_status, ECR_AL_OP);
	heal_say(&ring, "retreat mailbox");
	heal_say(&ring, "al-error mailbox 0x001D");
	assert_true(heal_until(&ring, mailbox_suffers, ECR_MS(100)));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_slave(&ring, "mailbox").fault.al_code, WRONG_FMMU);
	assert_int_equal(vring_slave(&ring, "mailbox").al_state, ECR_AL_SAFEOP);
	assert_true(heal_operational(&ring));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_frame_is_lost_it_is_raised),
		cmocka_unit_test(the_error_is_told_while_it_lasts),
	};

	return RUN(tests);
}
