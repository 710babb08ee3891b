/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

#include "wire/frame.h"

#include <string.h>

static struct vring ring;

static ecr_time round_trip(void)
{
	uint8_t byte[1];
	struct ecr_user_datagram datagram = {
		.command = ECR_CMD_BRD, .address = ecr_address_all(0), .data = byte, .length = 1
	};
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };
	ecr_time start;

	vring_run_until(&ring, ring.now + ECR_MS(50));
	start = ring.now;
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(datagram.wkc, 3);
	return ring.now - start;
}

static void say(const char *sentence)
{
	char error[200] = "";

	if (!ecr_sim_say(ring.sim, ring.now, sentence, error, sizeof(error)))
		fail_msg("%s", error);
	vring_run_until(&ring, ring.now + ECR_MS(20));
}

static void the_configured_delay_comes_back(void **state)
{
	struct ecr_config config = vring_default_config();
	char text[256];

	(void)state;
	vring_open(&ring, vring_default_names);
	ecr_sim_set_reply_delay(ring.sim, ECR_MS(5));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	assert_in_range(round_trip(), ECR_MS(5), ECR_MS(6));

	say("delay 15ms");
	assert_int_equal(ecr_sim_reply_delay(ring.sim), ECR_MS(15));
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 1);
	assert_string_equal(text, "active: delay 15ms\n");
	assert_in_range(round_trip(), ECR_MS(15), ECR_MS(16));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);

	say("heal");
	assert_int_equal(ecr_sim_reply_delay(ring.sim), ECR_MS(5));
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 0);
	assert_in_range(round_trip(), ECR_MS(5), ECR_MS(6));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configured_delay_comes_back),
	};

	return RUN(tests);
}
