/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

#define MOMENT ECR_US(300) /* by then the transfer has been done when nothing happens */
#define LAST ECR_MS(3)
#define WRITTEN 40 /* from where on what is written counts */
#define RESTARTED 0

struct trouble {
	const char *sentence;
	bool survived; /* the transfer goes on behind it */
	bool restarts; /* the device has forgotten what was in the object */
};

static struct vring ring;
static int failed;
static int delayed;

static bool counts_from(const uint8_t *data, uint8_t first)
{
	for (int i = 0; i < TALKER_BLOB; i++)
		if (data[i] != (uint8_t)(first + i))
			return false;
	return true;
}

/* Old or new, never a mixture; and what has been told is so. */
static void assert_holds(const struct trouble *trouble, const struct ecr_sdo *sdo)
{
	bool written = sdo->kind == ECR_SDO_DOWNLOAD && !sdo->result.error;
	bool tried = sdo->kind == ECR_SDO_DOWNLOAD;
	uint8_t data[TALKER_BLOB];

	assert_int_equal(
		ecr_sim_read_object(ring.sim, RECONNECT_MAILBOX, 0x2003, 1, data, sizeof(data)),
		sizeof(data));
	assert_true((!written && counts_from(data, RECONNECT_FIRST)) ||
		    (tried && counts_from(data, WRITTEN)) ||
		    (trouble->restarts && counts_from(data, RESTARTED)));
}

static void note(const struct ecr_sdo *sdo, ecr_time took)
{
	assert_true(took < ECR_S(6));
	failed += sdo->result.error != 0;
	delayed += took > ECR_MS(1);
	if (sdo->result.error)
		assert_int_equal(sdo->result.error, ECR_ERR_NO_RESPONSE);
}

/* Once the slave is back the next transfer works. */
static void assert_next_works(void)
{
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_S(7));
	assert_int_equal(
		talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(90), TALKER_BLOB)
			.error,
		0);
	talker_other_holds(&ring, RECONNECT_MAILBOX, TALKER_BLOB_OBJECT, talker_counting(90),
			   TALKER_BLOB);
}

static void transfer_through(const struct trouble *trouble, ecr_time at, enum ecr_sdo_kind kind)
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
		data[i] = (uint8_t)(WRITTEN + i);
	heal_trouble_after(&ring, at, trouble->sentence);
	asked = ring.now;
	talker_run(&ring, &request, "mailbox");
	note(&request.sdo, ring.now - asked);
	if (kind == ECR_SDO_UPLOAD && !request.sdo.result.error)
		assert_true(counts_from(data, RECONNECT_FIRST));
	assert_holds(trouble, &request.sdo);
	assert_next_works();
	vring_close(&ring);
}

/* Closely while the segments are under way, then here and there. */
static ecr_time step_at(ecr_time at)
{
	return at < MOMENT ? ECR_US(13) : ECR_US(300);
}

static void at_any_instant_of(const struct trouble *trouble)
{
	failed = delayed = 0;
	for (ecr_time at = 0; at < LAST; at += step_at(at)) {
		transfer_through(trouble, at, ECR_SDO_UPLOAD);
		transfer_through(trouble, at, ECR_SDO_DOWNLOAD);
	}
	/* Else nothing was cut. */
	assert_in_range(trouble->survived ? delayed : failed, 10, 40);
	assert_true(!trouble->survived || failed == 0);
}

static void at_any_instant(void **state)
{
	static const struct trouble troubles[] = {
		{ .sentence = "break coupler port 2 for 100ms" },
		{ .sentence = "disconnect mailbox for 2s" },
		{ .sentence = "power-cycle mailbox", .restarts = true },
		{ .sentence = "drop for 2 frames", .survived = true },
		{ .sentence = "lose for 2 frames", .survived = true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		at_any_instant_of(&troubles[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_any_instant),
	};

	return RUN(tests);
}
