/* SPDX-License-Identifier: Apache-2.0 */
/* The plan against the hardware's rules, and the signals that arrive through it. */
#include "support/check.h"
#include "support/vring.h"

#include "master/master.h"
#include "wire/sii_write.h"

#include <string.h>

#define DEVICES 4

static struct vring ring;
static uint8_t images[DEVICES][1024];
static struct ecr_sim_device devices[DEVICES];
static struct ecr_slave_config slaves[DEVICES + 1];
static struct ecr_domain_config domains[3];
static struct ecr_config config;
static int device_count;

struct part {
	uint16_t start;
	uint8_t bits;
	uint8_t padding; /* behind every bit */
	enum ecr_direction direction;
};

static void put_part_pdos(struct ecr_sii_writer *writer, const struct part *part, uint8_t sm)
{
	uint16_t base = part->direction == ECR_INPUT ? 0x6000 : 0x7000;

	for (uint8_t i = 0; i < part->bits; i++) {
		struct ecr_sii_entry entry = { (uint16_t)(base + sm * 0x100 + i), 1, 0, 1, 1, 0 };
		struct ecr_sii_entry gap = { 0, 0, 0, 0, part->padding, 0 };

		ecr_sii_put_pdo(writer,
				(uint16_t)((part->direction == ECR_INPUT ? 0x1A00 : 0x1600) +
					   sm * 0x20 + i),
				part->padding ? 2 : 1, sm, 0);
		ecr_sii_put_entry(writer, &entry);
		if (part->padding)
			ecr_sii_put_entry(writer, &gap);
	}
}

static bool has(const struct part *parts, enum ecr_direction direction)
{
	for (; parts->bits; parts++)
		if (parts->direction == direction)
			return true;
	return false;
}

static void put_pdos(struct ecr_sii_writer *writer, const struct part *parts,
		     enum ecr_direction direction)
{
	if (!has(parts, direction))
		return;
	ecr_sii_open_category(writer, direction == ECR_INPUT ? ECR_SII_TXPDO : ECR_SII_RXPDO);
	for (uint8_t sm = 0; parts[sm].bits; sm++)
		if (parts[sm].direction == direction)
			put_part_pdos(writer, &parts[sm], sm);
	ecr_sii_close_category(writer);
}

/* A device of single bits: each part is a SyncManager; the list ends with one of no bits. */
static struct ecr_sim_device *add(const char *name, const struct part *parts, uint8_t flags)
{
	struct ecr_sim_device *device = &devices[device_count];
	struct ecr_sii_identity identity = { 0x0ACE, 1, 1, 0 };
	struct ecr_sii_general general = { .flags = flags };
	struct ecr_sii_writer writer;

	ecr_sii_begin(&writer, images[device_count], sizeof(images[0]), 16);
	ecr_sii_put_identity(&writer, &identity);
	ecr_sii_put_general(&writer, &general);
	ecr_sii_open_category(&writer, ECR_SII_SM);
	for (int sm = 0; parts[sm].bits; sm++) {
		bool input = parts[sm].direction == ECR_INPUT;
		struct ecr_sii_sm entry = {
			parts[sm].start,
			(uint16_t)((parts[sm].bits * (1 + parts[sm].padding) + 7) / 8),
			input ? ECR_SM_CONTROL_INPUTS : ECR_SM_CONTROL_OUTPUTS,
			0,
			1,
			input ? 4 : 3
		};

		ecr_sii_put_sm(&writer, &entry);
	}
	ecr_sii_close_category(&writer);
	put_pdos(&writer, parts, ECR_INPUT);
	put_pdos(&writer, parts, ECR_OUTPUT);
	*device = (struct ecr_sim_device){ .name = name,
					   .sii = images[device_count],
					   .sii_size = ecr_sii_finish(&writer) };
	slaves[device_count] =
		(struct ecr_slave_config){ .name = name, .process_data = ECR_ALL_TO("main") };
	assert_int_not_equal(device->sii_size, 0);
	device_count++;
	return device;
}

