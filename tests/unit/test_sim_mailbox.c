/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated mailbox against hand-made messages (ETG.1000.4, 5.6 and 6.7.3). */
#include "support/check.h"
#include "support/mailring.h"

#include <string.h>

/* Upload of 0x2000:1, which is 0x1234. */
static const uint8_t question[] = { 0x0A, 0,	0,    0, 0, 0x03, 0x00, 0x20,
				    0x40, 0x00, 0x20, 1, 0, 0,	  0,	0 };
static const uint8_t other[] = {
	0x0A, 0, 0, 0, 0, 0x03, 0x00, 0x20, 0x40, 0x00, 0x20, 2, 0, 0, 0, 0
};

static struct mailring mail;

static void begin(const struct ecr_sim_habits *habits)
{
	mailring_open(&mail, "mailbox", habits);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
}

static void ask(void)
{
	assert_true(mailring_send(&mail, question, sizeof(question)));
	assert_true(mailring_receive(&mail, ECR_MS(1)));
}

static void a_question_and_its_answer_byte_by_byte(void **state)
{
	static const uint8_t expected[] = { 0x0A, 0,	0, 0,	 0,    0x13, 0x00, 0x30, 0x4B,
					    0x00, 0x20, 1, 0x34, 0x12, 0,    0,	   0 };

	(void)state;
	begin(NULL);
	ask();
	assert_memory_equal(mail.answer, expected, sizeof(expected));
	assert_false(mailring_full(&mail, 0));
	assert_false(mailring_full(&mail, 1));
	mailring_close(&mail);
}

static void counters_go_from_one_to_seven(void **state)
{
	(void)state;
	begin(NULL);
	for (int i = 0; i < 16; i++) {
		ask();
		assert_int_equal(mail.message.counter, i % 7 + 1);
	}
	mailring_close(&mail);
}

static void a_message_that_comes_twice_is_served_once(void **state)
{
	static const uint8_t write[] = { 0x0A, 0,    0,	   0, 0, 0x03, 0x00, 0x20,
					 0x2F, 0x00, 0x20, 2, 7, 0,    0,    0 };
	uint8_t value = 9;

	(void)state;
	begin(NULL);
	assert_true(mailring_send(&mail, write, sizeof(write)));
	assert_true(mailring_receive(&mail, ECR_MS(1)));
	assert_true(ecr_sim_write_object(mail.ring.sim, 0, 0x2000, 2, &value, 1));
	assert_true(mailring_send_again(&mail, write, sizeof(write)));
	assert_false(mailring_receive(&mail, ECR_MS(5)));
	assert_int_equal(ecr_sim_read_object(mail.ring.sim, 0, 0x2000, 2, &value, 1), 1);
	assert_int_equal(value, 9);
	mailring_close(&mail);
}

/* Counter 0 is not counted: such a message is served each time. */
static void without_a_counter_nothing_is_dropped(void **state)
{
	(void)state;
	begin(NULL);
	mail.counter = 0;
	for (int i = 0; i < 2; i++) {
		assert_true(mailring_send_again(&mail, question, sizeof(question)));
		assert_true(mailring_receive(&mail, ECR_MS(1)));
	}
	mailring_close(&mail);
}

static void a_full_mailbox_refuses_and_a_slow_device_takes_its_time(void **state)
{
	struct ecr_sim_habits slow = { .take_ns = ECR_MS(3), .answer_ns = ECR_MS(40) };
	ecr_time sent;

	(void)state;
	begin(&slow);
	assert_true(mailring_send(&mail, question, sizeof(question)));
	sent = mail.ring.now;
	assert_true(mailring_full(&mail, 0));
	assert_false(mailring_send(&mail, question, sizeof(question)));
	mail.ring.now = sent + ECR_MS(3);
	assert_false(mailring_full(&mail, 0));
	assert_true(mailring_receive(&mail, ECR_S(1)));
	assert_in_range(mail.ring.now - sent, ECR_MS(43), ECR_MS(44));
	mailring_close(&mail);
}

static void toggle(uint8_t *activate)
{
	*activate ^= ECR_SM_ACTIVATE_REPEAT;
	simring_write8(&mail.ring, 0, (uint16_t)ECR_REG_SM_ACTIVATE(1), *activate);
}

