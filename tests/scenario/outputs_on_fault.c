/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#include <string.h>

static struct vring ring;

static const struct ecr_safe_value safe[] = {
	{ .signal = "ch2", .on_fault = ECR_ON_FAULT_HOLD },
	{ .signal = "ch3",
	  .on_fault = ECR_ON_FAULT_SAFE,
	  .value = { .type = ECR_TYPE_BOOL, .boolean = true } },
	{ 0 },
};

/* One with a value of its own, one that wants otherwise; the others have none. */
static const struct ecr_safe_value valued[] = {
	{ .signal = "ch2", .on_fault = ECR_ON_FAULT_HOLD },
	{ .signal = "ch3", .value = { .type = ECR_TYPE_BOOL, .boolean = true } },
	{ 0 },
};

/* Channels of outputs as the terminal shows them: zero unless it is in OP. */
static uint64_t shown(void)
{
	uint64_t value;

	assert_true(ecr_sim_get_output(ring.sim, 2, 0, 16, &value));
	return value;
}

/* Channels 1, 2 and 4 are on. */
static void open_ring(enum ecr_on_fault on_fault, const struct ecr_safe_value *values)
{
	struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "inputs", .process_data = ECR_ALL_TO("main") },
		{ .name = "outputs",
		  .process_data = ECR_ALL_TO("main"),
		  .health_poll_ms = 20,
		  .on_fault = on_fault,
		  .safe_values = values },
		{ 0 },
	};
	static struct ecr_slave_config kept[4];

	for (int i = 0; i < 4; i++)
		kept[i] = slaves[i];
	heal_open_with(&ring, kept);
	vring_output(&ring, "outputs", "ch1", 1);
	vring_output(&ring, "outputs", "ch2", 1);
	vring_output(&ring, "outputs", "ch4", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(shown(), 0xB);
}

static void lose_and_find(const char *sentence)
{
	heal_say(&ring, sentence);
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(500)));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_MS(100));
}

static void a_lost_slave_gets_zero_until_it_is_written_again(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_DEFAULT, NULL);
	lose_and_find("disconnect outputs for 60 frames");
	assert_int_equal(shown(), 0);
	vring_output(&ring, "outputs", "ch4", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(shown(), 8);
	vring_close(&ring);
}

static void so_does_one_that_has_restarted(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_DEFAULT, NULL);
	lose_and_find("power-cycle outputs");
	assert_int_equal(shown(), 0);
	vring_close(&ring);
}

static void a_slave_that_only_fell_back_keeps_its_outputs(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_DEFAULT, NULL);
	heal_say(&ring, "retreat outputs");
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(100)));
	assert_int_equal(shown(), 0);
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(shown(), 0xB);
	vring_close(&ring);
}

static void outputs_hold_when_asked_to(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_HOLD, NULL);
	lose_and_find("disconnect outputs for 60 frames");
	assert_int_equal(shown(), 0xB);
	vring_close(&ring);
}

/* The domain holds; a slave may want otherwise. */
static void the_domain_decides_for_slaves_that_do_not(void **state)
{
	static const struct ecr_domain_config holding[] = {
		{ .id = "main", .cycle_ns = ECR_MS(10), .on_fault = ECR_ON_FAULT_HOLD }, { 0 }
	};
	static const struct ecr_domain_config making_safe[] = {
		{ .id = "main", .cycle_ns = ECR_MS(10), .on_fault = ECR_ON_FAULT_SAFE }, { 0 }
	};
	static const struct {
		const struct ecr_domain_config *domains;
		enum ecr_on_fault of_slave;
		uint64_t left;
	} cases[] = {
		{ holding, ECR_ON_FAULT_DEFAULT, 0xB },	    { holding, ECR_ON_FAULT_ZERO, 0x2 },
		{ holding, ECR_ON_FAULT_HOLD, 0xB },	    { holding, ECR_ON_FAULT_SAFE, 0x6 },
		{ making_safe, ECR_ON_FAULT_DEFAULT, 0x6 }, { making_safe, ECR_ON_FAULT_ZERO, 0x2 },
		{ making_safe, ECR_ON_FAULT_HOLD, 0xB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ecr_slave_config slaves[4];
		struct ecr_config config = vring_default_config();

		memcpy(slaves, vring_default_slaves, sizeof(slaves));
		slaves[2].on_fault = cases[i].of_slave;
		slaves[2].safe_values = valued;
		slaves[2].health_poll_ms = 20;
		config.slaves = slaves;
		config.domains = cases[i].domains;
		vring_open(&ring, vring_default_names);
		assert_int_equal(vring_start(&ring, &config), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_MS(2500)), 0);
		vring_output(&ring, "outputs", "ch1", 1);
		vring_output(&ring, "outputs", "ch2", 1);
		vring_output(&ring, "outputs", "ch4", 1);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		lose_and_find("disconnect outputs for 60 frames");
		assert_int_equal(shown(), cases[i].left);
		vring_close(&ring);
	}
}

