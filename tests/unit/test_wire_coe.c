/* SPDX-License-Identifier: Apache-2.0 */
/* Mailbox and CoE messages against bytes laid out by hand from ETG.1000.4, 5.6, and ETG.1000.6, 5.6. */
#include "support/check.h"

#include "base/prng.h"
#include "wire/coe.h"
#include "wire/coe_description.h"
#include "wire/coe_types.h"
#include "wire/sdo_abort.h"

#include <ecring/coe.h>

#include <string.h>

#define EXPECT(bytes, length, ...) \
	do { \
		static const uint8_t expected[] = { __VA_ARGS__ }; \
		assert_int_equal(length, sizeof(expected)); \
		assert_memory_equal(bytes, expected, sizeof(expected)); \
	} while (0)

static struct ecr_mailbox_message read_message(const uint8_t *bytes, size_t length)
{
	struct ecr_mailbox_message message;

	assert_true(ecr_mailbox_get(bytes, length, &message));
	return message;
}

static struct ecr_coe_sdo read_sdo(const uint8_t *bytes, size_t length)
{
	struct ecr_mailbox_message message = read_message(bytes, length);
	struct ecr_coe_sdo sdo;

	assert_true(ecr_coe_get_sdo(&message, &sdo));
	return sdo;
}

static void the_header_has_length_address_channel_priority_type_counter(void **state)
{
	static const uint8_t bytes[] = { 0x02, 0x00, 0x01, 0x10, 0xC5, 0x74, 0xAA, 0xBB };
	uint8_t again[8] = { 0, 0, 0, 0, 0, 0, 0xAA, 0xBB };
	struct ecr_mailbox_message message = read_message(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(message.length, 2);
	assert_int_equal(message.address, 0x1001);
	assert_int_equal(message.channel, 5);
	assert_int_equal(message.priority, 3);
	assert_int_equal(message.type, ECR_MAILBOX_FOE);
	assert_int_equal(message.counter, 7);
	assert_int_equal(message.data[1], 0xBB);
	assert_int_equal(ecr_mailbox_put(again, sizeof(again), &message), sizeof(bytes));
	assert_memory_equal(again, bytes, sizeof(bytes));
	assert_int_equal(ecr_mailbox_put(again, 7, &message), 0);
	assert_false(ecr_mailbox_get(bytes, 7, &message));
	assert_false(ecr_mailbox_get(bytes, 5, &message));
}

static void mailbox_errors_have_a_code_and_a_text(void **state)
{
	uint8_t bytes[16];
	size_t length = ecr_mailbox_put_error(bytes, sizeof(bytes), 2);
	struct ecr_mailbox_message message;

	(void)state;
	EXPECT(bytes, length, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02, 0x00);
	message = read_message(bytes, length);
	assert_int_equal(ecr_mailbox_get_error(&message), ECR_MAILBOX_ERROR_UNSUPPORTED_PROTOCOL);
	assert_string_equal(ecr_mailbox_error_text(2), "the slave does not speak this protocol");
	assert_string_equal(ecr_mailbox_error_text(99), "unknown mailbox error");
}

static void an_upload_and_its_expedited_answer(void **state)
{
	uint8_t bytes[64];
	size_t done = 0;
	size_t length = ecr_coe_put_upload(bytes, sizeof(bytes), 0x1018, 1, false);
	struct ecr_coe_sdo sdo = read_sdo(bytes, length);

	(void)state;
	ecr_mailbox_put_counter(bytes, 1);
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x13, 0x00, 0x20, 0x40, 0x18, 0x10, 1, 0, 0, 0, 0);
	assert_int_equal(sdo.kind, ECR_COE_UPLOAD);
	assert_int_equal(sdo.index, 0x1018);
	assert_int_equal(sdo.subindex, 1);
	length = ecr_coe_put_uploaded(bytes, sizeof(bytes), 0x6041, 0, false,
				      (const uint8_t[]){ 0x50, 0x02 }, 2, &done);
	sdo = read_sdo(bytes, length);
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x30, 0x4B, 0x41, 0x60, 0, 0x50, 2, 0,
	       0);
	assert_int_equal(sdo.kind, ECR_COE_UPLOADED);
	assert_true(sdo.expedited);
	assert_int_equal(sdo.length, 2);
	assert_int_equal(sdo.data[0], 0x50);
	assert_int_equal(done, 2);
}

