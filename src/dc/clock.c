/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of one slave's clock: what it is and what it has latched; its offset and delay. */
#include "dc/dc.h"

#include "base/le.h"

enum { READ_PLACE, READ_GIVE, READ_WITHDRAW, READ_TIMES };
enum { SET_LOOK, SET_WRITE, SET_LOOP };
enum { DELAY_WRITE };
enum { CALM_WRITE };

#define OWN_ASKS 3 /* of SET_LOOK: what the clock itself is asked */

static struct ecr_clock *clock_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_clock, job);
}

static void read_register(struct ecr_job *job, const struct ecr_clock *clock, uint16_t offset,
			  uint16_t length)
{
	ecr_job_read(job, ECR_CMD_FPRD, ecr_address_station(clock->station, offset), length);
}

/*
 * A controller may latch receive times and have no system time (register 0x0910 is not there then);
 * one without the feature is not asked, because reserved registers may be forbidden.
 */
static uint8_t kind_of(const struct ecr_clock *clock, const struct ecr_answer *answer)
{
	if (!(clock->features & ECR_FEATURE_DC))
		return ECR_CLOCK_NONE;
	if (!answer->asks[2].wkc)
		return answer->asks[1].wkc ? ECR_CLOCK_TIMES_ONLY : ECR_CLOCK_NONE;
	return clock->features & ECR_FEATURE_DC_64 ? ECR_CLOCK_64 : ECR_CLOCK_32;
}

void ecr_dc_misplace(struct ecr_clock *clock)
{
	clock->ready = clock->present = clock->placed = false;
	ecr_dc_count(clock->dc);
}

static struct ecr_verdict not_there(struct ecr_clock *clock)
{
	clock->present = false;
	if (clock->index >= clock->dc->own)
		ecr_dc_misplace(clock);
	return ecr_fail(ECR_ERR_NO_RESPONSE);
}

/* Whoever has an address of the session is another. */
static bool may_stand_there(const struct ecr_dc *dc, uint16_t station)
{
	int number = station - dc->clocks[0].station;

	return number < 0 || number >= dc->own;
}

/*
 * One that is not configured has no address, and nobody has asked what it can do; nor has one that was without power since.
 * By position only while all are there: else it might be another one's.
 */
static struct ecr_verdict read_place(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);
	uint16_t place = (uint16_t)clock->index;

	if (clock->placed)
		return ecr_goto(READ_TIMES);
	if (!answer) {
		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(place, ECR_REG_STATION), 2);
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
		return ecr_ask();
	}
	if (answer->wkc != 1 || answer->asks[1].wkc != clock->dc->count ||
	    !may_stand_there(clock->dc, ecr_le16(answer->data)))
		return not_there(clock);
	return ecr_goto(READ_GIVE);
}

/* Somebody may come or go just then. */
static struct ecr_verdict read_give(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);
	uint16_t place = (uint16_t)clock->index;

	if (answer) {
		if (answer->asks[1].wkc != 1 || answer->asks[3].wkc != clock->dc->count)
			return ecr_goto(READ_WITHDRAW);
		clock->placed = true;
		clock->features = ecr_le16(answer->asks[2].in);
		return ecr_goto(READ_TIMES);
	}
	ecr_job_write16(job, ECR_CMD_FPWR, ecr_address_station(clock->station, ECR_REG_STATION), 0);
	ecr_job_write16(job, ECR_CMD_APWR, ecr_address_position(place, ECR_REG_STATION),
			clock->station);
	ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(place, ECR_REG_FEATURES),
		     ECR_REG_FEATURES_SIZE);
	ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
	return ecr_ask();
}

static struct ecr_verdict read_withdraw(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);

	return answer ? not_there(clock) : ecr_ask_write16(job, clock->station, ECR_REG_STATION, 0);
}

static struct ecr_verdict read_times(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);
	struct ecr_receive_times *times = &clock->dc->times[clock->index];
	uint8_t kind;

	if (!answer) {
		read_register(job, clock, ECR_REG_DL_STATUS, ECR_REG_DL_STATUS_SIZE);
		if (!(clock->features & ECR_FEATURE_DC))
			return ecr_ask();
		read_register(job, clock, ECR_REG_DC_RECEIVE_TIMES, ECR_REG_DC_RECEIVE_TIMES_SIZE);
		read_register(job, clock, ECR_REG_DC_SYSTEM_TIME, 4);
		return ecr_ask();
	}
	if (answer->wkc != 1)
		return not_there(clock);
	clock->present = true;
	clock->dc->dl_status[clock->index] = ecr_le16(answer->data);
	kind = kind_of(clock, answer);
	times->valid = kind != ECR_CLOCK_NONE;
	if (kind > clock->kind) /* one that is just starting shows less than it has */
		clock->kind = kind;
	for (unsigned int port = 0; times->valid && port < ECR_PORT_COUNT; port++)
		times->time[port] = ecr_le32(answer->asks[1].in + ECR_REG_DC_RECEIVE_TIME(port) -
					     ECR_REG_DC_RECEIVE_TIMES);
	return ecr_done();
}