static int begin(void **state)
{
	(void)state;
	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	memset(domains, 0, sizeof(domains));
	device_count = 0;
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = ECR_MS(1) };
	return 0;
}

static void start(void)
{
	vring_open_devices(&ring, devices, device_count);
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	assert_int_equal(vring_start(&ring, &config), 0);
}

static void to_operational(void)
{
	start();
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static const struct ecr_fmmu *fmmu(int slave, int number)
{
	return &ring.core->slaves[slave].plan.fmmu[number];
}

static void run(ecr_time span)
{
	vring_run_until(&ring, ring.now + span);
}

static uint64_t shown(int slave, uint32_t bit, uint32_t bits)
{
	uint64_t value = 0;

	assert_true(ecr_sim_get_output(ring.sim, slave, bit, bits, &value));
	return value;
}

/* Three terminals with 2, 3 and 4 inputs: nine bits, two bytes. */
static void inputs_of_several_slaves_share_a_byte(void **state)
{
	static const struct part two[] = { { 0x1000, 2, 0, ECR_INPUT }, { 0 } };
	static const struct part three[] = { { 0x1000, 3, 0, ECR_INPUT }, { 0 } };
	static const struct part four[] = { { 0x1000, 4, 0, ECR_INPUT }, { 0 } };

	(void)state;
	domains[0].pack_bits = true;
	add("a", two, 0);
	add("b", three, 0);
	add("c", four, 0);
	to_operational();
	assert_int_equal(vring_domain(&ring, "main").image_size, 2);
	assert_int_equal(vring_domain(&ring, "main").expected_wkc, 3);
	assert_int_equal(fmmu(1, 0)->start_bit, 2);
	assert_int_equal(fmmu(1, 0)->stop_bit, 4);
	assert_int_equal(fmmu(2, 0)->start_bit, 5);
	assert_int_equal(fmmu(2, 0)->length, 2);
	assert_int_equal(fmmu(2, 0)->stop_bit, 0);
	ecr_sim_set_input(ring.sim, 0, 1, 1, 1);
	ecr_sim_set_input(ring.sim, 2, 0, 4, 0x9);
	run(ECR_MS(5));
	assert_int_equal(vring_input(&ring, "a", "ch1"), 0);
	assert_int_equal(vring_input(&ring, "a", "ch2"), 1);
	assert_int_equal(vring_input(&ring, "b", "ch1"), 0);
	assert_int_equal(vring_input(&ring, "b", "ch3"), 0);
	assert_int_equal(vring_input(&ring, "c", "ch1"), 1);
	assert_int_equal(vring_input(&ring, "c", "ch2"), 0);
	assert_int_equal(vring_input(&ring, "c", "ch4"), 1);
	vring_close(&ring);
}

/* Bits that do not fit into what is left of a byte which is not the last one begin a byte, and take no more. */
static void bits_that_do_not_fit_begin_a_byte(void **state)
{
	static const struct part four[] = { { 0x1000, 4, 0, ECR_INPUT }, { 0 } };
	static const struct part bytes[] = { { 0x1000, 8, 0, ECR_OUTPUT }, { 0 } };
	static const struct part six[] = { { 0x1000, 6, 0, ECR_INPUT }, { 0 } };

	(void)state;
	domains[0].pack_bits = true;
	add("a", four, 0);
	add("b", bytes, 0);
	add("c", six, 0);
	to_operational();
	assert_int_equal(vring_domain(&ring, "main").image_size, 3);
	assert_int_equal(fmmu(2, 0)->start_bit, 0);
	assert_int_equal(fmmu(2, 0)->stop_bit, 5);
	ecr_sim_set_input(ring.sim, 2, 0, 6, 0x21);
	run(ECR_MS(5));
	assert_int_equal(vring_input(&ring, "c", "ch1"), 1);
	assert_int_equal(vring_input(&ring, "c", "ch6"), 1);
	assert_int_equal(vring_input(&ring, "c", "ch5"), 0);
	vring_close(&ring);
}

static void bits_stay_in_bytes_of_their_own_unless_asked(void **state)
{
	static const struct part two[] = { { 0x1000, 2, 0, ECR_INPUT }, { 0 } };

	(void)state;
	add("a", two, 0);
	add("b", two, 0);
	to_operational();
	assert_int_equal(vring_domain(&ring, "main").image_size, 2);
	assert_int_equal(fmmu(1, 0)->start_bit, 0);
	assert_int_equal(fmmu(1, 0)->stop_bit, 7);
	vring_close(&ring);
}

/* Only the digital output registers can be written bit by bit: the third terminal's outputs are in
 * memory and get a byte. */
static void outputs_share_a_byte_in_the_digital_output_registers_only(void **state)
{
	static const struct part digital[] = { { 0x0F00, 4, 0, ECR_OUTPUT }, { 0 } };
	static const struct part memory[] = { { 0x1000, 4, 0, ECR_OUTPUT }, { 0 } };

	(void)state;
	domains[0].pack_bits = true;
	add("a", digital, 0);
	add("b", memory, 0);
	add("c", digital, 0);
	to_operational();
	assert_int_equal(vring_domain(&ring, "main").image_size, 2);
	assert_int_equal(vring_domain(&ring, "main").actual_wkc, 6);
	assert_int_equal(fmmu(1, 0)->stop_bit, 7);
	assert_int_equal(fmmu(2, 0)->start_bit, 4);
	vring_output(&ring, "a", "ch2", 1);
	vring_output(&ring, "c", "ch1", 1);
	vring_output(&ring, "c", "ch4", 1);
	vring_output(&ring, "b", "ch3", 1);
	run(ECR_MS(5));
	assert_int_equal(shown(0, 0, 4), 0x2);
	assert_int_equal(shown(1, 0, 4), 0x4);
	assert_int_equal(shown(2, 0, 4), 0x9);
	vring_close(&ring);
}

/* Bit-wise FMMUs of one direction need three free bytes between them: a slave that has two is mapped
 * by bytes, which cost less. */
static void two_bit_fields_of_one_slave_are_mapped_by_bytes(void **state)
{
	static const struct part both[] = { { 0x1000, 3, 0, ECR_INPUT },
					    { 0x1010, 3, 0, ECR_INPUT },
					    { 0x0F00, 2, 0, ECR_OUTPUT },
					    { 0 } };

	(void)state;
	domains[0].pack_bits = true;
	add("a", both, 0);
	to_operational();
	for (int i = 0; i < 3; i++)
		if (fmmu(0, i)->read)
			assert_int_equal(fmmu(0, i)->stop_bit, 7);
	assert_int_equal(vring_domain(&ring, "main").expected_wkc, 3);
	ecr_sim_set_input(ring.sim, 0, 3, 3, 5);
	run(ECR_MS(5));
	assert_int_equal(vring_input(&ring, "a", "in4"), 1);
	assert_int_equal(vring_input(&ring, "a", "in5"), 0);
	assert_int_equal(vring_input(&ring, "a", "in6"), 1);
	vring_close(&ring);
}

static void a_controller_without_bit_operation_gets_bytes(void **state)
{
	static const struct part two[] = { { 0x1000, 2, 0, ECR_INPUT }, { 0 } };

	(void)state;
	domains[0].pack_bits = true;
	add("a", two, 0);
	add("b", two, 0)->features = ECR_FEATURE_BIT_FMMU_NOT;
	to_operational();
	assert_int_equal(fmmu(1, 0)->start_bit, 0);
	assert_int_equal(fmmu(1, 0)->stop_bit, 7);
	ecr_sim_set_input(ring.sim, 0, 0, 2, 3);
	ecr_sim_set_input(ring.sim, 1, 0, 2, 2);
	run(ECR_MS(5));
	assert_int_equal(vring_input(&ring, "a", "ch1"), 1);
	assert_int_equal(vring_input(&ring, "b", "ch1"), 0);
	assert_int_equal(vring_input(&ring, "b", "ch2"), 1);
	vring_close(&ring);
}

static const struct part neighbours[] = { { 0x0F00, 8, 0, ECR_OUTPUT },
					  { 0x0F01, 8, 0, ECR_OUTPUT },
					  { 0x1000, 8, 0, ECR_INPUT },
					  { 0 } };

/* Three SyncManagers, two FMMUs: the adjoining two share one. */
static void adjoining_sync_managers_share_an_fmmu_when_there_are_few(void **state)
{
	(void)state;
	add("a", neighbours, 0)->fmmus = 2;
	to_operational();
	assert_int_equal(vring_slave(&ring, "a").used_fmmus, 2);
	assert_int_equal(vring_slave(&ring, "a").attachment_count, 3);
	assert_int_equal(vring_domain(&ring, "main").actual_wkc, 3);
	vring_output(&ring, "a", "out3", 1);
	vring_output(&ring, "a", "out16", 1);
	run(ECR_MS(5));
	assert_int_equal(shown(0, 0, 16), 0x8004);
	vring_close(&ring);
}

static void too_few_fmmus_are_counted(void **state)
{
	static const struct part apart[] = { { 0x1000, 8, 0, ECR_OUTPUT },
					     { 0x1100, 8, 0, ECR_OUTPUT },
					     { 0x1200, 8, 0, ECR_INPUT },
					     { 0 } };
	struct ecr_slave_info info;

	(void)state;
	add("a", apart, 0)->fmmus = 2;
	start();
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), ECR_ERR_ACTIVATION_FAILED);
	info = vring_slave(&ring, "a");
	assert_int_equal(info.configuration_error, ECR_ERR_FMMU_LIMIT);
	assert_string_equal(info.configuration_failure.subject, "FMMUs");
	assert_int_equal(info.configuration_failure.expected, 3);
	assert_int_equal(info.configuration_failure.actual, 2);
	vring_close(&ring);
}

