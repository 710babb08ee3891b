/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing a slave's configuration while the session is settled in PREOP: the plan is made anew,
 * as often as wanted. */
#include "master/master.h"

#include "base/text.h"

static int allowed(const struct ecr_core *core)
{
	bool settled = core->phase == ECR_PHASE_STEADY;
	static const int refusals[ECR_STATE_COUNT] = {
		[ECR_STATE_IDLE] = ECR_ERR_NOT_STARTED,
		[ECR_STATE_DISCOVERING] = ECR_ERR_DISCOVERING,
		[ECR_STATE_AWAITING_PREOP] = ECR_ERR_AWAITING_PREOP,
		[ECR_STATE_DEACTIVATED] = ECR_ERR_NOT_PREOP,
		[ECR_STATE_OPERATIONAL] = ECR_ERR_ACTIVATION_ALREADY_STARTED,
		[ECR_STATE_ACTIVATION_BLOCKED] = ECR_ERR_ACTIVATION_IN_PROGRESS,
		[ECR_STATE_RECOVERING] = ECR_ERR_RECOVERY_IN_PROGRESS,
	};

	if (core->state == ECR_STATE_PREOP_READY && !settled)
		return ECR_ERR_ACTIVATION_IN_PROGRESS;
	/* What keeps a session in PREOP from being ready may be just what is to be configured otherwise. */
	if ((core->state == ECR_STATE_ACTIVATION_BLOCKED || core->state == ECR_STATE_RECOVERING) &&
	    core->target == ECR_TARGET_PREOP && settled)
		return 0;
	return refusals[core->state];
}

static int check_domains(struct ecr_core *core, const struct ecr_process_data *data)
{
	if (data->kind == ECR_PROCESS_DATA_ALL)
		return ecr_master_domain(core, data->domain) ? 0 : ECR_ERR_UNKNOWN_DOMAIN;
	if (data->kind != ECR_PROCESS_DATA_SIGNALS)
		return 0;
	for (int i = 0; data->signals && data->signals[i].signal; i++)
		if (!ecr_master_domain(core, data->signals[i].domain))
			return ECR_ERR_UNKNOWN_DOMAIN;
	return data->signals ? 0 : ECR_ERR_INVALID_PROCESS_DATA;
}

int ecr_master_configure(struct ecr_core *core, const char *name,
			 const struct ecr_slave_config *config)
{
	struct ecr_slave *slave = ecr_master_slave(core, name);
	int error = allowed(core);

	if (error)
		return error;
	if (!slave)
		return ECR_ERR_UNKNOWN_SLAVE;
	if (config->name && !ecr_text_equal(config->name, slave->name))
		return ECR_ERR_INVALID_ARGUMENT;
	if (ecr_master_bad_slave_option(config))
		return ECR_ERR_INVALID_ARGUMENT;
	error = check_domains(core, &config->process_data);
	if (error)
		return error;
	core->dynamic[slave->index] = *config;
	core->dynamic[slave->index].name = slave->name;
	ecr_master_take_options(slave);
	for (unsigned int sm = 0; sm < ECR_SLAVE_SMS; sm++)
		slave->registered[sm] = 0;
	slave->registering.size = 0;
	slave->provisioned = false;
	ecr_master_plan_anew(core);
	return 0;
}

static bool is_open(const struct ecr_core *core)
{
	for (int i = 0; i < core->domain_count; i++)
		if (core->domains[i].state == ECR_DOMAIN_CYCLING)
			return false;
	return core->target == ECR_TARGET_PREOP || core->state == ECR_STATE_PREOP_READY;
}

static int may_register(struct ecr_core *core, const struct ecr_domain *domain)
{
	int error = allowed(core);

	if (error == ECR_ERR_NOT_STARTED)
		return error;
	if (!domain)
		return ECR_ERR_NOT_FOUND;
	if (error == ECR_ERR_DISCOVERING || error == ECR_ERR_AWAITING_PREOP)
		return error;
	return is_open(core) ? error : ECR_ERR_NOT_OPEN;
}

int ecr_master_register(struct ecr_core *core, const struct ecr_request *request)
{
	const struct ecr_registration *wanted = request->out;
	const struct ecr_domain *domain = ecr_master_domain(core, request->name);
	int error = may_register(core, domain);
	const struct ecr_placement *there;
	struct ecr_slave *slave;

	if (error)
		return error;
	slave = ecr_master_slave(core, wanted->slave);
	if (!slave || wanted->sm >= ECR_SLAVE_SMS)
		return ECR_ERR_NOT_FOUND;
	there = ecr_master_placement(core, domain->id, wanted);
	if (there && (there->bits + 7) / 8 == wanted->size && there->direction == wanted->direction)
		return 0;
	slave->registering = (struct ecr_registering){
		.sm = wanted->sm,
		.domain = domain->index,
		.direction = wanted->direction,
		.size = wanted->size,
		.fresh = !(slave->registered[wanted->sm] >> domain->index & 1)
	};
	slave->registered[wanted->sm] |= 1u << domain->index;
	slave->provisioned = false;
	ecr_master_plan_anew(core);
	return 0;
}

void ecr_master_plan_anew(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		core->slaves[i].configuration_failure.error = 0;
		core->slaves[i].refused.error = 0;
		core->slaves[i].planned_for = (struct ecr_planned_for){ 0 };
		core->slaves[i].no_room = false;
	}
	ecr_master_poll(core, false);
	ecr_master_provision(core);
}
