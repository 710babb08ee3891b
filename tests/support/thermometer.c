/* SPDX-License-Identifier: Apache-2.0 */
#include "support/thermometer.h"

#include "support/check.h"

#include <stdio.h>

static uint64_t channel(struct vring *ring, int number, const char *what)
{
	char name[48];

	snprintf(name, sizeof(name), "rtd_inputs_channel_%d_%s", number, what);
	return vring_input(ring, "rtd", number == 1 ? what : name);
}

void thermometer_open(struct vring *ring, bool split)
{
	static const uint8_t milliohms[2][4] = { { 0x4F, 0xD2, 0x01 }, { 0xF1, 0x83, 0x01 } };

	reconnect_open(ring, &(struct reconnect){ .thermo = true, .split = split });
	for (uint16_t i = 0; i < 2; i++)
		assert_true(ecr_sim_write_object(ring->sim, RECONNECT_RTD,
						 (uint16_t)(0x9000 + 0x10 * i), 2, milliohms[i],
						 sizeof(milliohms[i])));
	vring_run_until(ring, ring->now + ECR_MS(100));
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, TALKER_OBJECT(0x8010, 0x19), 0);
	thermometer_measures(ring);
}

static bool toggles(struct vring *ring, int number)
{
	unsigned int seen = 0; /* bit 0: no, bit 1: yes */

	for (int i = 0; i < 10; i++) {
		seen |= 1u << channel(ring, number, "txpdo_toggle");
		vring_run_until(ring, ring->now + ECR_MS(10));
	}
	return seen == 3;
}

void thermometer_measures(struct vring *ring)
{
	static const uint64_t sixteenths[] = { 119375 * 16 / 1000, 99313 * 16 / 1000 };

	for (int i = 0; i < 2; i++) {
		assert_int_equal(channel(ring, i + 1, "value"), sixteenths[i]);
		assert_int_equal(channel(ring, i + 1, "error"), 0);
		assert_true(toggles(ring, i + 1));
	}
}
