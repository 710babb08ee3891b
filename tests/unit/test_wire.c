/* SPDX-License-Identifier: Apache-2.0 */
/* Codecs against vectors laid out by hand from the standard's tables, and round trips over random values. */
#include "support/check.h"

#include "base/prng.h"
#include "wire/al_status.h"
#include "wire/esc.h"
#include "wire/ethernet.h"
#include "wire/frame.h"
#include "wire/sii_write.h"

#include <ecring/sim.h>

#include <string.h>

/* One BRD of two bytes at 0x0130, index 0x5A, answered by three slaves in OP. ETG.1000.4, 5.3 and 5.4. */
static const uint8_t brd_answer[] = { 0x0E, 0x10, 0x07, 0x5A, 0x03, 0x00, 0x30, 0x01,
				      0x02, 0x00, 0x00, 0x00, 0x08, 0x00, 0x03, 0x00 };

static void a_frame_by_hand(void **state)
{
	uint8_t frame[64];
	uint8_t data[2] = { 8, 0 };
	struct ecr_datagram datagram;
	struct ecr_frame_reader reader;
	struct ecr_frame_writer writer;

	(void)state;
	memcpy(frame, brd_answer, sizeof(brd_answer));
	assert_int_equal(ecr_frame_open(&reader, frame, sizeof(brd_answer)), ECR_FRAME_OK);
	assert_true(ecr_frame_next(&reader, &datagram));
	assert_int_equal(datagram.command, ECR_CMD_BRD);
	assert_int_equal(datagram.index, 0x5A);
	assert_int_equal(datagram.address, 0x01300003);
	assert_int_equal(datagram.length, 2);
	assert_int_equal(datagram.wkc, 3);
	assert_int_equal(datagram.data[0], 8);
	assert_false(ecr_frame_next(&reader, &datagram));
	assert_false(ecr_frame_length_disagrees(&reader));
	ecr_frame_begin(&writer, frame, sizeof(frame));
	datagram = (struct ecr_datagram){ .command = ECR_CMD_BRD,
					  .index = 0x5A,
					  .address = 0x01300003,
					  .length = 2,
					  .wkc = 3,
					  .data = data };
	assert_non_null(ecr_frame_append(&writer, &datagram));
	assert_int_equal(ecr_frame_finish(&writer), sizeof(brd_answer));
	assert_memory_equal(frame, brd_answer, sizeof(brd_answer));
}

static void a_wrong_length_field_is_tolerated_and_told(void **state)
{
	uint8_t frame[sizeof(brd_answer)];
	struct ecr_datagram datagram;
	struct ecr_frame_reader reader;

	(void)state;
	memcpy(frame, brd_answer, sizeof(frame));
	frame[0] = (uint8_t)(frame[0] + 16);
	assert_int_equal(ecr_frame_open(&reader, frame, sizeof(frame)), ECR_FRAME_OK);
	assert_true(ecr_frame_next(&reader, &datagram));
	assert_false(ecr_frame_next(&reader, &datagram));
	assert_int_equal(reader.fault, ECR_FRAME_OK);
	assert_true(ecr_frame_length_disagrees(&reader));
}

static void every_cut_is_noticed(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(brd_answer); length++) {
		uint8_t frame[sizeof(brd_answer)];
		struct ecr_datagram datagram;
		struct ecr_frame_reader reader;

		memcpy(frame, brd_answer, sizeof(frame));
		ecr_frame_open(&reader, frame, length);
		while (ecr_frame_next(&reader, &datagram))
			;
		assert_int_not_equal(reader.fault, ECR_FRAME_OK);
	}
}

static void positions_count_down_from_zero(void **state)
{
	(void)state;
	assert_int_equal(ecr_address_position(0, 0x0010), 0x00100000);
	assert_int_equal(ecr_address_position(1, 0x0010), 0x0010FFFF);
	assert_int_equal(ecr_address_position(5, 0x0130), 0x0130FFFB);
	assert_int_equal(ecr_address_station(0x1001, 0x0120), 0x01201001);
}

