/* SPDX-License-Identifier: Apache-2.0 */
/* How long a slave may take for each step from one AL state to the next. */
#include "slave/slave.h"
#include "support/check.h"

static void assert_timeouts(const struct ecr_al_timeouts *timeouts, const int32_t ms[6])
{
	static const enum ecr_al_state steps[6][2] = {
		{ ECR_AL_INIT, ECR_AL_PREOP },	 { ECR_AL_INIT, ECR_AL_BOOT },
		{ ECR_AL_PREOP, ECR_AL_SAFEOP }, { ECR_AL_SAFEOP, ECR_AL_OP },
		{ ECR_AL_PREOP, ECR_AL_INIT },	 { ECR_AL_OP, ECR_AL_SAFEOP },
	};

	for (int i = 0; i < 6; i++)
		assert_int_equal(ecr_slave_al_timeout(timeouts, steps[i][0], steps[i][1]),
				 ECR_MS(ms[i]));
}

/* As the configuration's header promises. */
static void each_step_has_its_time_out(void **state)
{
	static const struct ecr_al_timeouts given = { .to_preop_ms = 1,
						      .to_safeop_ms = 2,
						      .to_op_ms = 3,
						      .to_init_ms = 4,
						      .back_to_safeop_ms = 5 };

	(void)state;
	assert_timeouts(&(struct ecr_al_timeouts){ 0 },
			(const int32_t[]){ 3000, 3000, 10000, 10000, 5000, 200 });
	assert_timeouts(&given, (const int32_t[]){ 1, 1, 2, 3, 4, 5 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_has_its_time_out),
	};

	return RUN(tests);
}
