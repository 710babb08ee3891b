/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/tworing.h"
#include "wire/registers.h"

static struct vring ring;

static void the_processed_copy_is_enough(void **state)
{
	uint16_t wkc;
	ecr_time asked;

	(void)state;
	tworing_open_held(&ring, 40);
	ring.line.late_at[0] = ECR_MS(200);
	asked = ring.now;
	assert_int_equal(tworing_read(&ring, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), &wkc), 0);
	assert_int_equal(wkc, TWORING_SLAVES);
	assert_true(ring.now - asked < ECR_MS(5));
	assert_true(tworing_info(&ring).redundant);
	assert_false(tworing_info(&ring).split);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_processed_copy_is_enough),
	};

	return RUN(tests);
}
