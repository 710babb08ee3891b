/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"
#include "wire/registers.h"

#include <ecring/diag.h>

#include <string.h>

static struct vring ring;

/* Their names one behind the other, "" none. */
static const char *suspects(void)
{
	static char text[200];
	struct ecr_suspect found[8];
	struct ecr_request request = {
		.kind = ECR_REQUEST_SUSPECTS, .name = "main", .out = found, .room = 8
	};
	int count = vring_request(&ring, &request);

	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, found[i].name);
		assert_int_equal(found[i].station, 0x1000 + found[i].position);
	}
	return text;
}

static bool has_fault(struct vring *unused)
{
	static const char *const names[] = { "coupler", "inputs", "outputs", "mailbox" };

	for (int i = 0; i < 4; i++)
		if (vring_slave(unused, names[i]).fault.kind != ECR_FAULT_NONE)
			return true;
	return false;
}

/* Three devices with data: one with inputs, one with outputs, one with both. All answer, all are in OP. */
static void who_may_be_the_reason_is_listed(void **state)
{
	static const struct {
		const char *sentence;
		const char *suspects;
	} cases[] = {
		{ "wkc -1 of inputs", "inputs mailbox" },
		{ "wkc -2 of outputs", "outputs mailbox" },
		{ "wkc -3 of mailbox", "mailbox" },
		{ "wkc -1 of LRW", "inputs mailbox" },
		{ "wkc +1 of LRW", "inputs outputs mailbox" },
		{ "wkc -6 of LRW", "inputs outputs mailbox" },
	};

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(suspects(), "");
		heal_say(&ring, cases[i].sentence);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_string_equal(suspects(), cases[i].suspects);
		assert_true(heal_recovering(&ring));
		assert_false(has_fault(&ring));
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(heal_healthy(&ring));
	}
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	vring_close(&ring);
}

/* With LRD and LWR it is told which of them is wrong: who takes no part in it is not the reason. */
static void separate_commands_tell_more(void **state)
{
	static const char *const shipped[] = { "EK1100", "EL1809", "EL1809", "EL2809" };
	static const char *const names[] = { "coupler", "first", "second", "outputs" };
	static uint8_t siis[4][1024];
	struct ecr_sim_device devices[4] = { 0 };
	struct ecr_slave_config slaves[5] = { 0 };
	struct ecr_config config = vring_default_config();

	(void)state;
	for (int i = 0; i < 4; i++) {
		devices[i].name = names[i];
		assert_true(ecr_sim_shipped(shipped[i], &devices[i], siis[i], sizeof(siis[i])));
		slaves[i].name = names[i];
		if (i)
			slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("main");
	}
	devices[3].features = ECR_FEATURE_NO_LRW;
	config.slaves = slaves;
	vring_open_devices(&ring, devices, 4);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_int_equal(vring_domain(&ring, "main").datagrams, 2);
	heal_say(&ring, "wkc -1 of LWR");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_string_equal(suspects(), "outputs");
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	heal_say(&ring, "wkc -1 of LRD");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_string_equal(suspects(), "first second");
	vring_close(&ring);
}

static void a_culprit_that_is_known_leaves_no_suspects(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(100)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_string_equal(suspects(), "");
	heal_say(&ring, "wkc -1 of inputs"); /* besides */
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_string_equal(suspects(), "inputs mailbox");
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_string_equal(suspects(), "");
	vring_close(&ring);
}

static void questions_that_make_no_sense_are_refused(void **state)
{
	struct ecr_request request = { .kind = ECR_REQUEST_SUSPECTS, .name = "other" };

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ 0 });
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_NOT_FOUND);
	assert_int_equal(vring_stop(&ring), 0);
	request.name = "main";
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_NOT_STARTED);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_be_the_reason_is_listed),
		cmocka_unit_test(separate_commands_tell_more),
		cmocka_unit_test(a_culprit_that_is_known_leaves_no_suspects),
		cmocka_unit_test(questions_that_make_no_sense_are_refused),
	};

	return RUN(tests);
}
