/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 39 and 45: either port of the master goes and comes back, whatever the cycle. */
#include "support/check.h"
#include "support/tworing.h"

static struct vring ring;

static const ecr_time periods[] = { ECR_MS(10), ECR_MS(1) };

static void open_ring(ecr_time period)
{
	struct ecr_config *config = tworing_prepare(&ring, period, 0);

	config->frame_timeout_ms = 10;
	assert_int_equal(vring_start(&ring, config), 0);
	tworing_come_up(&ring);
}

static void operates_without_it_and_with_it_again(unsigned int port, ecr_time period)
{
	int back;

	open_ring(period);
	ecr_sim_plug(ring.sim, ring.now, port, false);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(heal_stays(&ring, tworing_sound, ECR_MS(500)));
	tworing_assert_sound(&ring);
	ecr_sim_plug(ring.sim, ring.now, port, true);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	back = heal_find(&ring, 0, ECR_EVENT_BUS_LINK_RECONNECTED, -1, -1);
	assert_true(back > 0);
	assert_true(heal_stays(&ring, tworing_sound, ECR_MS(500)));
	tworing_assert_sound(&ring);
	assert_int_equal(heal_find(&ring, back, ECR_EVENT_DOMAIN_CYCLE_INVALID, -1, -1), -1);
	assert_int_equal(heal_find(&ring, back, ECR_EVENT_DOMAIN_TRANSPORT_MISS, -1, -1), -1);
	assert_int_equal(heal_find(&ring, back, ECR_EVENT_STATE_CHANGED, -1, -1), -1);
	vring_close(&ring);
}

static void the_first_port(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		operates_without_it_and_with_it_again(0, periods[i]);
}

static void the_second_port(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		operates_without_it_and_with_it_again(1, periods[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_port),
		cmocka_unit_test(the_second_port),
	};

	return RUN(tests);
}
