/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The startup list: what driver and configuration want to have written at a change of state. The
 * mailbox is claimed first, so that requests of callers wait until the slave is through.
 */
#include "slave/slave.h"

#include "base/le.h"

#include <string.h>

enum { OF_DRIVER, OF_SYNC, OF_CONFIGURATION, LISTS };
enum { LIST_CLAIM, LIST_NEXT, LIST_WRITTEN, LIST_LEFT_OUT, LIST_COMPARED, LIST_WHOLE };

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, startup.job);
}

struct ecr_job *ecr_slave_startup(struct ecr_slave *slave, enum ecr_sdo_when when)
{
	slave->startup.job.steps = ecr_startup_steps;
	slave->startup.when = (uint8_t)when;
	slave->startup.number = 0;
	slave->startup.list = OF_DRIVER;
	slave->startup.failed = false;
	return &slave->startup.job;
}

static int look_at_sync(const struct ecr_slave *slave, struct ecr_sdo_write *write)
{
	struct ecr_sync_config sync = slave->config->sync;

	sync.sync0_cycle_ns = slave->sync.cycle;
	return slave->driver->sync_mode(slave->config->driver_config, &sync, slave->startup.number,
					write);
}

/* The list's entry at the present place: 1, 0 at the end, negative for a driver's mistake. */
static int look(const struct ecr_slave *slave, struct ecr_sdo_write *write)
{
	const struct ecr_startup *startup = &slave->startup;
	const struct ecr_driver *driver = slave->driver;

	*write = (struct ecr_sdo_write){ 0 };
	switch (startup->list) {
	case OF_DRIVER:
		return driver->mailbox_config ? driver->mailbox_config(slave->config->driver_config,
								       startup->number, write)
					      : 0;
	case OF_SYNC:
		return driver->sync_mode ? look_at_sync(slave, write) : 0;
	default:
		if (!slave->config->startup)
			return 0;
		*write = slave->config->startup[startup->number];
		return write->index != 0;
	}
}

/* Steps to the next entry of this change of state. */
static int find_next(struct ecr_slave *slave)
{
	struct ecr_startup *startup = &slave->startup;

	while (startup->list < LISTS) {
		int found = look(slave, &startup->write);

		if (found < 0 || (found && startup->write.when == startup->when))
			return found;
		startup->number = found ? startup->number + 1 : 0;
		startup->list = (uint8_t)(startup->list + !found);
	}
	return 0;
}

bool ecr_slave_has_startup(struct ecr_slave *slave, enum ecr_sdo_when when)
{
	struct ecr_startup kept = slave->startup;
	bool any;

	slave->startup.when = (uint8_t)when;
	slave->startup.number = 0;
	slave->startup.list = OF_DRIVER;
	any = find_next(slave) != 0;
	slave->startup = kept;
	return any;
}

/* The value as it goes over the wire; its size. */
static size_t encode(const struct ecr_sdo_write *write, uint8_t bytes[8])
{
	static const uint8_t sizes[] = {
		[ECR_SDO_U8] = 1,  [ECR_SDO_U16] = 2, [ECR_SDO_U32] = 4,  [ECR_SDO_U64] = 8,
		[ECR_SDO_I8] = 1,  [ECR_SDO_I16] = 2, [ECR_SDO_I32] = 4,  [ECR_SDO_I64] = 8,
		[ECR_SDO_F32] = 4, [ECR_SDO_F64] = 8, [ECR_SDO_BOOL] = 1,
	};
	float single = (float)write->real;
	uint64_t value = write->value;
	uint32_t bits;

	if (write->type == ECR_SDO_F64) {
		memcpy(&value, &write->real, sizeof(value));
	} else if (write->type == ECR_SDO_BOOL) {
		value = value != 0;
	} else if (write->type == ECR_SDO_F32) {
		memcpy(&bits, &single, sizeof(bits));
		value = bits;
	}
	ecr_put_le64(bytes, value);
	return sizes[write->type];
}

/* Where the value's bytes are, and how many. */
static void take_value(struct ecr_startup *startup)
{
	const struct ecr_sdo_write *write = &startup->write;

	if (write->type == ECR_SDO_BYTES || write->type == ECR_SDO_STRING) {
		startup->data = write->data;
		startup->size = write->type == ECR_SDO_BYTES ? write->size : strlen(write->data);
	} else {
		startup->size = encode(write, startup->value);
		startup->data = startup->value;
	}
}

