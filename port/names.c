/* SPDX-License-Identifier: Apache-2.0 */
/* Names and sentences for the numbers of the public headers. */
#include <ecring/ecring.h>

static const struct {
	int code;
	const char *name;
	const char *text;
	const char *hint;
} errors[] = {
#define ECR_ERROR_ROW(symbol, name, text, hint) { ECR_ERR_##symbol, name, text, hint },
	ECR_ERRORS(ECR_ERROR_ROW)
#undef ECR_ERROR_ROW
};

static int row_of(int error)
{
	const int count = (int)(sizeof(errors) / sizeof(errors[0]));

	return error >= errors[0].code && error < errors[0].code + count ? error - errors[0].code
									 : -1;
}

const char *ecr_error_name(int error)
{
	if (!error)
		return "ok";
	return row_of(error) < 0 ? "unknown" : errors[row_of(error)].name;
}

const char *ecr_error_text(int error)
{
	if (!error)
		return "no error";
	return row_of(error) < 0 ? "an unknown error" : errors[row_of(error)].text;
}

const char *ecr_error_hint(int error)
{
	return row_of(error) < 0 ? "nothing needs to be done" : errors[row_of(error)].hint;
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *pick(const char *const *names, size_t count, size_t number)
{
	return number < count && names[number] ? names[number] : "?";
}

const char *ecr_event_name(enum ecr_event_kind kind)
{
	static const char *const names[] = {
#define ECR_EVENT_NAME(symbol, name) name,
		ECR_EVENTS(ECR_EVENT_NAME)
#undef ECR_EVENT_NAME
	};

	return pick(names, COUNT(names), (size_t)kind);
}

const char *ecr_state_name(enum ecr_state state)
{
	static const char *const names[] = { NULL,
#define ECR_STATE_NAME(symbol, name) name,
					     ECR_STATES(ECR_STATE_NAME)
#undef ECR_STATE_NAME
	};

	return pick(names, COUNT(names), (size_t)state);
}

const char *ecr_drop_name(enum ecr_drop_reason reason)
{
	static const char *const names[] = {
#define ECR_DROP_NAME(symbol, name) name,
		ECR_DROP_REASONS(ECR_DROP_NAME)
#undef ECR_DROP_NAME
	};

	return pick(names, COUNT(names), (size_t)reason);
}

const char *ecr_freshness_name(enum ecr_freshness_state state)
{
	static const char *const names[] = { "not_ready", "fresh", "stale" };

	return pick(names, COUNT(names), (size_t)state);
}

const char *ecr_domain_state_name(enum ecr_domain_state state)
{
	static const char *const names[] = { "open", "cycling", "stopped" };

	return pick(names, COUNT(names), (size_t)state);
}

const char *ecr_fault_name(enum ecr_fault_kind kind)
{
	static const char *const names[] = { "none",   "down",	  "retreated", "preop",
					     "safeop", "latched", "clock" };

	return pick(names, COUNT(names), (size_t)kind);
}

const char *ecr_pdo_health_name(enum ecr_pdo_health health)
{
	static const char *const names[] = { "unattached", "stale", "not_ready", "fresh" };

	return pick(names, COUNT(names), (size_t)health);
}

const char *ecr_dc_lock_name(enum ecr_dc_lock_state state)
{
	static const char *const names[] = { NULL,
#define ECR_DC_LOCK_NAME(symbol, name) name,
					     ECR_DC_LOCKS(ECR_DC_LOCK_NAME)
#undef ECR_DC_LOCK_NAME
	};

	return pick(names, COUNT(names), (size_t)state);
}

const char *ecr_dc_decision_name(enum ecr_dc_decision decision)
{
	static const char *const names[] = {
#define ECR_DC_DECISION_NAME(symbol, name) name,
		ECR_DC_DECISIONS(ECR_DC_DECISION_NAME)
#undef ECR_DC_DECISION_NAME
	};

	return pick(names, COUNT(names), (size_t)decision);
}

const char *ecr_dc_policy_name(enum ecr_dc_lock_policy policy)
{
	static const char *const names[] = { "advisory", "recovering", "fatal" };

	return pick(names, COUNT(names), (size_t)policy);
}

const char *ecr_dc_servo_name(enum ecr_dc_servo_state state)
{
	static const char *const names[] = { "unlocked", "jump", "locked" };

	return pick(names, COUNT(names), (size_t)state);
}

const char *ecr_clock_kind_name(enum ecr_clock_kind kind)
{
	static const char *const names[] = { "none", "times_only", "32_bit", "64_bit" };

	return pick(names, COUNT(names), (size_t)kind);
}

const char *ecr_link_status_name(enum ecr_link_status status)
{
	static const char *const names[] = { "up", "down", "gone", "taken" };

	return pick(names, COUNT(names), (size_t)status);
}

const char *ecr_version_string(void)
{
	return "0.1.0";
}
