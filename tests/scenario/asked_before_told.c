/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"
#include "support/talker.h"

#include "base/le.h"
#include "wire/sii.h"

#include <string.h>

#define COUNT 4
#define FIRST 0 /* slow to be read: the others are up long before it */
#define A 1
#define B 2
#define X 3
#define NEW 90 /* what downloads bring begins with it */

static struct vring ring;
static uint8_t siis[COUNT][2048];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[COUNT];
static struct ecr_config config;
static struct talker_request request;
static bool asked;
static int mismatches;

static void number(int device, uint8_t serial)
{
	siis[device][ECR_SII_WORD_SERIAL * 2] = serial;
}

/* The first three are configured. */
static void describe(void)
{
	static const char *const names[COUNT] = { "first", "a", "b", "x" };

	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i] };
		assert_true(ecr_sim_shipped("mailbox", &devices[i], siis[i], sizeof(siis[i])));
		number(i, (uint8_t)(10 + i));
		if (i == X)
			continue;
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .target_state = ECR_TARGET_PREOP,
						       .health_poll_ms = 20,
						       .check = ECR_CHECK_SERIAL };
		slaves[i].identity.serial = ecr_le32(siis[i] + (size_t)ECR_SII_WORD_SERIAL * 2);
	}
	devices[FIRST].eeprom_busy_ns = 300000;
	config = vring_default_config();
	config.slaves = slaves;
	asked = false;
	mismatches = 0;
}

static void keep_asking(const char *slave)
{
	int error = asked ? request.sdo.result.error : 0;

	if (asked && !request.done)
		return;
	mismatches += error == ECR_ERR_IDENTITY_MISMATCH;
	request = (struct talker_request){ .sdo = { .kind = ECR_SDO_DOWNLOAD,
						    .index = 0x2003,
						    .subindex = 1,
						    .data = (void *)talker_counting(NEW),
						    .size = TALKER_BLOB } };
	error = talker_submit(&ring, &request, slave, 0);
	mismatches += error == ECR_ERR_IDENTITY_MISMATCH;
	asked = !error;
}

static void ask_for(ecr_time time, const char *slave, int other)
{
	for (ecr_time end = ring.now + time; ring.now < end;) {
		keep_asking(slave);
		vring_run_until(&ring, ring.now + ECR_US(200));
		talker_other_holds(&ring, other, TALKER_BLOB_OBJECT, talker_counting(0),
				   TALKER_BLOB);
	}
}

/* What was asked for last comes back before another is. */
static void assert_reached(const char *slave, int device)
{
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(!asked || request.done);
	asked = false;
	assert_int_equal(
		talker_download(&ring, slave, 0x2003, 1, talker_counting(NEW), TALKER_BLOB).error,
		0);
	talker_other_holds(&ring, device, TALKER_BLOB_OBJECT, talker_counting(NEW), TALKER_BLOB);
}

static void at_bringup(const char *slave, int reached_instead, int device)
{
	describe();
	devices[A].absent = true;
	vring_open_devices(&ring, devices, COUNT);
	assert_int_equal(vring_start(&ring, &config), 0);
	ask_for(ECR_S(2), slave, reached_instead);
	assert_true(mismatches > 0);
	ecr_sim_unplug(ring.sim, ring.now, B);
	ecr_sim_unplug(ring.sim, ring.now, X);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, A, FIRST, 1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 1));
	vring_stop(&ring);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(4)), 0);
	assert_reached(slave, device);
	vring_close(&ring);
}

static void a_stranger_is_counted_instead(void **state)
{
	(void)state;
	at_bringup("b", X, B);
	at_bringup("a", B, A);
}

static void another_in_its_place(void **state)
{
	struct ecr_request watch = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	describe();
	vring_open_devices(&ring, devices, X);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(4)), 0);
	assert_int_equal(vring_request(&ring, &watch), 0);
	heal_say(&ring, "power-off b for 100ms");
	vring_run_until(&ring, ring.now + ECR_MS(50));
	number(B, 77);
	ask_for(ECR_S(2), "b", B);
	assert_true(mismatches > 0);
	heal_say(&ring, "power-off b for 100ms");
	vring_run_until(&ring, ring.now + ECR_MS(50));
	number(B, 10 + B);
	vring_run_until(&ring, ring.now + ECR_S(6));
	assert_reached("b", B);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_is_counted_instead),
		cmocka_unit_test(another_in_its_place),
	};

	return RUN(tests);
}
