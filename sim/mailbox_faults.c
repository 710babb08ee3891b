/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are refused, lost or spoiled, by object and stage of the transfer. */
#include "sim/mailbox.h"

#include "base/le.h"
#include "base/text.h"

/* Offsets in a message. */
enum { AT_TYPE = 5, AT_COE = 6, AT_SERVICE = 7, AT_COMMAND = 8 };

#define TOGGLE 0x10u
#define EMPTY_PADDED_LAST 0x0Fu /* seven bytes unused, last segment */
#define BARE_PAYLOAD 0x03u

static bool concerns(const struct ecr_sim_mailbox_fault *fault, enum ecr_sim_stage stage,
		     uint16_t index, uint8_t subindex)
{
	bool initiation = stage == ECR_SIM_STAGE_UPLOAD || stage == ECR_SIM_STAGE_DOWNLOAD;

	if (fault->stage != stage && !(fault->stage == ECR_SIM_STAGE_REQUEST && initiation))
		return false;
	return !fault->index || (fault->index == index && fault->subindex == subindex);
}

uint32_t sim_mailbox_steps(const struct sim_mailbox *mailbox, enum ecr_sim_stage stage)
{
	if (stage == ECR_SIM_STAGE_REQUEST)
		return mailbox->steps[ECR_SIM_STAGE_UPLOAD] +
		       mailbox->steps[ECR_SIM_STAGE_DOWNLOAD];
	return mailbox->steps[stage];
}

static uint32_t steps_left(const struct sim_mailbox *mailbox, const struct sim_mailbox_rule *rule)
{
	uint32_t steps = sim_mailbox_steps(mailbox, rule->fault.stage);

	return steps < rule->from ? rule->from - steps : 0;
}

/* The first that concerns; it is used up when it is the last time. */
static bool use(struct sim_mailbox *mailbox, bool abort, enum ecr_sim_stage stage, uint16_t index,
		uint8_t subindex, struct ecr_sim_mailbox_fault *found)
{
	for (uint32_t i = 0; i < mailbox->rule_count; i++) {
		struct sim_mailbox_rule *rule = &mailbox->rules[i];

		if ((rule->fault.kind == ECR_SIM_MAILBOX_ABORT) != abort ||
		    steps_left(mailbox, rule) || !concerns(&rule->fault, stage, index, subindex))
			continue;
		*found = rule->fault;
		if (rule->left && !--rule->left)
			mailbox->rules[i] = mailbox->rules[--mailbox->rule_count];
		return true;
	}
	return false;
}

bool sim_mailbox_rule_valid(const struct ecr_sim_mailbox_fault *fault)
{
	return (unsigned int)fault->kind <= ECR_SIM_MAILBOX_SEGMENT_COMMAND &&
	       (unsigned int)fault->stage < SIM_STAGES;
}

bool sim_mailbox_add_rule(struct sim_mailbox *mailbox, const struct ecr_sim_mailbox_fault *fault)
{
	uint32_t at = 0;

	if (!sim_mailbox_rule_valid(fault))
		return false;
	while (at < mailbox->rule_count && (mailbox->rules[at].fault.stage != fault->stage ||
					    mailbox->rules[at].fault.index != fault->index ||
					    mailbox->rules[at].fault.subindex != fault->subindex))
		at++;
	if (at == SIM_MAILBOX_RULES)
		return false;
	mailbox->rules[at] = (struct sim_mailbox_rule){
		*fault, fault->count, sim_mailbox_steps(mailbox, fault->stage) + fault->after
	};
	if (at == mailbox->rule_count)
		mailbox->rule_count++;
	return true;
}

void sim_mailbox_clear_rules(struct sim_mailbox *mailbox)
{
	mailbox->rule_count = 0;
}

const char *sim_mailbox_kind_word(unsigned int kind)
{
	static const char *const words[] = { "abort",	"silence",	  "counter", "toggle",
					     "type",	"service",	  "payload", "command",
					     "padding", "segment-command" };

	return kind < sizeof(words) / sizeof(words[0]) ? words[kind] : NULL;
}

