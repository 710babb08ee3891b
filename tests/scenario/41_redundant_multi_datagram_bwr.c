/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/tworing.h"
#include "wire/registers.h"

#include <string.h>

static struct vring ring;

#define MOST 13

struct write {
	uint16_t reg;
	uint16_t length;
	uint32_t value;
};

static struct ecr_user_datagram datagrams[MOST];
static uint8_t data[MOST][48];

static void write_all(const struct write *writes, int count)
{
	for (int i = 0; i < count; i++) {
		memset(data[i], 0, sizeof(data[i]));
		for (int k = 0; k < 4; k++)
			data[i][k] = (uint8_t)(writes[i].value >> 8 * k);
		datagrams[i] =
			(struct ecr_user_datagram){ .command = ECR_CMD_BWR,
						    .address = ecr_address_all(writes[i].reg),
						    .data = data[i],
						    .length = writes[i].length };
	}
	assert_int_equal(tworing_transact(&ring, datagrams, count), 0);
}

static void assert_everybody_answers(void)
{
	uint16_t wkc;

	assert_int_equal(tworing_read(&ring, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), &wkc), 0);
	assert_int_equal(wkc, TWORING_SLAVES);
	vring_close(&ring);
}

static void many_writes_share_a_frame(void **state)
{
	static const struct write writes[] = { { ECR_REG_RX_ERRORS, 8, 0 },
					       { ECR_REG_IRQ_MASK, 2, 0 },
					       { ECR_REG_FMMU(0), 8, 0 },
					       { ECR_REG_SM(2), 8, 0 },
					       { ECR_REG_SM(3), 8, 0 } };

	(void)state;
	tworing_open_held(&ring, 100);
	for (int round = 0; round < 10; round++) {
		write_all(writes, 5);
		for (int i = 0; i < 5; i++)
			assert_int_equal(datagrams[i].wkc, TWORING_SLAVES);
	}
	assert_everybody_answers();
}

/* What a slave need not have may answer for fewer. */
static void a_whole_reset_fits_into_one(void **state)
{
	static const struct write writes[MOST] = {
		{ 0x0101, 1, 0 },  { 0x0200, 2, 0x0004 }, { 0x0300, 8, 0 },
		{ 0x0600, 48, 0 }, { 0x0800, 32, 0 },	  { 0x0981, 1, 0 },
		{ 0x0910, 4, 0 },  { 0x0930, 2, 0x1000 }, { 0x0934, 2, 0x0C00 },
		{ 0x0103, 1, 0 },  { 0x0120, 2, 0x11 },	  { 0x0500, 1, 2 },
		{ 0x0500, 1, 0 },
	};

	(void)state;
	tworing_open_held(&ring, 100);
	write_all(writes, MOST);
	for (int i = 0; i < MOST; i++)
		if (writes[i].reg < 0x0900)
			assert_int_equal(datagrams[i].wkc, TWORING_SLAVES);
		else
			assert_in_range(datagrams[i].wkc, 0, TWORING_SLAVES);
	assert_everybody_answers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_writes_share_a_frame),
		cmocka_unit_test(a_whole_reset_fits_into_one),
	};

	return RUN(tests);
}
