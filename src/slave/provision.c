/* SPDX-License-Identifier: Apache-2.0 */
/* In PREOP, before the process data are planned: who it is, and over the mailbox the startup list, then the PDOs.
 * A slave without CoE has nothing to do here. */
#include "slave/slave.h"

#include "base/le.h"

enum { PROVISION_IDENTITY, PROVISION_STARTUP, PROVISION_PDOS, PROVISION_DONE };

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, job);
}

int ecr_slave_lacks_coe(const struct ecr_slave *slave)
{
	const struct ecr_mailbox *mailbox = &slave->mailbox;

	if (!ecr_mailbox_usable(mailbox))
		return mailbox->area.protocols ? ECR_ERR_NO_MAILBOX_SIZES : ECR_ERR_NO_MAILBOX;
	return mailbox->area.protocols & ECR_SII_MAILBOX_COE ? 0 : ECR_ERR_NO_COE;
}

/* By what was read of it alone: of whoever stood there then. */
static bool was_refused(const struct ecr_slave *slave)
{
	int error = slave->configuration_failure.error;

	return error == ECR_ERR_IDENTITY_MISMATCH || error == ECR_ERR_PDO_MISMATCH ||
	       error == ECR_ERR_FMMU_LIMIT || error == ECR_ERR_NOT_RESERVED;
}

/* Nothing is written to a device that is another. Before one is refused again: whether it is there still. */
static struct ecr_verdict provision_identity(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	int error;

	if (!answer && was_refused(slave)) {
		ecr_job_read(job, ECR_CMD_APRD,
			     ecr_address_position(slave->position, ECR_REG_STATION), 2);
		return ecr_ask();
	}
	slave->astray = answer && (answer->wkc != 1 || ecr_le16(answer->data) != slave->station);
	if (slave->astray)
		return ecr_fail(slave->configuration_failure.error);
	error = ecr_slave_check_identity(slave);
	slave->taken = slave->taken && error;
	return error ? ecr_fail(error) : ecr_goto(PROVISION_STARTUP);
}

/* Of configuration or driver; NULL: as the device has them. */
static const struct ecr_pdo_wanted *pdos_wanted(const struct ecr_slave *slave)
{
	if (slave->config->pdos)
		return slave->config->pdos;
	return slave->driver->pdo_config ? slave->driver->pdo_config(slave->config->driver_config)
					 : NULL;
}

static struct ecr_verdict provision_startup(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	if (slave->target == ECR_TARGET_BOOT)
		return ecr_goto(PROVISION_DONE);
	if (ecr_slave_speaks_coe(slave))
		return ecr_call(ecr_slave_startup(slave, ECR_AT_PREOP), PROVISION_PDOS);
	if (ecr_slave_has_startup(slave, ECR_AT_PREOP) || pdos_wanted(slave))
		return ecr_fail(ecr_slave_lacks_coe(slave));
	/* Only its EEPROM counts: another device may have been read in its place. */
	ecr_pdo_forget(&slave->pdos);
	return ecr_goto(PROVISION_DONE);
}

bool ecr_slave_has_process_data(const struct ecr_slave *slave)
{
	uint32_t domains = 0;

	for (unsigned int sm = 0; sm < ECR_SLAVE_SMS; sm++)
		domains |= slave->registered[sm];
	return domains || slave->config->process_data.kind != ECR_PROCESS_DATA_NONE;
}

static struct ecr_verdict provision_pdos(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->pdos.wanted = pdos_wanted(slave);
	slave->pdos.rules[0] = slave->driver->pdo_rules;
	slave->pdos.rules[1] = slave->config->pdo_rules;
	/* Nothing is asked of a slave whose process data nobody uses, and that is to stay where no
	 * SyncManager needs to be as long as they are. */
	if (!ecr_slave_has_process_data(slave) && !slave->pdos.wanted &&
	    slave->target == ECR_TARGET_PREOP) {
		ecr_pdo_forget(&slave->pdos);
		return ecr_goto(PROVISION_DONE);
	}
	return ecr_call(ecr_pdo_read(&slave->pdos), PROVISION_DONE);
}

static struct ecr_verdict provision_done(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	int error = ecr_slave_as_planned(slave);

	(void)answer;
	slave->pdos.whole = true;
	if (error)
		return ecr_fail(error);
	slave->provisioned = true;
	return ecr_done();
}

const struct ecr_step ecr_provision_steps[] = {
	[PROVISION_IDENTITY] = { "provision.identity", provision_identity, .wkc = ECR_WKC_ANY,
				 .tries = 3, .on_loss = ECR_ASK_AGAIN },
	[PROVISION_STARTUP] = { "provision.startup", provision_startup },
	[PROVISION_PDOS] = { "provision.pdos", provision_pdos },
	[PROVISION_DONE] = { "provision.done", provision_done },
};