const char *sim_mailbox_stage_word(unsigned int stage)
{
	static const char *const words[] = { "request",	 "upload",	     "upload-segment",
					     "download", "download-segment", "info" };

	return stage < sizeof(words) / sizeof(words[0]) ? words[stage] : NULL;
}

static void describe(const struct sim_mailbox *mailbox, const struct sim_mailbox_rule *rule,
		     const char *slave, struct ecr_text *text)
{
	uint32_t left = steps_left(mailbox, rule);

	ecr_text_string(text, left ? "waiting: mailbox " : "active: mailbox ");
	ecr_text_string(text, sim_mailbox_kind_word(rule->fault.kind));
	ecr_text_char(text, ' ');
	ecr_text_string(text, slave);
	ecr_text_string(text, " in ");
	ecr_text_string(text, sim_mailbox_stage_word(rule->fault.stage));
	if (rule->left) {
		ecr_text_string(text, ", times left ");
		ecr_text_decimal(text, rule->left);
	}
	if (left) {
		ecr_text_string(text, ", after answers ");
		ecr_text_decimal(text, left);
	}
	ecr_text_char(text, '\n');
}

int sim_mailbox_describe(const struct sim_mailbox *mailbox, const char *slave,
			 struct ecr_text *text)
{
	for (uint32_t i = 0; i < mailbox->rule_count; i++)
		describe(mailbox, &mailbox->rules[i], slave, text);
	return (int)mailbox->rule_count;
}

uint32_t sim_mailbox_abort_wanted(struct sim_mailbox *mailbox, enum ecr_sim_stage stage,
				  uint16_t index, uint8_t subindex)
{
	struct ecr_sim_mailbox_fault fault;

	return use(mailbox, true, stage, index, subindex, &fault) ? fault.value : 0;
}

static void shorten(struct sim_mail *mail, uint16_t payload)
{
	mail->length = (uint16_t)(ECR_MAILBOX_HEADER + payload);
	ecr_put_le16(mail->bytes, payload);
}

static void damage(struct sim_mail *mail, const struct ecr_sim_mailbox_fault *fault)
{
	uint8_t *bytes = mail->bytes;

	switch (fault->kind) {
	case ECR_SIM_MAILBOX_COUNTER:
		mail->jumps = true;
		break;
	case ECR_SIM_MAILBOX_TOGGLE:
		bytes[AT_COMMAND] ^= TOGGLE;
		break;
	case ECR_SIM_MAILBOX_TYPE:
		bytes[AT_TYPE] = (uint8_t)((bytes[AT_TYPE] & 0xF0) | (fault->value & 0x0F));
		break;
	case ECR_SIM_MAILBOX_SERVICE:
		bytes[AT_SERVICE] = (uint8_t)((bytes[AT_SERVICE] & 0x0F) | fault->value << 4);
		break;
	case ECR_SIM_MAILBOX_PAYLOAD:
		shorten(mail, 1);
		bytes[AT_COE] = BARE_PAYLOAD;
		break;
	case ECR_SIM_MAILBOX_COMMAND:
		bytes[AT_COMMAND] = (uint8_t)fault->value;
		break;
	case ECR_SIM_MAILBOX_PADDING:
		shorten(mail, 3);
		bytes[AT_COMMAND] = (uint8_t)((bytes[AT_COMMAND] & TOGGLE) | EMPTY_PADDED_LAST);
		break;
	default:
		shorten(mail, 3);
		bytes[AT_COMMAND] = (uint8_t)fault->value;
		break;
	}
}

bool sim_mailbox_spoil(struct sim_mailbox *mailbox, struct sim_mail *mail, enum ecr_sim_stage stage,
		       uint16_t index, uint8_t subindex)
{
	struct ecr_sim_mailbox_fault fault;

	if (!mail->counts || !use(mailbox, false, stage, index, subindex, &fault))
		return true;
	if (fault.kind == ECR_SIM_MAILBOX_NO_ANSWER)
		return false;
	mail->counts = false;
	damage(mail, &fault);
	return true;
}
