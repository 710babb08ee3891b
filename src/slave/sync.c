/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting SYNC0 and SYNC1 (ETG.1020, ETG.1000.4 6.7): stopped first, then the cycle times and a start
 * time far enough ahead, then a look at whether it really started: a start time that had passed when it
 * arrived would be reached after the clock wraps. The pulse length belongs to the EEPROM and is only
 * read.
 */
#include "slave/slave.h"

#include "base/le.h"
#include "base/time32.h"

enum { SYNC_PULSE, SYNC_STOP, SYNC_TIME, SYNC_START, SYNC_AWAIT, SYNC_VERIFY };

#define AHEAD ECR_MS(20)
#define STARTS 3 /* attempts */
#define PULSE_UNIT_NS 10

static struct ecr_sync *sync_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_sync, job);
}

struct ecr_job *ecr_slave_sync(struct ecr_slave *slave)
{
	struct ecr_sync *sync = &slave->sync;

	sync->job.steps = ecr_sync_steps;
	sync->config = &slave->config->sync;
	sync->sii = &slave->sii;
	sync->station = slave->station;
	sync->tries = 0;
	sync->running = sync->stepped = sync->pulse_known = false;
	return &sync->job;
}

static void read_register(struct ecr_job *job, uint16_t offset, uint16_t length)
{
	ecr_job_read(job, ECR_CMD_FPRD, ecr_address_station(sync_of(job)->station, offset), length);
}

static uint8_t *write_register(struct ecr_job *job, uint16_t offset, uint16_t length)
{
	return ecr_job_write(job, ECR_CMD_FPWR, ecr_address_station(sync_of(job)->station, offset),
			     length);
}

static uint64_t time_of(const struct ecr_sync *sync, const uint8_t *bytes)
{
	return sync->width == 8 ? ecr_le64(bytes) : ecr_time64(ecr_le32(bytes), *sync->ring_time);
}

static struct ecr_verdict sync_pulse(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sync *sync = sync_of(job);

	if (!sync->width)
		return ecr_fail(ECR_ERR_NO_DC_CLOCK);
	if (!answer) {
		read_register(job, ECR_REG_DC_PULSE_LENGTH, ECR_REG_DC_PULSE_LENGTH_SIZE);
		return ecr_ask();
	}
	sync->pulse_ns = (uint32_t)ecr_le16(answer->data) * PULSE_UNIT_NS;
	sync->pulse_known = true;
	return ecr_goto(SYNC_STOP);
}

static uint8_t activation(const struct ecr_sync *sync)
{
	return (uint8_t)(ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0 |
			 (sync->config->mode == ECR_SYNC_SYNC1 ? ECR_DC_ACTIVATE_SYNC1 : 0));
}

/* As the EEPROM has it for this mode: which units the device's processor keeps for itself. */
static uint8_t cyclic_control(const struct ecr_sync *sync)
{
	struct ecr_sii_dc mode;

	for (unsigned int i = 0; ecr_sii_dc(sync->sii, i, &mode); i++)
		if (mode.assign_activate >> 8 == activation(sync))
			return (uint8_t)mode.assign_activate;
	return 0;
}

/* A set bit keeps the first edge until it is read; a clear one lets each edge overwrite the last. */
static void write_latches(struct ecr_job *job, const struct ecr_sync_config *config)
{
	uint8_t control[2] = { 0 };

	for (int i = 0; config->latches[i].name; i++) {
		const struct ecr_latch_config *latch = &config->latches[i];

		if (!latch->continuous)
			control[latch->unit] |= latch->falling ? ECR_DC_LATCH_NEGATIVE_SINGLE
							       : ECR_DC_LATCH_POSITIVE_SINGLE;
	}
	write_register(job, ECR_REG_DC_LATCH0_CONTROL, 1)[0] = control[0];
	write_register(job, ECR_REG_DC_LATCH1_CONTROL, 1)[0] = control[1];
}

static struct ecr_verdict sync_stop(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sync *sync = sync_of(job);
	uint32_t keep = sync->config->keep;

	if (answer) {
		sync->started = false;
		return sync->config->mode ? ecr_goto(SYNC_TIME) : ecr_done();
	}
	write_register(job, ECR_REG_DC_ACTIVATION, ECR_REG_DC_ACTIVATION_SIZE);
	if (!(keep & ECR_SYNC_KEEP_CONTROL))
		write_register(job, ECR_REG_DC_CYCLIC_CONTROL, ECR_REG_DC_CYCLIC_CONTROL_SIZE)[0] =
			cyclic_control(sync);
	if (sync->config->latches && !(keep & ECR_SYNC_KEEP_LATCHES))
		write_latches(job, sync->config);
	return ecr_ask();
}

