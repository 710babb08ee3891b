/* SPDX-License-Identifier: Apache-2.0 */
/* Who is written and read by a position while a ring with two ports breaks, breaks elsewhere, and is mended. */
#include "support/check.h"
#include "support/tworing.h"
#include "wire/registers.h"

#include <string.h>

#define PLACES (TWORING_SLAVES - 1) /* cables between slaves */
#define MEMORY 0x0F80u		    /* nobody else writes it */
#define FIRST_STATION 0x1000u

static struct vring ring;

static void run(ecr_time time)
{
	vring_run_until(&ring, ring.now + time);
}

static struct ecr_user_datagram position(uint8_t command, int at, uint16_t offset, uint8_t *data,
					 uint16_t length)
{
	return (struct ecr_user_datagram){ .command = command,
					   .address = ecr_address_position((uint16_t)at, offset),
					   .data = data,
					   .length = length };
}

static int write_to(int at, uint16_t *wkc)
{
	uint8_t data[1] = { 1 };
	struct ecr_user_datagram datagram = position(ECR_CMD_APWR, at, MEMORY, data, 1);
	int result = tworing_transact(&ring, &datagram, 1);

	*wkc = datagram.wkc;
	return result;
}

/* A bit per slave that has been written; the memory of all is clear again. */
static unsigned int written(void)
{
	unsigned int who = 0;

	for (int i = 0; i < TWORING_SLAVES; i++) {
		uint32_t address =
			ecr_address_station((uint16_t)(FIRST_STATION + (unsigned int)i), MEMORY);
		uint8_t data[2] = { 0, 0 };
		struct ecr_user_datagram both[] = {
			{ .command = ECR_CMD_FPRD, .address = address, .data = data, .length = 1 },
			{ .command = ECR_CMD_FPWR,
			  .address = address,
			  .data = data + 1,
			  .length = 1 },
		};

		assert_int_equal(tworing_transact(&ring, both, 2), 0);
		who |= (unsigned int)(data[0] & 1) << i;
	}
	return who;
}

static void assert_writes(int at, const char *when, int place, int other)
{
	uint16_t wkc;
	int result = write_to(at, &wkc);
	unsigned int who = written();

	if (result || wkc != 1 || who != 1u << at)
		fail_msg("%s %d, %d: position %d: result %d, counter %u, written %02x", when, place,
			 other, at, result, wkc, who);
}

static void mend(void)
{
	ecr_sim_clear_faults(ring.sim);
	run(ECR_MS(1500));
	assert_false(tworing_info(&ring).split);
}

/* The very frame shows the break: nobody has sent another since. */
static void a_position_is_one_slave_however_late_a_break_is_noticed(void **state)
{
	(void)state;
	tworing_open_held(&ring, 100);
	for (int place = 0; place < PLACES; place++)
		for (int at = 0; at < TWORING_SLAVES; at++) {
			tworing_cut(&ring, place);
			run(at % 2 ? ECR_MS(400) : 0);
			assert_writes(at, "cut behind", place, -1);
			assert_writes(at, "seen cut behind", place, -1);
			mend();
		}
	vring_close(&ring);
}

/* Positions are sent as if it were broken still. */
static void a_position_is_one_slave_however_late_mending_is_noticed(void **state)
{
	(void)state;
	tworing_open_held(&ring, 100);
	for (int place = 0; place < PLACES; place++)
		for (int at = 0; at < TWORING_SLAVES; at++) {
			tworing_cut(&ring, place);
			run(ECR_MS(1500));
			ecr_sim_clear_faults(ring.sim);
			assert_writes(at, "mended behind", place, -1);
			mend();
		}
	vring_close(&ring);
}

static void move_break(int from, int to)
{
	tworing_cut(&ring, from);
	run(ECR_MS(1500));
	assert_int_equal(tworing_info(&ring).reach[0], from + 1);
	ecr_sim_clear_faults(ring.sim);
	tworing_cut(&ring, to);
}

static bool counted_from_elsewhere(int from, int at)
{
	return at > from;
}

/* Positions behind the old break count from the new one when they are asked: whoever has been written, nobody hears that
 * all went well unless it was the right one. */
static void a_write_behind_a_break_that_has_moved_is_no_success(void **state)
{
	(void)state;
	tworing_open_held(&ring, 100);
	for (int from = 0; from < PLACES; from++)
		for (int to = 0; to < PLACES; to++)
			for (int at = 0; from != to && at < TWORING_SLAVES; at++) {
				uint16_t wkc;

				move_break(from, to);
				if (!counted_from_elsewhere(from, at)) {
					assert_writes(at, "moved", from, to);
				} else {
					int result = write_to(at, &wkc);
					unsigned int who = written();

					assert_true(result == 0 ? who == 1u << at
								: result == ECR_ERR_TIMEOUT);
				}
				assert_writes(at, "has moved", from, to);
				mend();
			}
	vring_close(&ring);
}