static uint8_t acknowledged(void)
{
	uint8_t control;

	simring_read(&mail.ring, 0, (uint16_t)ECR_REG_SM_PDI_CONTROL(1), &control, 1);
	return control & ECR_SM_PDI_REPEAT_ACK;
}

static void a_lost_answer_comes_again_with_its_counter(void **state)
{
	uint8_t activate = ECR_SM_ACTIVATE_ENABLE;
	uint8_t first[64];

	(void)state;
	begin(NULL);
	ask();
	memcpy(first, mail.answer, sizeof(first));
	assert_false(mailring_full(&mail, 1));
	for (int i = 0; i < 3; i++) { /* as often as it takes */
		toggle(&activate);
		assert_int_equal(acknowledged(), activate & ECR_SM_ACTIVATE_REPEAT);
		assert_true(mailring_receive(&mail, 0));
		assert_memory_equal(mail.answer, first, sizeof(first));
	}
	ask();
	assert_int_equal(mail.message.counter, 2);
	mailring_close(&mail);
}

/* What was to come next waits until the repetition has been read. */
static void a_repetition_pushes_nothing_out(void **state)
{
	struct ecr_emergency emergency = { .code = 0x4210, .error_register = 1 };
	uint8_t activate = ECR_SM_ACTIVATE_ENABLE;

	(void)state;
	begin(NULL);
	ask();
	assert_true(ecr_sim_emergency(mail.ring.sim, 0, &emergency));
	assert_true(mailring_full(&mail, 1) || mailring_full(&mail, 1));
	toggle(&activate);
	assert_true(mailring_receive(&mail, 0));
	assert_int_equal(ecr_coe_service(&mail.message), ECR_COE_SDO_RESPONSE);
	assert_int_equal(mail.message.counter, 1);
	assert_true(mailring_receive(&mail, 0));
	assert_int_equal(ecr_coe_service(&mail.message), ECR_COE_EMERGENCY);
	assert_int_equal(mail.message.counter, 2);
	mailring_close(&mail);
}

static void mistakes_get_a_mailbox_error(void **state)
{
	static const struct {
		uint8_t bytes[9];
		uint16_t code;
	} cases[] = {
		{ { 0x02, 0, 0, 0, 0, 0x04, 1, 2 }, ECR_MAILBOX_ERROR_UNSUPPORTED_PROTOCOL },
		{ { 0xFF, 0, 0, 0, 0, 0x03, 1, 2 }, ECR_MAILBOX_ERROR_INVALID_SIZE },
		{ { 0x01, 0, 0, 0, 0, 0x03, 1 }, ECR_MAILBOX_ERROR_SIZE_TOO_SHORT },
		{ { 0x02, 0, 0, 0, 0, 0x03, 0, 0x50 }, ECR_MAILBOX_ERROR_SERVICE_NOT_SUPPORTED },
	};

	(void)state;
	begin(NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(mailring_send(&mail, cases[i].bytes, sizeof(cases[i].bytes)));
		assert_true(mailring_receive(&mail, ECR_MS(1)));
		assert_int_equal(mail.message.type, ECR_MAILBOX_ERROR);
		assert_int_equal(ecr_mailbox_get_error(&mail.message), cases[i].code);
	}
	mailring_close(&mail);
}

static void init_forgets_what_was_under_way(void **state)
{
	struct ecr_sim_habits slow = { .answer_ns = ECR_MS(10) };

	(void)state;
	begin(&slow);
	assert_true(mailring_send(&mail, question, sizeof(question)));
	assert_int_equal(mailring_go(&mail, ECR_AL_INIT), ECR_AL_INIT);
	mail.ring.now += ECR_MS(20);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	assert_false(mailring_receive(&mail, ECR_MS(20)));
	assert_true(mailring_send(&mail, other, sizeof(other)));
	assert_true(mailring_receive(&mail, ECR_MS(20)));
	assert_int_equal(mail.answer[11], 2);
	assert_int_equal(mail.message.counter, 1);
	mailring_close(&mail);
}

static void a_wrong_mailbox_keeps_the_device_in_init(void **state)
{
	(void)state;
	mailring_open(&mail, "mailbox", NULL);
	mail.area.send_size = 62;
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_INIT | ECR_AL_ERROR);
	assert_int_equal(mailring_al_code(&mail), 0x0016);
	mailring_close(&mail);
}