/* FMMU 0 writes, FMMU 1 reads, whatever is asked for. */
static void a_fixed_configuration_decides_which_fmmu_does_what(void **state)
{
	static const struct part input[] = { { 0x1000, 8, 0, ECR_INPUT }, { 0 } };

	(void)state;
	add("a", input, 0)->features = ECR_FEATURE_FIXED_FMMU_SM;
	add("b", neighbours, 0)->features = ECR_FEATURE_FIXED_FMMU_SM;
	devices[0].fmmus = devices[1].fmmus = 3;
	to_operational();
	assert_false(fmmu(0, 0)->enable);
	assert_true(fmmu(0, 1)->read);
	assert_true(fmmu(1, 0)->write);
	assert_int_equal(fmmu(1, 0)->length, 2);
	assert_true(fmmu(1, 1)->read);
	assert_int_equal(vring_slave(&ring, "a").used_fmmus, 1);
	ecr_sim_set_input(ring.sim, 0, 7, 1, 1);
	run(ECR_MS(5));
	assert_int_equal(vring_input(&ring, "a", "ch8"), 1);
	vring_close(&ring);
}

/* By register or by EEPROM: LRD and LWR, one each. */
static void slaves_without_lrw_get_lrd_and_lwr(void **state)
{
	(void)state;
	for (int by_eeprom = 0; by_eeprom < 2; by_eeprom++) {
		begin(NULL);
		add("a", neighbours, by_eeprom ? ECR_SII_FLAG_NOT_LRW : 0)->features =
			by_eeprom ? 0 : ECR_FEATURE_NO_LRW;
		to_operational();
		assert_int_equal(vring_domain(&ring, "main").datagrams, 2);
		assert_int_equal(vring_domain(&ring, "main").expected_wkc, 2);
		assert_int_equal(vring_domain(&ring, "main").actual_wkc, 2);
		assert_false(vring_slave(&ring, "a").lrw);
		vring_close(&ring);
	}
}

