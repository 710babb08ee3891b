/* SPDX-License-Identifier: Apache-2.0 */
/* PDOs as EEPROM, objects and configuration have them, and what becomes of it where they differ. */
#define _POSIX_C_SOURCE 200809L
#include "base/le.h"
#include "support/check.h"
#include "support/talker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SII_ROOM 2048
#define SM3_TYPE (3 * 8 + 7) /* in the SII's category of SyncManagers */

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[3];
static struct ecr_sim_device devices[2];
static uint8_t images[2][SII_ROOM];

static void open_ring(void)
{
	config = vring_default_config();
	memset(slaves, 0, sizeof(slaves));
	slaves[0].name = "coupler";
	slaves[1] =
		(struct ecr_slave_config){ .name = "device", .process_data = ECR_ALL_TO("main") };
	config.slaves = slaves;
	vring_open_devices(&ring, devices, 2);
}

static void prepare(const char *device)
{
	for (int i = 0; i < 2; i++) {
		devices[i] = (struct ecr_sim_device){ .name = i ? "device" : "coupler",
						      .sii = images[i] };
		assert_true(
			ecr_sim_shipped(i ? device : "EK1100", &devices[i], images[i], SII_ROOM));
	}
}

/* A device with two bytes of inputs in PDO 0x1A00, in SyncManager 3. */
static void open_inputs(uint8_t coe)
{
	const struct talker talker = { .receive_size = 64,
				       .send_size = 64,
				       .coe = ECR_SII_COE_SDO | coe,
				       .protocols = ECR_SII_MAILBOX_COE,
				       .inputs = 2 };

	prepare("mailbox");
	devices[1] = (struct ecr_sim_device){ .name = "device", .sii = images[1] };
	devices[1].sii_size = talker_sii(images[1], SII_ROOM, "device", &talker);
	open_ring();
}

/* The result of the way to OP. */
static int go(void)
{
	assert_int_equal(vring_start(&ring, &config), 0);
	return vring_await_operational(&ring, ECR_S(10));
}

static struct ecr_failure failure(void)
{
	return vring_slave(&ring, "device").configuration_failure;
}

/* The SII's header of PDO 0x1A00, eight bytes, entries of eight bytes behind it. From now on the EEPROM
 * says something else than the objects, which were made from it. */
static uint8_t *pdo_in_sii(void)
{
	for (size_t i = ECR_SII_HEADER_SIZE; i + 8 < devices[1].sii_size; i += 2)
		if (ecr_le16(images[1] + i) == 0x1A00 && images[1][i + 3] == 3)
			return images[1] + i;
	fail();
	return NULL;
}

static uint8_t *sms_in_sii(void)
{
	size_t i = ECR_SII_HEADER_SIZE;

	while (ecr_le16(images[1] + i) != ECR_SII_SM)
		i += 4 + 2u * ecr_le16(images[1] + i + 2);
	return images[1] + i + 4;
}

static void set_object(uint16_t index, uint8_t subindex, uint8_t value)
{
	assert_true(ecr_sim_write_object(ring.sim, 1, index, subindex, &value, 1));
}

static bool warned(const char *text)
{
	for (int i = 0; i < ring.event_count; i++)
		if (ring.events[i].kind == ECR_EVENT_SLAVE_WARNING && ring.events[i].slave == 1 &&
		    strcmp(ring.events[i].text, text) == 0)
			return true;
	return false;
}

#define OTHERWISE "the slave's objects have other PDOs than its EEPROM: they count"

static void what_is_the_same_is_no_news(void **state)
{
	(void)state;
	open_inputs(0);
	assert_int_equal(go(), 0);
	assert_false(warned(OTHERWISE));
	assert_string_equal(vring_slave(&ring, "device").pdo_sides, "");
	vring_close(&ring);
}

