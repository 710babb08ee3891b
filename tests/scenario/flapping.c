/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

#include "wire/registers.h"

#include <stdio.h>

static struct vring ring;

static void repeat(const char *trouble, int times, ecr_time every)
{
	for (int i = 0; i < times; i++) {
		heal_say(&ring, trouble);
		vring_run_until(&ring, ring.now + every);
	}
}

/* Too fast for any start-up to be finished, and then it is over. */
static void a_loose_contact(void **state)
{
	static const ecr_time every[] = { ECR_MS(3), ECR_MS(11), ECR_MS(47), ECR_MS(210),
					  ECR_MS(700) };

	(void)state;
	for (int i = 0; i < 5; i++) {
		char trouble[60];

		reconnect_open(&ring, &(struct reconnect){ .combined = true });
		snprintf(trouble, sizeof(trouble), "disconnect outputs for %lldus",
			 (long long)every[i] / 2000);
		repeat(trouble, 60, every[i]);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		reconnect_ends_clean(&ring, ECR_S(6));
		vring_close(&ring);
	}
}

static void a_slave_that_keeps_restarting(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	repeat("power-cycle mailbox", 40, ECR_MS(73));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* Each time it is raised after a pause, and the session never leaves operational. */
static void a_slave_that_keeps_falling_back(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	repeat("retreat outputs", 40, ECR_MS(330));
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

static int by_position; /* stations that were given to whoever stands somewhere */

static void count_by_position(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	by_position +=
		datagram->command == ECR_CMD_APWR && datagram->address >> 16 == ECR_REG_STATION;
}

/* By the time that such a frame passes another may stand there. */
static void a_slave_that_kept_its_station_is_not_given_it_by_its_place(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	ring.each_datagram = count_by_position;
	by_position = 0;
	repeat("disconnect outputs for 30ms", 1, ECR_MS(50));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_DOWN, -1, -1));
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_int_equal(by_position, 0);
	repeat("power-cycle outputs", 1, ECR_MS(50));
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_int_equal(by_position, 1);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loose_contact),
		cmocka_unit_test(a_slave_that_keeps_restarting),
		cmocka_unit_test(a_slave_that_keeps_falling_back),
		cmocka_unit_test(a_slave_that_kept_its_station_is_not_given_it_by_its_place),
	};

	return RUN(tests);
}
