/* SPDX-License-Identifier: Apache-2.0 */
/* While the power is off, somebody puts another device in the place of one. */
#include "support/check.h"
#include "support/heal.h"

#include "wire/sii.h"

#include <string.h>

static struct vring ring;
static uint8_t siis[3][2048];
static uint8_t right[2048];
static struct ecr_sim_device devices[3];

static struct ecr_slave_config slaves[4];
static bool bare; /* outputs has no process data */
static bool all_held;
static bool may_leave;	 /* outputs, from the session's point of view, */
static bool other_may;	 /* or inputs */
static uint32_t busy_ns; /* of each access to their EEPROM */

static uint32_t word(unsigned int at)
{
	return (uint32_t)(right[at * 2] | right[at * 2 + 1] << 8 | right[at * 2 + 2] << 16) |
	       (uint32_t)right[at * 2 + 3] << 24;
}

static void open_ring_checking(uint32_t check, enum ecr_recognise by)
{
	static const char *const shipped[] = { "EK1100", "EL1809", "EL2809" };
	static const char *const names[] = { "coupler", "inputs", "outputs" };
	static struct ecr_config config;

	config = vring_default_config();
	config.slaves = slaves;
	memcpy(slaves, vring_default_slaves, sizeof(slaves));
	for (int i = 0; i < 3; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i] };
		assert_true(ecr_sim_shipped(shipped[i], &devices[i], siis[i], sizeof(siis[i])));
	}
	if (bare)
		assert_true(ecr_sim_digital_sii(siis[2], sizeof(siis[2]), "bare", 0, 0) > 0);
	devices[2].eeprom_busy_ns = busy_ns;
	memcpy(right, siis[2], sizeof(right));
	slaves[2].check = check;
	slaves[2].identity =
		(struct ecr_identity){ word(ECR_SII_WORD_VENDOR), word(ECR_SII_WORD_PRODUCT),
				       word(ECR_SII_WORD_REVISION), word(ECR_SII_WORD_SERIAL) };
	slaves[2].presence.by = by;
	slaves[2].presence.optional = may_leave;
	slaves[1].presence.optional = other_may;
	for (int i = 0; i < 3 && all_held; i++)
		slaves[i].target_state = ECR_TARGET_PREOP;
	vring_open_devices(&ring, devices, 3);
	assert_true(bare || ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(all_held ? vring_await_running(&ring, ECR_S(2))
				  : vring_await_operational(&ring, ECR_S(2)),
			 0);
}

static void open_ring(void)
{
	open_ring_checking(0, ECR_BY_POSITION);
}

static void swap(const uint8_t *sii)
{
	heal_say(&ring, "power-off outputs for 300ms");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	memcpy(siis[2], sii, sizeof(siis[2]));
}

static bool is_refused(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "outputs");

	return info.fault.kind == ECR_FAULT_PREOP && info.al_state == ECR_AL_PREOP &&
	       info.configuration_error == ECR_ERR_IDENTITY_MISMATCH;
}

static struct ecr_sim_state truth_of_outputs(void)
{
	struct ecr_sim_state truth;

	ecr_sim_look(ring.sim, 2, &truth);
	return truth;
}

static uint64_t writes; /* that have reached whoever is there */

static bool rest_operates_without_it(struct vring *unused)
{
	struct ecr_sim_state truth = truth_of_outputs();

	return is_refused(unused) && truth.al_status == ECR_AL_PREOP &&
	       truth.output_writes == writes && heal_recovering(unused) &&
	       vring_slave(unused, "inputs").al_state == ECR_AL_OP;
}

/* Through one attempt after the other: each begins with the question whose station it is. */
static void replace_by(const uint8_t *other, const char *refused_for)
{
	int refused;

	open_ring();
	swap(other);
	assert_true(heal_until(&ring, is_refused, ECR_S(8)));
	assert_string_equal(vring_slave(&ring, "outputs").configuration_failure.subject,
			    refused_for);
	refused = ring.event_count;
	writes = truth_of_outputs().output_writes;
	assert_true(heal_stays(&ring, rest_operates_without_it, ECR_S(12)));
	assert_true(heal_find(&ring, refused, ECR_EVENT_SLAVE_STARTUP_RETRY, 2, -1) >= 0);
	swap(right);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void by_a_device_of_another_kind(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
	replace_by(other, "vendor");
}

/* One that may leave is not there as long as another stands in its place. */
static void by_one_that_is_a_stranger(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
	may_leave = true;
	open_ring_checking(ECR_CHECK_PRODUCT, ECR_BY_POSITION);
	may_leave = false;
	for (int i = 0; i < 2; i++) {
		swap(other);
		vring_run_until(&ring, ring.now + ECR_S(3));
		assert_true(heal_operational(&ring));
		assert_int_not_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_OP);
		swap(right);
		heal_ends_clean(&ring, ECR_S(8));
	}
	vring_close(&ring);
}

