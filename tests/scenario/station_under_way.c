/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include "wire/registers.h"

#include <stdio.h>
#include <string.h>

enum { A, B, C, D, TOOL, X, COUNT };

#define CONFIGURED 5
#define MOMENTS 200 /* datagrams until one that restarts has its station */

struct trial {
	bool hot;      /* a tool may come and go */
	bool leaves;   /* the neighbour is taken out of the line instead */
	bool remnant;  /* x comes before c, with the FMMUs of d */
	bool unmapped; /* b has no process data, and no FMMUs that would tell who it is */
	int restarts;
	int moment; /* which datagram beside those of cycles and broadcasts it strikes at; 0: its station on its way */
	ecr_time lost; /* so long nothing comes back */
};

static struct vring ring;
static struct trial now;
static bool struck;
static int seen;
static uint8_t images[COUNT][ECHO_SII_BYTES];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[CONFIGURED + 1];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "c", "d", "tool", "x" };
static const ecr_time losses[] = { 0, ECR_US(100), ECR_MS(2), ECR_MS(8), ECR_MS(32) };

#define LOSSES (sizeof(losses) / sizeof(losses[0]))

/* b, c and d are of one kind; x, which nobody has configured, is of another. */
static uint32_t product_of(int device)
{
	return device >= B && device <= D ? 0x100 : 0x200 + (uint32_t)device;
}

static void describe(void)
{
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++)
		devices[i] = echo_device(names[i], images[i], product_of(i));
	devices[TOOL].absent = devices[X].absent = true;
	for (int i = 0; i < (now.hot ? TOOL + 1 : TOOL); i++)
		slaves[i] = echo_slave_of(names[i], product_of(i));
	if (now.unmapped)
		slaves[B].process_data = (struct ecr_process_data){ 0 };
	slaves[TOOL].presence = echo_tool(&devices[TOOL]);
	config = vring_default_config();
	config.slaves = slaves;
}

static void unplug(int device)
{
	assert_true(ecr_sim_unplug(ring.sim, ring.now, device));
}

static void plug(int device, int behind, int port)
{
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, device, behind, port));
}

/* It was left operating by a session with the same configuration, and has the FMMUs of d, which operates, too. */
static void look_like_d(void)
{
	memcpy(ecr_sim_registers(ring.sim, X) + ECR_REG_FMMU(0),
	       ecr_sim_registers(ring.sim, D) + ECR_REG_FMMU(0), ECR_FMMU_SIZE);
}

/* x comes before b; or the one before it leaves, and whoever is behind it moves up. */
static void move(void)
{
	if (now.leaves) {
		unplug(now.restarts - 1);
		unplug(now.restarts);
		plug(now.restarts, now.restarts - 2, 1);
	} else {
		plug(X, now.remnant ? B : A, 3);
	}
	if (now.remnant)
		look_like_d();
}

static void move_back(void)
{
	if (now.leaves) {
		unplug(now.restarts);
		plug(now.restarts - 1, now.restarts - 2, 1);
		plug(now.restarts, now.restarts - 1, 1);
	} else {
		unplug(X);
	}
}

static bool is_moment(const struct ecr_datagram *datagram)
{
	if (now.moment)
		return datagram->command != ECR_CMD_LRW && datagram->command != ECR_CMD_BRD &&
		       ++seen == now.moment;
	return datagram->command == ECR_CMD_APWR &&
	       datagram->address == ecr_address_position((uint16_t)now.restarts, ECR_REG_STATION);
}

static void strike(struct vring *unused, const struct ecr_datagram *datagram)
{
	char sentence[40];

	(void)unused;
	if (struck || !is_moment(datagram))
		return;
	struck = true;
	move();
	snprintf(sentence, sizeof(sentence), "lose for %dus", (int)(now.lost / ECR_US(1)));
	if (now.lost)
		heal_say(&ring, sentence);
}

static uint64_t outputs_of(int device)
{
	return echo_outputs(&ring, device);
}

/* Each of them is written another bit. */
static void write_and_look(void)
{
	for (int i = now.unmapped ? C : B; i <= D; i++) {
		static const char *const signals[] = { [B] = "out1", [C] = "out2", [D] = "out3" };

		vring_output(&ring, names[i], signals[i], 1);
	}
	vring_run_until(&ring, ring.now + ECR_MS(1));
	for (int i = B; i <= D; i++)
		assert_int_equal(outputs_of(i) & ~(1u << (i - B)), 0);
	assert_int_equal(outputs_of(X), 0);
}

