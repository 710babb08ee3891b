/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated controller's hardware: EEPROM interface, SyncManager buffers, FMMUs, events. What is
 * right stands in ETG.1000.4, 6.5 to 6.11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/simring.h"
#include "wire/esc.h"
#include "wire/sii.h"

#include <string.h>

#define EEPROM_SIZE 2048

static void eeprom_ask(struct simring *ring, uint16_t command, uint16_t word, uint16_t value)
{
	uint8_t bytes[8] = { 0 };

	bytes[0] = (uint8_t)command;
	bytes[1] = (uint8_t)(command >> 8);
	bytes[2] = (uint8_t)word;
	bytes[3] = (uint8_t)(word >> 8);
	bytes[6] = (uint8_t)value;
	bytes[7] = (uint8_t)(value >> 8);
	assert_int_equal(simring_write(ring, 0, ECR_REG_EEPROM_CONTROL, bytes, 8), 1);
}

static uint16_t eeprom_status(struct simring *ring)
{
	return simring_read16(ring, 0, ECR_REG_EEPROM_CONTROL);
}

static void eeprom_is_written_word_by_word(void **state)
{
	static uint8_t eeprom[EEPROM_SIZE];
	struct ecr_sim_device devices[1] = {
		{ .eeprom = eeprom, .eeprom_size = sizeof(eeprom), .eeprom_busy_ns = 100000 }
	};
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 1);
	eeprom_ask(&ring, ECR_EEPROM_WRITE, 4, 0x1234); /* without the enable bit */
	assert_true(eeprom_status(&ring) & ECR_EEPROM_ERROR_WRITE_ENABLE);
	eeprom_ask(&ring, ECR_EEPROM_WRITE | ECR_EEPROM_WRITE_ENABLE, 4, 0x1234);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	eeprom_ask(&ring, ECR_EEPROM_READ, 0, 0); /* not looked at while busy, but the address is */
	ring.now += 100000;
	assert_false(eeprom_status(&ring) & (ECR_EEPROM_BUSY | ECR_EEPROM_ERROR_MASK));
	simring_close(&ring);
}

/* The alias and the checksum over it; the controller takes the alias at power-on only, not when the
 * EEPROM is read again. */
static void a_written_alias_counts_after_power_on(void **state)
{
	static uint8_t eeprom[EEPROM_SIZE];
	struct ecr_sim_device devices[1] = { { .eeprom = eeprom, .eeprom_size = sizeof(eeprom) } };
	struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 1);
	eeprom_ask(&ring, ECR_EEPROM_WRITE | ECR_EEPROM_WRITE_ENABLE, 4, 0x0777);
	assert_false(eeprom_status(&ring) & ECR_EEPROM_ERROR_MASK);
	assert_int_equal(eeprom[8] | eeprom[9] << 8, 0x0777);
	eeprom_ask(&ring, ECR_EEPROM_RELOAD, 0, 0);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_ERROR_CHECKSUM);
	/* Without a good checksum nothing is taken. */
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	assert_true(eeprom_status(&ring) & ECR_EEPROM_ERROR_CHECKSUM);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_ALIAS), 0);
	eeprom_ask(&ring, ECR_EEPROM_WRITE | ECR_EEPROM_WRITE_ENABLE, 7, ecr_sii_crc(eeprom));
	eeprom_status(&ring);
	eeprom_ask(&ring, ECR_EEPROM_RELOAD, 0, 0);
	assert_false(eeprom_status(&ring) & ECR_EEPROM_ERROR_CHECKSUM);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_ALIAS), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	ecr_sim_tick(ring.sim, ring.now);
	eeprom_status(&ring);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_ALIAS), 0x0777);
	simring_close(&ring);
}

/* ETG.1000.4, 6.8: the processor is told of a command, and the interface is busy until it has served it. */
static void an_emulated_eeprom_is_as_fast_as_its_processor(void **state)
{
	struct ecr_sim_device devices[1] = { { .eeprom_by_pdi = true, .eeprom_4 = true } };
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 1);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_EMULATION);
	eeprom_ask(&ring, ECR_EEPROM_READ, 8, 0);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_PDI_IRQ) & ECR_PDI_IRQ_EEPROM,
			 ECR_PDI_IRQ_EEPROM);
	ring.now += ECR_US(200);
	assert_false(eeprom_status(&ring) & (ECR_EEPROM_BUSY | ECR_EEPROM_ERROR_MASK));
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_PDI_IRQ) & ECR_PDI_IRQ_EEPROM, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_EEPROM_DATA), 0x0ACE); /* vendor */
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	eeprom_ask(&ring, ECR_EEPROM_READ, 10, 0);
	ring.now += ECR_S(1);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	ecr_sim_clear_faults(ring.sim);
	ring.now += ECR_US(200);
	eeprom_status(&ring);
	assert_false(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	simring_close(&ring);
}

