/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include "base/le.h"
#include "wire/sii.h"

#include <string.h>

#define COUNT 4
#define A 0
#define B 1
#define C 2
#define X 3

static struct vring ring;
static uint8_t images[COUNT][ECHO_SII_BYTES];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[COUNT + 1];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "x" };

/* Of four kinds; so many are configured. */
static void describe(int configured)
{
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		devices[i] = echo_device(names[i], images[i], 0x50 + (uint32_t)i);
		if (i < configured)
			slaves[i] = echo_slave(names[i]);
	}
	config = vring_default_config();
	config.slaves = slaves;
}

/* All of one kind. */
static void tell_by_serial(void)
{
	for (int i = A; i <= X; i++) {
		ecr_put_le32(images[i] + (size_t)ECR_SII_WORD_PRODUCT * 2, 0x50);
		ecr_put_le32(images[i] + (size_t)ECR_SII_WORD_SERIAL * 2, (uint32_t)(i + 1));
	}
	for (int i = A; i <= C; i++) {
		slaves[i].check = ECR_CHECK_SERIAL;
		slaves[i].identity.serial = (uint32_t)(i + 1);
	}
}

static void open_ring(int count)
{
	echo_open(&ring, devices, count);
}

static void come_up(void)
{
	echo_come_up(&ring, &config);
}

static void assert_works(const char *name)
{
	echo_works(&ring, name, ECR_MS(20));
}

static int ask(enum ecr_request_kind kind)
{
	struct ecr_request request = { .kind = kind, .target = ECR_TARGET_PREOP };

	return vring_request(&ring, &request);
}

static void what_it_was_given_as_another_does_not_stay(void **state)
{
	(void)state;
	describe(2);
	slaves[B].process_data = (struct ecr_process_data){ 0 };
	config.backup_interface = "the ring's other end";
	open_ring(2);
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, B, -1));
	come_up();
	heal_say(&ring, "power-cycle b for 60ms");
	vring_run_until(&ring, ring.now + ECR_MS(30));
	heal_say(&ring, "power-off a for 1s");
	vring_run_until(&ring, ring.now + ECR_MS(500));
	ask(ECR_REQUEST_DEACTIVATE);
	vring_run_until(&ring, ring.now + ECR_S(2));
	ask(ECR_REQUEST_ACTIVATE);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	assert_works("a");
	vring_close(&ring);
}

/* In this order behind a, each with one behind it. */
static void line_up(int first, int second, int third)
{
	const int order[] = { first, second, third };

	for (int i = B; i <= X; i++)
		ecr_sim_unplug(ring.sim, ring.now, i);
	for (int i = 0, at = A; i < 3 && order[i] >= 0; at = order[i++])
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, order[i], at, 1));
}

/* They restart so long after they have been put there; 0: they do not. */
static void as_many_as_were_counted(ecr_time restart)
{
	describe(3);
	devices[X].absent = true;
	open_ring(COUNT);
	come_up();
	line_up(C, X, -1);
	vring_run_until(&ring, ring.now + restart);
	if (restart) {
		heal_say(&ring, "power-cycle c for 10ms");
		heal_say(&ring, "power-cycle x for 10ms");
	}
	vring_run_until(&ring, ring.now + ECR_MS(700));
	line_up(B, C, X);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	for (int i = A; i <= C; i++)
		assert_works(names[i]);
	vring_close(&ring);
}

static void a_stranger_makes_up_the_number(void **state)
{
	(void)state;
	for (ecr_time restart = 0; restart < ECR_MS(400); restart += ECR_MS(45))
		as_many_as_were_counted(restart);
}

static bool b_is_refused(struct vring *unused)
{
	return vring_slave(unused, "b").configuration_error == ECR_ERR_IDENTITY_MISMATCH;
}

/* c has restarted and was read as b, and before c itself is looked for b is back, without a station: one more than was counted. */
static void one_more_than_counted(bool alike)
{
	describe(3);
	if (alike)
		tell_by_serial();
	devices[X].absent = true;
	open_ring(COUNT);
	come_up();
	line_up(C, X, -1);
	heal_say(&ring, "power-cycle b for 10ms");
	heal_say(&ring, "power-cycle c for 10ms");
	assert_true(heal_until(&ring, b_is_refused, ECR_S(2)));
	line_up(B, C, X);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	for (int i = A; i <= C; i++)
		assert_works(names[i]);
	vring_close(&ring);
}

static void who_was_read_in_its_stead_does_not_keep_it_away(void **state)
{
	(void)state;
	one_more_than_counted(false);
	one_more_than_counted(true);
}

