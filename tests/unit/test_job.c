/* SPDX-License-Identifier: Apache-2.0 */
/* The step runner alone: what becomes of questions, losses, counters, waits, children, and the timers under it. */
#include "support/check.h"

#include "base/prng.h"
#include "job/job.h"
#include "wire/registers.h"

#include <stdio.h>
#include <string.h>

#define GRID ECR_US(250)

enum { ONE, TWO, THREE };

static struct ecr_runner runner;
static struct ecr_timer *heap[16];
static struct ecr_job job;
static struct ecr_job child;
static ecr_time now;
static char story[512]; /* entries of steps and their answers, in order */

static void tell(const char *what)
{
	size_t used = strlen(story);

	snprintf(story + used, sizeof(story) - used, "%s%s", used ? " " : "", what);
}

static int begin(void **state)
{
	(void)state;
	memset(&job, 0, sizeof(job));
	memset(&child, 0, sizeof(child));
	memset(heap, 0, sizeof(heap));
	story[0] = '\0';
	now = ECR_S(1) + 1;
	ecr_runner_init(&runner, heap, 16, GRID);
	return 0;
}

static void run(void)
{
	ecr_runner_run(&runner, now);
}

/* The question that is on its way to the bus; NULL none. */
static struct ecr_transaction *question(void)
{
	struct ecr_link *link = ecr_list_pop(&runner.outbox);

	return link ? ecr_container_of(link, struct ecr_transaction, link) : NULL;
}

static void bring_back(struct ecr_transaction *transaction, enum ecr_outcome outcome, uint16_t wkc)
{
	assert_non_null(transaction);
	transaction->outcome = (uint8_t)outcome;
	for (uint16_t i = 0; i < transaction->count; i++)
		transaction->asks[i].wkc = wkc;
	ecr_runner_answer(&runner, now, transaction);
	run();
}

static void answer(uint16_t wkc)
{
	bring_back(question(), ECR_OUTCOME_ANSWERED, wkc);
}

static void lose(void)
{
	bring_back(question(), ECR_OUTCOME_TIMEOUT, 0);
}

static void ends(int result, const char *step)
{
	assert_ptr_equal(ecr_runner_ended(&runner), &job);
	assert_null(ecr_runner_ended(&runner));
	assert_false(ecr_job_running(&job));
	assert_int_equal(job.result, result);
	if (step)
		assert_string_equal(job.failed_step, step);
	else
		assert_null(job.failed_step);
}

static struct ecr_verdict ask_one(struct ecr_job *of, const struct ecr_answer *got)
{
	tell(got ? "1!" : "1?");
	return got ? ecr_goto(TWO) : ecr_ask_read(of, 0x1000, ECR_REG_AL_STATUS, 2);
}

static struct ecr_verdict ask_two(struct ecr_job *of, const struct ecr_answer *got)
{
	tell(got ? "2!" : "2?");
	return got ? ecr_done() : ecr_ask_write16(of, 0x1000, ECR_REG_AL_CONTROL, 2);
}

static struct ecr_verdict again(struct ecr_job *of, const struct ecr_answer *got)
{
	(void)of;
	(void)got;
	tell("back");
	return ecr_goto(ONE);
}