static void a_busy_eeprom_interface_is_not_disturbed(void **state)
{
	static uint8_t eeprom[EEPROM_SIZE];
	struct ecr_sim_device devices[1] = { { .eeprom = eeprom,
					       .eeprom_size = sizeof(eeprom),
					       .eeprom_busy_ns = 100000,
					       .eeprom_write_ns = ECR_MS(3) } };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 1);
	eeprom_ask(&ring, ECR_EEPROM_WRITE | ECR_EEPROM_WRITE_ENABLE, 300, 0x1234);
	ring.now += ECR_MS(2);
	eeprom_ask(&ring, ECR_EEPROM_READ, 8, 0xFFFF);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	ring.now += ECR_MS(1);
	assert_false(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	assert_int_equal(eeprom[600] | eeprom[601] << 8, 0x1234);
	assert_int_equal(eeprom[602], 0xFF);
	eeprom_ask(&ring, ECR_EEPROM_READ, 8, 0);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	ring.now += 100000;
	assert_int_equal(eeprom_status(&ring) & ECR_EEPROM_BUSY, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_EEPROM_DATA), 0x0ACE);
	/* While the PDI has it, the master cannot; taken by force it can again. */
	simring_write8(&ring, 0, ECR_REG_EEPROM_CONFIG, ECR_EEPROM_TO_PDI);
	eeprom_ask(&ring, ECR_EEPROM_READ, 0, 0);
	assert_int_equal(eeprom_status(&ring) & ECR_EEPROM_BUSY, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_EEPROM_DATA), 0x0ACE);
	simring_write8(&ring, 0, ECR_REG_EEPROM_CONFIG, ECR_EEPROM_FORCE_MASTER);
	eeprom_ask(&ring, ECR_EEPROM_READ, 4, 0);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_BUSY);
	simring_close(&ring);
}

static void a_protected_eeprom_does_not_acknowledge(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 1);
	eeprom_ask(&ring, ECR_EEPROM_WRITE | ECR_EEPROM_WRITE_ENABLE, 4, 1);
	assert_true(eeprom_status(&ring) & ECR_EEPROM_ERROR_ACKNOWLEDGE);
	eeprom_ask(&ring, ECR_EEPROM_NOP, 0, 0);
	assert_false(eeprom_status(&ring) & ECR_EEPROM_ERROR_ACKNOWLEDGE);
	simring_write8(&ring, 0, ECR_REG_EEPROM_CONFIG, ECR_EEPROM_TO_PDI);
	eeprom_ask(&ring, ECR_EEPROM_READ, 8, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_EEPROM_DATA), 0); /* not ours to read */
	simring_write8(&ring, 0, ECR_REG_EEPROM_CONFIG, ECR_EEPROM_FORCE_MASTER);
	eeprom_ask(&ring, ECR_EEPROM_READ, 8, 0);
	eeprom_status(&ring);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_EEPROM_DATA), 0x0ACE);
	simring_close(&ring);
}

static void set_sm(struct simring *ring, unsigned int number, uint16_t start, uint16_t length,
		   uint8_t control)
{
	struct ecr_sm sm = { .start = start,
			     .length = length,
			     .control = control,
			     .activate = ECR_SM_ACTIVATE_ENABLE };
	uint8_t bytes[ECR_SM_SIZE];

	ecr_sm_encode(bytes, &sm);
	assert_int_equal(simring_write(ring, 0, (uint16_t)ECR_REG_SM(number), bytes, ECR_SM_SIZE),
			 1);
}

