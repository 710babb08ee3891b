/* SPDX-License-Identifier: Apache-2.0 */
/* What a session makes of mailboxes beside requests: what lies in them from before, and what comes
 * unasked. */
#include "support/check.h"
#include "support/talker.h"

#include "master/master.h"
#include "sim/sim.h"

#include <string.h>

static struct vring ring;

static void send_emergency(uint16_t code)
{
	const struct ecr_emergency emergency = { .code = code };

	assert_true(ecr_sim_emergency(ring.sim, 1, &emergency));
}

static void read_device_type(void)
{
	uint8_t type[4];

	int error = talker_upload(&ring, "mailbox", 0x1000, 0, type, sizeof(type)).error;

	assert_string_equal(ecr_error_name(error), ecr_error_name(0));
}

/* A slave counts its messages anew when it is brought up again; what lay in its mailbox until then must not
 * pass for the first of them. */
static void nothing_is_left_from_before_a_slave_was_brought_up(void **state)
{
	const struct ecr_slave_config quiet = { .name = "mailbox", .mailbox_poll_ms = -1 };
	const struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 1, .frames = 40 };

	(void)state;
	assert_int_equal(vring_start(&ring, talker_open(&ring, &quiet)), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	send_emergency(0x1234);
	vring_run_until(&ring, ring.now + ECR_MS(10));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	vring_run_until(&ring, ring.now + ECR_S(20));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 1);
	assert_false(vring_slave(&ring, "mailbox").down);
	read_device_type();
	assert_int_equal(vring_slave(&ring, "mailbox").mailbox.repeated, 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 0);
	vring_close(&ring);
}

/* An answer to nobody that comes only when somebody asks is not taken for his, and does not end what he
 * does. */
static void a_late_answer_from_before_keeps_nobody_from_operating(void **state)
{
	static const struct ecr_sdo_write startup[] = {
		{ .index = 0x2000, .subindex = 2, .type = ECR_SDO_U8, .value = 7 }, { 0 }
	};
	const struct ecr_slave_config slave = { .name = "mailbox",
						.startup = startup,
						.mailbox_poll_ms = -1 };
	static uint16_t list[64];
	const struct ecr_config *config;
	struct talker_request request = { .sdo = { .kind = ECR_SDO_OBJECT_LIST,
						   .index = 1,
						   .data = list,
						   .size = sizeof(list) } };

	(void)state;
	for (int held = 0; held < 2; held++) {
		config = talker_open(&ring, &slave);
		ring.sim->slaves[1].device.habits.stale_at_preop = true;
		ring.sim->slaves[1].device.habits.answer_ns = ECR_MS(2);
		if (held)
			((struct ecr_slave_config *)config->slaves)[1].startup = NULL;
		assert_int_equal(vring_start(&ring, config), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
		if (held) { /* then the first request is about the dictionary */
			assert_int_equal(talker_run(&ring, &request, "mailbox"), 0);
		} else {
			talker_holds(&ring, TALKER_OBJECT(0x2000, 2), "\7", 1);
		}
		read_device_type();
		assert_int_equal(vring_slave(&ring, "mailbox").mailbox.aside, 1);
		vring_close(&ring);
	}
}

/* Nothing is asked of the slave, and it is told all the same, in whatever state it is held. */
static void emergencies_are_told_in_every_state(void **state)
{
	static const enum ecr_target targets[] = { ECR_TARGET_PREOP, ECR_TARGET_SAFEOP };
	const struct ecr_slave_config slave = { .name = "mailbox" };
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE };

	(void)state;
	talker_open_pair(&ring);
	send_emergency(0x8110);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	vring_close(&ring);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(vring_start(&ring, talker_open(&ring, &slave)), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
		lower.target = targets[i];
		assert_int_equal(vring_request(&ring, &lower), 0);
		vring_run_until(&ring, ring.now + ECR_MS(60));
		send_emergency(0x8110);
		vring_run_until(&ring, ring.now + ECR_MS(60));
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
		vring_close(&ring);
	}
}