/* The EEPROM gives the SyncManager no use and no PDO: object 0x1C00 says that it is one of inputs. */
static void the_objects_say_which_syncmanagers_carry_data(void **state)
{
	(void)state;
	open_inputs(0);
	sms_in_sii()[SM3_TYPE] = 0;
	pdo_in_sii()[3] = 0xFF;
	assert_int_equal(go(), 0);
	assert_int_equal(vring_slave(&ring, "device").attachments[0].sm_size, 2);
	vring_close(&ring);
}

static void outputs_here_and_inputs_there(void **state)
{
	(void)state;
	open_inputs(0);
	set_object(0x1C00, 4, 3);
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_MISMATCH);
	assert_int_equal(failure().index, 0x1C00);
	assert_int_equal(failure().subindex, 4);
	assert_int_equal(failure().expected, 4);
	assert_int_equal(failure().actual, 3);
	assert_string_equal(failure().sides, "SM3: inputs | outputs\n");
	vring_close(&ring);
}

/* Where nobody asks for anything else the objects count, and the difference is told. */
static void other_objects_than_the_eeprom(void **state)
{
	(void)state;
	open_inputs(0);
	pdo_in_sii()[8 + 2] = 9; /* subindex of the first entry */
	assert_int_equal(go(), 0);
	assert_true(warned(OTHERWISE));
	assert_string_equal(vring_slave(&ring, "device").pdo_sides,
			    "0x1a00: 0x6000:09/8 0x6000:02/8 | 0x1a00: 0x6000:01/8 0x6000:02/8\n");
	vring_close(&ring);
}

/* An expedited answer with two bytes of the four: the others are 0, and not what was read there before. */
static void an_entry_that_comes_short(void **state)
{
	const struct ecr_sim_mailbox_fault two_bytes = { .kind = ECR_SIM_MAILBOX_COMMAND,
							 .stage = ECR_SIM_STAGE_UPLOAD,
							 .index = 0x1A00,
							 .subindex = 1,
							 .value = 0x4B,
							 .count = 1 };

	(void)state;
	open_inputs(0);
	assert_true(ecr_sim_inject_mailbox(ring.sim, 1, &two_bytes));
	assert_int_equal(go(), 0);
	assert_string_equal(vring_slave(&ring, "device").pdo_sides,
			    "0x1a00: 0x6000:01/8 0x6000:02/8 | 0x1a00: 0x0000:01/8 0x6000:02/8\n");
	vring_close(&ring);
}

static void a_fixed_pdo_of_another_length(void **state)
{
	(void)state;
	open_inputs(0);
	pdo_in_sii()[6] = ECR_SII_PDO_FIXED;
	pdo_in_sii()[8 + 5] = 16; /* bits of the first entry */
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_MISMATCH);
	assert_int_equal(failure().index, 0x1A00);
	assert_int_equal(failure().expected, 24);
	assert_int_equal(failure().actual, 16);
	assert_string_equal(failure().sides,
			    "0x1a00: 0x6000:01/16 0x6000:02/8 | 0x1a00: 0x6000:01/8 0x6000:02/8\n");
	vring_close(&ring);
}

/* For a person: one PDO a line, under the sentence. */
static void both_sides_are_printed(void **state)
{
	struct ecr_failure told;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	open_inputs(0);
	set_object(0x1C00, 4, 3);
	assert_int_not_equal(go(), 0);
	told = failure();
	ecr_failure_print(&told, stream);
	fclose(stream);
	assert_non_null(strstr(text, "slave device (position 1"));
	assert_non_null(strstr(text, "PDO 0x1c00:0x04: expected 0x4, found 0x3"));
	assert_non_null(strstr(text, "\n  what was to be | what is:\n    SM3: inputs | outputs\n"));
	free(text);
	vring_close(&ring);
}