/* One output SyncManager in two domains is mapped whole into both: each signal is written in both,
 * so that neither domain takes the other's outputs back. */
static void one_sync_manager_in_two_domains(void **state)
{
	static const struct ecr_signal_map map[] = { { "out1", "main" },
						     { "out2", "slow" },
						     { 0 } };

	(void)state;
	domains[1] = (struct ecr_domain_config){ .id = "slow", .cycle_ns = ECR_MS(4) };
	add("a", neighbours, 0);
	slaves[0].process_data = (struct ecr_process_data)ECR_SIGNALS(map);
	to_operational();
	vring_output(&ring, "a", "out1", 1);
	vring_output(&ring, "a", "out2", 1);
	for (int i = 0; i < 20; i++) {
		run(ECR_US(1300));
		assert_int_equal(i < 4 ? 3 : shown(0, 0, 8), 3);
	}
	vring_output(&ring, "a", "out1", 0);
	run(ECR_MS(10));
	assert_int_equal(shown(0, 0, 8), 2);
	assert_true(fmmu(0, 1)->logical - fmmu(0, 0)->logical >= 4);
	vring_close(&ring);
}

/* Inputs and outputs of a slave at the same logical addresses: half the image, the same values. */
static void inputs_and_outputs_overlap_by_option(void **state)
{
	static const struct part both[] = { { 0x1000, 8, 0, ECR_OUTPUT },
					    { 0x1100, 16, 0, ECR_INPUT },
					    { 0 } };

	(void)state;
	domains[0].overlap = true;
	add("a", both, 0);
	add("b", both, 0);
	to_operational();
	assert_int_equal(vring_domain(&ring, "main").image_size, 4);
	assert_int_equal(vring_domain(&ring, "main").actual_wkc, 6);
	ecr_sim_set_input(ring.sim, 1, 0, 16, 0x8001);
	vring_output(&ring, "b", "out2", 1);
	run(ECR_MS(5));
	assert_int_equal(shown(1, 0, 8), 2);
	assert_int_equal(shown(0, 0, 8), 0);
	assert_int_equal(vring_input(&ring, "b", "in1"), 1);
	assert_int_equal(vring_input(&ring, "b", "in2"), 0);
	assert_int_equal(vring_input(&ring, "b", "in16"), 1);
	assert_int_equal(vring_input(&ring, "a", "in1"), 0);
	vring_close(&ring);
}