static void bootstrap_has_a_mailbox_of_its_own_without_coe(void **state)
{
	(void)state;
	mailring_open(&mail, "EL3202", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_BOOT), ECR_AL_BOOT);
	mail.area.receive_size = mail.area.boot_receive_size;
	mail.area.send_offset = mail.area.boot_send_offset;
	mail.area.send_size = mail.area.boot_send_size;
	assert_true(mailring_send(&mail, question, sizeof(question)));
	assert_true(mailring_receive(&mail, ECR_MS(1)));
	assert_int_equal(mail.message.type, ECR_MAILBOX_ERROR);
	mailring_close(&mail);
}

static void habits_of_the_awkward(void **state)
{
	struct ecr_sim_habits twice = { .answers_twice = true };
	struct ecr_sim_habits jumping = { .counter_step = 3 };
	struct ecr_sim_habits stale = { .stale_at_preop = true };
	struct ecr_sim_habits stormy = { .emergency_ns = ECR_MS(1) };
	struct ecr_sim_habits pausing = { .al_pause_ns = ECR_MS(30) };

	(void)state;
	begin(&twice);
	ask();
	assert_true(mailring_receive(&mail, 0));
	assert_int_equal(mail.message.counter, 1);
	assert_false(mailring_receive(&mail, ECR_MS(1)));
	mailring_close(&mail);
	begin(&jumping);
	for (uint8_t expected = 3; expected <= 6; expected = (uint8_t)(expected + 3)) {
		ask();
		assert_int_equal(mail.message.counter, expected);
	}
	mailring_close(&mail);
	begin(&stale);
	assert_true(mailring_receive(&mail, 0)); /* before any question */
	mailring_close(&mail);
	begin(&stormy);
	for (int i = 0; i < 50; i++) {
		assert_true(mailring_receive(&mail, ECR_MS(2)));
		assert_int_equal(ecr_coe_service(&mail.message), ECR_COE_EMERGENCY);
	}
	mailring_close(&mail);
	begin(&pausing);
	assert_true(mailring_send(&mail, question, sizeof(question)));
	assert_false(mailring_receive(&mail, ECR_MS(20)));
	assert_true(mailring_receive(&mail, ECR_MS(20)));
	mailring_close(&mail);
}

static bool spoiled(enum ecr_sim_mailbox_fault_kind kind, uint32_t value)
{
	struct ecr_sim_mailbox_fault fault = { .kind = kind,
					       .stage = ECR_SIM_STAGE_REQUEST,
					       .index = 0x2000,
					       .subindex = 1,
					       .value = value,
					       .count = 1 };

	assert_true(ecr_sim_inject_mailbox(mail.ring.sim, 0, &fault));
	assert_true(mailring_send(&mail, question, sizeof(question)));
	return mailring_receive(&mail, ECR_MS(5));
}

static void each_fault_spoils_one_answer(void **state)
{
	(void)state;
	begin(NULL);
	assert_true(spoiled(ECR_SIM_MAILBOX_COUNTER, 0));
	assert_int_equal(mail.message.counter, 2); /* the first one would be 1 */
	assert_true(spoiled(ECR_SIM_MAILBOX_TYPE, 4));
	assert_int_equal(mail.message.type, 4);
	assert_true(spoiled(ECR_SIM_MAILBOX_SERVICE, 2));
	assert_int_equal(ecr_coe_service(&mail.message), 2);
	assert_true(spoiled(ECR_SIM_MAILBOX_PAYLOAD, 0));
	assert_int_equal(mail.message.length, 1);
	assert_true(spoiled(ECR_SIM_MAILBOX_COMMAND, 0x60));
	assert_int_equal(mail.answer[8], 0x60);
	assert_true(spoiled(ECR_SIM_MAILBOX_TOGGLE, 0));
	assert_int_equal(mail.answer[8], 0x4B ^ 0x10);
	assert_true(spoiled(ECR_SIM_MAILBOX_PADDING, 0));
	assert_int_equal(mail.message.length, 3);
	assert_true(spoiled(ECR_SIM_MAILBOX_SEGMENT_COMMAND, 0x20));
	assert_int_equal(mail.answer[8], 0x20);
	assert_true(spoiled(ECR_SIM_MAILBOX_ABORT, 0x06010002));
	assert_int_equal(mail.answer[8], 0x80);
	assert_false(spoiled(ECR_SIM_MAILBOX_NO_ANSWER, 0));
	assert_int_equal(ecr_sim_mailbox_steps(mail.ring.sim, 0, ECR_SIM_STAGE_UPLOAD), 0);
	ask(); /* and all is well again */
	assert_int_equal(mail.answer[12], 0x34);
	assert_int_equal(ecr_sim_mailbox_steps(mail.ring.sim, 0, ECR_SIM_STAGE_UPLOAD), 1);
	mailring_close(&mail);
}

