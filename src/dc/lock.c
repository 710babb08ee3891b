/* SPDX-License-Identifier: Apache-2.0 */
#include "dc/lock.h"

static const uint8_t next_state[ECR_DC_LOCK_STATES][ECR_LOCK_EVENT_COUNT] = {
	[ECR_DC_DISABLED] = {
		[ECR_LOCK_ENABLED] = ECR_DC_INACTIVE,
	},
	[ECR_DC_INACTIVE] = {
		[ECR_LOCK_DISABLED] = ECR_DC_DISABLED,
		[ECR_LOCK_STARTED] = ECR_DC_LOCKING,
		[ECR_LOCK_NO_CLOCK] = ECR_DC_UNAVAILABLE,
	},
	[ECR_DC_UNAVAILABLE] = {
		[ECR_LOCK_DISABLED] = ECR_DC_DISABLED,
		[ECR_LOCK_STARTED] = ECR_DC_LOCKING,
		[ECR_LOCK_STOPPED] = ECR_DC_INACTIVE,
	},
	[ECR_DC_LOCKING] = {
		[ECR_LOCK_DISABLED] = ECR_DC_DISABLED,
		[ECR_LOCK_NO_CLOCK] = ECR_DC_UNAVAILABLE,
		[ECR_LOCK_WITHIN] = ECR_DC_LOCKED,
		[ECR_LOCK_STOPPED] = ECR_DC_INACTIVE,
	},
	[ECR_DC_LOCKED] = {
		[ECR_LOCK_DISABLED] = ECR_DC_DISABLED,
		[ECR_LOCK_NO_CLOCK] = ECR_DC_UNAVAILABLE,
		[ECR_LOCK_BEYOND] = ECR_DC_LOCKING,
		[ECR_LOCK_STOPPED] = ECR_DC_INACTIVE,
	},
};

const char *ecr_lock_event_text(enum ecr_lock_event event)
{
	static const char *const texts[] = {
#define ECR_LOCK_TEXT(symbol, text) text,
		ECR_LOCK_EVENTS(ECR_LOCK_TEXT)
#undef ECR_LOCK_TEXT
	};

	return texts[event];
}

enum ecr_dc_lock_state ecr_lock_next(enum ecr_dc_lock_state state, enum ecr_lock_event event)
{
	uint8_t next = next_state[state][event];

	return next ? (enum ecr_dc_lock_state)next : state;
}

enum ecr_lock_news ecr_lock_event(struct ecr_dc_lock *lock, enum ecr_lock_event event)
{
	enum ecr_dc_lock_state before = lock->state;

	lock->state = ecr_lock_next(before, event);
	if (event == ECR_LOCK_BEYOND) {
		lock->fleeting =
			lock->state == before ? lock->fleeting : lock->within < ECR_LOCK_AGAIN;
		lock->within = 0;
	}
	if (lock->state == before)
		return ECR_LOCK_NO_NEWS;
	if (event == ECR_LOCK_STARTED) {
		lock->cycles = 0;
		lock->within = 0;
		lock->known = lock->lost = false;
		lock->max_difference_ns = 0;
	}
	lock->lost = before == ECR_DC_LOCKED && lock->state == ECR_DC_LOCKING;
	if (lock->state == ECR_DC_LOCKED) {
		lock->within = 0;
		return ECR_LOCK_REGAINED;
	}
	return lock->lost ? ECR_LOCK_LOST : ECR_LOCK_CHANGED;
}

void ecr_lock_cycle(struct ecr_dc_lock *lock)
{
	lock->cycles++;
}

enum ecr_lock_news ecr_lock_sample(struct ecr_dc_lock *lock, uint32_t difference_ns)
{
	lock->max_difference_ns = difference_ns;
	lock->known = true;
	if (difference_ns > lock->threshold_ns)
		return ecr_lock_event(lock, ECR_LOCK_BEYOND);
	lock->within++;
	if (lock->cycles < lock->warmup || (lock->lost && lock->within < ECR_LOCK_AGAIN))
		return ECR_LOCK_NO_NEWS;
	return ecr_lock_event(lock, ECR_LOCK_WITHIN);
}

uint32_t ecr_lock_window(uint32_t ored, uint32_t threshold_ns, uint32_t polled)
{
	uint32_t least = ored;

	while (least & (least - 1))
		least &= least - 1;
	if (ored <= threshold_ns || least > threshold_ns)
		return ored;
	return polled < least ? least : polled > ored ? ored : polled;
}

enum ecr_dc_decision ecr_lock_decide(enum ecr_dc_lock_policy policy, bool lost, bool recovering,
				     bool other_faults)
{
	if (policy == ECR_DC_ADVISORY)
		return ECR_DC_CONTINUE;
	if (policy == ECR_DC_FATAL)
		return lost ? ECR_DC_STOP_SESSION : ECR_DC_CONTINUE;
	if (lost)
		return recovering ? ECR_DC_KEEP_RECOVERING : ECR_DC_ENTER_RECOVERY;
	if (!recovering)
		return ECR_DC_CONTINUE;
	return other_faults ? ECR_DC_KEEP_RECOVERING : ECR_DC_RESUME_RUNNING;
}