static void wanted_and_found_side_by_side(void **state)
{
	static const struct ecr_pdo_mapped one[] = { { 0x6000, 2, 8 }, { 0 } };
	static const struct ecr_pdo_wanted shorter[] = { { 3, 0x1A00, one }, { 0 } };
	static const struct ecr_pdo_wanted other[] = { { 3, 0x1A01, NULL }, { 0 } };
	static const struct ecr_pdo_wanted none[] = { { 3, ECR_PDO_NONE, NULL }, { 0 } };

	(void)state;
	open_inputs(0);
	slaves[1].pdos = shorter;
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_FIXED);
	assert_string_equal(failure().sides,
			    "0x1a00: 0x6000:02/8 | 0x1a00: 0x6000:01/8 0x6000:02/8\n");
	vring_close(&ring);
	open_inputs(0);
	slaves[1].pdos = other;
	assert_int_not_equal(go(), 0);
	assert_string_equal(failure().sides, "0x1a01 | 0x1a00: 0x6000:01/8 0x6000:02/8\n");
	vring_close(&ring);
	open_inputs(0);
	slaves[1].pdos = none;
	assert_int_not_equal(go(), 0);
	assert_string_equal(failure().sides, "none | 0x1a00: 0x6000:01/8 0x6000:02/8\n");
	vring_close(&ring);
}

/* Too many entries for any object: that object is named, not what was compared before. */
static void a_count_that_cannot_be(void **state)
{
	(void)state;
	open_inputs(0);
	set_object(0x1A00, 0, 255);
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_MISMATCH);
	assert_int_equal(failure().index, 0x1A00);
	assert_int_equal(failure().subindex, 0);
	assert_int_equal(failure().expected, 254);
	assert_int_equal(failure().actual, 255);
	vring_close(&ring);
}

/* When it was written first the mapping was as wanted, and the assignment was not; the next time it is the other way. */
static void what_was_right_once_is_written_when_it_is_wrong(void **state)
{
	static const struct ecr_pdo_mapped two[] = { { 0x6000, 1, 8 }, { 0x6000, 2, 8 }, { 0 } };
	static const struct ecr_pdo_wanted wanted[] = { { 3, 0x1A00, two }, { 0 } };
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };

	(void)state;
	open_inputs(ECR_SII_COE_PDO_ASSIGN | ECR_SII_COE_PDO_CONFIG);
	slaves[1].pdos = wanted;
	set_object(0x1C13, 0, 0);
	assert_int_equal(go(), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	vring_run_until(&ring, ring.now + ECR_MS(11));
	set_object(0x1A00, 0, 1);
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(failure().error, 0);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_OP);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	vring_close(&ring);
}

static void hide_mapping(void)
{
	const struct ecr_sim_mailbox_fault fault = { .kind = ECR_SIM_MAILBOX_ABORT,
						     .stage = ECR_SIM_STAGE_UPLOAD,
						     .index = 0x1A00,
						     .value = ECR_SDO_ABORT_NO_OBJECT };

	assert_true(ecr_sim_inject_mailbox(ring.sim, 1, &fault));
}

static void a_mapping_that_cannot_be_read_is_the_eeproms(void **state)
{
	(void)state;
	open_inputs(0);
	hide_mapping();
	assert_int_equal(go(), 0);
	assert_true(warned("the mapping of an assigned PDO cannot be read: the EEPROM's is taken"));
	assert_int_equal(vring_slave(&ring, "device").attachments[0].sm_size, 2);
	vring_close(&ring);
	open_inputs(0);
	hide_mapping();
	ecr_put_le16(pdo_in_sii(), 0x1A05);
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_SDO_ABORT);
	assert_int_equal(failure().index, 0x1A00);
	assert_int_equal(failure().abort_code, ECR_SDO_ABORT_NO_OBJECT);
	vring_close(&ring);
}

