/* SPDX-License-Identifier: Apache-2.0 */
/* What masters get wrong when things go wrong: one test each. */
#include "support/check.h"
#include "support/reconnect.h"
#include "wire/registers.h"

static struct vring ring;

#define REFUSED "mailbox abort mailbox with 0x06010002 object 0x2003 sub 1"

static bool blocked(struct vring *unused)
{
	return ecr_core_state(unused->core) == ECR_STATE_ACTIVATION_BLOCKED;
}

static void start_blocked(void)
{
	const struct reconnect what = { .combined = true };
	const struct ecr_config *config = reconnect_prepare(&ring, &what);

	heal_say(&ring, REFUSED);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_true(heal_until(&ring, blocked, ECR_S(4)));
}

/* Who could not be configured keeps nobody else from cycling; and when it can, it cycles too. */
static void a_blocked_activation_cycles_and_heals_to_what_cycles(void **state)
{
	(void)state;
	start_blocked();
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_CYCLING);
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_OP);
	heal_loopback(&ring);
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_true(vring_domain(&ring, "main").cycle_count > 10);
	vring_close(&ring);
}

/* What happens to another slave while the activation is blocked is noticed, told and healed. */
static void nothing_is_overlooked_while_blocked(void **state)
{
	(void)state;
	start_blocked();
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(200)));
	heal_say(&ring, "retreat inputs");
	vring_run_until(&ring, ring.now + ECR_MS(400));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_INPUTS,
			     ECR_FAULT_RETREATED));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* ... also when it lasts longer than what blocked. */
static void what_outlasts_the_block_is_not_operational(void **state)
{
	(void)state;
	start_blocked();
	ecr_sim_clear_faults(ring.sim);
	heal_say(&ring, "disconnect outputs");
	vring_run_until(&ring, ring.now + ECR_S(7));
	assert_int_equal(vring_slave(&ring, "mailbox").al_state, ECR_AL_OP);
	assert_false(heal_operational(&ring));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* Slow slaves on their way up are no fault: the session is not operational, recovering, operational. */
static void a_start_does_not_flap(void **state)
{
	static const char *const names[] = { "EK1100", "EL1809+slow", "EL2809", "mailbox+slow",
					     NULL };
	static const struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "EL1809+slow", .process_data = ECR_ALL_TO("main") },
		{ .name = "outputs", .process_data = ECR_ALL_TO("main") },
		{ .name = "mailbox+slow", .process_data = ECR_ALL_TO("main") },
		{ 0 },
	};
	struct ecr_config config = vring_default_config();
	int operational = 0;

	(void)state;
	config.slaves = slaves;
	vring_open(&ring, names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	vring_run_until(&ring, ring.now + ECR_S(3));
	for (int i = 0; i < ring.event_count; i++)
		operational += ring.events[i].kind == ECR_EVENT_STATE_CHANGED &&
			       ring.events[i].to == ECR_STATE_OPERATIONAL;
	assert_int_equal(operational, 1);
	assert_false(heal_saw(&ring, ECR_EVENT_DOMAIN_DEGRADED, -1, -1));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

static void send_to_init(uint16_t station)
{
	uint8_t init[2] = { ECR_AL_INIT, 0 };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_FPWR,
					      .address = ecr_address_station(station,
									     ECR_REG_AL_CONTROL),
					      .data = init,
					      .length = 2 };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };

	assert_int_equal(vring_request(&ring, &request), 0);
}

/* Somebody else sends slaves to INIT: mailbox, startup list, SyncManagers and FMMUs are set up anew. */
static void who_is_sent_to_init_is_set_up_anew(void **state)
{
	(void)state;
	for (int held = 0; held < 2; held++) {
		reconnect_open(&ring, &(struct reconnect){ .combined = !held, .held = held });
		assert_int_equal(talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(60),
						 TALKER_BLOB)
					 .error,
				 0);
		for (uint16_t i = 0; i < 4; i++)
			send_to_init((uint16_t)(0x1000 + i));
		vring_run_until(&ring, ring.now + ECR_MS(300));
		assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
		vring_run_until(&ring, ring.now + ECR_MS(500));
		assert_int_equal(vring_slave(&ring, "mailbox").al_state,
				 held ? ECR_AL_PREOP : ECR_AL_OP);
		talker_other_holds(&ring, RECONNECT_MAILBOX, TALKER_BLOB_OBJECT,
				   talker_counting(RECONNECT_FIRST), TALKER_BLOB);
		heal_loopback(&ring);
		vring_close(&ring);
	}
}

