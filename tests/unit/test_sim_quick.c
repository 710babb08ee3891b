/* SPDX-License-Identifier: Apache-2.0 */
/* The quick way of process data through a simulated slave is a short cut and nothing else: two rings, one of
 * which has to ask its FMMUs each time, answer the same and look the same whatever comes by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "support/simring.h"
#include "wire/esc.h"

#include <string.h>

#define STEPS 20000
#define BASE 100u
#define OUTPUTS 0x1000u
#define INPUTS 0x1800u
#define SHOWN 0x2000u /* of the slave's memory */

struct pair {
	struct simring quick;
	struct simring plain;
	struct ecr_prng random;
	uint16_t out_size;
	uint16_t in_size;
	uint8_t in_control;
};

/* The same for both; what they say to it must be the same. */
static void ask(struct pair *pair, uint8_t command, uint32_t address, const uint8_t *data,
		uint16_t length)
{
	uint8_t a[64];
	uint8_t b[64];

	memcpy(a, data, length);
	memcpy(b, data, length);
	assert_int_equal(simring_ask(&pair->quick, 0, command, address, a, length),
			 simring_ask(&pair->plain, 0, command, address, b, length));
	assert_memory_equal(a, b, length);
	assert_int_equal(pair->quick.irq, pair->plain.irq);
}

static void write_register(struct pair *pair, uint16_t offset, const void *data, uint16_t length)
{
	ask(pair, ECR_CMD_APWR, ecr_address_position(0, offset), data, length);
}

static void set_sm(struct pair *pair, unsigned int number, bool on)
{
	struct ecr_sm sm = { .start = number ? INPUTS : OUTPUTS,
			     .length = number ? pair->in_size : pair->out_size,
			     .control = number ? pair->in_control : ECR_SM_CONTROL_OUTPUTS,
			     .activate = on ? ECR_SM_ACTIVATE_ENABLE : 0 };
	uint8_t bytes[ECR_SM_SIZE];

	ecr_sm_encode(bytes, &sm);
	write_register(pair, (uint16_t)ECR_REG_SM(number), bytes, sizeof(bytes));
}

static void set_fmmu(struct simring *ring, unsigned int number, const struct ecr_fmmu *fmmu)
{
	uint8_t bytes[ECR_FMMU_SIZE];

	ecr_fmmu_encode(bytes, fmmu);
	assert_int_equal(
		simring_write(ring, 0, (uint16_t)ECR_REG_FMMU(number), bytes, sizeof(bytes)), 1);
}

/* A register mapped far away closes the quick way; on the other ring a datagram takes its time. */
static void map(struct pair *pair)
{
	struct ecr_fmmu out = { .logical = BASE,
				.length = pair->out_size,
				.stop_bit = 7,
				.physical = OUTPUTS,
				.write = true,
				.enable = true };
	struct ecr_fmmu in = out;
	struct ecr_fmmu far = { .logical = 5000,
				.length = 1,
				.stop_bit = 7,
				.physical = ECR_REG_AL_STATUS,
				.read = true,
				.enable = true };

	in.length = pair->in_size;
	in.physical = INPUTS;
	in.write = false;
	in.read = true;
	for (int i = 0; i < 2; i++) {
		struct simring *ring = i ? &pair->plain : &pair->quick;

		set_fmmu(ring, 0, &out);
		set_fmmu(ring, 1, &in);
	}
	set_fmmu(&pair->plain, 2, &far);
	simring_read16(&pair->quick, 0, ECR_REG_TYPE);
	assert_int_equal(pair->quick.now, pair->plain.now);
}

static void set_state(struct pair *pair, uint8_t state)
{
	uint8_t control[2] = { state, 0 };
	uint8_t acknowledge[2] = { ECR_AL_INIT | ECR_AL_ACKNOWLEDGE, 0 };

	if (state == ECR_AL_INIT)
		write_register(pair, ECR_REG_AL_CONTROL, acknowledge, sizeof(acknowledge));
	write_register(pair, ECR_REG_AL_CONTROL, control, sizeof(control));
}

static void climb(struct pair *pair)
{
	set_state(pair, ECR_AL_INIT);
	set_state(pair, ECR_AL_PREOP);
	set_state(pair, ECR_AL_SAFEOP);
	set_state(pair, ECR_AL_OP);
}

/* Only a slave without a processor takes any setting: its inputs tell the master of themselves. */
static void open_pair(struct pair *pair, uint64_t seed, uint16_t bits, bool emulation)
{
	static uint8_t sii[4096];
	struct ecr_sim_device devices[1] = { { .sii = sii, .emulation = emulation } };
	const uint8_t mask[2] = { ECR_IRQ_SM(1) & 0xFF, ECR_IRQ_SM(1) >> 8 };
	uint8_t irq = emulation ? ECR_SM_CONTROL_IRQ : 0;

	*pair = (struct pair){ .random = { seed },
			       .out_size = (uint16_t)(bits / 8),
			       .in_size = (uint16_t)(bits / 8 + (bits > 8)),
			       .in_control = (uint8_t)(ECR_SM_CONTROL_INPUTS | irq) };
	devices[0].sii_size =
		ecr_sim_digital_sii(sii, sizeof(sii), "slave", bits, (uint16_t)(pair->in_size * 8));
	assert_int_not_equal(devices[0].sii_size, 0);
	simring_open(&pair->quick, devices, 1);
	simring_open(&pair->plain, devices, 1);
	set_sm(pair, 0, true);
	set_sm(pair, 1, true);
	map(pair);
	write_register(pair, ECR_REG_IRQ_MASK, mask, sizeof(mask));
	climb(pair);
	assert_int_equal(simring_read16(&pair->quick, 0, ECR_REG_AL_STATUS), ECR_AL_OP);
	assert_int_equal(simring_read16(&pair->plain, 0, ECR_REG_AL_STATUS), ECR_AL_OP);
}