static bool transfer(enum ecr_sim_stage stage)
{
	uint8_t bytes[192] = { 0 };
	bool up = stage == ECR_SIM_STAGE_UPLOAD || stage == ECR_SIM_STAGE_UPLOAD_SEGMENT;

	return up ? mailring_upload(&mail, 0x2003, 1, false, bytes, sizeof(bytes)) == 192
		  : mailring_download(&mail, 0x2003, 1, false, bytes, sizeof(bytes));
}

/* Two kinds spoil what a transfer cannot notice by its data alone: a counter, and a toggle bit where
 * there is none. */
static bool goes_unnoticed(const struct ecr_sim_mailbox_fault *fault)
{
	bool segment = fault->stage == ECR_SIM_STAGE_UPLOAD_SEGMENT ||
		       fault->stage == ECR_SIM_STAGE_DOWNLOAD_SEGMENT;

	return fault->kind == ECR_SIM_MAILBOX_COUNTER ||
	       (fault->kind == ECR_SIM_MAILBOX_TOGGLE && !segment);
}

static void each_fault_strikes_at_each_stage_of_a_transfer_and_once(void **state)
{
	static const enum ecr_sim_stage stages[] = { ECR_SIM_STAGE_UPLOAD,
						     ECR_SIM_STAGE_UPLOAD_SEGMENT,
						     ECR_SIM_STAGE_DOWNLOAD,
						     ECR_SIM_STAGE_DOWNLOAD_SEGMENT };
	static const uint32_t values[] = { [ECR_SIM_MAILBOX_ABORT] = 0x06090030,
					   [ECR_SIM_MAILBOX_TYPE] = 2,
					   [ECR_SIM_MAILBOX_SERVICE] = 1,
					   [ECR_SIM_MAILBOX_SEGMENT_COMMAND] = 0xE0 };
	struct ecr_sim_mailbox_fault fault = { .index = 0x2003, .subindex = 1, .count = 1 };

	(void)state;
	begin(NULL);
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		for (int kind = 0; kind <= ECR_SIM_MAILBOX_SEGMENT_COMMAND; kind++) {
			fault.kind = (enum ecr_sim_mailbox_fault_kind)kind;
			fault.stage = stages[i];
			fault.value = kind == ECR_SIM_MAILBOX_COMMAND ? 0xE0 : values[kind];
			mail.jumps = 0;
			assert_true(ecr_sim_inject_mailbox(mail.ring.sim, 0, &fault));
			assert_int_equal(transfer(stages[i]), goes_unnoticed(&fault));
			assert_int_equal(mail.jumps, kind == ECR_SIM_MAILBOX_COUNTER);
			if (kind == ECR_SIM_MAILBOX_ABORT)
				assert_int_equal(mail.abort_code, 0x06090030);
			assert_true(transfer(stages[i]));
		}
	}
	mailring_close(&mail);
}

static bool say(const char *sentence)
{
	char error[200];

	return ecr_sim_say(mail.ring.sim, mail.ring.now, sentence, error, sizeof(error));
}

/* In the middle of a transfer: after two segments of an upload, and only then. */
static void a_fault_can_wait_for_a_step_of_a_transfer(void **state)
{
	uint32_t before;
	char text[200];

	(void)state;
	begin(NULL);
	assert_true(transfer(ECR_SIM_STAGE_UPLOAD));
	before = ecr_sim_mailbox_steps(mail.ring.sim, 0, ECR_SIM_STAGE_UPLOAD_SEGMENT);
	assert_true(before > 2);
	assert_true(say("after 2 upload-segment of #0 mailbox toggle #0 in upload-segment once"));
	assert_int_equal(ecr_sim_faults(mail.ring.sim, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "waiting: mailbox toggle"));
	assert_non_null(strstr(text, "after answers 2"));
	assert_false(transfer(ECR_SIM_STAGE_UPLOAD));
	assert_int_equal(ecr_sim_mailbox_steps(mail.ring.sim, 0, ECR_SIM_STAGE_UPLOAD_SEGMENT),
			 before + 2);
	assert_int_equal(ecr_sim_faults(mail.ring.sim, text, sizeof(text)), 0);
	assert_true(transfer(ECR_SIM_STAGE_UPLOAD));
	mailring_close(&mail);
}

