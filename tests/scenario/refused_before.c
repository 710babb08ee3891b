/* SPDX-License-Identifier: Apache-2.0 */
/* One that has its station and never comes up does not keep others of its kind from coming back. */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include <stdio.h>
#include <string.h>

enum { A, B, C, D, E, X, COUNT };

#define CONFIGURED 5

static struct vring ring;
static uint8_t images[COUNT][ECHO_SII_BYTES];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[CONFIGURED + 2];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "d", "e", "x" };

/* a to d are of one kind, e and x, which nobody has configured, each of another. */
static void describe(void)
{
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		uint32_t product = i < E ? 0x100 : 0x200 + (uint32_t)i;

		devices[i] = echo_device(names[i], images[i], product);
		if (i < CONFIGURED)
			slaves[i] = echo_slave_of(names[i], product);
	}
	devices[X].absent = true;
	config = vring_default_config();
	config.slaves = slaves;
}

static void expect_a_tool(void)
{
	slaves[CONFIGURED] = (struct ecr_slave_config){
		.name = "tool",
		.presence = { .optional = true, .by = ECR_BY_ALIAS, .identification = ECHO_MARK }
	};
}

static void come_up(void)
{
	echo_open(&ring, devices, COUNT);
	echo_come_up(&ring, &config);
	vring_run_until(&ring, ring.now + ECR_MS(20));
}

/* a has restarted, and stays in INIT whatever it is told. */
static void restart_a_for_good(void)
{
	heal_say(&ring, "power-cycle a");
	heal_say(&ring, "refuse a preop 0x1b");
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(vring_slave(&ring, "a").configuration_error, ECR_ERR_AL_ERROR);
	assert_false(vring_slave(&ring, "a").down);
}

static const char *watched;

static bool is_back(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, watched);

	return !info.down && info.al_state == ECR_AL_OP;
}

static bool is_lost(struct vring *unused)
{
	return !is_back(unused);
}

static void assert_comes_back(int device)
{
	watched = names[device];
	assert_true(heal_until(&ring, is_lost, ECR_MS(200)));
	assert_true(heal_until(&ring, is_back, ECR_S(6)));
}

static void ends_well(void)
{
	ecr_sim_clear_faults(ring.sim);
	assert_true(heal_until(&ring, heal_operational, ECR_S(10)));
	vring_close(&ring);
}

/* c stands between two that are in their places; d, with nobody behind it, behind one that is. */
static void others_come_back_where_one_is_missing(void **state)
{
	(void)state;
	for (int restarts = C; restarts <= D; restarts++) {
		char sentence[40];

		describe();
		come_up();
		heal_say(&ring, "power-off e");
		vring_run_until(&ring, ring.now + ECR_MS(200));
		restart_a_for_good();
		snprintf(sentence, sizeof(sentence), "power-cycle %s", names[restarts]);
		heal_say(&ring, sentence);
		assert_comes_back(restarts);
		ends_well();
	}
}

/* x, of another kind, comes just then before the one that has restarted. */
static void others_come_back_behind_a_stranger(void **state)
{
	(void)state;
	describe();
	expect_a_tool();
	come_up();
	restart_a_for_good();
	heal_say(&ring, "power-cycle b");
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
	assert_comes_back(B);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, -1));
	ends_well();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_come_back_where_one_is_missing),
		cmocka_unit_test(others_come_back_behind_a_stranger),
	};

	return RUN(tests);
}