static struct ecr_verdict list_claim(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->claimed = true;
	if (slave->serving || ecr_job_running(&slave->transfer.job) ||
	    ecr_job_running(&slave->mailbox.job) || !ecr_mailbox_free(&slave->mailbox))
		return ecr_wait(ECR_US(250));
	/* What stands in the mailbox from before is nobody's any more. */
	if (slave->mailbox.fresh)
		return ecr_call(ecr_mailbox_exchange(&slave->mailbox, ECR_EXCHANGE_DRAIN, 0),
				LIST_NEXT);
	return ecr_goto(LIST_NEXT);
}

static struct ecr_verdict list_next(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_startup *startup = &slave->startup;
	struct ecr_sdo_write *write = &startup->write;
	int found = find_next(slave);

	(void)answer;
	if (found < 0)
		return ecr_fail(found);
	if (!found)
		return ecr_done();
	take_value(startup);
	if (write->flags & ECR_SDO_COMPLETE) {
		struct ecr_job *whole =
			ecr_whole_write(&slave->whole, write->index, write->subindex, startup->data,
					startup->size, true);

		slave->whole.compare = write->flags & ECR_SDO_COMPARE;
		return ecr_try(whole, LIST_WHOLE);
	}
	return ecr_try(ecr_transfer_download(&slave->transfer, write->index, write->subindex, false,
					     startup->data, startup->size),
		       LIST_WRITTEN);
}

static struct ecr_verdict failed(struct ecr_slave *slave, int error)
{
	slave->startup.failed = true;
	slave->startup.error = error;
	return ecr_fail(ECR_ERR_MAILBOX_CONFIG_FAILED);
}

static bool may_be_left_out(const struct ecr_slave *slave)
{
	uint32_t code = slave->transfer.result.abort_code;

	return (slave->startup.write.flags & ECR_SDO_IF_ALLOWED) &&
	       slave->transfer.job.result == ECR_ERR_SDO_ABORT &&
	       (code == ECR_SDO_ABORT_READ_ONLY || code == ECR_SDO_ABORT_NO_OBJECT ||
		code == ECR_SDO_ABORT_NO_SUBINDEX || code == ECR_SDO_ABORT_UNSUPPORTED_ACCESS);
}

static struct ecr_verdict compare(struct ecr_slave *slave, uint8_t next)
{
	const struct ecr_startup *startup = &slave->startup;

	return ecr_try(ecr_transfer_compare(&slave->transfer, startup->write.index,
					    startup->write.subindex, false, startup->data,
					    startup->size),
		       next);
}

static struct ecr_verdict list_written(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_startup *startup = &slave->startup;
	const struct ecr_sdo_write *write = &startup->write;

	(void)answer;
	startup->number++;
	if (may_be_left_out(slave))
		return compare(slave, LIST_LEFT_OUT);
	if (slave->transfer.job.result)
		return failed(slave, slave->transfer.job.result);
	return write->flags & ECR_SDO_COMPARE ? compare(slave, LIST_COMPARED) : ecr_goto(LIST_NEXT);
}

/* It is told unless it has the value already. */
static struct ecr_verdict list_left_out(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	const struct ecr_sdo_write *write = &slave->startup.write;

	(void)answer;
	if (slave->transfer.job.result)
		ecr_mailbox_notice(&slave->mailbox, ECR_EVENT_SLAVE_WARNING,
				   "an object of the startup list cannot be written and was left "
				   "out",
				   write->index, write->subindex);
	return ecr_goto(LIST_NEXT);
}

static struct ecr_verdict list_whole(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->startup.number++;
	if (may_be_left_out(slave))
		return list_left_out(job, answer);
	return slave->whole.job.result ? failed(slave, slave->whole.job.result)
				       : ecr_goto(LIST_NEXT);
}

static struct ecr_verdict list_compared(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	return slave->transfer.job.result ? failed(slave, slave->transfer.job.result)
					  : ecr_goto(LIST_NEXT);
}

const struct ecr_step ecr_startup_steps[] = {
	[LIST_CLAIM] = { "startup_list.claim", list_claim },
	[LIST_NEXT] = { "startup_list.next", list_next },
	[LIST_WRITTEN] = { "startup_list.written", list_written },
	[LIST_LEFT_OUT] = { "startup_list.left_out", list_left_out },
	[LIST_WHOLE] = { "startup_list.whole", list_whole },
	[LIST_COMPARED] = { "startup_list.compared", list_compared },
};
