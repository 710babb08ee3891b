/* SPDX-License-Identifier: Apache-2.0 */
/* The error and lost-link counters of every port, read once a second for as long as the session lasts. Who has
 * none, or does not answer, is not the worse for it. */
#include "slave/slave.h"

#include "base/le.h"

enum { ERRORS_WAIT, ERRORS_READ, ERRORS_CLEAR };

#define PERIOD_NS ECR_S(1)
#define NEARLY_FULL 128u /* of a counter that stops at 255 */

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, errors.job);
}

static struct ecr_verdict errors_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_errors *errors = &slave_of(job)->errors;

	(void)answer;
	errors->waited = !errors->waited;
	return errors->waited ? ecr_wait(PERIOD_NS) : ecr_goto(ERRORS_READ);
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

static bool nearly_full(const uint8_t *now)
{
	for (unsigned int i = 0; i < ECR_REG_ERRORS_SIZE; i++)
		if (now[i] >= NEARLY_FULL)
			return true;
	return false;
}

static void keep(struct ecr_errors *errors, const uint8_t *now)
{
	for (unsigned int i = 0; i < ECR_REG_ERRORS_SIZE; i++)
		errors->last[i] = now[i];
}

static struct ecr_verdict errors_read(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_errors *errors = &slave->errors;

	if (!answer) {
		ecr_job_read(job, ECR_CMD_FPRD, ecr_address_station(slave->station, ECR_REG_ERRORS),
			     ECR_REG_ERRORS_SIZE);
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_DL_STATUS), 2);
		return ecr_ask();
	}
	if (answer->asks[1].wkc == 1)
		slave->dl_status = ecr_le16(answer->asks[1].in);
	if (answer->wkc != 1)
		return ecr_goto(ERRORS_WAIT);
	advance_minute(errors, job->now);
	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
		count_port(errors, port, answer->data);
	errors->known = errors->links_known = true;
	keep(errors, answer->data);
	return ecr_goto(nearly_full(answer->data) ? ERRORS_CLEAR : ERRORS_WAIT);
}

static struct ecr_verdict errors_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (!answer) {
		ecr_job_write(job, ECR_CMD_FPWR,
			      ecr_address_station(slave->station, ECR_REG_RX_ERRORS), 1);
		ecr_job_write(job, ECR_CMD_FPWR,
			      ecr_address_station(slave->station, ECR_REG_LOST_LINK), 1);
		return ecr_ask();
	}
	return ecr_goto(ERRORS_WAIT); /* what is read next is smaller, or was not cleared */
}

const struct ecr_step ecr_errors_steps[] = {
	[ERRORS_WAIT] = { "errors.wait", errors_wait },
	[ERRORS_READ] = { "errors.read", errors_read, .wkc = ECR_WKC_ANY, .on_loss = ERRORS_WAIT },
	[ERRORS_CLEAR] = { "errors.clear", errors_clear, .wkc = ECR_WKC_ANY,
			   .on_loss = ERRORS_WAIT },
};

void ecr_slave_errors(const struct ecr_slave *slave, unsigned int port,
		      struct ecr_port_errors *errors)
{
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
