/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

#include <stdio.h>

#define LAST ECR_MS(3) /* the transfer has long been done */
#define STEP ECR_US(37)

static struct vring ring;
static int failed;

static bool all_new(const uint8_t *data, uint8_t first)
{
	for (int i = 0; i < TALKER_BLOB; i++)
		if (data[i] != (uint8_t)(first + i))
			return false;
	return true;
}

/* Old or new, never a mixture; and the next transfer works. */
static void transfer_through(const char *trouble, ecr_time at, enum ecr_sdo_kind kind)
{
	uint8_t data[TALKER_BLOB];
	struct talker_request request = { .sdo = { .kind = kind,
						   .index = 0x2003,
						   .subindex = 1,
						   .data = data,
						   .size = sizeof(data) } };
	ecr_time asked;

	reconnect_open(&ring, &(struct reconnect){ .held = true });
	for (int i = 0; i < TALKER_BLOB; i++)
		data[i] = (uint8_t)(40 + i);
	heal_trouble_after(&ring, at, trouble);
	asked = ring.now;
	failed += talker_run(&ring, &request, "mailbox") != 0;
	assert_true(ring.now - asked < ECR_S(6));
	if (kind == ECR_SDO_UPLOAD && !request.sdo.result.error)
		assert_true(all_new(data, RECONNECT_FIRST));
	assert_int_equal(
		ecr_sim_read_object(ring.sim, RECONNECT_MAILBOX, 0x2003, 1, data, sizeof(data)),
		sizeof(data));
	assert_true(all_new(data, RECONNECT_FIRST) || all_new(data, 40) || all_new(data, 0));
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_S(7));
	assert_int_equal(
		talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(90), TALKER_BLOB)
			.error,
		0);
	talker_other_holds(&ring, RECONNECT_MAILBOX, TALKER_BLOB_OBJECT, talker_counting(90),
			   TALKER_BLOB);
	vring_close(&ring);
}

static void at_any_instant(void **state)
{
	static const char *const troubles[] = { "break coupler port 2 for 100ms",
						"disconnect mailbox for 2s", "power-cycle mailbox",
						"drop for 2 frames" };

	(void)state;
	failed = 0;
	for (int i = 0; i < 4; i++)
		for (ecr_time at = 0; at < LAST; at += STEP)
			transfer_through(troubles[i], at,
					 at / STEP % 2 ? ECR_SDO_UPLOAD : ECR_SDO_DOWNLOAD);
	assert_true(failed > 10); /* else nothing was cut */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_any_instant),
	};

	return RUN(tests);
}
