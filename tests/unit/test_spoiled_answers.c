/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a mailbox that are wrong beyond what a simulated device gets wrong by itself: what a user is told of them. The
 * bytes are changed in the device's memory as the master comes to fetch them. */
#include "support/check.h"
#include "support/talker.h"

#include "sim/sim.h"
#include "wire/mailbox.h"
#include "wire/registers.h"

#include <string.h>

#define SIZE 64 /* of each mailbox */
#define SEND 0x1050
#define SDO (SEND + ECR_MAILBOX_HEADER + 2) /* behind the header of CoE */

static struct vring ring;
static struct {
	uint16_t at; /* in the memory of slave 1 */
	uint8_t from;
	uint8_t to;
} spoil;

static void on_fetching(struct vring *which, const struct ecr_datagram *datagram)
{
	uint8_t *memory = ecr_sim_registers(which->sim, 1);

	if (datagram->command == ECR_CMD_FPRD && datagram->address >> 16 == SEND &&
	    memory[spoil.at] == spoil.from)
		memory[spoil.at] = spoil.to;
}

static void begin_spoiling(uint16_t at, uint8_t from, uint8_t to)
{
	spoil.at = at;
	spoil.from = from;
	spoil.to = to;
	ring.each_datagram = on_fetching;
}

/* Of an upload of these bytes; and without spoiling it works. */
static struct ecr_sdo_result told(uint32_t object, const void *bytes, size_t size)
{
	uint8_t data[TALKER_BLOB + 1];
	struct ecr_sdo_result result = talker_upload(&ring, "mailbox", (uint16_t)(object >> 8),
						     (uint8_t)object, data, sizeof(data));

	ring.each_datagram = NULL;
	talker_heals(&ring, object, bytes, size);
	vring_close(&ring);
	return result;
}

static void longer_than_the_mailbox(void **state)
{
	struct ecr_sdo_result result;

	(void)state;
	talker_open_pair(&ring);
	begin_spoiling(SEND, 6 + 4 + sizeof(TALKER_TEXT), SIZE - ECR_MAILBOX_HEADER + 1);
	result = told(TALKER_TEXT_OBJECT, TALKER_TEXT, sizeof(TALKER_TEXT));
	assert_int_equal(result.error, ECR_ERR_TRUNCATED_MAILBOX_RESPONSE);
	assert_int_equal(result.expected, SIZE - ECR_MAILBOX_HEADER);
	assert_int_equal(result.actual, SIZE - ECR_MAILBOX_HEADER + 1);
	assert_string_equal(ecr_error_text(result.error),
			    "the mailbox answer is longer than the mailbox");
}

/* Only the answer to the initiation has 192 where the whole size stands. */
static void fewer_bytes_than_announced(void **state)
{
	struct ecr_sdo_result result;

	(void)state;
	talker_open_pair(&ring);
	begin_spoiling(SDO + 4, TALKER_BLOB, TALKER_BLOB + 1);
	result = told(TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	assert_int_equal(result.error, ECR_ERR_UPLOAD_SIZE_MISMATCH);
	assert_int_equal(result.expected, TALKER_BLOB + 1);
	assert_int_equal(result.actual, TALKER_BLOB);
	assert_string_equal(ecr_error_text(result.error),
			    "the slave sent fewer bytes than it had announced");
}

static void another_value_than_was_written(void **state)
{
	static const struct ecr_sdo_write list[] = { { .index = 0x2000,
						       .subindex = 2,
						       .flags = ECR_SDO_COMPARE,
						       .type = ECR_SDO_U8,
						       .value = 1 },
						     { 0 } };
	const struct ecr_slave_config mailbox = { .name = "mailbox", .startup = list };

	(void)state;
	assert_int_equal(vring_start(&ring, talker_open(&ring, &mailbox)), 0);
	begin_spoiling(SDO + 4, 1, 3);
	assert_int_equal(vring_await_running(&ring, ECR_S(3)), ECR_ERR_ACTIVATION_FAILED);
	ring.each_datagram = NULL;
	talker_blocked_by(&ring, ECR_ERR_COMPARE_FAILED, 0x2000, 2, 0);
	assert_string_equal(ecr_error_text(ECR_ERR_COMPARE_FAILED),
			    "an object read back differs from what was written");
	vring_close(&ring);
}

/* The first message is never taken out of the mailbox; the second one finds it there. */
static void a_mailbox_that_stays_full(void **state)
{
	uint8_t data[4];

	(void)state;
	talker_open_pair(&ring);
	ring.sim->slaves[1].device.habits.take_ns = ECR_S(60);
	assert_int_equal(talker_upload(&ring, "mailbox", 0x2000, 1, data, 4).error,
			 ECR_ERR_RESPONSE_TIMEOUT);
	assert_int_equal(talker_upload(&ring, "mailbox", 0x2000, 1, data, 4).error,
			 ECR_ERR_MAILBOX_FULL);
	assert_string_equal(ecr_error_text(ECR_ERR_MAILBOX_FULL),
			    "the slave does not take the message that it has");
	vring_close(&ring);
}

/* What an upload of such a device, alone and held in PREOP, is told. */
static struct ecr_sdo_result told_of_size(uint16_t size)
{
	static const struct ecr_slave_config slaves[] = {
		{ .name = "mailbox", .target_state = ECR_TARGET_PREOP }, { 0 }
	};
	static uint8_t sii[TALKER_SII];
	const struct talker talker = { .receive_size = size,
				       .send_size = SIZE,
				       .coe = ECR_SII_COE_SDO,
				       .protocols = ECR_SII_MAILBOX_COE };
	struct ecr_sim_device device = { .name = "mailbox" };
	struct ecr_config config = vring_default_config();
	struct ecr_sdo_result result;
	uint8_t data[4];

	config.domains = NULL;
	config.slaves = slaves;
	assert_true(ecr_sim_shipped("mailbox", &device, sii, sizeof(sii)));
	device.sii_size = talker_sii(sii, sizeof(sii), "mailbox", &talker);
	vring_open_devices(&ring, &device, 1);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(3)), 0);
	result = talker_upload(&ring, "mailbox", 0x2000, 1, data, sizeof(data));
	vring_close(&ring);
	return result;
}

static void a_mailbox_too_small_for_any_sdo(void **state)
{
	struct ecr_sdo_result result = told_of_size(15);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_MAILBOX_TOO_SMALL);
	assert_int_equal(result.actual, 15);
	assert_string_equal(ecr_error_text(result.error),
			    "the request does not fit into the slave's mailbox");
	assert_int_equal(told_of_size(16).error, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longer_than_the_mailbox),
		cmocka_unit_test(fewer_bytes_than_announced),
		cmocka_unit_test(another_value_than_was_written),
		cmocka_unit_test(a_mailbox_that_stays_full),
		cmocka_unit_test(a_mailbox_too_small_for_any_sdo),
	};

	return RUN(tests);
}