uint64_t ecr_dc_time_of(const struct ecr_dc *dc, const struct ecr_clock *clock,
			const uint8_t *bytes, ecr_time local)
{
	if (clock->kind == ECR_CLOCK_64)
		return ecr_le64(bytes);
	return ecr_time64(ecr_le32(bytes), ecr_estimate_at(&dc->estimate, local));
}

uint64_t ecr_dc_passed(const struct ecr_dc *dc, const struct ecr_clock *clock, const uint8_t *bytes,
		       ecr_time local)
{
	return ecr_dc_time_of(dc, clock, bytes, local) + clock->delay;
}

/* One that has lost its time is no measure: then the master's estimate is. */
static const struct ecr_clock *reference_for(const struct ecr_clock *clock)
{
	const struct ecr_dc *dc = clock->dc;
	const struct ecr_clock *reference =
		dc->reference == ECR_DC_NONE ? NULL : &dc->clocks[dc->reference];

	return reference && reference != clock && reference->ready ? reference : NULL;
}

static int64_t arrival(const struct ecr_dc *dc, int index)
{
	return index == ECR_DC_NONE ? 0 : dc->delays[index].arrival_ns;
}

/* What the clock should have shown when the question of `job` passed it. */
static uint64_t wanted_time(const struct ecr_clock *clock, const struct ecr_answer *answer)
{
	const struct ecr_dc *dc = clock->dc;
	const struct ecr_clock *reference = reference_for(clock);
	ecr_time sent_at = clock->job.transaction.sent_at;
	int64_t later = arrival(dc, clock->index) - arrival(dc, dc->reference);
	/* Another may have become the reference, or this one ready, since the question went out. */
	bool asked = reference && reference->index == clock->compared && answer->count > OWN_ASKS;

	if (asked && answer->asks[OWN_ASKS].wkc == 1)
		return ecr_dc_passed(dc, reference, answer->asks[OWN_ASKS].in, sent_at) +
		       (uint64_t)later;
	return ecr_estimate_at(&dc->estimate, sent_at) + (uint64_t)later;
}

/* It kept its time while it was away: the control loop draws it near, and no step is needed. */
static bool near_enough(const struct ecr_dc *dc, int64_t step)
{
	return dc->running && step <= ECR_DC_NO_STEP_NS && step >= -ECR_DC_NO_STEP_NS;
}

/* Times in one frame are those at which its beginning passed (ETG.1000.4, 6.7): no latch needed. A slave
 * shows its time less its delay, as the reference had it when the frame passed there. */
static struct ecr_verdict set_look(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);
	const struct ecr_clock *reference = reference_for(clock);
	uint16_t width = ecr_clock_width(clock);
	uint64_t wanted;
	int64_t step;

	if (!answer) {
		clock->compared = reference ? reference->index : ECR_DC_NONE;
		read_register(job, clock, ECR_REG_DC_SYSTEM_TIME, width);
		read_register(job, clock, ECR_REG_DC_OFFSET, width);
		read_register(job, clock, ECR_REG_DC_DELAY, ECR_REG_DC_DELAY_SIZE);
		if (reference)
			read_register(job, reference, ECR_REG_DC_SYSTEM_TIME,
				      ecr_clock_width(reference));
		return ecr_ask();
	}
	/* What nobody has put a time into is none, whatever the counters say. */
	for (unsigned int i = 0; i < OWN_ASKS; i++)
		if (answer->asks[i].wkc != 1)
			return ecr_fail(ECR_ERR_NO_RESPONSE);
	wanted = wanted_time(clock, answer) - ecr_le32(answer->asks[2].in);
	if (width == 4) {
		clock->offset = (int32_t)ecr_le32(answer->asks[1].in);
		step = ecr_time32_difference((uint32_t)wanted, ecr_le32(answer->data));
	} else {
		clock->offset = (int64_t)ecr_le64(answer->asks[1].in);
		step = (int64_t)(wanted - ecr_le64(answer->data));
	}
	clock->keeps_on = near_enough(clock->dc, step);
	clock->offset += clock->keeps_on ? 0 : step;
	clock->stepped = clock->stepped || (!clock->keeps_on && step);
	return ecr_goto(SET_WRITE);
}

/*
 * From the first clock, whoever is the reference: the datagram carries what all clocks showed when it
 * passed the first one, and the reference puts that in because its own delay is taken off when it is
 * read. So slaves before the reference, behind it, and any that takes its place need the same number.
 */