/* Nothing comes of a read at the wrong place: it is tried again. A broadcast beside it brings no more than it should. */
static void a_read_behind_a_break_that_has_moved_is_tried_again(void **state)
{
	(void)state;
	tworing_open_held(&ring, 100);
	for (int from = 0; from < PLACES; from++)
		for (int to = 0; to < PLACES; to++)
			for (int at = 0; from != to && at < TWORING_SLAVES; at++) {
				uint8_t data[2] = { 0 };
				uint8_t type[1] = { 0 };
				struct ecr_user_datagram both[] = {
					position(ECR_CMD_APRD, at, ECR_REG_STATION, data, 2),
					{ .command = ECR_CMD_BRD,
					  .address = ecr_address_all(ECR_REG_TYPE),
					  .data = type,
					  .length = 1 },
				};

				move_break(from, to);
				assert_int_equal(tworing_transact(&ring, both, 2), 0);
				assert_int_equal(both[0].wkc, 1);
				assert_int_equal(ecr_le16(data), FIRST_STATION + (unsigned int)at);
				assert_int_equal(both[1].wkc, TWORING_SLAVES);
				mend();
			}
	vring_close(&ring);
}

/* Behind the last one nobody answers, and that is no doubt for long. */
static void behind_the_last_one_is_nobody(void **state)
{
	(void)state;
	tworing_open_held(&ring, 100);
	for (int place = -1; place < PLACES; place++) {
		uint16_t wkc = 1;

		if (place >= 0)
			tworing_cut(&ring, place);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(write_to(TWORING_SLAVES + 3, &wkc), 0);
			assert_int_equal(wkc, 0);
			assert_int_equal(written(), 0);
		}
		mend();
	}
	vring_close(&ring);
}

/* What one slave has taken is not sent again for the sake of another. */
static void what_was_written_is_not_written_twice(void **state)
{
	uint8_t data[3] = { 1, 1, 1 };
	struct ecr_user_datagram both[] = {
		{ .command = ECR_CMD_FPWR,
		  .address = ecr_address_station(FIRST_STATION, MEMORY),
		  .data = data,
		  .length = 1 },
		position(ECR_CMD_APWR, 4, MEMORY, data + 1, 1),
	};

	(void)state;
	tworing_open_held(&ring, 100);
	tworing_cut(&ring, 2);
	assert_int_equal(tworing_transact(&ring, both, 2), ECR_ERR_TIMEOUT);
	assert_int_equal(both[0].wkc, 1);
	assert_int_equal(both[1].wkc, 0);
	assert_int_equal(written(), 1);
	assert_int_equal(tworing_transact(&ring, both, 2), 0);
	assert_int_equal(written(), 1u << 0 | 1u << 4);
	vring_close(&ring);
}

/* Nothing is asked again when the caller's time is over: without a link it would never end. */
static void a_frame_that_is_too_late_is_not_tried_again(void **state)
{
	uint8_t data[1] = { 1 };
	struct ecr_user_datagram datagram = position(ECR_CMD_APWR, 4, MEMORY, data, 1);
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };

	(void)state;
	tworing_open_held(&ring, 100);
	tworing_cut(&ring, 2);
	request.deadline = ring.now + 1;
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_TIMEOUT);
	assert_int_equal(written(), 0);
	vring_close(&ring);
}

/* The count takes its room beside positions, whether it is needed or not. */
static void a_frame_with_positions_leaves_room_for_the_count(void **state)
{
	static uint8_t data[1500];
	const uint16_t most = 1486 - 13;

	(void)state;
	tworing_open_held(&ring, 100);
	for (int i = 0; i < 2; i++) {
		struct ecr_user_datagram datagram =
			position(ECR_CMD_APRD, 4, ECR_REG_TYPE, data, most);

		assert_int_equal(tworing_transact(&ring, &datagram, 1), 0);
		assert_int_equal(datagram.wkc, 1);
		datagram.length = most + 1;
		assert_int_equal(tworing_transact(&ring, &datagram, 1), ECR_ERR_FRAME_TOO_LARGE);
		datagram = (struct ecr_user_datagram){ .command = ECR_CMD_FPRD,
						       .address = ecr_address_station(FIRST_STATION,
										      ECR_REG_TYPE),
						       .data = data,
						       .length = 1486 };
		assert_int_equal(tworing_transact(&ring, &datagram, 1), 0);
		assert_int_equal(datagram.wkc, 1);
		tworing_cut(&ring, 2);
		run(ECR_MS(1500));
	}
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_position_is_one_slave_however_late_a_break_is_noticed),
		cmocka_unit_test(a_position_is_one_slave_however_late_mending_is_noticed),
		cmocka_unit_test(a_write_behind_a_break_that_has_moved_is_no_success),
		cmocka_unit_test(a_read_behind_a_break_that_has_moved_is_tried_again),
		cmocka_unit_test(behind_the_last_one_is_nobody),
		cmocka_unit_test(what_was_written_is_not_written_twice),
		cmocka_unit_test(a_frame_that_is_too_late_is_not_tried_again),
		cmocka_unit_test(a_frame_with_positions_leaves_room_for_the_count),
	};

	return RUN(tests);
}
