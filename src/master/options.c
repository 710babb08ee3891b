/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a session: each is checked before anything is sent, and a refusal names the option. */
#include "master/master.h"

#include "base/text.h"

#include <string.h>

#define PERIOD_MIN ECR_US(100)
#define PERIOD_MAX ECR_S(10)
#define WATCHDOG_MOST_MS 6553 /* 65535 units of 100 us */

static int refuse(struct ecr_failure *failure, const char *option, const char *name, int cause)
{
	struct ecr_text text;

	*failure = (struct ecr_failure){ .error = ECR_ERR_INVALID_OPTIONS,
					 .cause = cause,
					 .position = -1,
					 .phase = "start",
					 .subject = option };
	ecr_text_init(&text, failure->slave, sizeof(failure->slave));
	ecr_text_string(&text, name ? name : "");
	return ECR_ERR_INVALID_OPTIONS;
}

static bool bad_name(const char *name)
{
	return !name[0] || strlen(name) >= ECR_NAME_SIZE;
}

static bool bad_period(ecr_time period)
{
	return period && (period < PERIOD_MIN || period > PERIOD_MAX);
}

static bool known_domain(const struct ecr_config *config, const char *id)
{
	for (int i = 0; id && config->domains && config->domains[i].id; i++)
		if (ecr_text_equal(config->domains[i].id, id))
			return true;
	return false;
}

static int check_domains(const struct ecr_config *config, struct ecr_failure *failure)
{
	for (int i = 0; config->domains && config->domains[i].id; i++) {
		const struct ecr_domain_config *domain = &config->domains[i];

		if (i >= ECR_DOMAINS)
			return refuse(failure, "number of domains", domain->id, ECR_ERR_LIMIT);
		if (bad_name(domain->id))
			return refuse(failure, "domain id", domain->id, 0);
		if (bad_period(domain->cycle_ns))
			return refuse(failure, "domain cycle_ns (100 us to 10 s)", domain->id, 0);
		if (domain->pack_bits && domain->overlap)
			return refuse(failure, "domain pack_bits with overlap", domain->id, 0);
		for (int k = 0; k < i; k++)
			if (ecr_text_equal(config->domains[k].id, domain->id))
				return refuse(failure, "domain id", domain->id,
					      ECR_ERR_DUPLICATE_NAME);
	}
	return 0;
}

static int check_process_data(const struct ecr_config *config, const struct ecr_slave_config *slave,
			      struct ecr_failure *failure)
{
	const struct ecr_process_data *data = &slave->process_data;

	if (data->kind == ECR_PROCESS_DATA_ALL && !known_domain(config, data->domain))
		return refuse(failure, "process_data domain", slave->name, ECR_ERR_UNKNOWN_DOMAIN);
	if (data->kind != ECR_PROCESS_DATA_SIGNALS)
		return data->kind > ECR_PROCESS_DATA_SIGNALS
			       ? refuse(failure, "process_data kind", slave->name, 0)
			       : 0;
	if (!data->signals)
		return refuse(failure, "process_data signals", slave->name, 0);
	for (int i = 0; data->signals[i].signal; i++)
		if (!known_domain(config, data->signals[i].domain))
			return refuse(failure, "process_data domain", slave->name,
				      ECR_ERR_UNKNOWN_DOMAIN);
	return 0;
}

static int check_slaves(const struct ecr_config *config, struct ecr_failure *failure)
{
	int error;

	for (int i = 0; config->slaves && config->slaves[i].name; i++) {
		const struct ecr_slave_config *slave = &config->slaves[i];

		if (bad_name(slave->name))
			return refuse(failure, "slave name", slave->name, 0);
		if (slave->target_state != ECR_TARGET_OP && slave->target_state != ECR_TARGET_PREOP)
			return refuse(failure, "slave target_state", slave->name, 0);
		if (slave->watchdog_ms > WATCHDOG_MOST_MS)
			return refuse(failure, "slave watchdog_ms (at most 6553)", slave->name, 0);
		if (slave->driver && !slave->driver->signal_model)
			return refuse(failure, "slave driver", slave->name,
				      ECR_ERR_INVALID_SIGNAL_MODEL);
		error = check_process_data(config, slave, failure);
		if (error)
			return error;
		for (int k = 0; k < i; k++)
			if (ecr_text_equal(config->slaves[k].name, slave->name))
				return refuse(failure, "slave name", slave->name,
					      ECR_ERR_DUPLICATE_NAME);
	}
	return 0;
}

static bool known_slave(const struct ecr_config *config, const char *name)
{
	for (int i = 0; config->slaves && config->slaves[i].name; i++)
		if (ecr_text_equal(config->slaves[i].name, name))
			return true;
	return !config->slaves || !config->slaves[0].name;
}

static int check_clocks(const struct ecr_config *config, struct ecr_failure *failure)
{
	const struct ecr_dc_config *dc = &config->dc;

	if (bad_period(dc->cycle_ns))
		return refuse(failure, "dc cycle_ns (100 us to 10 s)", NULL, 0);
	if (dc->lock_policy > ECR_DC_FATAL)
		return refuse(failure, "dc lock_policy", NULL, 0);
	if (dc->lock_timeout_ms < 0)
		return refuse(failure, "dc lock_timeout_ms", NULL, 0);
	if (dc->measure_ms < 0)
		return refuse(failure, "dc measure_ms", NULL, 0);
	if (dc->reference && dc->master_clock)
		return refuse(failure, "dc reference with master_clock", dc->reference, 0);
	if (dc->reference && !known_slave(config, dc->reference))
		return refuse(failure, "dc reference", dc->reference, ECR_ERR_UNKNOWN_SLAVE);
	return 0;
}

static int check_sync(const struct ecr_config *config, struct ecr_failure *failure)
{
	for (int i = 0; config->slaves && config->slaves[i].name; i++) {
		const struct ecr_slave_config *slave = &config->slaves[i];
		const struct ecr_sync_config *sync = &slave->sync;

		if (sync->mode > ECR_SYNC_SYNC1)
			return refuse(failure, "sync mode", slave->name, 0);
		if ((sync->mode || sync->latches) && config->dc.disabled)
			return refuse(failure, "sync without dc", slave->name, ECR_ERR_DC_DISABLED);
		if (bad_period(sync->sync0_cycle_ns))
			return refuse(failure, "sync sync0_cycle_ns (100 us to 10 s)", slave->name,
				      0);
		for (int k = 0; sync->latches && sync->latches[k].name; k++)
			if (sync->latches[k].unit > 1)
				return refuse(failure, "latch unit (0 or 1)", slave->name, 0);
	}
	return 0;
}

int ecr_master_check_options(const struct ecr_config *config, const struct ecr_limits *limits,
			     struct ecr_failure *failure)
{
	int error;

	(void)limits;
	if (config->base_station > 0xFFFF)
		return refuse(failure, "base_station (1 to 0xFFFF)", NULL, 0);
	if (config->frame_timeout_ms < 0)
		return refuse(failure, "frame_timeout_ms", NULL, 0);
	if (config->scan_poll_ms < 0)
		return refuse(failure, "scan_poll_ms", NULL, 0);
	error = check_domains(config, failure);
	if (!error)
		error = check_slaves(config, failure);
	if (!error)
		error = check_clocks(config, failure);
	return error ? error : check_sync(config, failure);
}