/* Another fault can wait for it just as well, and a mailbox fault be a step of a script. */
static void steps_of_a_transfer_are_milestones_for_any_fault(void **state)
{
	(void)state;
	begin(NULL);
	assert_true(say("after 1 download of #0 al-error #0 0x0050 then mailbox silence #0 once"));
	ask();
	assert_int_equal(mailring_al_code(&mail), 0);
	assert_true(mailring_set(&mail, 0x2000, 2, 1, 1));
	assert_int_equal(mailring_al_code(&mail), 0x0050);
	assert_false(transfer(ECR_SIM_STAGE_UPLOAD));
	assert_true(transfer(ECR_SIM_STAGE_UPLOAD));
	mailring_close(&mail);
}

static void faults_of_the_mailbox_are_cleared_with_the_others(void **state)
{
	(void)state;
	begin(NULL);
	assert_true(say("mailbox abort #0 with 0x06010002 object 0x2003 sub 1"));
	assert_false(transfer(ECR_SIM_STAGE_UPLOAD));
	assert_int_equal(mail.abort_code, 0x06010002);
	ask(); /* another object */
	assert_int_equal(mail.answer[12], 0x34);
	assert_true(say("heal"));
	assert_true(transfer(ECR_SIM_STAGE_UPLOAD));
	mailring_close(&mail);
}

static void sentences_about_the_mailbox_are_read_back(void **state)
{
	static const char *const sentences[] = {
		"mailbox abort #0 with 0x06010002 in download object 0x2000 sub 2",
		"mailbox silence #0 in request for 3 times",
		"mailbox segment-command #0 with 0x000000e0 in download-segment",
		"after 5ms after 7 info of #0 mailbox type #0 with 0x00000004 in info",
		"after 2 upload of #0 drop for 3 frames",
	};
	struct ecr_sim_fault fault;
	char text[200];

	(void)state;
	begin(NULL);
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		assert_int_equal(ecr_sim_parse_fault(mail.ring.sim, sentences[i], &fault, 1, text,
						     sizeof(text)),
				 1);
		assert_true(ecr_sim_print_fault(mail.ring.sim, &fault, text, sizeof(text)));
		assert_string_equal(text, sentences[i]);
	}
	assert_false(say("mailbox explode #0"));
	assert_false(say("mailbox abort #0 in boot"));
	assert_false(say("mailbox abort #0 object 0"));
	assert_false(say("after 2 upload drop"));
	mailring_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_and_its_answer_byte_by_byte),
		cmocka_unit_test(counters_go_from_one_to_seven),
		cmocka_unit_test(a_message_that_comes_twice_is_served_once),
		cmocka_unit_test(without_a_counter_nothing_is_dropped),
		cmocka_unit_test(a_full_mailbox_refuses_and_a_slow_device_takes_its_time),
		cmocka_unit_test(a_lost_answer_comes_again_with_its_counter),
		cmocka_unit_test(a_repetition_pushes_nothing_out),
		cmocka_unit_test(mistakes_get_a_mailbox_error),
		cmocka_unit_test(init_forgets_what_was_under_way),
		cmocka_unit_test(a_wrong_mailbox_keeps_the_device_in_init),
		cmocka_unit_test(bootstrap_has_a_mailbox_of_its_own_without_coe),
		cmocka_unit_test(habits_of_the_awkward),
		cmocka_unit_test(each_fault_spoils_one_answer),
		cmocka_unit_test(each_fault_strikes_at_each_stage_of_a_transfer_and_once),
		cmocka_unit_test(a_fault_can_wait_for_a_step_of_a_transfer),
		cmocka_unit_test(steps_of_a_transfer_are_milestones_for_any_fault),
		cmocka_unit_test(faults_of_the_mailbox_are_cleared_with_the_others),
		cmocka_unit_test(sentences_about_the_mailbox_are_read_back),
	};

	return RUN(tests);
}
