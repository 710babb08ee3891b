/* SPDX-License-Identifier: Apache-2.0 */
#include "job/job.h"

#include "base/assert.h"
#include "base/le.h"

#include <string.h>

#define STEPS_PER_ENTRY 64 /* more steps than this without asking or waiting is a loop */

void ecr_runner_init(struct ecr_runner *runner, struct ecr_timer **heap, uint32_t jobs,
		     ecr_time grid)
{
	*runner = (struct ecr_runner){ .grid = grid };
	ecr_timers_init(&runner->timers, heap, jobs);
}

static struct ecr_ask *add_ask(struct ecr_job *job, uint8_t command, uint32_t address,
			       uint16_t length)
{
	struct ecr_ask *ask = &job->asks[job->transaction.count];

	ECR_ASSERT(job->transaction.count < ECR_JOB_ASKS);
	job->transaction.count++;
	*ask = (struct ecr_ask){ .command = command, .address = address, .length = length };
	return ask;
}

void ecr_job_read_to(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length,
		     uint8_t *to)
{
	add_ask(job, command, address, length)->in = to;
}

const uint8_t *ecr_job_read(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length)
{
	uint8_t *to = job->in + job->in_used;

	ECR_ASSERT(length <= ECR_JOB_IN - job->in_used);
	job->in_used = (uint16_t)(job->in_used + length);
	ecr_job_read_to(job, command, address, length, to);
	return to;
}

void ecr_job_write_from(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length,
			const uint8_t *from)
{
	add_ask(job, command, address, length)->out = from;
}

void ecr_job_write_zeros(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length)
{
	add_ask(job, command, address, length);
}

uint8_t *ecr_job_write(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length)
{
	uint8_t *from = job->out + job->out_used;

	ECR_ASSERT(length <= ECR_JOB_OUT - job->out_used);
	job->out_used = (uint16_t)(job->out_used + length);
	memset(from, 0, length);
	add_ask(job, command, address, length)->out = from;
	return from;
}

void ecr_job_write16(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t value)
{
	ecr_put_le16(ecr_job_write(job, command, address, sizeof(value)), value);
}

struct ecr_verdict ecr_ask_read(struct ecr_job *job, uint16_t station, uint16_t offset,
				uint16_t length)
{
	ecr_job_read(job, ECR_CMD_FPRD, ecr_address_station(station, offset), length);
	return ecr_ask();
}

struct ecr_verdict ecr_ask_write16(struct ecr_job *job, uint16_t station, uint16_t offset,
				   uint16_t value)
{
	ecr_job_write16(job, ECR_CMD_FPWR, ecr_address_station(station, offset), value);
	return ecr_ask();
}

static const struct ecr_step *current(const struct ecr_job *job)
{
	return &job->steps[job->step];
}

static void trace(struct ecr_runner *runner, const struct ecr_job *job, const char *what, int error)
{
	if (runner->trace)
		runner->trace(runner->trace_context, job, what, error);
}

static void list(struct ecr_list *to, struct ecr_job *job)
{
	if (job->listed)
		return;
	job->listed = true;
	ecr_list_push(to, &job->ready);
}

static struct ecr_job *unlist(struct ecr_list *from)
{
	struct ecr_link *link = ecr_list_pop(from);
	struct ecr_job *job = link ? ecr_container_of(link, struct ecr_job, ready) : NULL;

	if (job)
		job->listed = false;
	return job;
}

static void enter(struct ecr_runner *runner, struct ecr_job *job, uint8_t step)
{
	job->step = step;
	job->tries = 0;
	job->state = ECR_JOB_READY;
	list(&runner->ready, job);
}

void ecr_job_start(struct ecr_runner *runner, struct ecr_job *job, const struct ecr_step *steps)
{
	ECR_ASSERT(!ecr_job_running(job));
	job->steps = steps;
	job->result = 0;
	job->failed_step = NULL;
	job->child = NULL;
	job->parent = NULL;
	job->generation++;
	enter(runner, job, 0);
}

