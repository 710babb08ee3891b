/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/tworing.h"

static struct vring ring;

static void with_cycles_of_10_ms(void **state)
{
	(void)state;
	tworing_port_goes_and_comes(&ring, 1, ECR_MS(10));
}

static void with_cycles_of_1_ms(void **state)
{
	(void)state;
	tworing_port_goes_and_comes(&ring, 1, ECR_MS(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_cycles_of_10_ms),
		cmocka_unit_test(with_cycles_of_1_ms),
	};

	return RUN(tests);
}