/* Random frames of all commands come out as they went in. */
static void frames_round_trip(void **state)
{
	struct ecr_prng prng = { 42 };

	(void)state;
	for (int round = 0; round < 2000; round++) {
		static uint8_t frame[ECR_FRAME_MAX];
		static struct ecr_datagram sent[200];
		static uint8_t data[200][ECR_DATAGRAM_DATA_MAX];
		struct ecr_frame_writer writer;
		struct ecr_frame_reader reader;
		struct ecr_datagram got;
		int count = 0;

		ecr_frame_begin(&writer, frame, sizeof(frame));
		for (;; count++) {
			uint16_t length =
				(uint16_t)(ecr_prng_below(&prng, 5) ? ecr_prng_below(&prng, 40)
								    : ecr_prng_below(&prng, 1487));

			sent[count] = (struct ecr_datagram){
				.command = (uint8_t)ecr_prng_below(&prng, ECR_CMD_COUNT),
				.index = (uint8_t)ecr_prng_next(&prng),
				.address = (uint32_t)ecr_prng_next(&prng),
				.length = length,
				.irq = (uint16_t)ecr_prng_next(&prng),
				.wkc = (uint16_t)ecr_prng_next(&prng),
				.circulating = ecr_prng_below(&prng, 2),
				.data = data[count]
			};
			for (uint16_t i = 0; i < length; i++)
				data[count][i] = (uint8_t)ecr_prng_next(&prng);
			if (!ecr_frame_append(&writer, &sent[count]))
				break;
		}
		if (!count)
			continue;
		ecr_frame_open(&reader, frame, ecr_frame_finish(&writer));
		for (int i = 0; i < count; i++) {
			assert_true(ecr_frame_next(&reader, &got));
			assert_int_equal(got.command, sent[i].command);
			assert_int_equal(got.address, sent[i].address);
			assert_int_equal(got.wkc, sent[i].wkc);
			assert_int_equal(got.more, i + 1 < count);
			assert_int_equal(got.circulating, sent[i].circulating);
			assert_memory_equal(got.data, sent[i].data, sent[i].length);
		}
		assert_false(ecr_frame_next(&reader, &got));
	}
}

static void ethernet_header_with_and_without_tag(void **state)
{
	const uint8_t tagged[] = { 255, 255, 255, 255,	255, 255,  2, 0,    0,
				   0,	0,   1,	  0x81, 0,   0x60, 5, 0x88, 0xA4 };
	struct ecr_ethernet header = { .destination = { 255, 255, 255, 255, 255, 255 },
				       .source = { 2, 0, 0, 0, 0, 1 },
				       .tagged = true,
				       .vlan = 0x6005,
				       .ethertype = ECR_ETHERTYPE };
	struct ecr_ethernet back;
	uint8_t frame[64];

	(void)state;
	assert_int_equal(ecr_ethernet_write(frame, sizeof(frame), &header), 18);
	assert_memory_equal(frame, tagged, sizeof(tagged));
	assert_true(ecr_ethernet_read(frame, 18, &back));
	assert_int_equal(back.vlan, 0x6005);
	assert_int_equal(back.payload, 18);
	assert_false(ecr_ethernet_read(frame, 17, &back));
	assert_int_equal(ecr_ethernet_pad(frame, 20, sizeof(frame)), 60);
	assert_int_equal(ecr_wire_time_ns(60), 84 * 80);
	assert_int_equal(ecr_wire_time_ns(1514), 1538 * 80);
}

/* ETG.1000.4, tables of the FMMU and SyncManager registers. */
static void fmmu_and_sync_manager_by_hand(void **state)
{
	const uint8_t fmmu_bytes[16] = { 0x00, 0x08, 0x01, 0x00, 0x02, 0x00, 0,
					 7,    0x00, 0x0F, 0,	 2,    1 };
	const uint8_t sm_bytes[8] = { 0x00, 0x11, 0x20, 0x00, 0x64, 0, 1, 0 };
	struct ecr_fmmu fmmu = { .logical = 0x00010800,
				 .length = 2,
				 .stop_bit = 7,
				 .physical = 0x0F00,
				 .write = true,
				 .enable = true };
	struct ecr_sm sm = { .start = 0x1100, .length = 32, .control = 0x64, .activate = 1 };
	uint8_t bytes[16];

	(void)state;
	ecr_fmmu_encode(bytes, &fmmu);
	assert_memory_equal(bytes, fmmu_bytes, 16);
	assert_int_equal(ecr_fmmu_bits(&fmmu), 16);
	ecr_sm_encode(bytes, &sm);
	assert_memory_equal(bytes, sm_bytes, 8);
	assert_true(ecr_sm_master_writes(&sm) && ecr_sm_enabled(&sm) && !ecr_sm_is_mailbox(&sm));
}