/* Nobody has done anything to it. */
static void assert_undisturbed(int device)
{
	struct ecr_sim_state truth;

	ecr_sim_look(ring.sim, device, &truth);
	assert_int_equal(truth.al_status, ECR_AL_OP);
	assert_false(vring_slave(&ring, names[device]).down);
}

static void come_up(void)
{
	describe();
	struck = false;
	seen = 0;
	echo_open(&ring, devices, COUNT);
	echo_come_up(&ring, &config);
	vring_run_until(&ring, ring.now + ECR_MS(20));
}

static void restart(void)
{
	char sentence[40];

	snprintf(sentence, sizeof(sentence), "power-cycle %s", names[now.restarts]);
	heal_say(&ring, sentence);
	ring.each_datagram = strike;
}

static void ends_well(void)
{
	assert_true(heal_until(&ring, heal_operational, ECR_S(10)));
	for (int ms = 0; ms < 10; ms++)
		write_and_look();
	for (int i = now.unmapped ? C : B; i <= D; i++)
		assert_int_equal(outputs_of(i), 1u << (i - B));
	vring_close(&ring);
}

/* Whether those who have not restarted are to notice nothing. */
static void run(struct trial trial, bool undisturbed)
{
	now = trial;
	come_up();
	restart();
	for (int ms = 0; ms < 1500; ms++) {
		write_and_look();
		for (int i = B; undisturbed && i <= D; i++)
			if (i != now.restarts && !(now.leaves && i == now.restarts - 1))
				assert_undisturbed(i);
	}
	assert_true(struck);
	ring.each_datagram = NULL;
	move_back();
	ends_well();
}

static void one_comes_before_the_neighbour(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (int restarts = B; restarts <= D; restarts++)
			for (size_t i = 0; i < LOSSES; i++)
				run((struct trial){ .hot = hot,
						    .restarts = restarts,
						    .lost = losses[i] },
				    true);
}

static void the_neighbour_leaves(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (size_t i = 0; i < LOSSES; i++)
			run((struct trial){ .hot = hot,
					    .leaves = true,
					    .restarts = C,
					    .lost = losses[i] },
			    true);
}

static void one_with_the_fmmus_of_another_does_not_get_his_station(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (size_t i = 1; i < LOSSES; i++)
			run((struct trial){ .hot = hot,
					    .remnant = true,
					    .restarts = C,
					    .lost = losses[i] },
			    true);
}

/* So long that the neighbour is given up before it has its station back. */
static void nothing_comes_back_for_long(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (int leaves = 0; leaves < 2; leaves++)
			run((struct trial){ .hot = hot,
					    .leaves = leaves,
					    .restarts = C,
					    .lost = ECR_MS(90) },
			    false);
}

static void one_without_process_data_is_not_taken_for_the_neighbour(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++)
		for (size_t i = 0; i < LOSSES; i++)
			run((struct trial){ .hot = hot,
					    .unmapped = true,
					    .restarts = C,
					    .lost = losses[i] },
			    false);
}

/* x stands for d, which is away: positions are not what they were, as b shows, which has not restarted. */
static void one_that_has_moved_keeps_its_station(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++) {
		now = (struct trial){ .hot = hot, .restarts = C };
		come_up();
		heal_say(&ring, "power-off d for 2s");
		heal_say(&ring, "power-off c for 100ms");
		move();
		for (int ms = 0; ms < 1500; ms++) {
			write_and_look();
			assert_undisturbed(B);
		}
		move_back();
		ends_well();
	}
}

static void at_whatever_moment(void **state)
{
	(void)state;
	for (int moment = 1; moment < MOMENTS; moment += 3)
		run((struct trial){ .hot = moment % 2,
				    .leaves = moment / 2 % 2,
				    .restarts = C,
				    .moment = moment,
				    .lost = losses[(size_t)moment % LOSSES] },
		    false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_comes_before_the_neighbour),
		cmocka_unit_test(the_neighbour_leaves),
		cmocka_unit_test(one_with_the_fmmus_of_another_does_not_get_his_station),
		cmocka_unit_test(nothing_comes_back_for_long),
		cmocka_unit_test(one_without_process_data_is_not_taken_for_the_neighbour),
		cmocka_unit_test(one_that_has_moved_keeps_its_station),
		cmocka_unit_test(at_whatever_moment),
	};

	return RUN(tests);
}
