/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include "base/le.h"
#include "sim/controller.h"
#include "wire/sii.h"

#include <stdio.h>
#include <string.h>

enum { A, B, C, D, TOOL, X, Y, COUNT };

#define CONFIGURED 5
#define MARK 42
#define WATCHED ECR_S(6) /* longer than any pause between two attempts */

struct trial {
	bool hot;	/* a tool may come and go */
	bool branches;	/* c and d stand on branches of b */
	bool both;	/* d is there, and restarts with c: */
	ecr_time later; /* so much later than c it has its power back */
	int strangers;
	bool apart;	 /* the second one stands before b */
	ecr_time moment; /* the strangers come so long after c has lost its power, or before */
};

static struct vring ring;
static struct trial now;
static uint8_t images[COUNT][1024];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[CONFIGURED + 1];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "d", "tool", "x", "y" };

/* b, c and d are of one kind; the strangers are of others. */
static uint32_t product_of(int device)
{
	return device >= B && device <= D ? 0x100 : 0x200 + (uint32_t)device;
}

static void describe_devices(void)
{
	memset(devices, 0, sizeof(devices));
	for (int i = 0; i < COUNT; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i],
						      .sii = images[i],
						      .absent = i >= TOOL };
		devices[i].sii_size =
			ecr_sim_digital_sii(images[i], sizeof(images[i]), "digital", 8, 8);
		ecr_put_le32(images[i] + ECR_SII_WORD_PRODUCT * 2, product_of(i));
	}
	devices[TOOL].alias = MARK;
	if (!now.branches)
		return;
	devices[C].parent = devices[D].parent = 1 + B;
	devices[C].parent_port = 1;
	devices[D].parent_port = 2;
}

static void describe(void)
{
	describe_devices();
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < (now.hot ? TOOL + 1 : TOOL); i++) {
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main"),
						       .check = ECR_CHECK_PRODUCT,
						       .watchdog_ms = 6000,
						       .health_poll_ms = 20 };
		slaves[i].identity.product = product_of(i);
	}
	slaves[TOOL].presence = (struct ecr_presence_config){ .optional = true,
							      .by = ECR_BY_ALIAS,
							      .identification = MARK,
							      .sii = images[TOOL],
							      .sii_size = devices[TOOL].sii_size };
	config = vring_default_config();
	config.slaves = slaves;
}

/* Each of them is written another bit. */
static void write_and_look(void)
{
	static const char *const signals[] = { [B] = "out1", [C] = "out2", [D] = "out3" };

	for (int i = B; i <= D; i++)
		vring_output(&ring, names[i], signals[i], 1);
	vring_run_until(&ring, ring.now + ECR_MS(1));
	for (int i = B; i <= D; i++)
		assert_int_equal(echo_outputs(&ring, i) & ~(1u << (i - B)), 0);
	assert_int_equal(echo_outputs(&ring, X) | echo_outputs(&ring, Y), 0);
}

static void run(ecr_time time)
{
	for (ecr_time end = ring.now + time; ring.now < end;)
		write_and_look();
}

static void plug(int device, int behind, int port)
{
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, device, behind, port));
}

/* Between b and c. */
static void strangers_come(void)
{
	plug(X, B, 3);
	if (now.strangers == 2)
		plug(Y, now.apart ? A : X, 3);
}

static void strangers_go(void)
{
	if (now.strangers == 2)
		assert_true(ecr_sim_unplug(ring.sim, ring.now, Y));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
}

/* c restarts, and d, too, or it is away. */
static void restart(void)
{
	char sentence[40];

	heal_say(&ring, "power-off c for 10ms");
	if (!now.both)
		return;
	snprintf(sentence, sizeof(sentence), "power-off d for %dms",
		 10 + (int)(now.later / ECR_MS(1)));
	heal_say(&ring, sentence);
}

static void restart_and_come(void)
{
	if (now.moment < 0) {
		strangers_come();
		run(-now.moment);
	}
	restart();
	if (now.moment < 0)
		return;
	run(now.moment);
	strangers_come();
}

static void come_up(void)
{
	describe();
	echo_open(&ring, devices, COUNT);
	echo_come_up(&ring, &config);
	run(ECR_MS(20));
}

static void ends_well(void)
{
	assert_true(heal_until(&ring, heal_operational, ECR_S(10)));
	run(ECR_MS(10));
	for (int i = B; i <= D; i++)
		assert_int_equal(echo_outputs(&ring, i), 1u << (i - B));
	vring_close(&ring);
}

static void try(struct trial trial)
{
	now = trial;
	come_up();
	if (!now.both)
		assert_true(ecr_sim_unplug(ring.sim, ring.now, D));
	run(ECR_MS(300));
	restart_and_come();
	run(WATCHED);
	strangers_go();
	if (!now.both)
		plug(D, now.branches ? B : C, now.branches ? 2 : 1);
	ends_well();
}

static void sweep(struct trial trial)
{
	static const ecr_time moments[] = { -ECR_S(2), -ECR_MS(40), -ECR_MS(6), 0,
					    ECR_MS(7), ECR_MS(10),  ECR_MS(13), ECR_MS(150) };

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		trial.moment = moments[i];
		try(trial);
	}
}

static void it_is_not_taken_for_the_one_that_is_away(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (int branches = 0; branches < 2; branches++)
			sweep((struct trial){ .hot = hot, .branches = branches, .strangers = 1 });
}

static void nor_when_both_restart(void **state)
{
	static const ecr_time later[] = { 0, ECR_MS(100), ECR_S(1) };

	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
			sweep((struct trial){
				.hot = hot, .both = true, .later = later[i], .strangers = 1 });
}

static void nor_with_two_strangers(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (int apart = 0; apart < 2; apart++)
			sweep((struct trial){ .hot = hot, .strangers = 2, .apart = apart });
}

static bool d_in_op(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "d");

	return !info.down && info.al_state == ECR_AL_OP;
}

/* c and d restart, and what c's EEPROM says takes ages: d waits for it, and not for good. */
static void one_that_cannot_be_read_is_not_waited_for_for_good(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++) {
		now = (struct trial){ .hot = hot, .both = true };
		come_up();
		ring.sim->slaves[C].device.eeprom_busy_ns = UINT32_MAX;
		restart();
		run(ECR_S(2));
		assert_false(d_in_op(&ring));
		assert_true(heal_until(&ring, d_in_op, ECR_S(4)));
		ring.sim->slaves[C].device.eeprom_busy_ns = 0;
		ends_well();
	}
}

static void several_that_restart_are_back_at_once(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++) {
		now = (struct trial){ .hot = hot, .both = true };
		come_up();
		restart();
		run(ECR_MS(20));
		assert_true(heal_until(&ring, heal_operational, ECR_MS(100)));
		ends_well();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_not_taken_for_the_one_that_is_away),
		cmocka_unit_test(nor_when_both_restart),
		cmocka_unit_test(nor_with_two_strangers),
		cmocka_unit_test(one_that_cannot_be_read_is_not_waited_for_for_good),
		cmocka_unit_test(several_that_restart_are_back_at_once),
	};

	return RUN(tests);
}