/* A device whose PDOs of a direction can be had in several combinations, but not in all. */
static void rules_of_the_devices_description(void **state)
{
	static const struct ecr_pdo_wanted both[] = { { 3, 0x1A01, NULL },
						      { 3, 0x1A02, NULL },
						      { 0 } };
	static const struct ecr_pdo_wanted single[] = { { 3, 0x1A01, NULL }, { 0 } };
	static const struct ecr_pdo_rule rules[] = { { .pdo = 0x1A01, .excludes = 0x1A02 }, { 0 } };
	static const struct ecr_pdo_rule needs[] = { { .pdo = 0x1A03, .mandatory = true }, { 0 } };
	struct ecr_driver driver = ecr_default_driver;

	(void)state;
	prepare("drive");
	open_ring();
	slaves[1].pdos = both;
	slaves[1].pdo_rules = rules;
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_EXCLUDED);
	assert_int_equal(failure().index, 0x1A01);
	assert_int_equal(failure().subindex, 0);
	assert_int_equal(failure().expected, 0);
	assert_int_equal(failure().actual, 0x1A02);
	assert_string_equal(failure().sides, "0x1a01 alone | 0x1a01 and 0x1a02\n");
	vring_close(&ring);

	open_ring();
	slaves[1].pdos = single;
	slaves[1].pdo_rules = rules;
	assert_int_equal(go(), 0);
	vring_close(&ring);

	open_ring();
	slaves[1].pdos = single;
	driver.pdo_rules = needs;
	slaves[1].driver = &driver;
	assert_int_not_equal(go(), 0);
	assert_int_equal(failure().error, ECR_ERR_PDO_FIXED);
	assert_int_equal(failure().index, 0x1A03);
	assert_string_equal(failure().sides, "0x1a03 | none\n");
	vring_close(&ring);
}

/* A device that comes back with other PDOs than the plan was made for. */
static void planned_and_present_side_by_side(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };

	(void)state;
	prepare("mailbox");
	devices[1] = (struct ecr_sim_device){ .name = "device", .sii = images[1] };
	devices[1].sii_size =
		talker_sii(images[1], SII_ROOM, "device", &(struct talker){ .inputs = 3 });
	talker_sii(images[1], SII_ROOM, "device", &(struct talker){ .inputs = 2 });
	open_ring();
	assert_int_equal(go(), 0);
	talker_sii(images[1], SII_ROOM, "device", &(struct talker){ .inputs = 3 });
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(failure().error, ECR_ERR_PDO_MISMATCH);
	assert_string_equal(failure().sides, "0x1a00: 0x6000:01/8 0x6000:02/8 | "
					     "0x1a00: 0x6000:01/8 0x6000:02/8 0x6000:03/8\n");

	/* Then another product: its PDOs are not what is wrong. */
	images[1][ECR_SII_WORD_PRODUCT * 2] ^= 1;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(failure().error, ECR_ERR_IDENTITY_MISMATCH);
	assert_string_equal(failure().sides, "");
	vring_close(&ring);
}

/* A list that is longer than the room for it ends with dots. */
static void a_long_list_is_cut(void **state)
{
	static struct ecr_pdo_mapped many[41];
	static struct ecr_pdo_wanted wanted[] = { { 3, 0x1A00, many }, { 0 } };

	(void)state;
	for (uint8_t i = 0; i < 40; i++)
		many[i] = (struct ecr_pdo_mapped){ 0x6000, i, 8 };
	open_inputs(0);
	slaves[1].pdos = wanted;
	assert_int_not_equal(go(), 0);
	assert_int_equal(strlen(failure().sides), ECR_SIDES_SIZE - 1);
	assert_string_equal(failure().sides + ECR_SIDES_SIZE - 5, "...\n");
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_the_same_is_no_news),
		cmocka_unit_test(the_objects_say_which_syncmanagers_carry_data),
		cmocka_unit_test(outputs_here_and_inputs_there),
		cmocka_unit_test(other_objects_than_the_eeprom),
		cmocka_unit_test(an_entry_that_comes_short),
		cmocka_unit_test(a_fixed_pdo_of_another_length),
		cmocka_unit_test(both_sides_are_printed),
		cmocka_unit_test(wanted_and_found_side_by_side),
		cmocka_unit_test(a_count_that_cannot_be),
		cmocka_unit_test(what_was_right_once_is_written_when_it_is_wrong),
		cmocka_unit_test(a_mapping_that_cannot_be_read_is_the_eeproms),
		cmocka_unit_test(rules_of_the_devices_description),
		cmocka_unit_test(planned_and_present_side_by_side),
		cmocka_unit_test(a_long_list_is_cut),
	};

	return RUN(tests);
}