void ecr_job_cancel(struct ecr_runner *runner, struct ecr_job *job)
{
	if (job->state == ECR_JOB_CALLING)
		ecr_job_cancel(runner, job->child);
	ecr_timer_clear(&runner->timers, &job->timer);
	job->state = ECR_JOB_IDLE;
	job->parent = NULL;
	job->transaction.unwanted = true;
}

const char *ecr_job_step_name(const struct ecr_job *job)
{
	while (job->state == ECR_JOB_CALLING)
		job = job->child;
	return job->steps[job->step].name;
}

void ecr_job_hurry(struct ecr_runner *runner, struct ecr_job *job)
{
	if (job->state == ECR_JOB_WAITING)
		ecr_timer_set(&runner->timers, &job->timer, INT64_MIN);
}

static void send(struct ecr_runner *runner, struct ecr_job *job)
{
	struct ecr_transaction *transaction = &job->transaction;

	ECR_ASSERT(transaction->count > 0 && !transaction->queued);
	transaction->asks = job->asks;
	transaction->class = ECR_RELIABLE;
	transaction->owner = ECR_OWNER_JOB;
	transaction->outcome = ECR_OUTCOME_PENDING;
	transaction->queued = true;
	transaction->unwanted = false;
	transaction->submitted_at = job->now;
	transaction->context = job;
	job->state = ECR_JOB_ASKING;
	ecr_list_push(&runner->outbox, &transaction->link);
}

static void end(struct ecr_runner *runner, struct ecr_job *job, int result)
{
	struct ecr_job *parent = job->parent;

	job->state = ECR_JOB_ENDED;
	job->result = result;
	if (result)
		trace(runner, job, current(job)->name, result);
	if (!parent) {
		list(&runner->ended, job);
		return;
	}
	if (result) {
		parent->failed_step = job->failed_step;
		parent->failed_wkc = job->failed_wkc;
		parent->expected_wkc = job->expected_wkc;
	}
	if (result && !parent->catch)
		end(runner, parent, result);
	else
		enter(runner, parent, parent->next);
}

static void fail(struct ecr_runner *runner, struct ecr_job *job, int error)
{
	job->failed_step = current(job)->name;
	end(runner, job, error);
}

void ecr_job_stop(struct ecr_runner *runner, struct ecr_job *job, int error)
{
	const char *step = ecr_job_step_name(job);

	if (!ecr_job_running(job) || job->listed)
		return;
	ecr_job_cancel(runner, job);
	job->failed_step = step;
	end(runner, job, error);
}

static ecr_time on_grid(const struct ecr_runner *runner, ecr_time at)
{
	return runner->grid ? (at + runner->grid - 1) / runner->grid * runner->grid : at;
}

/* Carries out a verdict; true when the job's next step is to be entered at once. */
static bool obey(struct ecr_runner *runner, struct ecr_job *job, struct ecr_verdict verdict)
{
	switch ((enum ecr_verdict_kind)verdict.kind) {
	case ECR_VERDICT_ASK:
		send(runner, job);
		return false;
	case ECR_VERDICT_WAIT:
		job->state = ECR_JOB_WAITING;
		ecr_timer_set(&runner->timers, &job->timer,
			      on_grid(runner, job->now + verdict.delay));
		return false;
	case ECR_VERDICT_GOTO:
		job->step = verdict.next;
		job->tries = 0;
		return true;
	case ECR_VERDICT_CALL:
		job->state = ECR_JOB_CALLING;
		job->next = verdict.next;
		job->catch = verdict.catch;
		job->child = verdict.child;
		ecr_job_start(runner, verdict.child, verdict.child->steps);
		verdict.child->parent = job;
		verdict.child->subject = job->subject;
		return false;
	case ECR_VERDICT_DONE:
		end(runner, job, 0);
		return false;
	case ECR_VERDICT_FAIL:
		fail(runner, job, verdict.error);
		return false;
	}
	return false;
}

