/* SPDX-License-Identifier: Apache-2.0 */
/* Working counters of every command, and whose bytes are where behind it (ETG.1000.4, 5.4 and table 32). */
#include "support/check.h"
#include "support/simring.h"

#include "wire/esc.h"

#define MEMORY 0x1800u /* beside all SyncManagers */

static struct simring ring;

static void station(int position, uint8_t low)
{
	uint8_t bytes[2] = { low, 0x10 };

	assert_int_equal(simring_write(&ring, position, ECR_REG_STATION, bytes, 2), 1);
}

static void open_three(void)
{
	struct ecr_sim_device devices[3] = { 0 };

	simring_open(&ring, devices, 3);
	for (int i = 0; i < 3; i++)
		station(i, (uint8_t)i);
}

static uint8_t *memory_of(int slave)
{
	return ecr_sim_registers(ring.sim, slave) + MEMORY;
}

static uint16_t ask(uint8_t command, uint32_t address)
{
	uint8_t data[2] = { 0 };

	return simring_ask(&ring, 0, command, address, data, 2);
}

/* +1 for a read, +1 for a write; of commands that do both +1 and +2. */
static void every_command_counts_as_the_hardware(void **state)
{
	const uint32_t second = ecr_address_position(1, MEMORY);
	const uint32_t nobody = ecr_address_position(3, MEMORY);
	const uint32_t by_name = ecr_address_station(0x1001, MEMORY);
	const uint32_t stranger = ecr_address_station(0x2222, MEMORY);
	const uint32_t all = ecr_address_all(MEMORY);
	const struct {
		uint8_t command;
		uint32_t address;
		uint16_t wkc;
	} rows[] = {
		{ ECR_CMD_NOP, second, 0 },
		{ ECR_CMD_APRD, second, 1 },
		{ ECR_CMD_APWR, second, 1 },
		{ ECR_CMD_APRW, second, 3 },
		{ ECR_CMD_APRD, nobody, 0 },
		{ ECR_CMD_APRW, nobody, 0 },
		{ ECR_CMD_FPRD, by_name, 1 },
		{ ECR_CMD_FPWR, by_name, 1 },
		{ ECR_CMD_FPRW, by_name, 3 },
		{ ECR_CMD_FPRD, stranger, 0 },
		{ ECR_CMD_FPRW, stranger, 0 },
		{ ECR_CMD_BRD, all, 3 },
		{ ECR_CMD_BWR, all, 3 },
		{ ECR_CMD_BRW, all, 9 },
		{ ECR_CMD_LRD, 0x10000, 0 },
		{ ECR_CMD_LWR, 0x10000, 0 },
		{ ECR_CMD_LRW, 0x10000, 0 },
		{ ECR_CMD_ARMW, second, 3 },
		{ ECR_CMD_FRMW, by_name, 3 },
		{ ECR_CMD_FRMW, stranger, 3 },
		{ 15, all, 0 },
	};

	(void)state;
	open_three();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t wkc = ask(rows[i].command, rows[i].address);

		if (wkc != rows[i].wkc)
			print_message("%s: %u instead of %u\n", ecr_command_name(rows[i].command),
				      wkc, rows[i].wkc);
		assert_int_equal(wkc, rows[i].wkc);
	}
	station(2, 1); /* two slaves of one name answer both */
	assert_int_equal(ask(ECR_CMD_FPRD, by_name), 2);
	assert_int_equal(ask(ECR_CMD_FPRW, by_name), 6);
	simring_close(&ring);
}

/* The old bytes come back, the new ones are there. */
static void a_read_and_write_reads_first(void **state)
{
	uint8_t data[1] = { 0x55 };

	(void)state;
	open_three();
	memory_of(1)[0] = 0x99;
	assert_int_equal(
		simring_ask(&ring, 0, ECR_CMD_APRW, ecr_address_position(1, MEMORY), data, 1), 3);
	assert_int_equal(data[0], 0x99);
	assert_int_equal(memory_of(1)[0], 0x55);
	assert_int_equal(memory_of(0)[0], 0);
	simring_close(&ring);
}

