/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversations. A conversation is a table of steps; a step is one question to the bus. Its
 * function is entered without an answer ("what do I ask?") and with a good one ("what does it
 * mean?") and returns a verdict. The runner owns loss, retry, working counter, waiting, nesting and
 * trace, so that no step can forget them.
 */
#ifndef ECR_JOB_JOB_H
#define ECR_JOB_JOB_H

#include "base/container.h"
#include "job/timers.h"
#include "job/transaction.h"

#include <ecring/error.h>

struct ecr_job;

/* A good answer: every datagram came back with the step's working counter. */
struct ecr_answer {
	const struct ecr_ask *asks;
	uint16_t count;
	const uint8_t *data; /* of the first datagram */
	uint16_t wkc;	     /* of the first datagram */
};

enum ecr_verdict_kind {
	ECR_VERDICT_ASK,
	ECR_VERDICT_WAIT,
	ECR_VERDICT_GOTO,
	ECR_VERDICT_CALL,
	ECR_VERDICT_DONE,
	ECR_VERDICT_FAIL,
};

struct ecr_verdict {
	uint8_t kind;
	uint8_t next;	/* GOTO and CALL: the step that follows */
	bool catch;	/* CALL: go on even when the child failed; its result is in child->result */
	int error;	/* FAIL */
	ecr_time delay; /* WAIT: then the same step is entered without an answer */
	struct ecr_job *child; /* CALL */
};

#define ECR_WKC_ANY 0xFFFFu /* the step itself judges the counter */
#define ECR_WKC_JOB 0xFFFEu /* job->wkc, known at run time only */
#define ECR_ASK_AGAIN 0xFFu /* a loss: the question is idempotent and simply asked again */

struct ecr_step {
	const char *name; /* "al.poll": shows in traces and failures */
	struct ecr_verdict (*run)(struct ecr_job *job, const struct ecr_answer *answer);
	uint16_t wkc;	 /* what every datagram must come back with */
	uint8_t tries;	 /* how often it is asked before it fails; 0 is 1 */
	uint8_t on_loss; /* ECR_ASK_AGAIN, or the step to go to after a loss */
};

#define ECR_JOB_ASKS 16
#define ECR_JOB_OUT 256 /* bytes that all questions of a step may send */
#define ECR_JOB_IN 64	/* bytes that all answers of a step may bring into the job's own buffer */

enum ecr_job_state {
	ECR_JOB_IDLE,
	ECR_JOB_READY,
	ECR_JOB_ASKING,
	ECR_JOB_WAITING,
	ECR_JOB_CALLING,
	ECR_JOB_ENDED
};

struct ecr_runner;

struct ecr_job {
	struct ecr_transaction transaction;
	struct ecr_link ready; /* link in the runner's ready or ended list */
	struct ecr_timer timer;
	const struct ecr_step *steps;
	struct ecr_job *parent;
	struct ecr_job *child;
	ecr_time now;  /* at entry of the step */
	uint8_t state; /* enum ecr_job_state */
	uint8_t step;
	uint8_t next; /* after a child */
	uint8_t tries;
	bool catch;
	bool listed;  /* in the runner's ready or ended list */
	uint16_t wkc; /* for ECR_WKC_JOB */
	int result;   /* when ended: 0 or the error */
	const char
		*failed_step; /* when ended with an error: the step's name, of the innermost job */
	uint16_t failed_wkc;  /* what counter came, for UNEXPECTED_WKC */
	uint16_t expected_wkc;
	uint32_t generation; /* counts starts, to tell an old answer */
	void *context;	     /* whose conversation: for the master */
	int subject;	     /* index of the slave it is about, -1 none */
	struct ecr_ask asks[ECR_JOB_ASKS];
	uint16_t in_used;
	uint16_t out_used;
	uint8_t out[ECR_JOB_OUT];
	uint8_t in[ECR_JOB_IN];
};

/* Verdicts. */
static inline struct ecr_verdict ecr_done(void)
{
	return (struct ecr_verdict){ .kind = ECR_VERDICT_DONE };
}

static inline struct ecr_verdict ecr_fail(int error)
{
	return (struct ecr_verdict){ .kind = ECR_VERDICT_FAIL, .error = error };
}

static inline struct ecr_verdict ecr_goto(uint8_t step)
{
	return (struct ecr_verdict){ .kind = ECR_VERDICT_GOTO, .next = step };
}

static inline struct ecr_verdict ecr_wait(ecr_time delay)
{
	return (struct ecr_verdict){ .kind = ECR_VERDICT_WAIT, .delay = delay };
}

static inline struct ecr_verdict ecr_call(struct ecr_job *child, uint8_t next)
{
	return (struct ecr_verdict){ .kind = ECR_VERDICT_CALL, .child = child, .next = next };
}

static inline struct ecr_verdict ecr_try(struct ecr_job *child, uint8_t next)
{
	return (struct ecr_verdict){
		.kind = ECR_VERDICT_CALL, .child = child, .next = next, .catch = true
	};
}

static inline struct ecr_verdict ecr_ask(void)
{
	return (struct ecr_verdict){ .kind = ECR_VERDICT_ASK };
}

/*
 * Questions: each adds a datagram to the step's question. The answer's data land in the job's own
 * buffer and are seen through ecr_answer. Reads return where.
 */
const uint8_t *ecr_job_read(struct ecr_job *job, uint8_t command, uint32_t address,
			    uint16_t length);
void ecr_job_read_to(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length,
		     uint8_t *to);
/* Returns the zeroed bytes to fill. */
uint8_t *ecr_job_write(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length);
void ecr_job_write16(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t value);

/* Data that are not in the job's own buffer: they must stay until the answer. */
void ecr_job_write_from(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length,
			const uint8_t *from);
void ecr_job_write_zeros(struct ecr_job *job, uint8_t command, uint32_t address, uint16_t length);

/* The frequent cases, as whole verdicts. */
struct ecr_verdict ecr_ask_read(struct ecr_job *job, uint16_t station, uint16_t offset,
				uint16_t length);
struct ecr_verdict ecr_ask_write16(struct ecr_job *job, uint16_t station, uint16_t offset,
				   uint16_t value);

struct ecr_runner {
	struct ecr_list ready;	/* jobs whose step is to be entered */
	struct ecr_list ended;	/* jobs without parent that have ended, for the owner to collect */
	struct ecr_list outbox; /* transactions for the bus */
	struct ecr_timers timers;
	ecr_time grid;	/* waits end on multiples of this, so that many of them share frames */
	uint64_t steps; /* entered in all */
	/* Trace: every entry and every failure of a step; NULL: none. */
	void (*trace)(void *context, const struct ecr_job *job, const char *what, int error);
	void *trace_context;
};

void ecr_runner_init(struct ecr_runner *runner, struct ecr_timer **heap, uint32_t jobs,
		     ecr_time grid);
/* Begins a conversation at its first step. The job must be idle or ended. */
void ecr_job_start(struct ecr_runner *runner, struct ecr_job *job, const struct ecr_step *steps);
/* Ends it and its children at once without result; a question under way is forgotten when its
 * answer comes. */
void ecr_job_cancel(struct ecr_runner *runner, struct ecr_job *job);
/* Ends it with this error, where it is; one whose step is just about to be entered goes on, and is told again. */
void ecr_job_stop(struct ecr_runner *runner, struct ecr_job *job, int error);
/* What waits goes on now. */
void ecr_job_hurry(struct ecr_runner *runner, struct ecr_job *job);
/* What it is at, or was when it ended: the step's name, of the innermost job. */
const char *ecr_job_step_name(const struct ecr_job *job);
static inline bool ecr_job_running(const struct ecr_job *job)
{
	return job->state != ECR_JOB_IDLE && job->state != ECR_JOB_ENDED;
}

/* The bus has finished a transaction of owner ECR_OWNER_JOB. */
void ecr_runner_answer(struct ecr_runner *runner, ecr_time now,
		       struct ecr_transaction *transaction);
/* Runs everything that is due at `now`. */
void ecr_runner_run(struct ecr_runner *runner, ecr_time now);
static inline ecr_time ecr_runner_wake(const struct ecr_runner *runner)
{
	return ecr_list_empty(&runner->ready) ? ecr_timers_next(&runner->timers) : INT64_MIN;
}

/* Nothing is due, has ended or is to be sent. */
static inline bool ecr_runner_rests(const struct ecr_runner *runner, ecr_time now)
{
	return ecr_runner_wake(runner) > now && ecr_list_empty(&runner->ended) &&
	       ecr_list_empty(&runner->outbox);
}

/* Next ended conversation, NULL when none; one that was cancelled after its end is none. */
struct ecr_job *ecr_runner_ended(struct ecr_runner *runner);

#endif