/* The time from one SYNC1 to the next: slower than SYNC0 when it is told to come that far behind it. */
static uint64_t whole_period(const struct ecr_sync *sync)
{
	uint64_t cycle = (uint64_t)sync->cycle;

	if (sync->config->mode != ECR_SYNC_SYNC1)
		return cycle;
	return (sync->config->sync1_ns / cycle + 1) * cycle;
}

static uint64_t first_after(const struct ecr_sync *sync, uint64_t time)
{
	uint64_t period = whole_period(sync);
	uint64_t shift = (uint64_t)sync->config->sync0_shift_ns;

	return ((time - shift) / period + 1) * period + shift;
}

static struct ecr_verdict sync_time(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sync *sync = sync_of(job);

	if (!answer) {
		read_register(job, ECR_REG_DC_SYSTEM_TIME, sync->width);
		return ecr_ask();
	}
	sync->start = first_after(sync, time_of(sync, answer->data) + AHEAD);
	return ecr_goto(SYNC_START);
}

static struct ecr_verdict sync_start(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sync *sync = sync_of(job);
	uint8_t *bytes;

	if (answer) {
		sync->wait = AHEAD + (ecr_time)whole_period(sync);
		sync->waited = false;
		return ecr_goto(SYNC_AWAIT);
	}
	bytes = write_register(job, ECR_REG_DC_SYNC0_CYCLE,
			       ECR_REG_DC_SYNC0_CYCLE_SIZE + ECR_REG_DC_SYNC1_CYCLE_SIZE);
	ecr_put_le32(bytes, (uint32_t)sync->cycle);
	ecr_put_le32(bytes + 4, sync->config->sync1_ns);
	bytes = write_register(job, ECR_REG_DC_START_TIME, sync->width);
	ecr_put_le32(bytes, (uint32_t)sync->start);
	if (sync->width == 8)
		ecr_put_le32(bytes + 4, (uint32_t)(sync->start >> 32));
	write_register(job, ECR_REG_DC_ACTIVATION, ECR_REG_DC_ACTIVATION_SIZE)[0] =
		activation(sync);
	sync->started = true;
	return ecr_ask();
}

static struct ecr_verdict sync_await(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sync *sync = sync_of(job);

	(void)answer;
	sync->waited = !sync->waited;
	return sync->waited ? ecr_wait(sync->wait) : ecr_goto(SYNC_VERIFY);
}

/* Running: the next pulse is ahead, by no more than `most`. */
static bool runs(const struct ecr_sync *sync, const struct ecr_ask *next, uint64_t now,
		 uint64_t most)
{
	uint64_t at = sync->width == 8 ? ecr_le64(next->in) : ecr_time64(ecr_le32(next->in), now);

	return at >= now && at - now <= most;
}

static struct ecr_verdict sync_verify(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sync *sync = sync_of(job);
	bool second = sync->config->mode == ECR_SYNC_SYNC1;
	uint64_t now;

	if (!answer) {
		read_register(job, ECR_REG_DC_SYSTEM_TIME, sync->width);
		read_register(job, ECR_REG_DC_START_TIME, sync->width);
		if (second)
			read_register(job, ECR_REG_DC_NEXT_SYNC1, sync->width);
		return ecr_ask();
	}
	now = time_of(sync, answer->data);
	sync->running = now >= sync->start &&
			runs(sync, &answer->asks[1], now, 2 * (uint64_t)sync->cycle) &&
			(!second || runs(sync, &answer->asks[2], now, 2 * whole_period(sync)));
	if (sync->running)
		return ecr_done();
	return ++sync->tries < STARTS ? ecr_goto(SYNC_STOP) : ecr_fail(ECR_ERR_SYNC_NOT_STARTED);
}

const struct ecr_step ecr_sync_steps[] = {
	[SYNC_PULSE] = { "sync.pulse", sync_pulse, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[SYNC_STOP] = { "sync.stop", sync_stop, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[SYNC_TIME] = { "sync.time", sync_time, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[SYNC_START] = { "sync.start", sync_start, .wkc = 1, .tries = 5, .on_loss = SYNC_STOP },
	[SYNC_AWAIT] = { "sync.await", sync_await },
	[SYNC_VERIFY] = { "sync.verify", sync_verify, .wkc = 1, .tries = 5,
			  .on_loss = ECR_ASK_AGAIN },
};