/* Broadcasts gather by OR what they meet, on top of what was sent. */
static void broadcasts_are_ored(void **state)
{
	uint8_t data[1] = { 0x80 };

	(void)state;
	open_three();
	for (int i = 0; i < 3; i++)
		memory_of(i)[0] = (uint8_t)(1 << i);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, ecr_address_all(MEMORY), data, 1), 3);
	assert_int_equal(data[0], 0x87);
	for (int i = 0; i < 3; i++)
		assert_int_equal(memory_of(i)[0], 1 << i);
	data[0] = 0x80;
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRW, ecr_address_all(MEMORY), data, 1), 9);
	assert_int_equal(data[0], 0x87);
	assert_int_equal(memory_of(0)[0], 0x80); /* each writes what arrives at it */
	assert_int_equal(memory_of(1)[0], 0x81);
	assert_int_equal(memory_of(2)[0], 0x83);
	simring_close(&ring);
}

/* The slave that is meant gives its bytes; those behind take them, those before what was sent. */
static void one_reads_and_all_others_write(void **state)
{
	const uint32_t addresses[2] = { ecr_address_position(1, MEMORY),
					ecr_address_station(0x1001, MEMORY) };

	(void)state;
	for (int i = 0; i < 2; i++) {
		uint8_t data[1] = { 0xAA };

		open_three();
		memory_of(1)[0] = 0x42;
		assert_int_equal(simring_ask(&ring, 0, i ? ECR_CMD_FRMW : ECR_CMD_ARMW,
					     addresses[i], data, 1),
				 3);
		assert_int_equal(data[0], 0x42);
		assert_int_equal(memory_of(0)[0], 0xAA);
		assert_int_equal(memory_of(1)[0], 0x42);
		assert_int_equal(memory_of(2)[0], 0x42);
		simring_close(&ring);
	}
}

static void map(int slave, int number, uint32_t logical, bool write)
{
	struct ecr_fmmu fmmu = { .logical = logical,
				 .length = 1,
				 .stop_bit = 7,
				 .physical = (uint16_t)(MEMORY + (uint32_t)number),
				 .read = !write,
				 .write = write,
				 .enable = true };
	uint8_t bytes[ECR_FMMU_SIZE];

	ecr_fmmu_encode(bytes, &fmmu);
	assert_int_equal(
		simring_write(&ring, slave, (uint16_t)ECR_REG_FMMU(number), bytes, ECR_FMMU_SIZE),
		1);
}

/* Once per slave, direction and datagram, however many entries match. */
static void logical_datagrams_count_each_slave_once(void **state)
{
	uint8_t data[8] = { 0, 0, 3, 4, 0, 6 };

	(void)state;
	open_three();
	map(0, 0, 100, false);
	map(0, 1, 101, false);
	map(1, 0, 102, true);
	map(1, 1, 103, true);
	map(2, 0, 104, false);
	map(2, 1, 105, true);
	memory_of(0)[0] = 0x10;
	memory_of(0)[1] = 0x20;
	memory_of(2)[0] = 0x50;
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRW, 100, data, 8), 1 + 2 + 3);
	assert_memory_equal(data, ((uint8_t[]){ 0x10, 0x20, 3, 4, 0x50, 6, 0, 0 }), 8);
	assert_int_equal(memory_of(1)[0], 3);
	assert_int_equal(memory_of(1)[1], 4);
	assert_int_equal(memory_of(2)[1], 6);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRD, 100, data, 8), 1 + 1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LWR, 100, data, 8), 1 + 1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRW, 104, data, 1), 1); /* its input alone */
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRW, 105, data, 1),
			 2); /* its output alone */
	simring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_counts_as_the_hardware),
		cmocka_unit_test(a_read_and_write_reads_first),
		cmocka_unit_test(broadcasts_are_ored),
		cmocka_unit_test(one_reads_and_all_others_write),
		cmocka_unit_test(logical_datagrams_count_each_slave_once),
	};

	return RUN(tests);
}
