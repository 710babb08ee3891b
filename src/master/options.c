/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a session: each is checked before anything is sent, and a refusal names the option. */
#include "master/master.h"

#include "base/text.h"

#include <string.h>

#define WATCHDOG_MOST_MS 6553	/* 65535 units of 100 us */
#define RECORD_LEAST (64 << 10) /* a cycle of a large ring is some frames of 1500 bytes */
#define RECORD_MOST (1 << 30)
#define CHECK_ALL \
	(ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT | ECR_CHECK_REVISION | ECR_CHECK_SERIAL | \
	 ECR_CHECK_REVISION_LEAST)

/* A number that has a range, and what is said when it is outside. */
struct range {
	int64_t value;
	int64_t least;
	int64_t most;
	const char *option;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
	return period && !ecr_domain_bears(period);
}

static bool known_domain(const struct ecr_config *config, const char *id)
{
	for (int i = 0; id && config->domains && config->domains[i].id; i++)
		if (ecr_text_equal(config->domains[i].id, id))
			return true;
	return false;
}

/* The first that is outside its range; NULL when none is. */
static const char *outside(const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ranges[i].value < ranges[i].least || ranges[i].value > ranges[i].most)
			return ranges[i].option;
	return NULL;
}

static int check_domains(const struct ecr_config *config, struct ecr_failure *failure)
{
	for (int i = 0; config->domains && config->domains[i].id; i++) {
		const struct ecr_domain_config *domain = &config->domains[i];

		_Static_assert(ECR_DOMAINS_MAX == 32, "the text below");
		if (i >= ECR_DOMAINS_MAX)
			return refuse(failure, "number of domains (at most 32)", domain->id,
				      ECR_ERR_LIMIT);
		if (bad_name(domain->id))
			return refuse(failure, "domain id", domain->id, 0);
		if (bad_period(domain->cycle_ns))
			return refuse(failure, "domain cycle_ns (100 us to 10 s)", domain->id, 0);
		if (domain->on_fault > ECR_ON_FAULT_SAFE)
			return refuse(failure, "domain on_fault", domain->id, 0);
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
		return 0;
	if (!data->signals)
		return refuse(failure, "process_data signals", slave->name, 0);
	for (int i = 0; data->signals[i].signal; i++)
		if (!known_domain(config, data->signals[i].domain))
			return refuse(failure, "process_data domain", slave->name,
				      ECR_ERR_UNKNOWN_DOMAIN);
	return 0;
}

static bool bad_write(const struct ecr_sdo_write *write)
{
	return write->when > ECR_AT_SP || write->type > ECR_SDO_STRING ||
	       write->flags & ~(ECR_SDO_COMPLETE | ECR_SDO_COMPARE | ECR_SDO_IF_ALLOWED) ||
	       (write->type == ECR_SDO_BYTES && write->size && !write->data) ||
	       (write->type == ECR_SDO_STRING && !write->data);
}

/* Lists that a slave's configuration may have. */
static const char *bad_list(const struct ecr_slave_config *slave)
{
	for (int i = 0; slave->startup && slave->startup[i].index; i++)
		if (bad_write(&slave->startup[i]))
			return "slave startup";
	for (int i = 0; slave->safe_values && slave->safe_values[i].signal; i++)
		if (slave->safe_values[i].on_fault > ECR_ON_FAULT_SAFE)
			return "slave safe_values";
	for (int i = 0; slave->sync.latches && slave->sync.latches[i].name; i++)
		if (slave->sync.latches[i].unit > 1)
			return "latch unit (0 or 1)";
	return NULL;
}

const char *ecr_master_bad_slave_option(const struct ecr_slave_config *slave)
{
	const struct range ranges[] = {
		{ slave->process_data.kind, 0, ECR_PROCESS_DATA_SIGNALS, "process_data kind" },
		{ slave->health_poll_ms, -1, INT32_MAX, "slave health_poll_ms (-1 or more)" },
		{ slave->watchdog_ms, -1, WATCHDOG_MOST_MS, "slave watchdog_ms (at most 6553)" },
		{ slave->mailbox_timeout_ms, 0, INT32_MAX, "slave mailbox_timeout_ms" },
		{ slave->mailbox_poll_ms, -1, INT32_MAX, "slave mailbox_poll_ms (-1 or more)" },
		{ slave->mailbox_watch, 0, ECR_MAILBOX_MAPPED, "slave mailbox_watch" },
		{ slave->on_fault, 0, ECR_ON_FAULT_SAFE, "slave on_fault" },
		{ slave->check, 0, CHECK_ALL, "slave check" },
		{ slave->sync.mode, 0, ECR_SYNC_SYNC1, "sync mode" },
	};
	const char *option = outside(ranges, COUNT(ranges));

	if (option)
		return option;
	if (slave->target_state != ECR_TARGET_OP && slave->target_state != ECR_TARGET_PREOP &&
	    slave->target_state != ECR_TARGET_BOOT)
		return "slave target_state";
	if (slave->target_state == ECR_TARGET_BOOT &&
	    slave->process_data.kind != ECR_PROCESS_DATA_NONE)
		return "slave target_state (BOOT has no process_data)";
	if (bad_period(slave->sync.sync0_cycle_ns))
		return "sync sync0_cycle_ns (100 us to 10 s)";
	return bad_list(slave);
}

static bool same_identification(const struct ecr_presence_config *a,
				const struct ecr_presence_config *b)
{
	return a->by != ECR_BY_POSITION && a->by == b->by &&
	       a->identification == b->identification &&
	       (a->by != ECR_BY_MEMORY || a->identification_address == b->identification_address);
}

static bool same_group(const struct ecr_slave_config *a, const struct ecr_slave_config *b)
{
	return a->presence.group && b->presence.group &&
	       ecr_text_equal(a->presence.group, b->presence.group);
}

/* Slaves of a group stand side by side, and no two are recognised by the same. */
static int check_presence(const struct ecr_slave_config *slaves, int number,
			  struct ecr_failure *failure)
{
	const struct ecr_slave_config *slave = &slaves[number];
	const struct ecr_presence_config *presence = &slave->presence;

	if (presence->by > ECR_BY_MEMORY)
		return refuse(failure, "presence by", slave->name, 0);
	if (presence->by == ECR_BY_MEMORY && !presence->identification_address)
		return refuse(failure, "presence identification_address", slave->name, 0);
	for (int i = 0; i < number; i++) {
		if (same_identification(presence, &slaves[i].presence))
			return refuse(failure, "presence identification", slave->name,
				      ECR_ERR_DUPLICATE_NAME);
		if (same_group(slave, &slaves[i]) && !same_group(slave, &slaves[number - 1]))
			return refuse(failure, "presence group (not side by side)", slave->name, 0);
	}
	return 0;
}

static int check_slaves(const struct ecr_config *config, struct ecr_failure *failure)
{
	int error;

	for (int i = 0; config->slaves && config->slaves[i].name; i++) {
		const struct ecr_slave_config *slave = &config->slaves[i];

		if (bad_name(slave->name))
			return refuse(failure, "slave name", slave->name, 0);
		if (ecr_master_bad_slave_option(slave))
			return refuse(failure, ecr_master_bad_slave_option(slave), slave->name, 0);
		if (slave->driver && !slave->driver->signal_model)
			return refuse(failure, "slave driver", slave->name,
				      ECR_ERR_INVALID_SIGNAL_MODEL);
		error = check_process_data(config, slave, failure);
		if (!error)
			error = check_presence(config->slaves, i, failure);
		if (error)
			return error;
		for (int k = 0; k < i; k++)
			if (ecr_text_equal(config->slaves[k].name, slave->name))
				return refuse(failure, "slave name", slave->name,
					      ECR_ERR_DUPLICATE_NAME);
	}
	return 0;
}

/* Slaves are named one by one, or are all alike. */
static int check_each(const struct ecr_config *config, struct ecr_failure *failure)
{
	const char *option = config->each ? ecr_master_bad_slave_option(config->each) : NULL;

	if (!config->each)
		return 0;
	if (config->slaves && config->slaves[0].name)
		return refuse(failure, "each with slaves", NULL, 0);
	if (option)
		return refuse(failure, option, "each", 0);
	if (config->each->driver && !config->each->driver->signal_model)
		return refuse(failure, "slave driver", "each", ECR_ERR_INVALID_SIGNAL_MODEL);
	return check_process_data(config, config->each, failure);
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
	const struct ecr_slave_config *slave = config->each;

	if (!config->dc.disabled)
		return 0;
	if (slave && (slave->sync.mode || slave->sync.latches))
		return refuse(failure, "sync without dc", "each", ECR_ERR_DC_DISABLED);
	for (slave = config->slaves; slave && slave->name; slave++)
		if (slave->sync.mode || slave->sync.latches)
			return refuse(failure, "sync without dc", slave->name, ECR_ERR_DC_DISABLED);
	return 0;
}

static int check_session(const struct ecr_config *config, struct ecr_failure *failure)
{
	const struct ecr_al_timeouts *al = &config->al_timeouts;
	const struct ecr_limits *limits = &config->limits;
	const struct ecr_record_config *record = &config->record;
	const struct range ranges[] = {
		{ config->base_station, 0, 0xFFFF, "base_station (1 to 0xFFFF)" },
		{ config->frame_timeout_ms, 0, INT32_MAX, "frame_timeout_ms" },
		{ config->scan_poll_ms, 0, INT32_MAX, "scan_poll_ms" },
		{ config->scan_stable_ms, -1, INT32_MAX, "scan_stable_ms (-1 or more)" },
		{ config->awaiting_preop_ms, 0, INT32_MAX, "awaiting_preop_ms" },
		{ config->vlan_tag, 0, config->vlan ? 0xFFFF : 0, "vlan_tag without vlan" },
		{ al->to_preop_ms, 0, INT32_MAX, "al_timeouts.to_preop_ms" },
		{ al->to_safeop_ms, 0, INT32_MAX, "al_timeouts.to_safeop_ms" },
		{ al->to_op_ms, 0, INT32_MAX, "al_timeouts.to_op_ms" },
		{ al->to_init_ms, 0, INT32_MAX, "al_timeouts.to_init_ms" },
		{ al->back_to_safeop_ms, 0, INT32_MAX, "al_timeouts.back_to_safeop_ms" },
		{ limits->frames_in_flight, 0, 128, "limits.frames_in_flight (at most 128)" },
		{ limits->sii_bytes ? limits->sii_bytes : ECR_SII_HEADER_SIZE, ECR_SII_HEADER_SIZE,
		  UINT32_MAX, "limits.sii_bytes (128 or more)" },
		{ limits->mailbox_bytes, 0, ECR_MAILBOX_MAX,
		  "limits.mailbox_bytes (at most 1486)" },
		{ limits->pdos, 0, UINT16_MAX, "limits.pdos (at most 65535)" },
		{ limits->pdo_entries, 0, UINT16_MAX, "limits.pdo_entries (at most 65535)" },
		{ config->realtime.priority, -1, 99, "realtime.priority (1 to 99, or -1)" },
		{ config->realtime.scheduling, 0, ECR_SCHEDULING_OTHER, "realtime.scheduling" },
		{ config->realtime.stack_kib ? config->realtime.stack_kib : 8, 8, 1024,
		  "realtime.stack_kib (8 to 1024)" },
		{ config->realtime.cpu, 0, INT32_MAX, "realtime.cpu (counted from 1)" },
		{ (int64_t)(record->bytes ? record->bytes : RECORD_LEAST), RECORD_LEAST,
		  RECORD_MOST, "record.bytes (64 KiB to 1 GiB)" },
		{ record->after_ms, 0, INT32_MAX, "record.after_ms" },
	};
	const char *option = outside(ranges, COUNT(ranges));

	return option ? refuse(failure, option, NULL, 0) : 0;
}

int ecr_master_check_options(const struct ecr_config *config, struct ecr_failure *failure)
{
	int error = check_session(config, failure);

	if (!error)
		error = check_domains(config, failure);
	if (!error)
		error = check_slaves(config, failure);
	if (!error)
		error = check_each(config, failure);
	if (!error)
		error = check_clocks(config, failure);
	return error ? error : check_sync(config, failure);
}
