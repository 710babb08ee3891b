/* SPDX-License-Identifier: Apache-2.0 */
/* The broadcast part of the startup: counting slaves until the count is stable, INIT for all,
 * registers to defaults. */
#include "master/master.h"

#include "base/le.h"

enum { SCAN_COUNT, SCAN_CLEAR };
enum { RESET_INIT, RESET_AWAIT, RESET_REQUIRED, RESET_OPTIONAL, RESET_EEPROM };

#define MIN_READINGS 2
#define RESET_TRIES 20	/* a machine that has no time at the start costs no session */
#define SILENT_RESETS 4 /* ... nor one that takes longer for an answer than is waited for it */

static struct ecr_boot *boot_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_boot, job);
}

/*
 * Stable: the same count, above zero, over the whole window. The working counter alone is not believed: each
 * slave that a broadcast passes moves its position on (ETG.1000.4, 5.4), too. Slaves that are not there would be waited for until the
 * session gives up.
 */
static struct ecr_verdict scan_count(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_boot *boot = boot_of(job);

	if (!answer) {
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
		return ecr_ask();
	}
	if (answer->wkc != answer->asks[0].passed) {
		boot->readings = 0;
		return ecr_wait(boot->poll);
	}
	if (answer->wkc != boot->count || !boot->readings) {
		boot->count = answer->wkc;
		boot->readings = 0;
		boot->since = job->now;
	}
	if (boot->count && boot->count != boot->cleared)
		return ecr_goto(SCAN_CLEAR);
	boot->readings++;
	if (boot->count && job->now - boot->since >= boot->stable &&
	    (boot->readings >= MIN_READINGS || !boot->stable))
		return ecr_done();
	return ecr_wait(boot->poll);
}

static uint8_t *broadcast(struct ecr_job *job, uint16_t offset, uint16_t length)
{
	return ecr_job_write(job, ECR_CMD_BWR, ecr_address_all(offset), length);
}

/* What cables have done before is nobody's; from now on every error counts. */
static struct ecr_verdict scan_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_boot *boot = boot_of(job);

	if (!answer) {
		broadcast(job, ECR_REG_RX_ERRORS, ECR_REG_RX_ERRORS_SIZE);
		broadcast(job, ECR_REG_LOST_LINK, ECR_REG_LOST_LINK_SIZE);
		return ecr_ask();
	}
	boot->cleared = boot->count;
	boot->no_errors = answer->asks[0].wkc == boot->count;
	boot->no_lost_links = answer->asks[1].wkc == boot->count;
	return ecr_goto(SCAN_COUNT);
}

static struct ecr_verdict reset_init(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_boot *boot = boot_of(job);

	if (answer)
		return ecr_goto(RESET_AWAIT);
	ecr_job_write16(job, ECR_CMD_BWR, ecr_address_all(ECR_REG_AL_CONTROL),
			ECR_AL_INIT | ECR_AL_ACKNOWLEDGE);
	boot->deadline = job->now + boot->to_init;
	return ecr_ask();
}

/* The states of all slaves arrive ORed: nothing but INIT means all are there. Each error bit is
 * looked at later. */
static struct ecr_verdict reset_await(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_boot *boot = boot_of(job);

	if (!answer) {
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_AL_STATUS), 2);
		return ecr_ask();
	}
	boot->status = ecr_le16(answer->data);
	if ((boot->status & ECR_AL_STATE_MASK) == ECR_AL_INIT || job->now >= boot->deadline)
		return ecr_goto(
			RESET_REQUIRED); /* a slave that is stuck is named when it is brought up */
	return ecr_wait(ECR_MS(1));
}

static struct ecr_verdict reset_required(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (answer)
		return ecr_goto(RESET_OPTIONAL);
	broadcast(job, ECR_REG_DL_PORTS, 1);
	ecr_put_le16(broadcast(job, ECR_REG_IRQ_MASK, 2), ECR_SLAVE_EVENTS);
	broadcast(job, ECR_REG_DL_ALIAS, 1);
	if (boot_of(job)->clear_stations)
		broadcast(job, ECR_REG_STATION, ECR_REG_STATION_SIZE);
	return ecr_ask();
}

/* Not every controller has all of these: any counter will do. Three FMMUs and four SyncManagers
 * every one has. */
