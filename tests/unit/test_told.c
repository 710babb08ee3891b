/* SPDX-License-Identifier: Apache-2.0 */
/* What the session tells of itself when it is asked: whose it is, which way it goes, when it was. */
#include "support/check.h"
#include "support/heal.h"
#include "slave/slave.h"

#include <ecring/diag.h>

#include <string.h>

static struct vring ring;

/* A list longer than there is room for: its length is told, and nothing behind the room is touched. */
static void lists_keep_to_their_room(void **state)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							    { .id = "other",
							      .cycle_ns = ECR_MS(2) },
							    { 0 } };
	struct ecr_config config = vring_default_config();
	struct ecr_domain_info infos[2];
	struct ecr_slave_summary summaries[3];
	struct ecr_request request = { .kind = ECR_REQUEST_DOMAINS, .out = infos, .room = 1 };

	(void)state;
	config.domains = domains;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	memset(infos, 0x55, sizeof(infos));
	assert_int_equal(vring_request(&ring, &request), 2);
	assert_string_equal(infos[0].id, "main");
	assert_int_equal(infos[1].id[0], 0x55);
	memset(summaries, 0x55, sizeof(summaries));
	request = (struct ecr_request){ .kind = ECR_REQUEST_SLAVES, .out = summaries, .room = 2 };
	assert_int_equal(vring_request(&ring, &request), 3);
	assert_string_equal(summaries[1].name, "inputs");
	assert_int_equal(summaries[2].name[0], 0x55);
	vring_close(&ring);
}

static void say(const char *sentence)
{
	char error[300];

	if (!ecr_sim_say(ring.sim, ring.now, sentence, error, sizeof(error)))
		fail_msg("%s: %s", sentence, error);
	vring_run_until(&ring, ring.now + ECR_S(5));
}

/* One more slave than is configured, and nothing else: it stands at position 3. */
static void only_the_stranger_is_told(bool there)
{
	struct ecr_difference differences[4];
	struct ecr_request request = { .kind = ECR_REQUEST_DIFFERENCES,
				       .out = differences,
				       .room = 4 };

	assert_int_equal(vring_request(&ring, &request), there);
	if (!there)
		return;
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_ADDED);
	assert_int_equal(differences[0].position, 3);
}

/* Also where no slave is optional. */
static void strangers_are_told_while_they_are_there(void **state)
{
	static const char *const names[] = { "EK1100", "EL1809", "EL2809", "EL1809", NULL };
	struct ecr_config config = vring_default_config();

	(void)state;
	for (int there = 0; there < 2; there++) {
		vring_open(&ring, names);
		if (!there)
			say("unplug #3");
		assert_int_equal(vring_start(&ring, &config), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
		only_the_stranger_is_told(there);
		for (int i = 0; i < 2; i++) {
			say(there ? "unplug #3" : "plug #3");
			only_the_stranger_is_told(!there);
			say(there ? "plug #3" : "unplug #3");
			only_the_stranger_is_told(there);
		}
		vring_close(&ring);
	}
}

static void what_is_attached_says_which_way_it_goes(void **state)
{
	static const char *const names[] = { "inputs", "outputs" };
	static const enum ecr_direction directions[] = { ECR_INPUT, ECR_OUTPUT };

	(void)state;
	heal_open(&ring);
	for (int i = 0; i < 2; i++) {
		struct ecr_slave_info info = vring_slave(&ring, names[i]);

		assert_true(info.attachment_count > 0);
		for (int k = 0; k < info.attachment_count; k++) {
			assert_int_equal(info.attachments[k].direction, directions[i]);
			assert_string_equal(info.attachments[k].domain, "main");
		}
	}
	vring_close(&ring);
}

/* Of a device that says so itself over CoE, as of one of which only the EEPROM is known. */
static void pdos_say_which_way_they_go(void **state)
{
	static const char *const names[] = { "EK1100", "drive", "EL2809", NULL };
	static struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "drive", .process_data = ECR_ALL_TO("main") },
		{ .name = "outputs", .process_data = ECR_ALL_TO("main") },
		{ 0 }
	};
	struct ecr_config config = vring_default_config();
	struct ecr_pdo_info pdos[64];
	int of_coe[2] = { 0 };

	(void)state;
	config.slaves = slaves;
	vring_open(&ring, names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	for (int i = 1; i < 3; i++) {
		struct ecr_request request = { .kind = ECR_REQUEST_SLAVE_PDOS,
					       .name = slaves[i].name,
					       .out = pdos,
					       .room = 64 };
		int count = vring_request(&ring, &request);

		assert_in_range(count, 1, 64);
		for (int k = 0; k < count; k++) {
			assert_int_equal(pdos[k].direction,
					 pdos[k].pdo < 0x1A00 ? ECR_OUTPUT : ECR_INPUT);
			of_coe[pdos[k].direction] += pdos[k].source == ECR_PDO_OF_COE;
		}
	}
	assert_true(of_coe[ECR_INPUT] > 0 && of_coe[ECR_OUTPUT] > 0);
	vring_close(&ring);
}