/* The first 14 bytes of an EK1100 and the checksum that its maker wrote behind them. */
static void checksum_of_a_real_device(void **state)
{
	const uint8_t head[14] = { 0x00, 0x0D };
	uint8_t image[1024];
	size_t size = ecr_sim_shipped_sii("EL2809", image, sizeof(image));
	struct ecr_sii sii;

	(void)state;
	assert_int_equal(ecr_sii_crc(head), 0x46);
	ecr_sii_open(&sii, image, size);
	assert_int_equal(sii.warnings, 0);
	image[4] ^= 1;
	ecr_sii_open(&sii, image, size);
	assert_int_equal(sii.warnings, ECR_SII_WARN_CRC);
}

static void odd_images_only_warn(void **state)
{
	uint8_t image[1024];
	uint8_t blank[256];
	size_t size = ecr_sim_shipped_sii("EL1809", image, sizeof(image));
	struct ecr_sii sii;
	struct ecr_sii_pdo pdo = { 0 };
	char text[8];
	int pdos = 0;

	(void)state;
	memset(blank, 0xFF, sizeof(blank));
	ecr_sii_open(&sii, blank, sizeof(blank));
	assert_int_equal(sii.warnings, ECR_SII_WARN_BLANK);
	assert_int_equal(ecr_sii_known_length(blank, sizeof(blank)), sizeof(blank));
	ecr_sii_open(&sii, image, size - 30);
	assert_true(sii.warnings & ECR_SII_WARN_TRUNCATED);
	while (ecr_sii_next_pdo(&sii, ECR_SII_TXPDO, &pdo))
		pdos += pdo.entries;
	assert_int_equal(pdos, 14); /* of the last two, one has lost its header and one its entry */
	ecr_sii_open(&sii, image, size);
	assert_int_equal(ecr_sii_device_name(&sii, text, sizeof(text)), 6);
	assert_string_equal(text, "EL1809");
	assert_int_equal(ecr_sii_string(&sii, 200, text, sizeof(text)), 0);
	for (size_t have = 0; have < size; have++)
		assert_true(ecr_sii_known_length(image, have) > have);
	assert_int_equal(ecr_sii_known_length(image, size), size);
}

static void al_codes_have_names(void **state)
{
	(void)state;
	assert_string_equal(ecr_al_code_name(0x001B), "sync manager watchdog");
	assert_string_equal(ecr_al_code_name(0x8001), "vendor specific");
	assert_string_equal(ecr_al_code_name(0x7777), "unknown");
}

/* The codes of ETG.1020: each is called by a name of its own and explained. */
static void every_al_code_of_the_standard_is_explained(void **state)
{
	static const uint16_t ranges[][2] = {
		{ 0x0000, 0x0004 }, { 0x0006, 0x0007 }, { 0x000E, 0x000E }, { 0x0011, 0x001F },
		{ 0x0020, 0x002E }, { 0x0030, 0x0037 }, { 0x0041, 0x0045 }, { 0x004F, 0x0052 },
		{ 0x0060, 0x0061 }, { 0x0070, 0x0070 }, { 0x0080, 0x0083 }, { 0x00F0, 0x00F0 },
	};
	const char *before = "";

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (uint16_t code = ranges[i][0]; code <= ranges[i][1]; code++) {
			assert_string_not_equal(ecr_al_code_name(code), "unknown");
			assert_string_not_equal(ecr_al_code_cause(code), "see the device's manual");
			assert_string_not_equal(ecr_al_code_cause(code), before);
			before = ecr_al_code_cause(code);
		}
	}
	assert_non_null(strstr(ecr_al_code_cause(0x0080), "supply is below"));
	assert_non_null(strstr(ecr_al_code_cause(0x0081), "supply is above"));
	assert_non_null(strstr(ecr_al_code_cause(0x0082), "colder"));
	assert_non_null(strstr(ecr_al_code_cause(0x0083), "hotter"));
	assert_string_equal(ecr_al_code_cause(0x0084), "see the device's manual");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_by_hand),
		cmocka_unit_test(a_wrong_length_field_is_tolerated_and_told),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(positions_count_down_from_zero),
		cmocka_unit_test(frames_round_trip),
		cmocka_unit_test(ethernet_header_with_and_without_tag),
		cmocka_unit_test(fmmu_and_sync_manager_by_hand),
		cmocka_unit_test(checksum_of_a_real_device),
		cmocka_unit_test(odd_images_only_warn),
		cmocka_unit_test(al_codes_have_names),
		cmocka_unit_test(every_al_code_of_the_standard_is_explained),
	};

	return RUN(tests);
}