static const struct ecr_step two_questions[] = {
	[ONE] = { "t.one", ask_one, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
	[TWO] = { "t.two", ask_two, .wkc = 1, .tries = 3, .on_loss = THREE },
	[THREE] = { "t.three", again },
};

static void questions_are_asked_and_answered_in_turn(void **state)
{
	struct ecr_transaction *first;

	(void)state;
	ecr_job_start(&runner, &job, two_questions);
	assert_string_equal(story, "");
	run();
	first = question();
	assert_null(question());
	assert_int_equal(first->count, 1);
	assert_int_equal(first->class, ECR_RELIABLE);
	assert_int_equal(first->asks[0].command, ECR_CMD_FPRD);
	bring_back(first, ECR_OUTCOME_ANSWERED, 1);
	answer(1);
	assert_string_equal(story, "1? 1! 2? 2!");
	ends(0, NULL);
	assert_null(question());
	assert_int_equal(ecr_runner_wake(&runner), ECR_NEVER);
}

/* The same question, not the step entered anew: it may have side effects of its own. */
static void a_lost_question_is_asked_again_as_often_as_its_step_says(void **state)
{
	(void)state;
	ecr_job_start(&runner, &job, two_questions);
	run();
	lose();
	lose();
	answer(1);
	assert_string_equal(story, "1? 1! 2?");
	begin(state);
	ecr_job_start(&runner, &job, two_questions);
	run();
	lose();
	lose();
	lose();
	assert_string_equal(story, "1?");
	ends(ECR_ERR_TIMEOUT, "t.one");
}

static void a_loss_may_lead_to_another_step(void **state)
{
	(void)state;
	ecr_job_start(&runner, &job, two_questions);
	run();
	answer(1);
	lose();
	assert_string_equal(story, "1? 1! 2? back 1?");
	answer(1);
	answer(1);
	ends(0, NULL);
}

static void a_wrong_counter_is_a_loss_that_says_what_came(void **state)
{
	(void)state;
	ecr_job_start(&runner, &job, two_questions);
	run();
	for (int i = 0; i < 3; i++)
		answer(2);
	ends(ECR_ERR_UNEXPECTED_WKC, "t.one");
	assert_int_equal(job.failed_wkc, 2);
	assert_int_equal(job.expected_wkc, 1);
	ecr_job_start(&runner, &job, two_questions);
	run();
	for (int i = 0; i < 3; i++)
		answer(0);
	ends(ECR_ERR_NO_RESPONSE, "t.one");
}

static struct ecr_verdict ask_all(struct ecr_job *of, const struct ecr_answer *got)
{
	if (got)
		return ecr_done();
	ecr_job_read(of, ECR_CMD_BRD, ecr_address_all(0), 1);
	ecr_job_read(of, ECR_CMD_BRD, ecr_address_all(ECR_REG_AL_STATUS), 2);
	return ecr_ask();
}

static void counters_may_be_the_jobs_own_or_the_steps_to_judge(void **state)
{
	static const struct ecr_step of_job[] = { { "t.job", ask_all, .wkc = ECR_WKC_JOB } };
	static const struct ecr_step any[] = { { "t.any", ask_all, .wkc = ECR_WKC_ANY } };

	(void)state;
	job.wkc = 7;
	ecr_job_start(&runner, &job, of_job);
	run();
	answer(7);
	ends(0, NULL);
	ecr_job_start(&runner, &job, of_job);
	run();
	answer(6);
	ends(ECR_ERR_UNEXPECTED_WKC, "t.job"); /* tries not said: one */
	ecr_job_start(&runner, &job, any);
	run();
	answer(0);
	ends(0, NULL);
}

/* Every datagram of a question must be answered well. */
static void one_bad_counter_of_two_is_a_loss(void **state)
{
	static const struct ecr_step both[] = { { "t.both", ask_all, .wkc = 3 } };
	struct ecr_transaction *asked;

	(void)state;
	ecr_job_start(&runner, &job, both);
	run();
	asked = question();
	assert_int_equal(asked->count, 2);
	asked->outcome = ECR_OUTCOME_ANSWERED;
	asked->asks[0].wkc = 3;
	asked->asks[1].wkc = 2;
	ecr_runner_answer(&runner, now, asked);
	ends(ECR_ERR_UNEXPECTED_WKC, "t.both");
	assert_int_equal(job.failed_wkc, 2);
}

static void what_will_never_fit_is_not_asked_again(void **state)
{
	(void)state;
	ecr_job_start(&runner, &job, two_questions);
	run();
	bring_back(question(), ECR_OUTCOME_TOO_LARGE, 0);
	ends(ECR_ERR_FRAME_TOO_LARGE, "t.one");
}

static int waits;

static struct ecr_verdict wait_once(struct ecr_job *of, const struct ecr_answer *got)
{
	(void)of;
	(void)got;
	return waits++ ? ecr_done() : ecr_wait(ECR_MS(1));
}

static const struct ecr_step waiting[] = { [ONE] = { "t.wait", .run = wait_once } };

/* On a common grid, never early. */
static void waits_end_together(void **state)
{
	ecr_time end;

	(void)state;
	waits = 0;
	ecr_job_start(&runner, &job, waiting);
	run();
	end = ecr_runner_wake(&runner);
	assert_in_range(end, now + ECR_MS(1), now + ECR_MS(1) + GRID - 1);
	assert_int_equal(end % GRID, 0);
	now = end - 1;
	run();
	assert_true(ecr_job_running(&job));
	now = end;
	run();
	ends(0, NULL);
}

static void a_wait_can_be_cut_short(void **state)
{
	(void)state;
	waits = 0;
	ecr_job_start(&runner, &job, waiting);
	run();
	ecr_job_hurry(&runner, &job);
	run();
	ends(0, NULL);
	ecr_job_hurry(&runner, &job); /* nothing waits: nothing happens */
	run();
	assert_false(ecr_job_running(&job));
	assert_int_equal(ecr_runner_wake(&runner), ECR_NEVER);
}

static struct ecr_verdict calls(struct ecr_job *of, const struct ecr_answer *got)
{
	(void)of;
	(void)got;
	child.steps = two_questions;
	tell("call");
	return ecr_call(&child, TWO);
}

static struct ecr_verdict tries(struct ecr_job *of, const struct ecr_answer *got)
{
	(void)of;
	(void)got;
	child.steps = two_questions;
	return ecr_try(&child, TWO);
}

static struct ecr_verdict after_child(struct ecr_job *of, const struct ecr_answer *got)
{
	(void)of;
	(void)got;
	tell(child.result ? "failed" : "well");
	return ecr_done();
}

static const struct ecr_step calling[] = {
	[ONE] = { "t.call", calls },
	[TWO] = { "t.after", after_child },
};
static const struct ecr_step trying[] = {
	[ONE] = { "t.try", tries },
	[TWO] = { "t.after", after_child },
};

static void a_child_conversation_comes_back_to_its_parent(void **state)
{
	(void)state;
	job.subject = 5;
	ecr_job_start(&runner, &job, calling);
	run();
	answer(1);
	answer(1);
	assert_string_equal(story, "call 1? 1! 2? 2! well");
	assert_int_equal(child.subject, 5);
	ends(0, NULL);
}

/* The parent knows which question of whom it was. */
static void a_childs_failure_is_its_parents(void **state)
{
	(void)state;
	ecr_job_start(&runner, &job, calling);
	run();
	for (int i = 0; i < 3; i++)
		answer(4);
	assert_string_equal(story, "call 1?");
	ends(ECR_ERR_UNEXPECTED_WKC, "t.one");
	assert_int_equal(job.failed_wkc, 4);
}

static void a_tried_childs_failure_is_looked_at(void **state)
{
	(void)state;
	ecr_job_start(&runner, &job, trying);
	run();
	for (int i = 0; i < 3; i++)
		lose();
	assert_string_equal(story, "1? failed");
	assert_int_equal(child.result, ECR_ERR_TIMEOUT);
	assert_ptr_equal(ecr_runner_ended(&runner), &job);
	assert_int_equal(job.result, 0);
}

/* The old answer is nobody's, and the new question waits until the bus has given the old one back. */
static void a_cancelled_question_is_forgotten(void **state)
{
	struct ecr_transaction *old;

	(void)state;
	ecr_job_start(&runner, &job, calling);
	run();
	old = question();
	assert_false(old->unwanted);
	ecr_job_cancel(&runner, &job);
	assert_true(old->unwanted);
	assert_false(ecr_job_running(&job) || ecr_job_running(&child));
	ecr_job_start(&runner, &job, calling);
	run();
	assert_null(question());
	bring_back(old, ECR_OUTCOME_ANSWERED, 1);
	assert_string_equal(story, "call 1? call");
	now = ecr_runner_wake(&runner);
	run();
	answer(1);
	answer(1);
	assert_string_equal(story, "call 1? call 1? 1! 2? 2! well");
	ends(0, NULL);
}

static void traced(void *context, const struct ecr_job *of, const char *what, int error)
{
	char line[40];

	(void)context;
	(void)of;
	snprintf(line, sizeof(line), error ? "%s=%s" : "%s", what,
		 error ? ecr_error_name(error) : "");
	tell(line);
}

static void every_entry_and_failure_can_be_traced(void **state)
{
	static const struct ecr_step quiet[] = { { "t.all", ask_all, .wkc = 1, .tries = 2,
						   .on_loss = ECR_ASK_AGAIN } };

	(void)state;
	runner.trace = traced;
	ecr_job_start(&runner, &job, quiet);
	run();
	lose();
	lose();
	assert_string_equal(story, "t.all t.all=timeout t.all=timeout t.all=timeout");
	runner.trace = NULL;
}

/* Against plain search: earliest first, equal times in the order in which they were set. */
static void timers_ring_in_order(void **state)
{
	static struct ecr_timer timers[40];
	static struct ecr_timer *room[40];
	struct ecr_timers wheel;
	struct ecr_prng prng = { 3 };

	(void)state;
	ecr_timers_init(&wheel, room, 40);
	for (int round = 0; round < 200; round++) {
		struct ecr_timer *rung;
		struct ecr_timer *before = NULL;

		for (int i = 0; i < 40; i++)
			ecr_timer_set(&wheel, &timers[i], ecr_prng_below(&prng, 20));
		for (int i = 0; i < 10; i++)
			ecr_timer_clear(&wheel, &timers[ecr_prng_below(&prng, 40)]);
		for (int i = 0; i < 10; i++)
			ecr_timer_set(&wheel, &timers[ecr_prng_below(&prng, 40)],
				      ecr_prng_below(&prng, 20));
		assert_null(ecr_timers_due(&wheel, -1));
		while ((rung = ecr_timers_due(&wheel, 10))) {
			assert_true(rung->at <= 10);
			if (before)
				assert_true(before->at < rung->at || (before->at == rung->at &&
								      before->order < rung->order));
			before = rung;
		}
		assert_true(ecr_timers_next(&wheel) > 10);
		for (int i = 0; i < 40; i++)
			assert_true(!timers[i].slot || timers[i].at > 10);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(questions_are_asked_and_answered_in_turn),
		TEST(a_lost_question_is_asked_again_as_often_as_its_step_says),
		TEST(a_loss_may_lead_to_another_step),
		TEST(a_wrong_counter_is_a_loss_that_says_what_came),
		TEST(counters_may_be_the_jobs_own_or_the_steps_to_judge),
		TEST(one_bad_counter_of_two_is_a_loss),
		TEST(what_will_never_fit_is_not_asked_again),
		TEST(waits_end_together),
		TEST(a_wait_can_be_cut_short),
		TEST(a_child_conversation_comes_back_to_its_parent),
		TEST(a_childs_failure_is_its_parents),
		TEST(a_tried_childs_failure_is_looked_at),
		TEST(a_cancelled_question_is_forgotten),
		TEST(every_entry_and_failure_can_be_traced),
		TEST(timers_ring_in_order),
	};

	return RUN(tests);
}
