/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 38, 40, 41 and 42: which of the two copies of a frame counts. */
#include "support/check.h"
#include "support/tworing.h"
#include "wire/registers.h"

#include <string.h>

#define FAR_LATER ECR_MS(200)

static struct vring ring;

static void open_held(int32_t frame_timeout_ms)
{
	struct ecr_config *config = tworing_prepare(&ring, ECR_MS(1), 0);

	config->slaves = NULL; /* everybody is found, and held in PREOP */
	config->frame_timeout_ms = frame_timeout_ms;
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(3)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
}

static int transact(struct ecr_user_datagram *datagrams, int count)
{
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = datagrams,
				       .count = count,
				       .deadline = ring.now + ECR_S(1) };

	return vring_request(&ring, &request);
}

static int read_register(uint8_t command, uint32_t address, uint16_t *wkc)
{
	uint8_t data[2] = { 0 };
	struct ecr_user_datagram datagram = {
		.command = command, .address = address, .data = data, .length = sizeof(data)
	};
	int result = transact(&datagram, 1);

	*wkc = datagram.wkc;
	return result;
}

/* The copy that has passed the ring backwards was seen by no slave: it answers nothing. */
static void a_copy_that_nobody_processed_answers_nothing(void **state)
{
	uint16_t wkc;

	(void)state;
	open_held(40);
	ring.line.late_at[1] = FAR_LATER;
	assert_int_equal(
		read_register(ECR_CMD_FPRD, ecr_address_station(0x1002, ECR_REG_STATION), &wkc),
		ECR_ERR_TIMEOUT);
	ring.line.late_at[1] = 0;
	assert_int_equal(
		read_register(ECR_CMD_FPRD, ecr_address_station(0x1002, ECR_REG_STATION), &wkc), 0);
	assert_int_equal(wkc, 1);
	vring_close(&ring);
}

/* ... and need not be waited for. */
static void the_processed_copy_is_enough(void **state)
{
	uint16_t wkc;
	ecr_time asked;

	(void)state;
	open_held(40);
	ring.line.late_at[0] = FAR_LATER;
	asked = ring.now;
	assert_int_equal(read_register(ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), &wkc), 0);
	assert_int_equal(wkc, TWORING_SLAVES);
	assert_true(ring.now - asked < ECR_MS(5));
	assert_true(tworing_info(&ring).redundant);
	assert_false(tworing_info(&ring).split);
	vring_close(&ring);
}

static void many_datagrams_share_a_frame(void **state)
{
	static const uint16_t registers[] = { ECR_REG_RX_ERRORS, ECR_REG_IRQ_MASK, ECR_REG_FMMU(0),
					      ECR_REG_SM(2), ECR_REG_SM(3) };
	uint8_t zeros[8] = { 0 };
	struct ecr_user_datagram datagrams[5];
	uint16_t wkc;

	(void)state;
	open_held(100);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 5; i++)
			datagrams[i] = (struct ecr_user_datagram){ .command = ECR_CMD_BWR,
								   .address = ecr_address_all(
									   registers[i]),
								   .data = zeros,
								   .length = i == 1 ? 2 : 8 };
		assert_int_equal(transact(datagrams, 5), 0);
		for (int i = 0; i < 5; i++)
			assert_int_equal(datagrams[i].wkc, TWORING_SLAVES);
	}
	assert_int_equal(read_register(ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), &wkc), 0);
	assert_int_equal(wkc, TWORING_SLAVES);
	vring_close(&ring);
}

/* One interface tells of its frames later than the other, and the cable at the first comes back. */
static void a_replug_with_unequal_interfaces_costs_nothing(void **state)
{
	(void)state;
	for (unsigned int slow = 0; slow < 2; slow++) {
		uint64_t before;
		int event;

		tworing_open(&ring, ECR_MS(1), 0);
		tworing_come_up(&ring);
		ring.line.late_at[slow] = ECR_US(150);
		ecr_sim_plug(ring.sim, ring.now, 0, false);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		tworing_assert_sound(&ring);
		before = tworing_missed(&ring);
		event = ring.event_count;
		ecr_sim_plug(ring.sim, ring.now, 0, true);
		vring_run_until(&ring, ring.now + ECR_MS(200));
		assert_int_equal(tworing_missed(&ring), before);
		assert_true(heal_find(&ring, event, ECR_EVENT_BUS_LINK_RECONNECTED, -1, -1) >= 0);
		assert_int_equal(heal_find(&ring, event, ECR_EVENT_STATE_CHANGED, -1, -1), -1);
		tworing_assert_sound(&ring);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_that_nobody_processed_answers_nothing),
		cmocka_unit_test(the_processed_copy_is_enough),
		cmocka_unit_test(many_datagrams_share_a_frame),
		cmocka_unit_test(a_replug_with_unequal_interfaces_costs_nothing),
	};

	return RUN(tests);
}