static void by_one_with_inputs_instead(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_shipped_sii("EL1809", other, sizeof(other)) > 0);
	replace_by(other, "product code");
}

static bool has_other_pdos(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "outputs");

	return info.al_state == ECR_AL_PREOP && info.fault.kind == ECR_FAULT_PREOP &&
	       info.configuration_error == ECR_ERR_PDO_MISMATCH &&
	       truth_of_outputs().al_status == ECR_AL_PREOP;
}

/* One that had no process data had a place in no plan: one of its kind that has some is no spare part. */
static void by_one_that_has_process_data(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "bare", 8, 8) > 0);
	bare = true;
	open_ring();
	bare = false;
	swap(other);
	assert_true(heal_until(&ring, has_other_pdos, ECR_S(8)));
	assert_true(heal_stays(&ring, has_other_pdos, ECR_S(12)));
	swap(right);
	assert_true(heal_until(&ring, heal_nobody_blamed, ECR_S(8)));
	assert_true(heal_stays(&ring, heal_healthy, ECR_S(1)));
	vring_close(&ring);
}

/* A spare part: the same device with another serial number is welcome. */
static void by_one_of_its_kind(void **state)
{
	int warning;

	(void)state;
	open_ring();
	memcpy(siis[2], right, sizeof(right));
	siis[2][0x0E * 2] ^= 0x55; /* the serial number's word */
	swap(siis[2]);
	heal_ends_clean(&ring, ECR_S(8));
	assert_int_equal(vring_slave(&ring, "outputs").identity.serial & 0xFF, 0x55);
	/* ... and told. */
	warning = heal_find(&ring, 0, ECR_EVENT_SLAVE_WARNING, 2, -1);
	assert_true(warning >= 0);
	assert_int_equal(ring.events[warning].expected ^ ring.events[warning].actual, 0x55);
	assert_non_null(strstr(ring.events[warning].text, "serial number"));
	vring_close(&ring);
}

/* With one word of its EEPROM changed by so much. */
static void return_with(unsigned int at, int by)
{
	static uint8_t other[2048];

	memcpy(other, right, sizeof(other));
	other[at * 2] = (uint8_t)(other[at * 2] + by);
	swap(other);
}

/* The refusal says what was expected and what is there, until the right one is back. */
static void assert_refused(unsigned int at, int by, const char *what)
{
	struct ecr_failure failure;

	return_with(at, by);
	assert_true(heal_until(&ring, is_refused, ECR_S(8)));
	failure = vring_slave(&ring, "outputs").configuration_failure;
	assert_int_equal(failure.error, ECR_ERR_IDENTITY_MISMATCH);
	assert_string_equal(failure.slave, "outputs");
	assert_string_equal(failure.subject, what);
	assert_int_equal(failure.expected, word(at));
	assert_int_equal(failure.actual, word(at) + (uint32_t)by);
	assert_true(heal_recovering(&ring));
	swap(right);
	heal_ends_clean(&ring, ECR_S(8));
}

static void what_is_configured_is_checked_of_who_comes_back(void **state)
{
	(void)state;
	open_ring_checking(ECR_CHECK_REVISION | ECR_CHECK_SERIAL, ECR_BY_POSITION);
	assert_refused(ECR_SII_WORD_REVISION, 1, "revision");
	assert_refused(ECR_SII_WORD_REVISION, 2, "revision");
	assert_refused(ECR_SII_WORD_SERIAL, 3, "serial number");
	vring_close(&ring);
}

