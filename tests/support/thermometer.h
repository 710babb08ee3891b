/* SPDX-License-Identifier: Apache-2.0 */
/* An EL3202, "rtd", whose startup list says what its two elements are, comes back and does not take the second. */
#ifndef TESTS_SUPPORT_THERMOMETER_H
#define TESTS_SUPPORT_THERMOMETER_H

#include "support/reconnect.h"

#define THERMOMETER_SILENCE \
	"disconnect rtd for 30 frames then after 1 download of rtd " \
	"mailbox silence rtd in download object 0x8010 sub 0x19"

/* It measures 119.375 and 99.3125 Ohm, in "main" or in a domain of its own. reconnect_refused: that silence. */
void thermometer_open(struct vring *ring, bool split);
/* Typed: each value in sixteenths of an Ohm, no fault, and a toggle bit that changes with each new one. */
void thermometer_measures(struct vring *ring);

#endif
