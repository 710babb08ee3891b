/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/tworing.h"
#include "wire/registers.h"

static struct vring ring;

/* The copy that has passed the ring backwards was seen by no slave. */
static void a_copy_that_nobody_processed_answers_nothing(void **state)
{
	const uint32_t station = ecr_address_station(0x1002, ECR_REG_STATION);
	uint16_t wkc;

	(void)state;
	tworing_open_held(&ring, 40);
	ring.line.late_at[1] = ECR_MS(200);
	assert_int_equal(tworing_read(&ring, ECR_CMD_FPRD, station, &wkc), ECR_ERR_TIMEOUT);
	ring.line.late_at[1] = 0;
	assert_int_equal(tworing_read(&ring, ECR_CMD_FPRD, station, &wkc), 0);
	assert_int_equal(wkc, 1);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_that_nobody_processed_answers_nothing),
	};

	return RUN(tests);
}