static void a_mailbox_is_handed_over_with_its_last_byte(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;
	uint8_t data[32] = { 1, 2, 3 };

	(void)state;
	simring_open(&ring, devices, 1);
	set_sm(&ring, 0, 0x1000, 32, ECR_SM_CONTROL_MAILBOX_OUT);
	set_sm(&ring, 1, 0x1080, 32, ECR_SM_CONTROL_MAILBOX_IN);
	assert_int_equal(simring_write(&ring, 0, 0x1010, data, 16),
			 0); /* not entered at the start */
	assert_int_equal(simring_write(&ring, 0, 0x1000, data, 16), 1);
	assert_int_equal(simring_read16(&ring, 0, (uint16_t)ECR_REG_SM_STATUS(0)) & 8, 0);
	assert_int_equal(simring_write(&ring, 0, 0x1010, data, 16), 1);
	assert_int_equal(simring_read16(&ring, 0, (uint16_t)ECR_REG_SM_STATUS(0)) & 8, 8);
	assert_int_equal(simring_write(&ring, 0, 0x1000, data, 32), 0); /* full */
	assert_int_equal(simring_read(&ring, 0, 0x1000, data, 32), 0);	/* wrong side */
	assert_int_equal(simring_read(&ring, 0, 0x1080, data, 32), 0);	/* empty */
	assert_int_equal(simring_read(&ring, 0, 0x1070, data, 32), 0); /* touches it all the same */
	simring_close(&ring);
}

/* What the slave sees changes with the last byte, all at once. */
static void three_buffers_show_complete_data_only(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;
	uint8_t first[4] = { 1, 1, 1, 1 };
	uint8_t second[4] = { 2, 2, 2, 2 };
	uint8_t seen[4];

	(void)state;
	simring_open(&ring, devices, 1);
	set_sm(&ring, 2, 0x1100, 4, ECR_SM_CONTROL_OUTPUTS);
	set_sm(&ring, 3, 0x1200, 4, ECR_SM_CONTROL_INPUTS);
	assert_int_equal(simring_write(&ring, 0, 0x1100, first, 4), 1);
	assert_int_equal(simring_write(&ring, 0, 0x1100, second, 2), 1);
	assert_memory_equal(ecr_sim_registers(ring.sim, 0) + 0x1100, first, 4);
	assert_int_equal(simring_write(&ring, 0, 0x1102, second, 2), 1);
	assert_memory_equal(ecr_sim_registers(ring.sim, 0) + 0x1100, second, 4);
	/* A reader that is half way through goes on with what it began. */
	memcpy(ecr_sim_registers(ring.sim, 0) + 0x1200, first, 4);
	assert_int_equal(simring_read(&ring, 0, 0x1200, seen, 2), 1);
	memcpy(ecr_sim_registers(ring.sim, 0) + 0x1200, second, 4);
	assert_int_equal(simring_read(&ring, 0, 0x1202, seen + 2, 2), 1);
	assert_memory_equal(seen, first, 4);
	assert_int_equal(simring_read(&ring, 0, 0x1200, seen, 4), 1);
	assert_memory_equal(seen, second, 4);
	simring_close(&ring);
}

static void set_fmmu(struct simring *ring, unsigned int number, const struct ecr_fmmu *fmmu)
{
	uint8_t bytes[ECR_FMMU_SIZE];

	ecr_fmmu_encode(bytes, fmmu);
	simring_write(ring, 0, (uint16_t)ECR_REG_FMMU(number), bytes, ECR_FMMU_SIZE);
}

/* A SyncManager mapped by two entries is entered by the one that comes first in the frame. */
static void entries_act_in_the_order_of_the_frame(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct ecr_fmmu second = { .logical = 102,
				   .length = 2,
				   .stop_bit = 7,
				   .physical = 0x1102,
				   .write = true,
				   .enable = true };
	struct ecr_fmmu first = second;
	struct simring ring;
	uint8_t data[4] = { 1, 2, 3, 4 };

	(void)state;
	first.logical = 100;
	first.physical = 0x1100;
	simring_open(&ring, devices, 1);
	set_sm(&ring, 2, 0x1100, 4, ECR_SM_CONTROL_OUTPUTS);
	set_fmmu(&ring, 0, &second);
	set_fmmu(&ring, 1, &first);
	/* Only the end of it: not entered. */
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LWR, 102, data, 2), 0);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LWR, 100, data, 4), 1);
	assert_memory_equal(ecr_sim_registers(ring.sim, 0) + 0x1100, data, 4);
	simring_close(&ring);
}

/* Start, length and control stay as they are until the SyncManager is switched off. */
static void an_active_syncmanager_is_not_moved(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 1);
	set_sm(&ring, 2, 0x1100, 4, ECR_SM_CONTROL_OUTPUTS);
	set_sm(&ring, 2, 0x1300, 8, ECR_SM_CONTROL_INPUTS);
	assert_int_equal(simring_read16(&ring, 0, (uint16_t)ECR_REG_SM(2)), 0x1100);
	simring_write8(&ring, 0, (uint16_t)ECR_REG_SM_ACTIVATE(2), 0);
	set_sm(&ring, 2, 0x1300, 8, ECR_SM_CONTROL_INPUTS);
	assert_int_equal(simring_read16(&ring, 0, (uint16_t)ECR_REG_SM(2)), 0x1300);
	simring_close(&ring);
}