/* On its way, too, which may take seconds. */
static void emergencies_are_told_on_the_way_to_op(void **state)
{
	const struct ecr_slave_config slave = { .name = "mailbox" };

	(void)state;
	assert_int_equal(vring_start(&ring, talker_open(&ring, &slave)), 0);
	ring.sim->slaves[1].device.al_delay_ns = ECR_S(2);
	while (vring_slave(&ring, "mailbox").al_state < ECR_AL_SAFEOP)
		vring_run_until(&ring, ring.now + ECR_MS(100));
	send_emergency(0x8110);
	vring_run_until(&ring, ring.now + ECR_MS(60));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_EMERGENCY], 1);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_AWAITING_PREOP);
	vring_close(&ring);
}

static const struct ecr_config *open_for_boot(const char *device)
{
	static const struct ecr_slave_config slaves[] = {
		{ .name = "coupler", .target_state = ECR_TARGET_PREOP },
		{ .name = "device", .target_state = ECR_TARGET_BOOT },
		{ 0 },
	};
	static struct ecr_config config;
	const char *names[] = { "EK1100", device, NULL };

	vring_open(&ring, names);
	config = vring_default_config();
	config.slaves = slaves;
	return &config;
}

static void set_target(enum ecr_target target)
{
	const struct ecr_slave_config slave = { .name = "device", .target_state = target };
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
				       .name = "device",
				       .slave = &slave };

	assert_int_equal(vring_request(&ring, &request), 0);
	vring_run_until(&ring, ring.now + ECR_S(5));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
}

/* The device lets nobody into BOOT whose SyncManagers are not those of its bootstrap mailbox. */
static void a_slave_is_held_in_boot_with_its_bootstrap_mailbox(void **state)
{
	uint8_t type[4];

	(void)state;
	assert_int_equal(vring_start(&ring, open_for_boot("EL3202")), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(5)), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_BOOT);
	assert_int_equal(talker_upload(&ring, "device", 0x1000, 0, type, sizeof(type)).error,
			 ECR_ERR_MAILBOX_NOT_READY);
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	set_target(ECR_TARGET_PREOP);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_PREOP);
	assert_int_equal(talker_upload(&ring, "device", 0x1000, 0, type, sizeof(type)).error, 0);
	set_target(ECR_TARGET_BOOT);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_BOOT);
	assert_int_equal(vring_stop(&ring), 0);
	vring_close(&ring);
}

static void a_slave_without_bootstrap_mailbox_is_told(void **state)
{
	(void)state;
	assert_int_equal(vring_start(&ring, open_for_boot("mailbox")), 0);
	assert_int_not_equal(vring_await_running(&ring, ECR_S(5)), 0);
	assert_int_equal(ring.core->last_failure.cause, ECR_ERR_NO_BOOTSTRAP);
	vring_close(&ring);
}

#define REQUESTS 256 /* limits.requests, unless given */

/* As many as the limit says wait for their turn; one more is refused at once, and when they are done there is room again. */
static void requests_beyond_the_limit_are_refused(void **state)
{
	static struct talker_request requests[REQUESTS + 1];
	static uint8_t types[REQUESTS + 1][4];

	(void)state;
	talker_open_pair(&ring);
	for (int i = 0; i <= REQUESTS; i++) {
		requests[i].sdo = (struct ecr_sdo){
			.kind = ECR_SDO_UPLOAD, .index = 0x1000, .data = types[i], .size = 4
		};
		assert_int_equal(talker_submit(&ring, &requests[i], "mailbox", 0), 0);
	}
	vring_run_until(&ring, ring.now + ECR_US(100));
	assert_true(requests[REQUESTS].done);
	assert_int_equal(requests[REQUESTS].request.result, ECR_ERR_BUSY);
	assert_false(requests[REQUESTS - 1].done);
	vring_run_until(&ring, ring.now + ECR_S(5));
	for (int i = 0; i < REQUESTS; i++) {
		assert_true(requests[i].done);
		assert_int_equal(requests[i].request.result, 0);
	}
	read_device_type();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_beyond_the_limit_are_refused),
		cmocka_unit_test(nothing_is_left_from_before_a_slave_was_brought_up),
		cmocka_unit_test(a_late_answer_from_before_keeps_nobody_from_operating),
		cmocka_unit_test(emergencies_are_told_in_every_state),
		cmocka_unit_test(emergencies_are_told_on_the_way_to_op),
		cmocka_unit_test(a_slave_is_held_in_boot_with_its_bootstrap_mailbox),
		cmocka_unit_test(a_slave_without_bootstrap_mailbox_is_told),
	};

	return RUN(tests);
}
