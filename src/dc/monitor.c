/* SPDX-License-Identifier: Apache-2.0 */
/* Watching the clocks: how far each is from the time that it was told, a few slaves at a time. */
#include "dc/dc.h"

#include "base/le.h"

enum { MONITOR_WAIT, MONITOR_READ };

#define PERIOD ECR_MS(5)
#define MISSES 5
#define ASTRAY_NS ECR_S(1) /* after it was set what it shows may still be filtered */

static struct ecr_dc *dc_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_dc, monitor);
}

void ecr_dc_monitor(struct ecr_dc *dc)
{
	if (ecr_job_running(&dc->monitor))
		return;
	dc->monitor_waited = false;
	dc->monitor_next = 0;
	dc->round_max = 0;
	dc->polled = UINT32_MAX;
	dc->monitor.context = dc;
	dc->monitor.subject = -1;
	ecr_job_start(dc->runner, &dc->monitor, ecr_dc_monitor_steps);
}

static struct ecr_verdict monitor_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_dc *dc = dc_of(job);

	(void)answer;
	dc->monitor_waited = !dc->monitor_waited;
	return dc->monitor_waited ? ecr_wait(PERIOD) : ecr_goto(MONITOR_READ);
}

/* It has lost its time and nobody has seen it leave: the control loop would take hours. */
static void note_astray(struct ecr_dc *dc, struct ecr_clock *clock, int32_t difference)
{
	if (difference <= ECR_DC_NO_STEP_NS || dc->monitor.now < clock->since + ASTRAY_NS)
		return;
	clock->ready = false;
	dc->astray = true;
	ecr_dc_count(dc);
}

static void take(struct ecr_dc *dc, struct ecr_clock *clock, uint32_t raw)
{
	int32_t difference = (int32_t)ecr_dc_magnitude(raw);
	bool fresh;

	if (clock->index == dc->reference) {
		dc->reference_shows = (uint32_t)difference;
		difference = 0; /* its time is the time */
	}
	if (clock->index < dc->own && (uint32_t)difference > dc->round_max &&
	    !(ecr_dc_is_far(dc, clock) && difference <= ECR_DC_FAR_NS))
		dc->round_max = (uint32_t)difference;
	if (raw & ECR_DC_DIFFERENCE_BEHIND)
		difference = -difference;
	fresh = !clock->difference_known || clock->era != dc->era;
	clock->difference = difference;
	if (fresh || difference < clock->difference_min)
		clock->difference_min = difference;
	if (fresh || difference > clock->difference_max)
		clock->difference_max = difference;
	clock->missed = 0;
	clock->difference_known = true;
	clock->era = dc->era;
	note_astray(dc, clock, difference < 0 ? -difference : difference);
}

/* Nobody else looks after one that is not configured: without an answer it counts no more, and has no address. */
static void miss(struct ecr_dc *dc, struct ecr_clock *clock)
{
	if (clock->index >= dc->own && ++clock->missed >= MISSES)
		ecr_dc_misplace(clock);
}

static void end_of_round(struct ecr_dc *dc)
{
	dc->polled = dc->round_max;
	dc->round_max = 0;
	dc->monitor_next = 0;
	dc->rounds++;
}

/* The next clocks of the round, as many as fit into a question. */
static void collect(struct ecr_dc *dc)
{
	dc->monitored_count = 0;
	while (dc->monitor_next < dc->count && dc->monitored_count < ECR_DC_AT_ONCE) {
		struct ecr_clock *clock = &dc->clocks[dc->monitor_next++];

		if (clock->ready)
			dc->monitored[dc->monitored_count++] = clock;
	}
}

static struct ecr_verdict monitor_read(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_dc *dc = dc_of(job);

	if (!answer)
		collect(dc);
	for (int i = 0; answer && i < dc->monitored_count; i++)
		if (answer->asks[i].wkc == 1)
			take(dc, dc->monitored[i], ecr_le32(answer->asks[i].in));
		else
			miss(dc, dc->monitored[i]);
	if (answer || !dc->monitored_count) {
		if (dc->monitor_next >= dc->count)
			end_of_round(dc);
		return ecr_goto(MONITOR_WAIT);
	}
	for (int i = 0; i < dc->monitored_count; i++)
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(dc->monitored[i]->station, ECR_REG_DC_DIFFERENCE),
			     ECR_REG_DC_DIFFERENCE_SIZE);
	return ecr_ask();
}

const struct ecr_step ecr_dc_monitor_steps[] = {
	[MONITOR_WAIT] = { "dc.monitor_wait", monitor_wait },
	[MONITOR_READ] = { "dc.differences", monitor_read, .wkc = ECR_WKC_ANY, .tries = 250,
			   .on_loss = ECR_ASK_AGAIN },
};