/* What is registered already needs no other plan. */
static void registered_again_it_is_as_it_was(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_registration registration = { .slave = "outputs" };
	struct ecr_request request = { .kind = ECR_REQUEST_REGISTER_PDO,
				       .name = "main",
				       .out = &registration };
	struct ecr_attachment attachment;
	ecr_time before;
	uint32_t size;

	(void)state;
	heal_open(&ring);
	assert_int_equal(vring_request(&ring, &lower), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(1)));
	attachment = vring_slave(&ring, "outputs").attachments[0];
	registration.sm = attachment.sm_index;
	registration.size = attachment.sm_size;
	registration.direction = attachment.direction;
	size = vring_domain(&ring, "main").image_size;
	before = ring.now;
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(ring.now, before); /* nothing had to be asked */
	assert_int_equal(vring_domain(&ring, "main").image_size, size);
	vring_close(&ring);
}

/* IN and OUT changed for each other: said while the slave is there, and not when it is gone. */
static void a_swapped_slave_is_listed(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	uint8_t siis[3][1024];
	struct ecr_difference differences[4];
	struct ecr_request request = { .kind = ECR_REQUEST_DIFFERENCES,
				       .out = differences,
				       .room = 4 };
	struct ecr_config config = vring_default_config();

	(void)state;
	for (int i = 0; i < 3; i++) {
		devices[i].name = vring_default_slaves[i].name;
		assert_true(ecr_sim_shipped(vring_default_names[i], &devices[i], siis[i],
					    sizeof(siis[i])));
	}
	devices[2].entry_port = 1;
	vring_open_devices(&ring, devices, 3);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_int_equal(vring_request(&ring, &request), 1);
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_SWAPPED);
	assert_string_equal(differences[0].slave, vring_default_slaves[2].name);
	assert_int_equal(differences[0].actual, 1);
	heal_say(&ring, "disconnect outputs");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_request(&ring, &request), 1);
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_MISSING);
	vring_close(&ring);
}

/* When the last bad cycle was stays told after the domain is well again. */
static void a_domain_tells_its_last_bad_cycle(void **state)
{
	int64_t before, after;

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	before = ring.now / 1000;
	heal_say(&ring, "wkc -1 of inputs for 2 frames");
	vring_run_until(&ring, ring.now + ECR_MS(10));
	after = ring.now / 1000;
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(heal_healthy(&ring));
	assert_in_range(vring_domain(&ring, "main").last_invalid_cycle_at_us, before, after);
	assert_int_equal(vring_domain(&ring, "main").last_invalid_reason.error,
			 ECR_ERR_WKC_MISMATCH);
	vring_close(&ring);
}

/* ETG.1000.6, 6.4.1: up by single steps, BOOT by INIT alone, down to INIT at once. */
static void the_way_from_state_to_state(void **state)
{
	static const struct {
		enum ecr_al_state from, to, next;
	} ways[] = {
		{ ECR_AL_INIT, ECR_AL_OP, ECR_AL_PREOP },
		{ ECR_AL_INIT, ECR_AL_PREOP, ECR_AL_PREOP },
		{ ECR_AL_INIT, ECR_AL_BOOT, ECR_AL_BOOT },
		{ ECR_AL_BOOT, ECR_AL_PREOP, ECR_AL_INIT },
		{ ECR_AL_PREOP, ECR_AL_BOOT, ECR_AL_INIT },
		{ ECR_AL_PREOP, ECR_AL_OP, ECR_AL_SAFEOP },
		{ ECR_AL_SAFEOP, ECR_AL_OP, ECR_AL_OP },
		{ ECR_AL_SAFEOP, ECR_AL_PREOP, ECR_AL_PREOP },
		{ ECR_AL_OP, ECR_AL_PREOP, ECR_AL_SAFEOP },
		{ ECR_AL_OP, ECR_AL_INIT, ECR_AL_INIT },
		{ ECR_AL_OP, ECR_AL_OP, ECR_AL_OP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		assert_int_equal(ecr_al_next(ways[i].from, ways[i].to), ways[i].next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_keep_to_their_room),
		cmocka_unit_test(strangers_are_told_while_they_are_there),
		cmocka_unit_test(what_is_attached_says_which_way_it_goes),
		cmocka_unit_test(pdos_say_which_way_they_go),
		cmocka_unit_test(registered_again_it_is_as_it_was),
		cmocka_unit_test(a_swapped_slave_is_listed),
		cmocka_unit_test(a_domain_tells_its_last_bad_cycle),
		cmocka_unit_test(the_way_from_state_to_state),
	};

	return RUN(tests);
}
