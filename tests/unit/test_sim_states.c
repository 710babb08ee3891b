/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated slave's AL state machine: what it refuses, and with which code (ETG.1000.6, table
 * 11). */
#include "support/check.h"
#include "support/simring.h"
#include "wire/esc.h"
#include "wire/sii_write.h"

#define MAILBOX_SIZE 128
#define RECEIVE 0x1000
#define SEND 0x1080
#define BOOT_RECEIVE 0x1400
#define OUTPUTS 0x1100
#define INPUTS 0x1180

static uint8_t image[1024];
static struct simring ring;

static size_t make_image(bool boot)
{
	const struct ecr_sii_mailbox mailbox = {
		.receive_offset = RECEIVE,
		.receive_size = MAILBOX_SIZE,
		.send_offset = SEND,
		.send_size = MAILBOX_SIZE,
		.boot_receive_offset = boot ? BOOT_RECEIVE : 0,
		.boot_receive_size = boot ? MAILBOX_SIZE : 0,
		.boot_send_offset = boot ? SEND : 0,
		.boot_send_size = boot ? MAILBOX_SIZE : 0,
	};
	const struct ecr_sii_sm sms[] = {
		{ RECEIVE, MAILBOX_SIZE, ECR_SM_CONTROL_MAILBOX_OUT, 0, 1, 1 },
		{ SEND, MAILBOX_SIZE, ECR_SM_CONTROL_MAILBOX_IN, 0, 1, 2 },
		{ OUTPUTS, 1, ECR_SM_CONTROL_OUTPUTS, 0, 1, 3 },
		{ INPUTS, 1, ECR_SM_CONTROL_INPUTS, 0, 1, 4 },
	};
	const struct ecr_sii_entry out = { 0x7000, 1, 0, 5, 8, 0 };
	const struct ecr_sii_entry in = { 0x6000, 1, 0, 5, 8, 0 };
	struct ecr_sii_writer writer;

	ecr_sii_begin(&writer, image, sizeof(image), 16);
	ecr_sii_put_mailbox(&writer, &mailbox);
	ecr_sii_open_category(&writer, ECR_SII_SM);
	for (int i = 0; i < 4; i++)
		ecr_sii_put_sm(&writer, &sms[i]);
	ecr_sii_close_category(&writer);
	ecr_sii_open_category(&writer, ECR_SII_RXPDO);
	ecr_sii_put_pdo(&writer, 0x1600, 1, 2, 0);
	ecr_sii_put_entry(&writer, &out);
	ecr_sii_close_category(&writer);
	ecr_sii_open_category(&writer, ECR_SII_TXPDO);
	ecr_sii_put_pdo(&writer, 0x1A00, 1, 3, 0);
	ecr_sii_put_entry(&writer, &in);
	ecr_sii_close_category(&writer);
	return ecr_sii_finish(&writer);
}

static void set_sm(unsigned int number, uint16_t start, uint16_t length, uint8_t control)
{
	const struct ecr_sm sm = { .start = start,
				   .length = length,
				   .control = control,
				   .activate = ECR_SM_ACTIVATE_ENABLE };
	uint8_t bytes[ECR_SM_SIZE];

	simring_write8(&ring, 0, (uint16_t)ECR_REG_SM_ACTIVATE(number), 0);
	ecr_sm_encode(bytes, &sm);
	simring_write(&ring, 0, (uint16_t)ECR_REG_SM(number), bytes, ECR_SM_SIZE);
}

static void set_mailbox(void)
{
	set_sm(0, RECEIVE, MAILBOX_SIZE, ECR_SM_CONTROL_MAILBOX_OUT);
	set_sm(1, SEND, MAILBOX_SIZE, ECR_SM_CONTROL_MAILBOX_IN);
}

static void set_process_data(void)
{
	set_sm(2, OUTPUTS, 1, ECR_SM_CONTROL_OUTPUTS);
	set_sm(3, INPUTS, 1, ECR_SM_CONTROL_INPUTS);
}

static void open_ring(bool boot)
{
	struct ecr_sim_device device = { .sii = image, .sii_size = make_image(boot) };

	assert_true(device.sii_size > 0);
	simring_open(&ring, &device, 1);
}

static void request(uint16_t control)
{
	uint8_t bytes[2] = { (uint8_t)control, (uint8_t)(control >> 8) };

	simring_write(&ring, 0, ECR_REG_AL_CONTROL, bytes, 2);
}

static void is(uint16_t status, uint16_t code)
{
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS), status);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_AL_STATUS_CODE), code);
}

static void climb(uint16_t state)
{
	static const uint16_t way[] = { ECR_AL_PREOP, ECR_AL_SAFEOP, ECR_AL_OP };

	set_mailbox();
	set_process_data();
	for (int i = 0; i < 3 && way[i] <= state; i++) {
		request(way[i]);
		is(way[i], 0);
	}
}