static bool b_is_told(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "b");

	return info.configuration_error == ECR_ERR_IDENTITY_MISMATCH &&
	       info.fault.kind != ECR_FAULT_NONE;
}

/* Nothing is checked of b and c, which are of one kind: what was read of c before is all that tells it from b. */
static void who_is_known_is_not_taken_for_who_is_missing(void **state)
{
	(void)state;
	describe(3);
	tell_by_serial();
	for (int i = A; i <= C; i++)
		slaves[i].check = 0;
	config.backup_interface = "the ring's other end";
	open_ring(3);
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, C, -1));
	come_up();
	heal_say(&ring, "power-off b for 3s");
	heal_say(&ring, "power-cycle c for 10ms");
	vring_run_until(&ring, ring.now + ECR_MS(20));
	for (int i = 0; i < 2900; i++) {
		struct ecr_sim_state truth;

		vring_run_until(&ring, ring.now + ECR_MS(1));
		ecr_sim_look(ring.sim, C, &truth);
		assert_true((truth.al_status & 0xF) <= ECR_AL_PREOP);
	}
	assert_true(b_is_told(&ring));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	for (int i = A; i <= C; i++)
		assert_works(names[i]);
	vring_close(&ring);
}

static void assert_left_alone(void)
{
	struct ecr_sim_state truth;
	uint64_t outputs;

	ecr_sim_look(ring.sim, X, &truth);
	assert_true(ecr_sim_get_output(ring.sim, X, 0, 8, &outputs));
	assert_true((truth.al_status & 0xF) <= ECR_AL_PREOP);
	assert_int_equal(outputs, 0);
}

static void swap(int gone, int come)
{
	ecr_sim_unplug(ring.sim, ring.now, gone);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, come, B, 1));
}

/* c is the tool. */
static void stranger_comes_again(ecr_time moment)
{
	describe(3);
	slaves[C].presence = (struct ecr_presence_config){ .optional = true,
							   .sii = images[C],
							   .sii_size = devices[C].sii_size };
	devices[C].absent = devices[X].absent = devices[X].emulation = true;
	open_ring(COUNT);
	come_up();
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, 1));
	vring_run_until(&ring, ring.now + ECR_MS(400));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, 2));
	swap(X, C);
	vring_run_until(&ring, ring.now + moment);
	swap(C, X);
	for (int i = 0; i < 100; i++) {
		vring_run_until(&ring, ring.now + ECR_MS(1));
		assert_left_alone();
	}
	vring_close(&ring);
}

static void a_stranger_is_not_reached_by_the_name_that_it_had(void **state)
{
	(void)state;
	for (ecr_time moment = 0; moment < ECR_MS(30); moment += ECR_US(500))
		stranger_comes_again(moment);
}

static bool c_is_refused(struct vring *unused)
{
	return vring_slave(unused, "c").configuration_error == ECR_ERR_IDENTITY_MISMATCH;
}

static bool c_is_well(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "c");

	return info.al_state == ECR_AL_PREOP && info.fault.kind == ECR_FAULT_NONE &&
	       info.configuration_error == 0;
}

/* While nobody is watched. */
static void the_right_one_is_found_while_nobody_looks(void **state)
{
	static uint8_t right[sizeof(images[C])];

	(void)state;
	describe(3);
	for (int i = 0; i < 3; i++) {
		slaves[i].process_data = (struct ecr_process_data){ 0 };
		slaves[i].target_state = ECR_TARGET_PREOP;
	}
	slaves[C].check = ECR_CHECK_PRODUCT;
	slaves[C].identity.product = ecr_le32(images[C] + (size_t)ECR_SII_WORD_PRODUCT * 2);
	open_ring(3);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	ask(ECR_REQUEST_ACTIVATE);
	memcpy(right, images[C], sizeof(right));
	images[C][ECR_SII_WORD_PRODUCT * 2] ^= 0x0F;
	heal_say(&ring, "power-cycle c for 10ms");
	assert_true(heal_until(&ring, c_is_refused, ECR_S(2)));
	ask(ECR_REQUEST_DEACTIVATE);
	memcpy(images[C], right, sizeof(right));
	heal_say(&ring, "power-cycle c for 10ms");
	assert_true(heal_until(&ring, c_is_well, ECR_S(8)));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_was_given_as_another_does_not_stay),
		cmocka_unit_test(a_stranger_makes_up_the_number),
		cmocka_unit_test(who_was_read_in_its_stead_does_not_keep_it_away),
		cmocka_unit_test(who_is_known_is_not_taken_for_who_is_missing),
		cmocka_unit_test(a_stranger_is_not_reached_by_the_name_that_it_had),
		cmocka_unit_test(the_right_one_is_found_while_nobody_looks),
	};

	return RUN(tests);
}