/* An entry of index 0 takes room and is no signal. */
static void padding_is_no_signal(void **state)
{
	static const struct part padded[] = { { 0x1000, 4, 3, ECR_INPUT }, { 0 } };

	(void)state;
	domains[0].pack_bits = true;
	add("a", padded, 0);
	slaves[0].driver = &ecr_default_driver;
	to_operational();
	assert_int_equal(vring_slave(&ring, "a").signal_count, 4);
	assert_int_equal(vring_domain(&ring, "main").image_size, 2);
	ecr_sim_set_input(ring.sim, 0, 12, 1, 1);
	run(ECR_MS(5));
	assert_int_equal(vring_input(&ring, "a", "pdo_0x1a03_1"), 1);
	assert_int_equal(vring_input(&ring, "a", "pdo_0x1a02_1"), 0);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(inputs_of_several_slaves_share_a_byte, begin),
		cmocka_unit_test_setup(bits_that_do_not_fit_begin_a_byte, begin),
		cmocka_unit_test_setup(bits_stay_in_bytes_of_their_own_unless_asked, begin),
		cmocka_unit_test_setup(outputs_share_a_byte_in_the_digital_output_registers_only,
				       begin),
		cmocka_unit_test_setup(two_bit_fields_of_one_slave_are_mapped_by_bytes, begin),
		cmocka_unit_test_setup(a_controller_without_bit_operation_gets_bytes, begin),
		cmocka_unit_test_setup(adjoining_sync_managers_share_an_fmmu_when_there_are_few,
				       begin),
		cmocka_unit_test_setup(too_few_fmmus_are_counted, begin),
		cmocka_unit_test_setup(a_fixed_configuration_decides_which_fmmu_does_what, begin),
		cmocka_unit_test_setup(slaves_without_lrw_get_lrd_and_lwr, begin),
		cmocka_unit_test_setup(one_sync_manager_in_two_domains, begin),
		cmocka_unit_test_setup(inputs_and_outputs_overlap_by_option, begin),
		cmocka_unit_test_setup(padding_is_no_signal, begin),
	};

	return RUN(tests);
}