static uint32_t delay_of(const struct ecr_clock *clock)
{
	int64_t arrival = clock->dc->delays[clock->index].arrival_ns;

	return arrival < 0 ? 0 : (uint32_t)arrival;
}

static void write_delay(struct ecr_job *job, struct ecr_clock *clock)
{
	clock->delay = delay_of(clock);
	ecr_put_le32(ecr_job_write(job, ECR_CMD_FPWR,
				   ecr_address_station(clock->station, ECR_REG_DC_DELAY),
				   ECR_REG_DC_DELAY_SIZE),
		     clock->delay);
}

static struct ecr_verdict set_write(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);
	uint16_t width = ecr_clock_width(clock);
	uint64_t offset = (uint64_t)clock->offset;
	uint8_t *out;

	if (answer)
		return ecr_goto(SET_LOOP);
	out = ecr_job_write(job, ECR_CMD_FPWR,
			    ecr_address_station(clock->station, ECR_REG_DC_OFFSET), width);
	ecr_put_le32(out, (uint32_t)offset);
	if (width == 8)
		ecr_put_le32(out + 4, (uint32_t)(offset >> 32));
	write_delay(job, clock);
	return ecr_ask();
}

/* The filters, then the speed counter: writing that makes the control loop begin anew. */
static struct ecr_verdict set_loop(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);
	const uint8_t *depths = clock->dc->config->filter_shift;
	bool given = depths[0] || depths[1];
	uint16_t filters = (uint16_t)(depths[0] | (unsigned int)depths[1] << 8);

	if (answer || clock->keep_speed || clock->keeps_on) {
		clock->ready = true;
		clock->since = job->now;
		clock->difference_known = false;
		return ecr_done();
	}
	ecr_job_write16(job, ECR_CMD_FPWR,
			ecr_address_station(clock->station, ECR_REG_DC_FILTER_DIFFERENCE),
			given ? filters : ECR_DC_FILTERS_DEFAULT);
	ecr_job_write16(job, ECR_CMD_FPWR,
			ecr_address_station(clock->station, ECR_REG_DC_SPEED_START),
			ECR_DC_SPEED_START_DEFAULT);
	return ecr_ask();
}

static struct ecr_verdict calm_write(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_clock *clock = clock_of(job);

	if (answer)
		return ecr_done();
	return ecr_ask_write16(job, clock->station, ECR_REG_DC_SPEED_START,
			       ECR_DC_SPEED_START_DEFAULT);
}

static struct ecr_verdict delay_write(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (answer)
		return ecr_done();
	write_delay(job, clock_of(job));
	return ecr_ask();
}

const struct ecr_step ecr_clock_read_steps[] = {
	[READ_PLACE] = { "clock.place", read_place, .wkc = ECR_WKC_ANY, .tries = 5,
			 .on_loss = ECR_ASK_AGAIN },
	[READ_GIVE] = { "clock.give_place", read_give, .wkc = ECR_WKC_ANY, .tries = 5,
			.on_loss = ECR_ASK_AGAIN },
	[READ_WITHDRAW] = { "clock.withdraw", read_withdraw, .wkc = ECR_WKC_ANY, .tries = 5,
			    .on_loss = ECR_ASK_AGAIN },
	[READ_TIMES] = { "clock.receive_times", read_times, .wkc = ECR_WKC_ANY, .tries = 5,
			 .on_loss = ECR_ASK_AGAIN },
};

/* The filters are not in every controller: any counter will do. */
const struct ecr_step ecr_clock_set_steps[] = {
	[SET_LOOK] = { "clock.time", set_look, .wkc = ECR_WKC_ANY, .tries = 5,
		       .on_loss = ECR_ASK_AGAIN },
	[SET_WRITE] = { "clock.offset", set_write, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[SET_LOOP] = { "clock.filters", set_loop, .wkc = ECR_WKC_ANY, .tries = 5,
		       .on_loss = ECR_ASK_AGAIN },
};

const struct ecr_step ecr_clock_delay_steps[] = {
	[DELAY_WRITE] = { "clock.delay", delay_write, .wkc = 1, .tries = 5,
			  .on_loss = ECR_ASK_AGAIN },
};

void ecr_dc_count(struct ecr_dc *dc)
{
	dc->expected = dc->ours = 0;
	for (int i = 0; i < dc->count; i++) {
		dc->expected = (uint16_t)(dc->expected + dc->clocks[i].ready);
		dc->ours = (uint16_t)(dc->ours + (i < dc->own && dc->clocks[i].ready));
	}
}

const struct ecr_step ecr_clock_calm_steps[] = {
	[CALM_WRITE] = { "clock.calm", calm_write, .wkc = ECR_WKC_ANY, .tries = 5,
			 .on_loss = ECR_ASK_AGAIN },
};