/* A SyncManager that a master sets over registers and memory has no buffer: what is written there is there. */
static void a_syncmanager_over_registers_touches_nothing_else(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;
	uint8_t data[16] = { 1, 2, 3 };

	(void)state;
	simring_open(&ring, devices, 1);
	ecr_sim_registers(ring.sim, 0)[0x0F80] = 0x5A;
	set_sm(&ring, 2, 0x0F00, 0x1000, ECR_SM_CONTROL_OUTPUTS);
	simring_write(&ring, 0, 0x0F00, data, 1);
	simring_write(&ring, 0, 0x1EF0, data, sizeof(data));
	assert_memory_equal(ecr_sim_registers(ring.sim, 0) + 0x1EF0, data, sizeof(data));
	assert_int_equal(ecr_sim_registers(ring.sim, 0)[0x0F80], 0x5A);
	simring_close(&ring);
}

/* ... and one that ends behind the memory: its neighbour's, for the simulator. */
static void a_syncmanager_beyond_the_memory_touches_nothing_else(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;
	uint8_t data[16] = { 1, 2, 3 };
	uint8_t read[16];

	(void)state;
	simring_open(&ring, devices, 1);
	set_sm(&ring, 2, 0x1000, 0x3402, ECR_SM_CONTROL_OUTPUTS);
	assert_int_equal(simring_write(&ring, 0, 0x1000, data, sizeof(data)), 1);
	assert_memory_equal(ecr_sim_registers(ring.sim, 0) + 0x1000, data, sizeof(data));
	simring_close(&ring);
	simring_open(&ring, devices, 1);
	set_sm(&ring, 3, 0x1000, 0x3402, ECR_SM_CONTROL_INPUTS);
	memcpy(ecr_sim_registers(ring.sim, 0) + 0x1000, data, sizeof(data));
	assert_int_equal(simring_read(&ring, 0, 0x1000, read, sizeof(read)), 1);
	assert_memory_equal(read, data, sizeof(data));
	simring_close(&ring);
}

/* Status and event tell which side has done what. */
static void syncmanagers_tell_who_was_there(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct simring ring;
	uint8_t data[1] = { 0 };
	uint8_t status;

	(void)state;
	simring_open(&ring, devices, 1);
	set_sm(&ring, 1, 0x1800, 1, ECR_SM_CONTROL_INPUTS | ECR_SM_CONTROL_IRQ);
	simring_write8(&ring, 0, ECR_REG_IRQ_MASK, ECR_IRQ_SM(1));
	assert_true(ecr_sim_set_input(ring.sim, 0, 3, 1, 1));
	simring_ask(&ring, 0, ECR_CMD_NOP, 0, data, 1);
	assert_int_equal(ring.irq, ECR_IRQ_SM(1));
	simring_read(&ring, 0, (uint16_t)ECR_REG_SM_STATUS(1), &status, 1);
	assert_int_equal(status & 3, ECR_SM_STATUS_WRITE_IRQ);
	assert_int_equal(simring_read(&ring, 0, 0x1800, data, 1), 1);
	assert_int_equal(data[0], 8);
	simring_read(&ring, 0, (uint16_t)ECR_REG_SM_STATUS(1), &status, 1);
	assert_int_equal(status & 3, ECR_SM_STATUS_READ_IRQ);
	assert_int_equal(ring.irq, 0);
	simring_close(&ring);
}

static void bits_are_written_to_digital_outputs_only(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct ecr_fmmu fmmu = { .logical = 100,
				 .length = 1,
				 .start_bit = 2,
				 .stop_bit = 3,
				 .physical = ECR_REG_DIGITAL_OUTPUTS,
				 .write = true,
				 .enable = true };
	struct simring ring;
	uint8_t data[1] = { 0x0C };

	(void)state;
	simring_open(&ring, devices, 1);
	set_fmmu(&ring, 0, &fmmu);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LWR, 100, data, 1), 1);
	assert_int_equal(ecr_sim_registers(ring.sim, 0)[ECR_REG_DIGITAL_OUTPUTS], 3);
	fmmu.physical = 0x1000;
	set_fmmu(&ring, 0, &fmmu);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LWR, 100, data, 1), 0);
	/* Reading by bits works anywhere: the mailbox's full bit, for one. */
	fmmu = (struct ecr_fmmu){ .logical = 100,
				  .length = 1,
				  .start_bit = 7,
				  .stop_bit = 7,
				  .physical = (uint16_t)ECR_REG_SM_STATUS(1),
				  .physical_bit = 3,
				  .read = true,
				  .enable = true };
	set_fmmu(&ring, 0, &fmmu);
	ecr_sim_registers(ring.sim, 0)[ECR_REG_SM_STATUS(1)] = ECR_SM_STATUS_FULL;
	data[0] = 0;
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRD, 100, data, 1), 1);
	assert_int_equal(data[0], 0x80);
	simring_close(&ring);
}