static uint32_t below(struct pair *pair, uint32_t bound)
{
	return ecr_prng_below(&pair->random, bound);
}

/* Mostly all of the slave's data, sometimes a part, sometimes more. */
static void cycle(struct pair *pair)
{
	static const uint8_t commands[] = { ECR_CMD_LRW, ECR_CMD_LRW, ECR_CMD_LRD, ECR_CMD_LWR };
	uint32_t size = pair->out_size > pair->in_size ? pair->out_size : pair->in_size;
	uint32_t from = BASE - (below(pair, 4) == 0) + (below(pair, 8) == 0);
	uint32_t cut = below(pair, 8) == 0 ? 1 + below(pair, 2) : 0;
	uint32_t to = BASE + size + (below(pair, 4) == 0) - cut;
	uint8_t data[64];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)below(pair, 256);
	if (to > from)
		ask(pair, commands[below(pair, 4)], from, data, (uint16_t)(to - from));
}

static void access(struct pair *pair)
{
	static const struct {
		uint16_t offset;
		uint16_t length;
	} places[] = {
		{ ECR_REG_SM(0), 2 * ECR_SM_SIZE }, { ECR_REG_PDI_IRQ, 4 }, { ECR_REG_IRQ, 2 },
		{ ECR_REG_WATCHDOG_STATUS, 2 },	    { INPUTS, 1 },	    { OUTPUTS, 1 },
	};
	uint32_t which = below(pair, sizeof(places) / sizeof(places[0]) + 1);
	uint8_t data[64] = { 0 };

	data[0] = (uint8_t)below(pair, 256);
	if (which == sizeof(places) / sizeof(places[0]))
		ask(pair, ECR_CMD_APWR, ecr_address_position(0, OUTPUTS), data, pair->out_size);
	else
		ask(pair, ECR_CMD_APRD, ecr_address_position(0, places[which].offset), data,
		    places[which].length);
}

static void set_input(struct pair *pair)
{
	uint64_t value = below(pair, 256);

	assert_true(ecr_sim_set_input(pair->quick.sim, 0, 0, 8, value));
	assert_true(ecr_sim_set_input(pair->plain.sim, 0, 0, 8, value));
}

/* Long enough for the watchdog now and then. */
static void wait(struct pair *pair)
{
	ecr_time time = ECR_MS(below(pair, 150));

	pair->quick.now += time;
	pair->plain.now += time;
}

static void switch_sm(struct pair *pair)
{
	unsigned int number = below(pair, 2);

	set_sm(pair, number, false);
	if (below(pair, 2))
		cycle(pair);
	set_sm(pair, number, true);
	climb(pair);
}

static void happen(struct pair *pair)
{
	uint32_t what = below(pair, 100);

	if (what < 60)
		cycle(pair);
	else if (what < 80)
		access(pair);
	else if (what < 90)
		set_input(pair);
	else if (what < 96)
		wait(pair);
	else if (what < 98)
		switch_sm(pair);
	else
		climb(pair);
}

static void compare(struct pair *pair)
{
	const uint8_t *a = ecr_sim_registers(pair->quick.sim, 0);
	const uint8_t *b = ecr_sim_registers(pair->plain.sim, 0);
	struct ecr_sim_state quick;
	struct ecr_sim_state plain;
	uint32_t behind = ECR_REG_FMMUS + ECR_REG_FMMUS_SIZE;

	assert_memory_equal(a, b, ECR_REG_FMMUS);
	assert_memory_equal(a + behind, b + behind, SHOWN - behind);
	ecr_sim_look(pair->quick.sim, 0, &quick);
	ecr_sim_look(pair->plain.sim, 0, &plain);
	assert_int_equal(quick.output_writes, plain.output_writes);
}

static void live(uint64_t seed, uint16_t bits, bool emulation)
{
	struct pair pair;

	open_pair(&pair, seed, bits, emulation);
	for (int i = 0; i < STEPS; i++) {
		happen(&pair);
		compare(&pair);
	}
	simring_close(&pair.quick);
	simring_close(&pair.plain);
}

static void a_byte_takes_the_same_way(void **state)
{
	(void)state;
	live(1, 8, false);
}

static void several_bytes_take_the_same_way(void **state)
{
	(void)state;
	live(2, 24, false);
}

static void events_take_the_same_way(void **state)
{
	(void)state;
	live(3, 8, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_takes_the_same_way),
		cmocka_unit_test(several_bytes_take_the_same_way),
		cmocka_unit_test(events_take_the_same_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
