/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error and lost-link counters of every port, for as long as the session lasts. While a broadcast proves
 * that nobody has counted anything (master/tally.c) a slave is left alone for some seconds; what disproves
 * it has everybody read at once, and without either every second. Counters that show anything are cleared
 * once they are added up, so that the next one to grow is seen. Who has none, or does not answer, is not
 * the worse for it.
 */
#include "slave/slave.h"

#include "base/le.h"

enum { ERRORS_WAIT, ERRORS_READ, ERRORS_CLEAR };

#define REST_PERIODS 10
#define NEARLY_FULL 128u /* of a counter that stops at 255 */

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, errors.job);
}

/* Of one whose past is not known the next to be counted would be taken for it. */
static bool proven(const struct ecr_errors *errors, ecr_time now)
{
	return errors->known && errors->links_known &&
	       now - *errors->proof <= 2 * ECR_ERRORS_PERIOD_NS;
}

static struct ecr_verdict errors_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_errors *errors = &slave_of(job)->errors;

	(void)answer;
	errors->clearing = false; /* what is read later has grown since */
	errors->waited = !errors->waited;
	if (!errors->waited)
		return ecr_goto(ERRORS_READ);
	return ecr_wait(ECR_ERRORS_PERIOD_NS * (proven(errors, job->now) ? REST_PERIODS : 1));
}

/* A counter that is smaller than before has been cleared by somebody, or by a restart. */
static uint32_t grown(struct ecr_errors *errors, unsigned int reg, const uint8_t *now)
{
	unsigned int at = reg - ECR_REG_ERRORS;
	uint8_t before = errors->last[at];

	return now[at] < before ? now[at] : (uint32_t)now[at] - before;
}

/* Tens of seconds, the oldest of six gives way. */
static void advance_minute(struct ecr_errors *errors, ecr_time now)
{
	while (now - errors->bucket_at >= ECR_S(10)) {
		errors->bucket = (errors->bucket + 1) % ECR_ERROR_BUCKETS;
		errors->bucket_at =
			now - errors->bucket_at >= ECR_S(60) ? now : errors->bucket_at + ECR_S(10);
		for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
			errors->recent[port][errors->bucket] = 0;
	}
}

static void count_port(struct ecr_errors *errors, unsigned int port, const uint8_t *now)
{
	struct ecr_port_errors *sum = &errors->ports[port];
	uint32_t crc = grown(errors, ECR_REG_RX_INVALID(port), now);
	uint32_t physical = grown(errors, ECR_REG_RX_PHYSICAL(port), now);

	if (errors->links_known)
		sum->lost_links += grown(errors, ECR_REG_LOST_LINK + port, now);
	if (!errors->known)
		return;
	sum->crc += crc;
	sum->physical += physical;
	sum->forwarded += grown(errors, ECR_REG_FORWARDED_ERRORS + port, now);
	errors->recent[port][errors->bucket] += crc + physical;
}

bool ecr_errors_shown(const uint8_t *registers)
{
	unsigned int any = 0;

	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
		any |= (unsigned int)registers[ECR_REG_RX_INVALID(port) - ECR_REG_ERRORS] |
		       registers[ECR_REG_RX_PHYSICAL(port) - ECR_REG_ERRORS] |
		       registers[ECR_REG_FORWARDED_ERRORS + port - ECR_REG_ERRORS] |
		       registers[ECR_REG_LOST_LINK + port - ECR_REG_ERRORS];
	return any;
}

static bool nearly_full(const uint8_t *now)
{
	for (unsigned int i = 0; i < ECR_REG_ERRORS_SIZE; i++)
		if (now[i] >= NEARLY_FULL)
			return true;
	return false;
}

/* Adds up what is new. True when nothing is smaller than it was. */
static bool take(struct ecr_errors *errors, ecr_time at, const uint8_t *now)
{
	bool kept = true;

	advance_minute(errors, at);
	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
		count_port(errors, port, now);
	errors->known = errors->links_known = true;
	for (unsigned int i = 0; i < ECR_REG_ERRORS_SIZE; i++) {
		kept = kept && now[i] >= errors->last[i];
		errors->last[i] = now[i];
	}
	return kept;
}

static void ask_counters(struct ecr_job *job)
{
	ecr_job_read(job, ECR_CMD_FPRD, ecr_address_station(slave_of(job)->station, ECR_REG_ERRORS),
		     ECR_REG_ERRORS_SIZE);
}

/* Who keeps what it shows is cleared no more before it is nearly full. */
static struct ecr_verdict errors_read(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_errors *errors = &slave->errors;
	bool kept;

	if (!answer) {
		ask_counters(job);
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_DL_STATUS), 2);
		return ecr_ask();
	}
	if (answer->asks[1].wkc == 1)
		slave->dl_status = ecr_le16(answer->asks[1].in);
	if (answer->wkc != 1)
		return ecr_goto(ERRORS_WAIT);
	kept = take(errors, job->now, answer->data);
	errors->keeps = kept && (errors->keeps || errors->clearing);
	if (errors->clearing || !ecr_errors_shown(answer->data) ||
	    (errors->keeps && !nearly_full(answer->data)))
		return ecr_goto(ERRORS_WAIT);
	return ecr_goto(ERRORS_CLEAR);
}

/* Read once more in the frame that clears, so that nothing is lost between; then what has come of it is read. */
static struct ecr_verdict errors_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_errors *errors = &slave->errors;

	if (!answer) {
		ask_counters(job);
		ecr_job_write(job, ECR_CMD_FPWR,
			      ecr_address_station(slave->station, ECR_REG_RX_ERRORS), 1);
		ecr_job_write(job, ECR_CMD_FPWR,
			      ecr_address_station(slave->station, ECR_REG_LOST_LINK), 1);
		return ecr_ask();
	}
	if (answer->wkc == 1)
		take(errors, job->now, answer->data);
	errors->clearing = true;
	return ecr_goto(ERRORS_READ);
}

const struct ecr_step ecr_errors_steps[] = {
	[ERRORS_WAIT] = { "errors.wait", errors_wait },
	[ERRORS_READ] = { "errors.read", errors_read, .wkc = ECR_WKC_ANY, .tries = 2,
			  .on_loss = ERRORS_WAIT },
	[ERRORS_CLEAR] = { "errors.clear", errors_clear, .wkc = ECR_WKC_ANY, .tries = 2,
			   .on_loss = ERRORS_READ },
};

void ecr_slave_errors(struct ecr_slave *slave, ecr_time now, unsigned int port,
		      struct ecr_port_errors *errors)
{
	advance_minute(&slave->errors, now);
	*errors = slave->errors.ports[port];
	for (unsigned int i = 0; i < ECR_ERROR_BUCKETS; i++)
		errors->recent += slave->errors.recent[port][i];
}

void ecr_slave_note_al(struct ecr_slave *slave, ecr_time at, uint16_t status, uint16_t code)
{
	const struct ecr_al_entry *last =
		&slave->history[(slave->history_count + ECR_AL_HISTORY - 1) % ECR_AL_HISTORY];

	if (slave->history_count && last->status == status && last->code == code)
		return;
	slave->history[slave->history_count++ % ECR_AL_HISTORY] =
		(struct ecr_al_entry){ at, status, code };
}