static void bitwise_entries_need_three_bytes_between_them(void **state)
{
	struct ecr_sim_device devices[1] = { 0 };
	struct ecr_fmmu fmmu = { .logical = 100,
				 .length = 1,
				 .stop_bit = 0,
				 .physical = 0x1000,
				 .read = true,
				 .enable = true };
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 1);
	set_fmmu(&ring, 0, &fmmu);
	fmmu.logical = 103;
	set_fmmu(&ring, 1, &fmmu);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRD, 103, data, 1), 0);
	fmmu.logical = 104;
	set_fmmu(&ring, 1, &fmmu);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRD, 104, data, 1), 1);
	simring_close(&ring);
}

/* Whole bytes are mapped, whatever bits the entry asks for. */
static void features_say_what_a_controller_cannot(void **state)
{
	struct ecr_sim_device devices[1] = { { .features = ECR_FEATURE_BIT_FMMU_NOT |
							   ECR_FEATURE_NO_BRW } };
	struct ecr_fmmu fmmu = { .logical = 100,
				 .length = 1,
				 .stop_bit = 0,
				 .physical = 0x1000,
				 .read = true,
				 .enable = true };
	struct simring ring;
	uint8_t data[1] = { 0 };

	(void)state;
	simring_open(&ring, devices, 1);
	set_fmmu(&ring, 0, &fmmu);
	ecr_sim_registers(ring.sim, 0)[0x1000] = 0xA5;
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_LRD, 100, data, 1), 1);
	assert_int_equal(data[0], 0xA5);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRW, ecr_address_all(0x1000), data, 1), 0);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, ecr_address_all(0x1000), data, 1), 1);
	simring_close(&ring);
}

/* The IRQ field of every datagram shows what the mask lets through, until the cause is read. */
static void events_show_in_the_irq_field(void **state)
{
	struct ecr_sim_device devices[2] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_AL_ERROR, .slave = 1, .value = 0x1D };
	struct simring ring;
	uint8_t data[2];

	(void)state;
	simring_open(&ring, devices, 2);
	simring_write8(&ring, 1, ECR_REG_IRQ_MASK, ECR_IRQ_AL_STATUS);
	simring_read16(&ring, 1, ECR_REG_AL_STATUS);
	simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1);
	assert_int_equal(ring.irq, 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	simring_ask(&ring, 0, ECR_CMD_NOP, 0, data, 1);
	assert_int_equal(ring.irq, ECR_IRQ_AL_STATUS);
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_AL_STATUS), ECR_AL_ERROR | ECR_AL_INIT);
	simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1);
	assert_int_equal(ring.irq, 0);
	simring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eeprom_is_written_word_by_word),
		cmocka_unit_test(a_written_alias_counts_after_power_on),
		cmocka_unit_test(a_busy_eeprom_interface_is_not_disturbed),
		cmocka_unit_test(an_emulated_eeprom_is_as_fast_as_its_processor),
		cmocka_unit_test(a_protected_eeprom_does_not_acknowledge),
		cmocka_unit_test(a_mailbox_is_handed_over_with_its_last_byte),
		cmocka_unit_test(three_buffers_show_complete_data_only),
		cmocka_unit_test(entries_act_in_the_order_of_the_frame),
		cmocka_unit_test(an_active_syncmanager_is_not_moved),
		cmocka_unit_test(a_syncmanager_over_registers_touches_nothing_else),
		cmocka_unit_test(a_syncmanager_beyond_the_memory_touches_nothing_else),
		cmocka_unit_test(syncmanagers_tell_who_was_there),
		cmocka_unit_test(bits_are_written_to_digital_outputs_only),
		cmocka_unit_test(bitwise_entries_need_three_bytes_between_them),
		cmocka_unit_test(features_say_what_a_controller_cannot),
		cmocka_unit_test(events_show_in_the_irq_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