/* A domain that was stopped for its misses cycles again when frames come back. */
static void a_stopped_domain_is_started_again(void **state)
{
	static const struct ecr_domain_config domains[] = {
		{ .id = "main", .cycle_ns = ECR_MS(1), .miss_threshold = 20 }, { 0 }
	};
	struct ecr_config config = vring_default_config();

	(void)state;
	config.domains = domains;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	heal_say(&ring, "drop for 2s");
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_STOPPED);
	assert_true(heal_recovering(&ring));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_CYCLING);
	vring_close(&ring);
}

static bool mailbox_fell(struct vring *unused)
{
	return vring_slave(unused, "mailbox").al_state == ECR_AL_SAFEOP;
}

/* An answer is waited for a whole second; who falls back meanwhile is seen all the same, and others heal. */
static void a_transfer_that_hangs_holds_up_nothing(void **state)
{
	uint8_t data[4];
	struct talker_request request = { .sdo = { .kind = ECR_SDO_UPLOAD,
						   .index = 0x2000,
						   .subindex = 1,
						   .data = data,
						   .size = sizeof(data) } };
	ecr_time struck;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "mailbox silence mailbox object 0x2000 sub 1");
	assert_int_equal(talker_submit(&ring, &request, "mailbox", 0), 0);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	heal_say(&ring, "retreat mailbox");
	heal_say(&ring, "retreat outputs");
	struck = ring.now;
	assert_true(heal_until(&ring, mailbox_fell, ECR_MS(30)));
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(30)) ||
		    heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_OUTPUTS,
			     ECR_FAULT_RETREATED));
	vring_run_until(&ring, struck + ECR_MS(600));
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_OP);
	assert_false(request.done);
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_true(request.done);
	assert_int_equal(request.sdo.result.error, ECR_ERR_RESPONSE_TIMEOUT);
	vring_close(&ring);
}

static int ask(enum ecr_request_kind kind, enum ecr_target target)
{
	struct ecr_request request = { .kind = kind, .target = target };

	return vring_request(&ring, &request);
}

/* Back in PREOP a slave may get other process data, as often as wanted. */
static void in_preop_everything_can_be_configured_anew(void **state)
{
	static const struct ecr_signal_map some[] = { { "ch3", "main" }, { 0 } };
	struct ecr_slave_config inputs = { .name = "inputs" };
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
				       .name = "inputs",
				       .slave = &inputs };

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	for (int i = 0; i < 3; i++) {
		const struct ecr_process_data kinds[] = { { 0 },
							  ECR_SIGNALS(some),
							  ECR_ALL_TO("main") };

		assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP), 0);
		inputs.process_data = kinds[i];
		assert_int_equal(vring_request(&ring, &request), 0);
		assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(1)), 0);
		assert_int_equal(vring_slave(&ring, "inputs").signal_count,
				 i ? i == 1 ? 1 : 16 : 0);
	}
	heal_loopback(&ring);
	vring_close(&ring);
}

/* A domain that nobody uses is no reason to refuse the others. */
static void an_empty_domain_does_not_matter(void **state)
{
	static const struct ecr_domain_config domains[] = { { .id = "nobody" },
							    { .id = "main", .cycle_ns = ECR_MS(2) },
							    { 0 } };
	struct ecr_config config = vring_default_config();

	(void)state;
	config.domains = domains;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(heal_healthy(&ring));
	assert_int_equal(vring_domain(&ring, "nobody").state, ECR_DOMAIN_OPEN);
	vring_close(&ring);
}

/* A call that is refused changes nothing of what the session is to reach. */
static void a_refused_call_leaves_the_target(void **state)
{
	const struct reconnect what = { .all_held = true };
	const struct ecr_config *config = reconnect_prepare(&ring, &what);

	(void)state;
	assert_int_equal(vring_start(&ring, config), 0);
	assert_true(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP) < 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	assert_true(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_SAFEOP) < 0);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_OPEN);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blocked_activation_cycles_and_heals_to_what_cycles),
		cmocka_unit_test(nothing_is_overlooked_while_blocked),
		cmocka_unit_test(what_outlasts_the_block_is_not_operational),
		cmocka_unit_test(a_start_does_not_flap),
		cmocka_unit_test(who_is_sent_to_init_is_set_up_anew),
		cmocka_unit_test(a_stopped_domain_is_started_again),
		cmocka_unit_test(a_transfer_that_hangs_holds_up_nothing),
		cmocka_unit_test(in_preop_everything_can_be_configured_anew),
		cmocka_unit_test(an_empty_domain_does_not_matter),
		cmocka_unit_test(a_refused_call_leaves_the_target),
	};

	return RUN(tests);
}