/* What the application has written while the slave was away counts when it is back: it knew. */
static void what_is_written_meanwhile_is_not_withheld(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_DEFAULT, NULL);
	heal_say(&ring, "disconnect outputs for 60 frames");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(500)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	vring_output(&ring, "outputs", "ch2", 1);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(shown(), 2);
	vring_close(&ring);
}

/*
 * It falls to INIT, which is told, and is written again. Then it restarts while the host stands still, and nobody sees more than that it
 * has lost its station.
 */
static void what_was_written_before_a_restart_is_withheld(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_DEFAULT, NULL);
	heal_say(&ring, "retreat outputs init for 150ms");
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_HEALTH_FAULT, 2, -1));
	vring_output(&ring, "outputs", "ch4", 1);
	vring_run_until(&ring, ring.now + ECR_MS(10));
	ring.now += ECR_MS(110);
	heal_say(&ring, "power-cycle outputs for 1ms");
	ring.now += ECR_MS(50);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(shown(), 0);
	vring_output(&ring, "outputs", "ch4", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(shown(), 8);
	vring_close(&ring);
}

static void each_signal_has_its_own_way(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_ZERO, safe);
	lose_and_find("disconnect outputs for 60 frames");
	assert_int_equal(shown(), 0x6); /* held, and the safe value */
	vring_close(&ring);
}

static void safe_of_a_slave_gives_each_its_value_and_others_zero(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_SAFE, valued);
	lose_and_find("disconnect outputs for 60 frames");
	assert_int_equal(shown(), 0x6);
	vring_close(&ring);
	open_ring(ECR_ON_FAULT_ZERO, valued); /* a value alone asks for nothing */
	lose_and_find("disconnect outputs for 60 frames");
	assert_int_equal(shown(), 0x2);
	vring_close(&ring);
}

/* Frames that are lost cost cycles, not outputs. */
static void lost_frames_change_no_output(void **state)
{
	(void)state;
	open_ring(ECR_ON_FAULT_DEFAULT, NULL);
	heal_say(&ring, "drop for 4 frames");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(shown(), 0xB);
	vring_close(&ring);
}

static void a_safe_value_for_an_unknown_signal_is_refused(void **state)
{
	static const struct ecr_safe_value wrong[] = { { .signal = "ch17" }, { 0 } };
	static const struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "inputs" },
		{ .name = "outputs", .process_data = ECR_ALL_TO("main"), .safe_values = wrong },
		{ 0 },
	};
	struct ecr_config config = vring_default_config();
	struct ecr_slave_info info;

	(void)state;
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_true(vring_await_operational(&ring, ECR_S(2)) < 0);
	info = vring_slave(&ring, "outputs");
	assert_int_equal(info.configuration_error, ECR_ERR_SIGNAL_NOT_IN_MODEL);
	assert_string_equal(info.configuration_failure.subject, "ch17");
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_slave_gets_zero_until_it_is_written_again),
		cmocka_unit_test(so_does_one_that_has_restarted),
		cmocka_unit_test(a_slave_that_only_fell_back_keeps_its_outputs),
		cmocka_unit_test(outputs_hold_when_asked_to),
		cmocka_unit_test(the_domain_decides_for_slaves_that_do_not),
		cmocka_unit_test(what_is_written_meanwhile_is_not_withheld),
		cmocka_unit_test(what_was_written_before_a_restart_is_withheld),
		cmocka_unit_test(each_signal_has_its_own_way),
		cmocka_unit_test(safe_of_a_slave_gives_each_its_value_and_others_zero),
		cmocka_unit_test(lost_frames_change_no_output),
		cmocka_unit_test(a_safe_value_for_an_unknown_signal_is_refused),
	};

	return RUN(tests);
}