/* A mailbox of 20 bytes holds four of six bytes in the initiation; the segment pads to seven. */
static void a_download_in_segments(void **state)
{
	static const uint8_t data[] = { 1, 2, 3, 4, 5, 6 };
	uint8_t bytes[20];
	size_t done = 0;
	size_t length =
		ecr_coe_put_download(bytes, sizeof(bytes), 0x2003, 1, false, data, 6, &done);
	struct ecr_coe_sdo sdo = read_sdo(bytes, length);

	(void)state;
	EXPECT(bytes, length, 0x0E, 0, 0, 0, 0, 0x03, 0x00, 0x20, 0x21, 0x03, 0x20, 1, 6, 0, 0, 0,
	       1, 2, 3, 4);
	assert_int_equal(sdo.total, 6);
	assert_int_equal(sdo.length, 4);
	assert_int_equal(done, 4);
	length = ecr_coe_put_download_segment(bytes, sizeof(bytes), true, data, 6, &done);
	sdo = read_sdo(bytes, length);
	/* toggle, five bytes unused, last */
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x20, 0x1B, 5, 6, 0, 0, 0, 0, 0);
	assert_int_equal(sdo.kind, ECR_COE_DOWNLOAD_SEGMENT);
	assert_true(sdo.toggle && sdo.last);
	assert_int_equal(sdo.length - sdo.unused, 2);
	assert_int_equal(done, 6);
	length = ecr_coe_put_segment_downloaded(bytes, sizeof(bytes), true);
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x30, 0x30, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(read_sdo(bytes, length).kind, ECR_COE_SEGMENT_DOWNLOADED);
}

static void an_abort_names_object_and_code(void **state)
{
	uint8_t bytes[16];
	size_t length = ecr_coe_put_abort(bytes, sizeof(bytes), 0x1C12, 3, 0x06090011);
	struct ecr_coe_sdo sdo = read_sdo(bytes, length);

	(void)state;
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x20, 0x80, 0x12, 0x1C, 3, 0x11, 0,
	       0x09, 0x06);
	assert_int_equal(sdo.kind, ECR_COE_ABORT);
	assert_int_equal(sdo.index, 0x1C12);
	assert_int_equal(sdo.subindex, 3);
	assert_int_equal(sdo.abort_code, ECR_SDO_ABORT_NO_SUBINDEX);
	assert_string_equal(ecr_sdo_abort_text(sdo.abort_code), "the subindex does not exist");
	assert_string_equal(ecr_sdo_abort_text(1), "unknown abort code");
}

static void complete_access_is_a_bit_of_the_command(void **state)
{
	uint8_t bytes[32];
	size_t length = ecr_coe_put_upload(bytes, sizeof(bytes), 0x1C00, 0, true);

	(void)state;
	assert_int_equal(bytes[8], 0x50);
	assert_true(read_sdo(bytes, length).complete);
}

static void an_emergency_has_code_register_and_five_bytes(void **state)
{
	struct ecr_coe_emergency sent = { 0x8611, 0x20, { 1, 2, 3, 4, 5 } };
	struct ecr_coe_emergency got;
	uint8_t bytes[16];
	size_t length = ecr_coe_put_emergency(bytes, sizeof(bytes), &sent);
	struct ecr_mailbox_message message = read_message(bytes, length);

	(void)state;
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x10, 0x11, 0x86, 0x20, 1, 2, 3, 4, 5);
	assert_true(ecr_coe_get_emergency(&message, &got));
	assert_int_equal(got.code, 0x8611);
	assert_int_equal(got.error_register, 0x20);
	assert_memory_equal(got.data, sent.data, 5);
}

static void a_list_of_objects_in_fragments(void **state)
{
	static const uint8_t data[] = { 1, 0, 0x00, 0x10 };
	struct ecr_coe_info info;
	struct ecr_mailbox_message message;
	uint8_t bytes[32];
	size_t length = ecr_coe_put_info(bytes, sizeof(bytes), ECR_COE_INFO_LIST_ANSWER, 2, data,
					 sizeof(data));

	(void)state;
	EXPECT(bytes, length, 0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x80, 0x82, 0, 2, 0, 1, 0, 0, 0x10);
	message = read_message(bytes, length);
	assert_true(ecr_coe_get_info(&message, &info));
	assert_true(info.incomplete);
	assert_int_equal(info.kind, ECR_COE_INFO_LIST_ANSWER);
	assert_int_equal(info.fragments, 2);
	assert_int_equal(info.length, 4);
}

