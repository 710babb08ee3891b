/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slave's mailbox (ETG.1000.4, 5.6; ETG.1000.6, 5.2): one message there and one back, with the
 * repeat mechanism that makes up for lost frames, so that no service is carried out twice; messages
 * that nobody asked for are sorted out on the way. One message there and one back are held: what is
 * to be sent is built in `out`, what came is found in `in`.
 */
#ifndef ECR_MAILBOX_MAILBOX_H
#define ECR_MAILBOX_MAILBOX_H

#include "job/job.h"
#include "wire/mailbox.h"
#include "wire/sii.h"

#include <ecring/coe.h>
#include <ecring/event.h>

#define ECR_MAILBOX_TIMEOUT_NS ECR_S(1)
#define ECR_EMERGENCIES 16 /* kept per slave */

/* What an exchange is to do. */
enum ecr_exchange_kind {
	ECR_EXCHANGE_ASK,     /* send the frame and bring the answer */
	ECR_EXCHANGE_TELL,    /* send the frame, expect nothing */
	ECR_EXCHANGE_RECEIVE, /* bring one more message of the answer under way */
	ECR_EXCHANGE_DRAIN, /* take and sort out what has come by itself, until there is no more, or
			       it does not end */
};

/* The status of SyncManager 1 as it comes with the slave's inputs. */
struct ecr_mail_status {
	bool mapped;
	bool always;		     /* however slow the cycle is, an answer is waited for there */
	uint32_t offset;	     /* in the image */
	const uint8_t *const *image; /* of the domain, as of its last valid cycle */
	const ecr_time *refreshed;   /* when this part of it came */
	const ecr_time *since; /* when the slave took part first; ECR_NEVER: it does not now */
	const ecr_time *period;
	ecr_time seen;	   /* what came then is known */
	ecr_time heard_at; /* when a status was known last, from wherever */
	ecr_time asked_at; /* and when it was asked for */
};

struct ecr_mailbox {
	struct ecr_job job; /* the exchange */
	struct ecr_mail_status status;
	uint16_t station;
	struct ecr_sii_mailbox area;
	uint8_t *out;
	uint8_t *in;
	uint16_t room;	     /* of each */
	uint16_t length;     /* of the message to send, header included */
	uint8_t counter_out; /* of the last message that was to be sent; 0: none yet */
	uint8_t counter_in;  /* of the last message taken; 0: none yet */
	uint8_t kind;	     /* enum ecr_exchange_kind */
	uint8_t expected;    /* type of the answer, enum ecr_mailbox_type */
	uint8_t drained;     /* messages, by a DRAIN */
	bool fresh;	     /* since bring-up nobody has looked into SyncManager 1 */
	bool strange;	     /* since bring-up no request has had its answer */
	bool reading;	     /* a read is under way, or was given up */
	bool torn;	     /* a read was lost: what it took out comes again when asked for */
	bool vacant;	     /* nothing of ours lies in SyncManager 0: the last message was taken */
	bool counted;	     /* the message has its counter */
	bool sent;
	bool paused;
	uint8_t repeat; /* SM1's activate byte as it is to become */
	ecr_time timeout;
	ecr_time deadline;
	struct ecr_mailbox_message message; /* the answer, as found in `in` */
	/* A request's answer may still come: the next one is told from it by a marker (sdo.c). */
	bool unsure;
	uint16_t unsure_index;
	uint8_t marker; /* changes with each, so that the markers are told from one another */
	bool no_complete_access;  /* found out: the slave refuses it, until the next bring-up; */
	bool mute_to_complete;	  /* or does not answer it, for as long as it is the same device */
	bool complete_unanswered; /* the last time it was tried: does the mailbox answer at all? */
	uint32_t actual;	  /* what came instead, for the failure */
	uint32_t wanted;
	struct ecr_mailbox_counts counts;
	struct ecr_emergency
		emergencies[ECR_EMERGENCIES]; /* a ring, the last at emergency_count - 1 */
	uint64_t emergency_count;
	void (*notice)(void *context, const struct ecr_event *event);
	void *notice_context;
	int subject; /* index of the slave, for notices */
};

extern const struct ecr_step ecr_exchange_steps[];

/* After bring-up: counters begin anew, and nothing is left from before. */
void ecr_mailbox_reset(struct ecr_mailbox *mailbox, uint16_t station,
		       const struct ecr_sii_mailbox *area);
static inline bool ecr_mailbox_usable(const struct ecr_mailbox *mailbox)
{
	return mailbox->area.receive_size && mailbox->area.send_size;
}
/* No question of a cancelled exchange is still on its way with our buffers. */
static inline bool ecr_mailbox_free(const struct ecr_mailbox *mailbox)
{
	return !mailbox->job.transaction.queued;
}

/* The answer to what was sent last is here, beyond doubt. */
static inline void ecr_mailbox_sure(struct ecr_mailbox *mailbox)
{
	mailbox->unsure = false;
	mailbox->strange = false;
	mailbox->vacant = true;
}

/* Prepares the child conversation. ASK and TELL: `length` bytes of `out` are the message with
 * its header but for the counter, which is put in when it is sent. */
struct ecr_job *ecr_mailbox_exchange(struct ecr_mailbox *mailbox, enum ecr_exchange_kind kind,
				     size_t length);

/* What a message that has come is (sort.c). */
enum ecr_mailbox_sort {
	ECR_MAILBOX_ANSWER, /* the answer waited for: in mailbox->message */
	ECR_MAILBOX_ASIDE,  /* something else, noted: go on waiting */
	ECR_MAILBOX_WRONG,  /* an answer that breaks the rules: the error is in *error */
};

/* The status that has come with the inputs since the last look; NULL: none. */
const uint8_t *ecr_mailbox_news(struct ecr_mail_status *status);
/* Where it comes with the inputs, an exchange has seen it lately. */
bool ecr_mailbox_heard(const struct ecr_mail_status *status, ecr_time now);

enum ecr_mailbox_sort ecr_mailbox_sort(struct ecr_mailbox *mailbox, ecr_time now, int *error);
void ecr_mailbox_notice(struct ecr_mailbox *mailbox, enum ecr_event_kind kind, const char *text,
			uint32_t expected, uint32_t actual);

#endif
