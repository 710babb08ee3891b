/* SPDX-License-Identifier: Apache-2.0 */
/* What the shipped devices do with their objects and process data. */
#include "support/check.h"
#include "support/mailring.h"
#include "wire/al_status.h"
#include "wire/sdo_abort.h"

#include <string.h>

static struct mailring mail;

static void tick(ecr_time duration)
{
	for (ecr_time end = mail.ring.now + duration; mail.ring.now < end;
	     mail.ring.now += ECR_MS(1))
		ecr_sim_tick(mail.ring.sim, mail.ring.now);
}

static void to_op(uint16_t outputs, uint16_t inputs)
{
	mailring_set_sm(&mail, 2, outputs);
	mailring_set_sm(&mail, 3, inputs);
	assert_int_equal(mailring_go(&mail, ECR_AL_OP), ECR_AL_OP);
}

static int16_t channel(unsigned int number)
{
	uint64_t value = 0;

	assert_true(ecr_sim_get_input(mail.ring.sim, 0, 16 + 32 * number, 16, &value));
	return (int16_t)value;
}

static void set_milliohms(uint16_t index, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			     (uint8_t)(value >> 24) };

	assert_true(ecr_sim_write_object(mail.ring.sim, 0, index, 2, bytes, sizeof(bytes)));
	tick(ECR_MS(20));
}

/* Values of a PT100 out of IEC 60751, table 1. */
static void el3202_tells_temperatures(void **state)
{
	(void)state;
	mailring_open(&mail, "EL3202", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	to_op(0, 8);
	set_milliohms(0x9000, 100000);
	assert_int_equal(channel(0), 0);
	set_milliohms(0x9000, 138505);
	assert_in_range(channel(0), 999, 1001);
	set_milliohms(0x9000, 175856);
	assert_in_range(channel(0), 1999, 2001);
	set_milliohms(0x9010, 60256);
	assert_in_range(-channel(1), 995, 1010);
	mailring_close(&mail);
}

static void el3202_tells_resistance_when_it_was_told_so(void **state)
{
	(void)state;
	mailring_open(&mail, "EL3202", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	assert_true(mailring_set(&mail, 0x8000, 0x19, 8, 2));
	assert_true(mailring_set(&mail, 0x8010, 0x19, 9, 2));
	assert_false(mailring_set(&mail, 0x8010, 0x19, 9, 1));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_TOO_SHORT);
	to_op(0, 8);
	set_milliohms(0x9000, 100000);
	set_milliohms(0x9010, 250500);
	assert_int_equal(channel(0), 1600);
	assert_int_equal(channel(1), 16032);
	mailring_close(&mail);
}

/* It has no outputs that could fail to come. */
static void el3202_stays_in_op_by_itself(void **state)
{
	(void)state;
	mailring_open(&mail, "EL3202", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	to_op(0, 8);
	tick(ECR_S(2));
	assert_int_equal(simring_read16(&mail.ring, 0, ECR_REG_AL_STATUS), ECR_AL_OP);
	mailring_close(&mail);
}

static void el3202_says_when_a_wire_is_broken(void **state)
{
	uint64_t states;

	(void)state;
	mailring_open(&mail, "EL3202", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	to_op(0, 8);
	set_milliohms(0x9000, 9000000);
	assert_true(ecr_sim_get_input(mail.ring.sim, 0, 0, 15, &states));
	assert_int_equal(states & 0x4043, 0x4042); /* over range, error, state; not under range */
	mailring_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(el3202_tells_temperatures),
		cmocka_unit_test(el3202_tells_resistance_when_it_was_told_so),
		cmocka_unit_test(el3202_stays_in_op_by_itself),
		cmocka_unit_test(el3202_says_when_a_wire_is_broken),
	};

	return RUN(tests);
}