static void run_step(struct ecr_runner *runner, struct ecr_job *job,
		     const struct ecr_answer *answer)
{
	struct ecr_verdict verdict;
	unsigned int entered = 0;

	do {
		ECR_ASSERT(entered++ < STEPS_PER_ENTRY);
		if (!answer) {
			job->transaction.count = 0;
			job->in_used = 0;
			job->out_used = 0;
		}
		runner->steps++;
		if (!answer)
			trace(runner, job, current(job)->name, 0);
		verdict = current(job)->run(job, answer);
		answer = NULL;
	} while (obey(runner, job, verdict));
}

static int outcome_error(uint8_t outcome)
{
	switch (outcome) {
	case ECR_OUTCOME_SEND_FAILED:
		return ECR_ERR_TRANSPORT_UNAVAILABLE;
	case ECR_OUTCOME_TOO_LARGE:
		return ECR_ERR_FRAME_TOO_LARGE;
	case ECR_OUTCOME_CANCELLED:
		return ECR_ERR_CANCELLED;
	default:
		return ECR_ERR_TIMEOUT;
	}
}

/* The error that the counters make for this step; 0 when they are as expected. */
static int check_counters(struct ecr_job *job)
{
	const struct ecr_step *step = current(job);
	uint16_t wanted = step->wkc == ECR_WKC_JOB ? job->wkc : step->wkc;

	if (step->wkc == ECR_WKC_ANY)
		return 0;
	for (uint16_t i = 0; i < job->transaction.count; i++) {
		if (job->asks[i].wkc == wanted)
			continue;
		job->failed_wkc = job->asks[i].wkc;
		job->expected_wkc = wanted;
		return job->asks[i].wkc ? ECR_ERR_UNEXPECTED_WKC : ECR_ERR_NO_RESPONSE;
	}
	return 0;
}

static void lost(struct ecr_runner *runner, struct ecr_job *job, int error)
{
	const struct ecr_step *step = current(job);

	trace(runner, job, step->name, error);
	if (error == ECR_ERR_FRAME_TOO_LARGE || ++job->tries >= (step->tries ? step->tries : 1)) {
		fail(runner, job, error);
	} else if (step->on_loss == ECR_ASK_AGAIN) {
		send(runner, job);
	} else {
		job->step = step->on_loss; /* tries keep counting: a lost step does not retry for
					      ever */
		job->state = ECR_JOB_READY;
		list(&runner->ready, job);
	}
}

void ecr_runner_answer(struct ecr_runner *runner, ecr_time now, struct ecr_transaction *transaction)
{
	struct ecr_job *job = transaction->context;
	struct ecr_answer answer;
	int error;

	transaction->queued = false;
	if (job->state != ECR_JOB_ASKING)
		return;
	job->now = now;
	error = transaction->outcome == ECR_OUTCOME_ANSWERED ? check_counters(job)
							     : outcome_error(transaction->outcome);
	if (error) {
		lost(runner, job, error);
		return;
	}
	job->tries = 0;
	answer = (struct ecr_answer){ job->asks, transaction->count, job->asks[0].in,
				      job->asks[0].wkc };
	run_step(runner, job, &answer);
}

void ecr_runner_run(struct ecr_runner *runner, ecr_time now)
{
	struct ecr_timer *timer;
	struct ecr_job *job;

	while ((timer = ecr_timers_due(&runner->timers, now))) {
		job = ecr_container_of(timer, struct ecr_job, timer);
		job->state = ECR_JOB_READY;
		list(&runner->ready, job);
	}
	while ((job = unlist(&runner->ready))) {
		if (job->state != ECR_JOB_READY)
			continue;
		job->now = now;
		if (job->transaction.queued) {
			/* A cancelled question of the same job is still on the bus: its answer must
			 * come first. */
			ecr_timer_set(&runner->timers, &job->timer,
				      on_grid(runner, now + ECR_US(100)));
			job->state = ECR_JOB_WAITING;
			continue;
		}
		run_step(runner, job, NULL);
	}
}

struct ecr_job *ecr_runner_ended(struct ecr_runner *runner)
{
	struct ecr_job *job;

	while ((job = unlist(&runner->ended))) {
		if (job->state == ECR_JOB_ENDED)
			return job;
		if (job->state == ECR_JOB_READY) /* cancelled meanwhile, and begun anew */
			list(&runner->ready, job);
	}
	return NULL;
}
