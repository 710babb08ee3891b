/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the clocks agree (pure): a lifecycle fed with sync differences. Locked means that the
 * largest difference is within the threshold and the warm-up is over. One beyond it loses the lock; it
 * comes back when a while has passed without any, so that clocks at the threshold do not make it flap.
 */
#ifndef ECR_DC_LOCK_H
#define ECR_DC_LOCK_H

#include <ecring/dc.h>

#include <stdbool.h>

/* X(symbol, text) */
#define ECR_LOCK_EVENTS(X) \
	X(ENABLED, "clocks are configured") \
	X(DISABLED, "no clocks are configured") \
	X(STARTED, "clocks run") \
	X(NO_CLOCK, "no slave has a clock") \
	X(WITHIN, "within the threshold") \
	X(BEYOND, "beyond the threshold, or no difference known") \
	X(STOPPED, "clocks are left alone")

enum ecr_lock_event {
#define ECR_LOCK_ENUM(symbol, text) ECR_LOCK_##symbol,
	ECR_LOCK_EVENTS(ECR_LOCK_ENUM)
#undef ECR_LOCK_ENUM
		ECR_LOCK_EVENT_COUNT
};

const char *ecr_lock_event_text(enum ecr_lock_event event);
/* The state that follows; the same one for an event that means nothing in it. */
enum ecr_dc_lock_state ecr_lock_next(enum ecr_dc_lock_state state, enum ecr_lock_event event);

struct ecr_dc_lock {
	enum ecr_dc_lock_state state;
	uint32_t threshold_ns;
	uint32_t warmup; /* cycles before the clocks may count as locked */
	bool lost;	 /* since it was had last: it takes a while to come back */
	bool fleeting; /* ... and it had not been had for long: the clocks had only just found together */
	uint32_t within; /* samples in a row, of a lock since it came */
	uint64_t cycles; /* since started */
	uint32_t max_difference_ns;
	bool known; /* max_difference_ns is */
};

#define ECR_LOCK_AGAIN 100 /* samples in a row within the threshold, after it was lost */

enum ecr_lock_news { ECR_LOCK_NO_NEWS, ECR_LOCK_REGAINED, ECR_LOCK_LOST, ECR_LOCK_CHANGED };

/* The one place where the state changes. */
enum ecr_lock_news ecr_lock_event(struct ecr_dc_lock *lock, enum ecr_lock_event event);
/* A cycle has passed. */
void ecr_lock_cycle(struct ecr_dc_lock *lock);
/* A largest difference was seen. */
enum ecr_lock_news ecr_lock_sample(struct ecr_dc_lock *lock, uint32_t difference_ns);

/*
 * Differences of all slaves ORed, as a broadcast reads them: they lie between the highest bit and
 * the whole. Where that decides nothing, `polled` does, the largest one that was read slave by
 * slave.
 */
uint32_t ecr_lock_window(uint32_t ored, uint32_t threshold_ns, uint32_t polled);

/* What the session does about it. */
enum ecr_dc_decision ecr_lock_decide(enum ecr_dc_lock_policy policy, bool lost, bool recovering,
				     bool other_faults);

#endif