static void a_later_revision_may_be_welcome(void **state)
{
	struct ecr_failure failure;

	(void)state;
	open_ring_checking(ECR_CHECK_REVISION_LEAST, ECR_BY_POSITION);
	return_with(ECR_SII_WORD_REVISION, 1);
	heal_ends_clean(&ring, ECR_S(8));
	return_with(ECR_SII_WORD_REVISION + 1, -1); /* its upper half */
	assert_true(heal_until(&ring, is_refused, ECR_S(8)));
	failure = vring_slave(&ring, "outputs").configuration_failure;
	assert_string_equal(failure.subject, "revision, at least");
	assert_int_equal(failure.expected - failure.actual, 0x10000);
	vring_close(&ring);
}

/* An equal device with another station alias, which is what this one is known by. */
static void another_alias_is_refused(void **state)
{
	struct ecr_failure failure;

	(void)state;
	open_ring_checking(0, ECR_BY_ALIAS); /* 0, as it comes from the factory */
	return_with(ECR_SII_WORD_ALIAS, 9);
	vring_run_until(&ring, ring.now + ECR_S(2));
	failure = vring_slave(&ring, "outputs").configuration_failure;
	assert_int_equal(failure.error, ECR_ERR_IDENTITY_MISMATCH);
	assert_string_equal(failure.subject, "identification");
	assert_int_equal(failure.expected, 0);
	assert_int_equal(failure.actual, 9);
	swap(right);
	heal_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

static int lower_to(enum ecr_target target)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = target };

	return vring_request(&ring, &lower);
}

static bool is_settled(struct vring *unused)
{
	enum ecr_state state = ecr_core_state(unused->core);

	struct ecr_slave_info info = vring_slave(unused, "outputs");

	return (state == ECR_STATE_DEACTIVATED || state == ECR_STATE_PREOP_READY) &&
	       info.al_state == (state == ECR_STATE_DEACTIVATED ? ECR_AL_SAFEOP : ECR_AL_PREOP) &&
	       info.fault.kind == ECR_FAULT_NONE && info.configuration_error == 0;
}

/* Held in SAFEOP and in PREOP, swapped twice; then up with the right one. */
static void the_right_one_heals_it_below_op_too(void **state)
{
	static const enum ecr_target targets[] = { ECR_TARGET_SAFEOP, ECR_TARGET_PREOP };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };
	static uint8_t other[2048];

	(void)state;
	for (int i = 0; i < 8; i++) {
		memset(other, 0, sizeof(other));
		assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
		may_leave = i >= 4;
		open_ring_checking(i & 2 ? ECR_CHECK_PRODUCT : 0, ECR_BY_POSITION);
		may_leave = false;
		assert_int_equal(lower_to(targets[i % 2]), 0);
		for (int round = 0; round < 2; round++) {
			swap(other);
			vring_run_until(&ring, ring.now + ECR_S(2));
			swap(right);
			assert_true(heal_until(&ring, is_settled, ECR_S(8)));
		}
		vring_run_until(&ring, ring.now + ECR_MS(500)); /* the plan may be made anew */
		assert_true(is_settled(&ring));
		assert_int_equal(vring_request(&ring, &raise), 0);
		heal_ends_clean(&ring, ECR_S(8));
		vring_close(&ring);
	}
}

/* Nobody is to leave PREOP, and nobody is asked: the swap is found when it is to operate. */
static void swapped_while_nobody_looks(void **state)
{
	struct ecr_slave_config outputs = { .process_data = ECR_ALL_TO("main") };
	struct ecr_request configure = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					 .name = "outputs",
					 .slave = &outputs };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
	all_held = true;
	open_ring();
	all_held = false;
	swap(other);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_request(&ring, &configure), 0);
	configure.name = "inputs";
	assert_int_equal(vring_request(&ring, &configure), 0);
	configure.name = "coupler";
	outputs.process_data = (struct ecr_process_data){ 0 };
	assert_int_equal(vring_request(&ring, &configure), 0);
	assert_int_equal(vring_request(&ring, &raise), 0);
	vring_run_until(&ring, ring.now + ECR_S(2));
	swap(right);
	heal_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

static bool is_being_read(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "outputs");

	return !info.down && info.al_state == ECR_AL_INIT;
}

static bool is_down(struct vring *unused)
{
	return vring_slave(unused, "outputs").down;
}