static void descriptions_of_object_and_entry(void **state)
{
	static const uint8_t object_bytes[] = { 0x00, 0x10, 0x07, 0, 0, 7, 'D', 'e', 'v' };
	static const uint8_t entry_bytes[] = { 0x18, 0x10, 1, 0, 7, 0, 32, 0, 0x07, 0x00, 'V' };
	struct ecr_coe_object_description object;
	struct ecr_coe_entry_description entry;
	uint8_t again[16];

	(void)state;
	assert_true(ecr_coe_get_object_description(object_bytes, sizeof(object_bytes), &object));
	assert_int_equal(object.index, 0x1000);
	assert_int_equal(object.data_type, ECR_COE_TYPE_UNSIGNED32);
	assert_int_equal(object.object_code, ECR_OBJECT_VARIABLE);
	assert_int_equal(object.name_length, 3);
	assert_int_equal(ecr_coe_put_object_description(again, sizeof(again), &object), 9);
	assert_memory_equal(again, object_bytes, 9);
	assert_int_equal(ecr_coe_put_object_description(again, 8, &object), 0);
	assert_false(ecr_coe_get_object_description(object_bytes, 5, &object));
	assert_true(ecr_coe_get_entry_description(entry_bytes, sizeof(entry_bytes), &entry));
	assert_int_equal(entry.subindex, 1);
	assert_int_equal(entry.bit_length, 32);
	assert_int_equal(entry.access,
			 ECR_ACCESS_READ_PREOP | ECR_ACCESS_READ_SAFEOP | ECR_ACCESS_READ_OP);
	assert_int_equal(ecr_coe_put_entry_description(again, sizeof(again), &entry), 11);
	assert_memory_equal(again, entry_bytes, 11);
	assert_int_equal(ecr_coe_put_entry_description(again, 10, &entry), 0);
	assert_false(ecr_coe_get_entry_description(entry_bytes, 9, &entry));
}

static void types_have_names_and_sizes(void **state)
{
	(void)state;
	assert_string_equal(ecr_coe_type_name(0x0006), "UNSIGNED16");
	assert_int_equal(ecr_coe_type_bits(0x0006), 16);
	assert_string_equal(ecr_coe_type_name(0x0001), "BOOLEAN");
	assert_int_equal(ecr_coe_type_bits(0x0001), 1);
	assert_int_equal(ecr_coe_type_bits(ECR_COE_TYPE_VISIBLE_STRING), 0);
	assert_int_equal(ecr_coe_type_bits(ECR_COE_TYPE_UNSIGNED64), 64);
	assert_string_equal(ecr_coe_type_name(0xFFFF), "");
}

/* Whatever is cut off, the reader says no or stays inside. */
static void no_cut_is_read_beyond(void **state)
{
	struct ecr_prng prng = { 3 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t *bytes = test_malloc(40);
		size_t length = ecr_prng_below(&prng, 41);
		struct ecr_mailbox_message message;
		struct ecr_coe_sdo sdo;

		for (size_t i = 0; i < 40; i++)
			bytes[i] = (uint8_t)ecr_prng_next(&prng);
		bytes[0] = (uint8_t)ecr_prng_below(&prng, 36);
		bytes[1] = 0;
		if (ecr_mailbox_get(bytes, length, &message)) {
			assert_true(message.length + 6u <= length);
			if (ecr_coe_get_sdo(&message, &sdo) && sdo.length)
				assert_true(sdo.data + sdo.length <= message.data + message.length);
		}
		test_free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_has_length_address_channel_priority_type_counter),
		cmocka_unit_test(mailbox_errors_have_a_code_and_a_text),
		cmocka_unit_test(an_upload_and_its_expedited_answer),
		cmocka_unit_test(a_download_in_segments),
		cmocka_unit_test(an_abort_names_object_and_code),
		cmocka_unit_test(complete_access_is_a_bit_of_the_command),
		cmocka_unit_test(an_emergency_has_code_register_and_five_bytes),
		cmocka_unit_test(a_list_of_objects_in_fragments),
		cmocka_unit_test(descriptions_of_object_and_entry),
		cmocka_unit_test(types_have_names_and_sizes),
		cmocka_unit_test(no_cut_is_read_beyond),
	};

	return RUN(tests);
}
