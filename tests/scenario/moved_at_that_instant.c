/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/longline.h"

#include "sim/controller.h"
#include "sim/sim.h"
#include "wire/registers.h"

#include <string.h>

#define OUT 1
#define RESTARTS 2
#define BEHIND 3
#define LAST 4

static struct vring ring;
static bool armed;
static bool last_comes;

static void unplug(int slave)
{
	assert_true(ecr_sim_unplug(ring.sim, ring.now, slave));
}

static void plug(int slave, int into)
{
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, slave, into, 1));
}

/* The address is on its way to the position of the one that has restarted. */
static void move(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	if (!armed || datagram->command != ECR_CMD_APWR ||
	    datagram->address != ecr_address_position(RESTARTS, ECR_REG_STATION))
		return;
	armed = false;
	unplug(OUT);
	unplug(RESTARTS);
	plug(RESTARTS, 0);
	if (last_comes)
		plug(LAST, BEHIND);
}

static void as_it_was(void)
{
	unplug(RESTARTS);
	plug(OUT, 0);
	plug(RESTARTS, OUT);
	if (!last_comes)
		plug(LAST, BEHIND);
}

static void nobody_gets_the_address_of_another(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		uint64_t raw = 0;

		last_comes = i;
		longline_open(&ring, LAST + 1, ECR_MS(1));
		unplug(LAST);
		vring_run_until(&ring, ring.now + ECR_S(1));
		armed = true;
		ring.each_datagram = move;
		heal_say(&ring, "power-cycle s2");
		for (int ms = 0; ms < 3000; ms++) {
			vring_output(&ring, longline_name(RESTARTS), "out1", 1);
			vring_run_until(&ring, ring.now + ECR_MS(1));
			assert_true(ecr_sim_get_output(ring.sim, BEHIND, 0, 8, &raw));
			assert_int_equal(raw, 0);
		}
		assert_false(armed);
		assert_false(vring_slave(&ring, longline_name(BEHIND)).down);
		ring.each_datagram = NULL;
		as_it_was();
		assert_true(heal_until(&ring, longline_sound, ECR_S(8)));
		for (int slave = 0; slave <= LAST; slave++)
			longline_loopback(&ring, slave);
		vring_close(&ring);
	}
}

#define MANY 40
#define LEAVES 19
#define LOST 20
#define MARK 77

/* Nobody tells of its cables by an interrupt. */
static void mask_interrupts(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	if (datagram->command == ECR_CMD_FPWR && datagram->address >> 16 == ECR_REG_IRQ_MASK)
		memset(datagram->data, 0, datagram->length);
}

static bool lost_is_back(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, longline_name(LOST));

	return !info.down && info.position == LOST - 1 && info.al_state == ECR_AL_OP;
}

/* One behind the other at the same instant, between those about them. */
static void stand(int first, int second)
{
	unplug(LEAVES);
	unplug(LOST);
	unplug(LOST + 1);
	plug(first, LEAVES - 1);
	plug(second, first);
	plug(LOST + 1, second);
}

static void open_line_of_many(void)
{
	struct ecr_config *config = longline_prepare(&ring, MANY, ECR_MS(1));
	struct ecr_slave_config *leaves = (struct ecr_slave_config *)&config->slaves[LEAVES];

	leaves->presence = (struct ecr_presence_config){ .optional = true,
							 .by = ECR_BY_ALIAS,
							 .identification = MARK };
	ring.sim->slaves[LEAVES].device.alias = MARK;
	sim_controller_power_on(&ring.sim->slaves[LEAVES]);
	ring.each_datagram = mask_interrupts;
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	vring_run_until(&ring, ring.now + ECR_S(2));
}

/* As many as before, and few stand elsewhere: the attempt that does not find it has all places asked, and the next one does. */
static void who_stands_a_place_further_on_is_looked_for(void **state)
{
	(void)state;
	open_line_of_many();
	for (int round = 0; round < 6; round++) {
		heal_say(&ring, "power-cycle s20");
		stand(LOST, LEAVES);
		assert_true(heal_until(&ring, lost_is_back, ECR_MS(500)));
		stand(LEAVES, LOST);
		vring_run_until(&ring, ring.now + ECR_MS(5100));
		assert_true(longline_sound(&ring));
	}
	ring.each_datagram = NULL;
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_stands_a_place_further_on_is_looked_for),
		cmocka_unit_test(nobody_gets_the_address_of_another),
	};

	return RUN(tests);
}
