/* SPDX-License-Identifier: Apache-2.0 */
/* A parted ring of two ports: the part without the reference clock is told the master's time. */
#include "base/le.h"
#include "bus/bus.h"
#include "support/check.h"
#include "wire/frame.h"
#include "wire/registers.h"

#define LATER 0x20 /* what is sent there, ns */

static struct ecr_bus bus;
static _Alignas(16) uint8_t memory[64 * (ECR_FRAME_MAX + 256)];

static void open_parted(void)
{
	struct ecr_arena arena;

	ecr_arena_init(&arena, memory, sizeof(memory));
	ecr_bus_init(&bus, &arena, 64);
	assert_false(arena.exhausted);
	bus.redundant = true;
	ecr_bus_link(&bus, 0, true);
	ecr_bus_link(&bus, 1, true);
	bus.split = bus.far_known = true;
	bus.reach[0] = 2;
	bus.reach[1] = 3;
	bus.far_later = LATER;
}

static uint64_t time_in(uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram = { 0 };

	ecr_frame_open(&reader, frame, length);
	assert_true(ecr_frame_next(&reader, &datagram));
	assert_int_equal(datagram.command, ECR_CMD_FRMW);
	return datagram.length == 8 ? ecr_le64(datagram.data) : ecr_le32(datagram.data);
}

/* As late as it is there, with what that carries into the upper half of clocks of 64 bits. */
static void the_far_half_is_told_the_whole_time(void **state)
{
	static const uint8_t time[8] = { 0xF0, 0xFF, 0xFF, 0xFF, 1 };
	static const uint16_t sizes[] = { 4, 8 };
	static const uint64_t near[] = { 0xFFFFFFF0, 0x1FFFFFFF0 }, far[] = { 0x10, 0x200000010 };
	uint8_t copies[2][ECR_FRAME_MAX];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ecr_ask ask = { .command = ECR_CMD_FRMW,
				       .length = sizes[i],
				       .address =
					       ecr_address_station(0x1000, ECR_REG_DC_SYSTEM_TIME),
				       .out = time };
		struct ecr_transaction work = { .asks = &ask,
						.count = 1,
						.class = ECR_REALTIME,
						.owner = ECR_OWNER_CLOCK,
						.stale_at = ECR_S(2) };
		size_t length;

		open_parted();
		ecr_bus_submit(&bus, ECR_S(1), &work);
		length = ecr_bus_tx(&bus, ECR_S(1), 0, copies[0], ECR_FRAME_MAX);
		assert_int_equal(ecr_bus_tx(&bus, ECR_S(1), 1, copies[1], ECR_FRAME_MAX), length);
		assert_int_equal(time_in(copies[0], length), near[i]);
		assert_int_equal(time_in(copies[1], length), far[i]);
		ecr_bus_cancel_all(&bus, ECR_S(1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_far_half_is_told_the_whole_time) };

	return RUN(tests);
}
