/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/longline.h"

#include "wire/registers.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_gets_the_address_of_another),
	};

	return RUN(tests);
}