static struct ecr_verdict reset_optional(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (answer)
		return ecr_goto(RESET_EEPROM);
	ecr_job_write_zeros(job, ECR_CMD_BWR, ecr_address_all((uint16_t)ECR_REG_FMMU(0)),
			    3 * ECR_FMMU_SIZE);
	ecr_job_write_zeros(job, ECR_CMD_BWR, ecr_address_all((uint16_t)ECR_REG_FMMU(3)),
			    13 * ECR_FMMU_SIZE);
	ecr_job_write_zeros(job, ECR_CMD_BWR, ecr_address_all((uint16_t)ECR_REG_SM(0)),
			    4 * ECR_SM_SIZE);
	ecr_job_write_zeros(job, ECR_CMD_BWR, ecr_address_all((uint16_t)ECR_REG_SM(4)),
			    12 * ECR_SM_SIZE);
	broadcast(job, ECR_REG_DC_ACTIVATION, 1);
	if (boot_of(job)->keep_speed)
		return ecr_ask();
	broadcast(job, ECR_REG_DC_SYSTEM_TIME, 4);
	ecr_put_le16(broadcast(job, ECR_REG_DC_SPEED_START, 2), ECR_DC_SPEED_START_DEFAULT);
	ecr_put_le16(broadcast(job, ECR_REG_DC_FILTER_DIFFERENCE, 2), ECR_DC_FILTERS_DEFAULT);
	return ecr_ask();
}

static struct ecr_verdict reset_eeprom(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (answer)
		return ecr_done();
	broadcast(job, ECR_REG_EEPROM_CONFIG, 1)[0] = ECR_EEPROM_FORCE_MASTER;
	broadcast(job, ECR_REG_EEPROM_CONFIG, 1);
	return ecr_ask();
}

ecr_time ecr_boot_patience(const struct ecr_core *core)
{
	if (core->config->frame_timeout_ms > 0)
		return ECR_MS(core->config->frame_timeout_ms);
	return ecr_bus_tuned_timeout(core->found) << core->boot.silent;
}

/*
 * Others have answered than were counted; where that has been looked into already, it is no change. Or nobody has answered in
 * time who could be counted: the longest question of all takes a ring of many longer than their count, and asked again too soon
 * it is answered later still.
 */
bool ecr_boot_again(struct ecr_core *core)
{
	struct ecr_boot *boot = &core->boot;
	int result = boot->job.result;
	bool others = (result == ECR_ERR_UNEXPECTED_WKC || result == ECR_ERR_NO_RESPONSE) &&
		      boot->refused != core->found;

	if (others)
		boot->refused = core->found;
	if (result != ECR_ERR_TIMEOUT || boot->silent == SILENT_RESETS)
		return others;
	boot->silent++;
	core->bus.frame_timeout = ECR_BUS_FIRST_TIMEOUT << boot->silent;
	return true;
}

/* That answers have come too late tells a slow ring from one that loses frames. */
void ecr_boot_be_patient(struct ecr_core *core)
{
	struct ecr_boot *boot = &core->boot;
	uint64_t late = core->bus.info.dropped[ECR_DROP_LATE];

	if (late == boot->late || boot->silent == SILENT_RESETS)
		return;
	boot->late = late;
	boot->silent++;
	core->bus.frame_timeout = ecr_boot_patience(core);
}

const struct ecr_step ecr_scan_steps[] = {
	[SCAN_COUNT] = { "scan.count", scan_count, .wkc = ECR_WKC_ANY, .tries = 1,
			 .on_loss = ECR_ASK_AGAIN },
	[SCAN_CLEAR] = { "scan.clear", scan_clear, .wkc = ECR_WKC_ANY, .tries = 1,
			 .on_loss = ECR_ASK_AGAIN },
};

const struct ecr_step ecr_reset_steps[] = {
	[RESET_INIT] = { "reset.init", reset_init, .wkc = ECR_WKC_JOB, .tries = RESET_TRIES,
			 .on_loss = ECR_ASK_AGAIN },
	[RESET_AWAIT] = { "reset.await", reset_await, .wkc = ECR_WKC_JOB, .tries = RESET_TRIES,
			  .on_loss = ECR_ASK_AGAIN },
	[RESET_REQUIRED] = { "reset.required", reset_required, .wkc = ECR_WKC_JOB,
			     .tries = RESET_TRIES, .on_loss = ECR_ASK_AGAIN },
	[RESET_OPTIONAL] = { "reset.optional", reset_optional, .wkc = ECR_WKC_ANY,
			     .tries = RESET_TRIES, .on_loss = ECR_ASK_AGAIN },
	[RESET_EEPROM] = { "reset.eeprom", reset_eeprom, .wkc = ECR_WKC_JOB, .tries = RESET_TRIES,
			   .on_loss = ECR_ASK_AGAIN },
};