static void changes_that_do_not_exist(void **state)
{
	(void)state;
	open_ring(false);
	request(ECR_AL_OP);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0011);
	request(ECR_AL_INIT | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_INIT, 0);
	request(7);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0012);
	request(ECR_AL_INIT);
	is(ECR_AL_INIT, 0);
	climb(ECR_AL_PREOP);
	request(ECR_AL_BOOT);
	is(ECR_AL_PREOP | ECR_AL_ERROR, 0x0011);
	simring_close(&ring);
}

static void bootstrap(void **state)
{
	(void)state;
	open_ring(false);
	request(ECR_AL_BOOT);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0013);
	simring_close(&ring);
	open_ring(true);
	set_mailbox();
	request(ECR_AL_BOOT);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0015);
	set_sm(0, BOOT_RECEIVE, MAILBOX_SIZE, ECR_SM_CONTROL_MAILBOX_OUT);
	request(ECR_AL_BOOT | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_BOOT, 0);
	request(ECR_AL_PREOP);
	is(ECR_AL_BOOT | ECR_AL_ERROR, 0x0011);
	request(ECR_AL_INIT);
	is(ECR_AL_INIT, 0);
	simring_close(&ring);
}

static void an_error_stays_until_acknowledged(void **state)
{
	(void)state;
	open_ring(false);
	request(ECR_AL_PREOP);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0016);
	set_mailbox();
	request(ECR_AL_PREOP);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0016);
	request(ECR_AL_PREOP | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_PREOP, 0);
	simring_close(&ring);
}

static void process_data_must_be_as_the_device_says(void **state)
{
	(void)state;
	open_ring(false);
	climb(ECR_AL_PREOP);
	set_sm(2, OUTPUTS, 2, ECR_SM_CONTROL_OUTPUTS);
	request(ECR_AL_SAFEOP);
	is(ECR_AL_PREOP | ECR_AL_ERROR, 0x001D);
	set_sm(2, OUTPUTS, 1, ECR_SM_CONTROL_OUTPUTS);
	set_sm(3, INPUTS, 1, ECR_SM_CONTROL_OUTPUTS);
	request(ECR_AL_SAFEOP | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_PREOP | ECR_AL_ERROR, 0x001E);
	set_process_data();
	request(ECR_AL_SAFEOP | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_SAFEOP, 0);
	simring_close(&ring);
}

/* A slave does not stay where its SyncManagers no longer let it be. */
static void a_syncmanager_taken_away_throws_it_back(void **state)
{
	(void)state;
	open_ring(false);
	climb(ECR_AL_OP);
	simring_write8(&ring, 0, (uint16_t)ECR_REG_SM_ACTIVATE(3), 0);
	is(ECR_AL_PREOP | ECR_AL_ERROR, 0x001E);
	simring_write8(&ring, 0, (uint16_t)ECR_REG_SM_ACTIVATE(0), 0);
	is(ECR_AL_INIT | ECR_AL_ERROR, 0x0016);
	simring_close(&ring);
}

static void outputs_that_do_not_come_drop_it_to_safeop(void **state)
{
	uint8_t value = 1;
	uint64_t seen;

	(void)state;
	open_ring(false);
	climb(ECR_AL_OP);
	for (int i = 0; i < 5; i++) {
		ring.now += ECR_MS(90);
		assert_int_equal(simring_write(&ring, 0, OUTPUTS, &value, 1), 1);
	}
	is(ECR_AL_OP, 0);
	assert_true(ecr_sim_get_output(ring.sim, 0, 0, 1, &seen));
	assert_int_equal(seen, 1);
	ring.now += ECR_MS(101);
	is(ECR_AL_SAFEOP | ECR_AL_ERROR, 0x001B);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_WATCHDOG_STATUS) & 1, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_WATCHDOG_SM_COUNT), 1);
	assert_true(ecr_sim_get_output(ring.sim, 0, 0, 1, &seen));
	assert_int_equal(seen, 0);
	request(ECR_AL_OP | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_OP, 0);
	simring_write8(&ring, 0, ECR_REG_WATCHDOG_SM_COUNT, 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_WATCHDOG_SM_COUNT), 0);
	simring_close(&ring);
}

static void a_watchdog_of_zero_never_expires(void **state)
{
	uint8_t off[2] = { 0, 0 };

	(void)state;
	open_ring(false);
	simring_write(&ring, 0, ECR_REG_WATCHDOG_SM, off, 2);
	climb(ECR_AL_OP);
	ring.now += ECR_S(10);
	is(ECR_AL_OP, 0);
	simring_close(&ring);
}