/* What another device has been planned as, or could not be, or half of it, is not what the right one stays. */
static void plan_while_reading(const uint8_t *other, ecr_time read_for, const char *then)
{
	struct ecr_slave_config inputs = { .process_data = ECR_ALL_TO("main"),
					   .presence.optional = other_may };
	struct ecr_request configure = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					 .name = "inputs",
					 .slave = &inputs };

	busy_ns = ECR_US(100);
	open_ring();
	busy_ns = 0;
	assert_int_equal(lower_to(ECR_TARGET_PREOP), 0);
	swap(other);
	assert_true(heal_until(&ring, is_being_read, ECR_S(2)));
	vring_run_until(&ring, ring.now + read_for);
	heal_say(&ring, then);
	assert_true(heal_until(&ring, is_down, ECR_S(1)));
	assert_int_equal(vring_request(&ring, &configure), 0);
	vring_run_until(&ring, ring.now + ECR_MS(300));
}

static void heals_from_a_plan_with(const uint8_t *other, ecr_time read_for)
{
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	plan_while_reading(other, read_for, "power-off outputs for 1s");
	memcpy(siis[2], right, sizeof(siis[2]));
	assert_true(heal_until(&ring, is_settled, ECR_S(8)));
	vring_run_until(&ring, ring.now + ECR_MS(500)); /* the plan may be made anew */
	assert_int_equal(vring_request(&ring, &raise), 0);
	heal_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

static void planned_while_another_was_read(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
	for (ecr_time cut = 0; cut < ECR_MS(60); cut += ECR_MS(2))
		heals_from_a_plan_with(other, cut);
}

/* Read whole: it has nothing to exchange. */
static void planned_as_one_without_process_data(void **state)
{
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_shipped_sii("EK1100", other, sizeof(other)) > 0);
	for (ecr_time cut = 0; cut < ECR_MS(60); cut += ECR_MS(4))
		heals_from_a_plan_with(other, cut);
}

/* Raised before who is missing has been read: it is planned when it is there, and nobody has to go back to PREOP. */
static void raised_before_it_is_known(void **state)
{
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };
	static uint8_t other[2048];

	(void)state;
	memset(other, 0, sizeof(other));
	assert_true(ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8) > 0);
	for (int i = 0; i < 22; i++) {
		other_may = i >= 11; /* places are asked for again and again */
		/* read whole it is a device like any */
		plan_while_reading(other, i % 11 * ECR_MS(4), "power-off outputs for 3s");
		other_may = false;
		assert_int_equal(vring_request(&ring, &raise), 0);
		memcpy(siis[2], right, sizeof(siis[2]));
		heal_ends_clean(&ring, ECR_S(8));
		vring_close(&ring);
	}
}

/* A spare part is of its kind: what it has to exchange is known, however much of it was read, and the others wait for nobody. */
static void raised_before_a_spare_part_is_read(void **state)
{
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };
	static uint8_t spare[2048];

	(void)state;
	for (ecr_time cut = 0; cut < ECR_MS(44); cut += ECR_MS(4)) {
		memcpy(spare, right, sizeof(spare));
		spare[ECR_SII_WORD_SERIAL * 2] ^= 0x55;
		plan_while_reading(spare, cut, "power-off outputs for 3s");
		assert_int_equal(vring_request(&ring, &raise), 0);
		assert_true(is_down(&ring));
		assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
		heal_ends_clean(&ring, ECR_S(8));
		assert_int_equal(vring_slave(&ring, "outputs").identity.serial & 0xFF, 0x55);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_a_device_of_another_kind),
		cmocka_unit_test(by_one_with_inputs_instead),
		cmocka_unit_test(by_one_that_has_process_data),
		cmocka_unit_test(by_one_of_its_kind),
		cmocka_unit_test(what_is_configured_is_checked_of_who_comes_back),
		cmocka_unit_test(a_later_revision_may_be_welcome),
		cmocka_unit_test(another_alias_is_refused),
		cmocka_unit_test(the_right_one_heals_it_below_op_too),
		cmocka_unit_test(by_one_that_is_a_stranger),
		cmocka_unit_test(swapped_while_nobody_looks),
		cmocka_unit_test(planned_while_another_was_read),
		cmocka_unit_test(planned_as_one_without_process_data),
		cmocka_unit_test(raised_before_it_is_known),
		cmocka_unit_test(raised_before_a_spare_part_is_read),
	};

	return RUN(tests);
}
