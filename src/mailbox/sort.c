/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a message that has come is. Emergencies, fragments of Ethernet and vendors' messages come
 * unasked at any time and are noted; a message with the counter of the one before came twice and is
 * dropped (ETG.1000.4, 6.7.3). Whatever else comes while an answer is awaited is that answer, or
 * breaks the rules.
 */
#include "mailbox/mailbox.h"

#include "base/le.h"
#include "wire/coe.h"

#include <string.h>

void ecr_mailbox_notice(struct ecr_mailbox *mailbox, enum ecr_event_kind kind, const char *text,
			uint32_t expected, uint32_t actual)
{
	struct ecr_event event = { .kind = kind,
				   .slave = (int16_t)mailbox->subject,
				   .domain = -1,
				   .expected = expected,
				   .actual = actual,
				   .text = text };

	if (mailbox->notice)
		mailbox->notice(mailbox->notice_context, &event);
}

static void note_emergency(struct ecr_mailbox *mailbox, ecr_time now,
			   const struct ecr_mailbox_message *message)
{
	struct ecr_coe_emergency from;
	struct ecr_emergency *to =
		&mailbox->emergencies[mailbox->emergency_count % ECR_EMERGENCIES];

	if (!ecr_coe_get_emergency(message, &from)) {
		mailbox->counts.errors++;
		return;
	}
	mailbox->emergency_count++;
	*to = (struct ecr_emergency){ .at = now,
				      .code = from.code,
				      .error_register = from.error_register,
				      .number = (uint32_t)mailbox->emergency_count };
	memcpy(to->data, from.data, sizeof(to->data));
	mailbox->counts.emergencies++;
	ecr_mailbox_notice(mailbox, ECR_EVENT_SLAVE_EMERGENCY, NULL, from.error_register,
			   from.code);
}

/* False: the same message again. */
static bool note_counter(struct ecr_mailbox *mailbox, uint8_t counter)
{
	uint8_t next = (uint8_t)(mailbox->counter_in % 7 + 1);

	if (counter && counter == mailbox->counter_in) {
		mailbox->counts.repeated++;
		return false;
	}
	if (counter && mailbox->counter_in && counter != next) {
		mailbox->counts.jumps++;
		ecr_mailbox_notice(mailbox, ECR_EVENT_MAILBOX_COUNTER_JUMP, "mailbox counter", next,
				   counter);
	}
	mailbox->counter_in = counter;
	return true;
}

static enum ecr_mailbox_sort wrong(struct ecr_mailbox *mailbox, int error, uint32_t wanted,
				   uint32_t actual, int *result)
{
	mailbox->counts.errors++;
	mailbox->wanted = wanted;
	mailbox->actual = actual;
	*result = error;
	/* Nobody waits for it: noted is enough. */
	return mailbox->kind == ECR_EXCHANGE_DRAIN || !mailbox->sent ? ECR_MAILBOX_ASIDE
								     : ECR_MAILBOX_WRONG;
}

static enum ecr_mailbox_sort aside(struct ecr_mailbox *mailbox, const char *what)
{
	mailbox->counts.aside++;
	ecr_mailbox_notice(mailbox, ECR_EVENT_MAILBOX_ASIDE, what, mailbox->expected,
			   mailbox->message.type);
	return ECR_MAILBOX_ASIDE;
}

static enum ecr_mailbox_sort sort_coe(struct ecr_mailbox *mailbox, ecr_time now, int *error)
{
	const struct ecr_mailbox_message *message = &mailbox->message;

	if (message->length < 2)
		return wrong(mailbox, ECR_ERR_INVALID_COE_RESPONSE, 2, message->length, error);
	if (ecr_coe_service(message) == ECR_COE_EMERGENCY) {
		note_emergency(mailbox, now, message);
		return ECR_MAILBOX_ASIDE;
	}
	if (!mailbox->sent || mailbox->kind == ECR_EXCHANGE_DRAIN) {
		mailbox->unsure |= mailbox->strange; /* there may be more of before */
		return aside(mailbox, "stale answer");
	}
	if (mailbox->expected != ECR_MAILBOX_COE)
		return aside(mailbox, "CoE");
	return ECR_MAILBOX_ANSWER;
}

static enum ecr_mailbox_sort sort_error(struct ecr_mailbox *mailbox, int *error)
{
	const struct ecr_mailbox_message *message = &mailbox->message;

	return wrong(mailbox, ECR_ERR_MAILBOX_ERROR, 0,
		     message->length >= 4 ? ecr_le16(message->data + 2) : 0, error);
}

enum ecr_mailbox_sort ecr_mailbox_sort(struct ecr_mailbox *mailbox, ecr_time now, int *error)
{
	struct ecr_mailbox_message *message = &mailbox->message;
	uint16_t size = mailbox->area.send_size;

	*error = 0;
	mailbox->counts.received++;
	if (!ecr_mailbox_get(mailbox->in, size, message))
		return size < ECR_MAILBOX_HEADER
			       ? wrong(mailbox, ECR_ERR_INVALID_MAILBOX_RESPONSE,
				       ECR_MAILBOX_HEADER, size, error)
			       : wrong(mailbox, ECR_ERR_TRUNCATED_MAILBOX_RESPONSE,
				       size - ECR_MAILBOX_HEADER, ecr_le16(mailbox->in), error);
	if (!note_counter(mailbox, message->counter))
		return ECR_MAILBOX_ASIDE;
	switch (message->type) {
	case ECR_MAILBOX_COE:
		return sort_coe(mailbox, now, error);
	case ECR_MAILBOX_ERROR:
		return sort_error(mailbox, error);
	case ECR_MAILBOX_EOE:
		return aside(mailbox, "EoE");
	case ECR_MAILBOX_VOE:
		return aside(mailbox, "VoE");
	default:
		break;
	}
	if (!mailbox->sent || mailbox->kind == ECR_EXCHANGE_DRAIN)
		return aside(mailbox, "stale answer");
	if (message->type != mailbox->expected)
		return wrong(mailbox, ECR_ERR_UNEXPECTED_MAILBOX_TYPE, mailbox->expected,
			     message->type, error);
	return ECR_MAILBOX_ANSWER;
}