static void a_device_may_refuse_for_reasons_of_its_own(void **state)
{
	struct ecr_sim_fault refuse = { .kind = ECR_SIM_REFUSE,
					.value = 0x0021,
					.command = ECR_AL_OP };
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK, .lasts = ECR_MS(10) };

	(void)state;
	open_ring(false);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &refuse));
	climb(ECR_AL_SAFEOP);
	request(ECR_AL_OP);
	is(ECR_AL_SAFEOP | ECR_AL_ERROR, 0x0021);
	ecr_sim_clear_faults(ring.sim);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	request(ECR_AL_OP);
	is(ECR_AL_SAFEOP, 0);
	ring.now += ECR_MS(10);
	is(ECR_AL_SAFEOP, 0);
	request(ECR_AL_OP);
	is(ECR_AL_OP, 0);
	simring_close(&ring);
}

static void explicit_identification(void **state)
{
	struct ecr_sim_device device = { .sii = image,
					 .sii_size = make_image(false),
					 .identification = 0x0815 };

	(void)state;
	simring_open(&ring, &device, 1);
	request(ECR_AL_INIT | ECR_AL_IDENTIFICATION);
	is(ECR_AL_INIT | ECR_AL_IDENTIFICATION, 0x0815);
	request(ECR_AL_INIT);
	is(ECR_AL_INIT, 0);
	simring_close(&ring);
}

/* One that takes its time for the change shows it with the change, not never. */
static void identification_of_a_slow_one_comes_with_the_state(void **state)
{
	struct ecr_sim_device device = { .sii = image,
					 .sii_size = make_image(false),
					 .al_delay_ns = ECR_MS(5),
					 .identification = 0x0815 };

	(void)state;
	simring_open(&ring, &device, 1);
	set_mailbox();
	request(ECR_AL_PREOP);
	ring.now += ECR_MS(5);
	is(ECR_AL_PREOP, 0);
	request(ECR_AL_INIT | ECR_AL_IDENTIFICATION);
	is(ECR_AL_PREOP, 0);
	ring.now += ECR_MS(5);
	is(ECR_AL_INIT | ECR_AL_IDENTIFICATION, 0x0815);
	simring_close(&ring);
}

static void emulation_echoes_whatever_is_asked(void **state)
{
	struct ecr_sim_device device = { .emulation = true };

	(void)state;
	simring_open(&ring, &device, 1);
	request(ECR_AL_OP | ECR_AL_ACKNOWLEDGE);
	is(ECR_AL_OP | ECR_AL_ERROR, 0);
	request(ECR_AL_INIT);
	is(ECR_AL_INIT, 0);
	simring_close(&ring);
}

/* As one with a processor does, so that a ring of terminals can be broken, too. */
static void emulation_refuses_when_it_is_told_to(void **state)
{
	struct ecr_sim_device device = { .emulation = true };
	struct ecr_sim_fault refuse = { .kind = ECR_SIM_REFUSE,
					.value = 0x001D,
					.command = ECR_AL_OP };
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK };

	(void)state;
	simring_open(&ring, &device, 1);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &refuse));
	request(ECR_AL_SAFEOP);
	is(ECR_AL_SAFEOP, 0);
	request(ECR_AL_OP);
	is(ECR_AL_SAFEOP | ECR_AL_ERROR, 0x001D);
	request(ECR_AL_SAFEOP);
	is(ECR_AL_SAFEOP, 0);
	ecr_sim_clear_faults(ring.sim);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	request(ECR_AL_OP);
	is(ECR_AL_SAFEOP, 0);
	ecr_sim_clear_faults(ring.sim);
	request(ECR_AL_OP);
	is(ECR_AL_OP, 0);
	simring_close(&ring);
}

static void a_change_may_take_time(void **state)
{
	struct ecr_sim_device device = { .sii = image,
					 .sii_size = make_image(false),
					 .al_delay_ns = ECR_MS(5) };

	(void)state;
	simring_open(&ring, &device, 1);
	set_mailbox();
	request(ECR_AL_PREOP);
	is(ECR_AL_INIT, 0);
	ring.now += ECR_MS(5);
	is(ECR_AL_PREOP, 0);
	simring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_that_do_not_exist),
		cmocka_unit_test(bootstrap),
		cmocka_unit_test(an_error_stays_until_acknowledged),
		cmocka_unit_test(process_data_must_be_as_the_device_says),
		cmocka_unit_test(a_syncmanager_taken_away_throws_it_back),
		cmocka_unit_test(outputs_that_do_not_come_drop_it_to_safeop),
		cmocka_unit_test(a_watchdog_of_zero_never_expires),
		cmocka_unit_test(a_device_may_refuse_for_reasons_of_its_own),
		cmocka_unit_test(explicit_identification),
		cmocka_unit_test(identification_of_a_slow_one_comes_with_the_state),
		cmocka_unit_test(emulation_echoes_whatever_is_asked),
		cmocka_unit_test(emulation_refuses_when_it_is_told_to),
		cmocka_unit_test(a_change_may_take_time),
	};

	return RUN(tests);
}
