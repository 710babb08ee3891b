/* SPDX-License-Identifier: Apache-2.0 */
#include "port/config_copy.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Without a block the arena counts and every pointer is NULL; the second pass builds. */
static const char *copy_string(struct ecr_arena *arena, const char *string)
{
	size_t length = string ? strlen(string) + 1 : 0;
	char *copy = string ? ecr_arena_take(arena, length, 1) : NULL;

	if (copy)
		memcpy(copy, string, length);
	return copy;
}

static size_t bytes_of(const struct ecr_sdo_write *write)
{
	if (write->type == ECR_SDO_STRING && write->data)
		return strlen(write->data) + 1;
	return write->type == ECR_SDO_BYTES ? write->size : 0;
}

static const struct ecr_sdo_write *copy_startup(struct ecr_arena *arena,
						const struct ecr_sdo_write *from)
{
	struct ecr_sdo_write *list;
	size_t count = 0;

	if (!from)
		return NULL;
	while (from[count].index)
		count++;
	list = ECR_TAKE(arena, struct ecr_sdo_write, count + 1);
	for (size_t i = 0; i < count; i++) {
		size_t size = bytes_of(&from[i]);
		void *data = ecr_arena_take(arena, size, 1);

		if (!list || !data)
			continue;
		list[i] = from[i];
		list[i].data = size && from[i].data ? memcpy(data, from[i].data, size) : NULL;
	}
	return list;
}

static const struct ecr_pdo_mapped *copy_mapped(struct ecr_arena *arena,
						const struct ecr_pdo_mapped *from)
{
	struct ecr_pdo_mapped *list;
	size_t count = 0;

	while (from && from[count].bits)
		count++;
	list = from ? ECR_TAKE(arena, struct ecr_pdo_mapped, count + 1) : NULL;
	if (list)
		memcpy(list, from, count * sizeof(*list));
	return list;
}

static const struct ecr_pdo_wanted *copy_pdos(struct ecr_arena *arena,
					      const struct ecr_pdo_wanted *from)
{
	struct ecr_pdo_wanted *list;
	size_t count = 0;

	if (!from)
		return NULL;
	while (from[count].pdo)
		count++;
	list = ECR_TAKE(arena, struct ecr_pdo_wanted, count + 1);
	for (size_t i = 0; i < count; i++) {
		const struct ecr_pdo_mapped *mapped = copy_mapped(arena, from[i].mapped);

		if (list)
			list[i] = (struct ecr_pdo_wanted){ from[i].sm, from[i].pdo, mapped };
	}
	return list;
}

static const struct ecr_pdo_rule *copy_rules(struct ecr_arena *arena,
					     const struct ecr_pdo_rule *from)
{
	struct ecr_pdo_rule *list;
	size_t count = 0;

	while (from && from[count].pdo)
		count++;
	list = from ? ECR_TAKE(arena, struct ecr_pdo_rule, count + 1) : NULL;
	if (list)
		memcpy(list, from, count * sizeof(*list));
	return list;
}

static void copy_process_data(struct ecr_arena *arena, struct ecr_process_data *to,
			      const struct ecr_process_data *from)
{
	struct ecr_process_data data = { .kind = from->kind,
					 .domain = copy_string(arena, from->domain) };
	struct ecr_signal_map *signals = NULL;
	size_t count = 0;

	while (from->kind == ECR_PROCESS_DATA_SIGNALS && from->signals &&
	       from->signals[count].signal)
		count++;
	if (from->signals)
		signals = ECR_TAKE(arena, struct ecr_signal_map, count + 1);
	for (size_t i = 0; i < count; i++) {
		const char *signal = copy_string(arena, from->signals[i].signal);
		const char *domain = copy_string(arena, from->signals[i].domain);

		if (signals)
			signals[i] = (struct ecr_signal_map){ signal, domain };
	}
	data.signals = signals;
	if (to)
		*to = data;
}

static const struct ecr_latch_config *copy_latches(struct ecr_arena *arena,
						   const struct ecr_latch_config *from)
{
	struct ecr_latch_config *to;
	size_t count = 0;

	if (!from)
		return NULL;
	while (from[count].name)
		count++;
	to = ECR_TAKE(arena, struct ecr_latch_config, count + 1);
	for (size_t i = 0; i < count; i++) {
		const char *name = copy_string(arena, from[i].name);

		if (to) {
			to[i] = from[i];
			to[i].name = name;
		}
	}
	return to;
}

static const struct ecr_safe_value *copy_safe_values(struct ecr_arena *arena,
						     const struct ecr_safe_value *from)
{
	struct ecr_safe_value *to;
	size_t count = 0;

	if (!from)
		return NULL;
	while (from[count].signal)
		count++;
	to = ECR_TAKE(arena, struct ecr_safe_value, count + 1);
	for (size_t i = 0; i < count; i++) {
		const char *signal = copy_string(arena, from[i].signal);

		if (to) {
			to[i] = from[i];
			to[i].signal = signal;
		}
	}
	return to;
}

static void copy_slave(struct ecr_arena *arena, struct ecr_slave_config *to,
		       const struct ecr_slave_config *from)
{
	const char *name = copy_string(arena, from->name);
	const struct ecr_sdo_write *startup = copy_startup(arena, from->startup);
	const struct ecr_pdo_wanted *pdos = copy_pdos(arena, from->pdos);
	const struct ecr_pdo_rule *rules = copy_rules(arena, from->pdo_rules);
	const struct ecr_latch_config *latches = copy_latches(arena, from->sync.latches);
	const struct ecr_safe_value *safe = copy_safe_values(arena, from->safe_values);
	const char *group = copy_string(arena, from->presence.group);

	if (to) {
		*to = *from;
		to->name = name;
		to->startup = startup;
		to->pdos = pdos;
		to->pdo_rules = rules;
		to->sync.latches = latches;
		to->safe_values = safe;
		to->presence.group = group;
	}
	copy_process_data(arena, to ? &to->process_data : NULL, &from->process_data);
}

static struct ecr_config *copy_all(struct ecr_arena *arena, const struct ecr_config *from)
{
	struct ecr_config *to = ECR_TAKE(arena, struct ecr_config, 1);
	const char *interface = copy_string(arena, from->interface);
	const char *backup = copy_string(arena, from->backup_interface);
	const char *record = copy_string(arena, from->record.path);
	const char *reference = copy_string(arena, from->dc.reference);
	struct ecr_domain_config *domains;
	struct ecr_slave_config *each = NULL;
	struct ecr_slave_config *slaves;
	size_t domain_count = 0;
	size_t slave_count = 0;

	while (from->domains && from->domains[domain_count].id)
		domain_count++;
	while (from->slaves && from->slaves[slave_count].name)
		slave_count++;
	domains = ECR_TAKE(arena, struct ecr_domain_config, domain_count + 1);
	slaves = ECR_TAKE(arena, struct ecr_slave_config, slave_count + 1);
	for (size_t i = 0; i < domain_count; i++) {
		const char *id = copy_string(arena, from->domains[i].id);

		if (domains) {
			domains[i] = from->domains[i];
			domains[i].id = id;
		}
	}
	for (size_t i = 0; i < slave_count; i++)
		copy_slave(arena, slaves ? &slaves[i] : NULL, &from->slaves[i]);
	if (from->each) {
		each = ECR_TAKE(arena, struct ecr_slave_config, 1);
		copy_slave(arena, each, from->each);
	}
	if (!to)
		return NULL;
	*to = *from;
	to->each = each;
	to->interface = interface;
	to->backup_interface = backup;
	to->record.path = record;
	to->dc.reference = reference;
	to->domains = domains;
	to->slaves = slaves;
	return to;
}

struct ecr_config *port_copy_config(const struct ecr_config *config)
{
	struct ecr_arena arena;
	size_t size;
	void *block;

	ecr_arena_init(&arena, NULL, 0);
	copy_all(&arena, config);
	size = arena.used;
	block = malloc(size);
	if (!block)
		return NULL;
	ecr_arena_init(&arena, block, size);
	return copy_all(&arena, config);
}

struct ecr_slave_config *port_copy_slave(const struct ecr_slave_config *slave)
{
	struct ecr_arena arena;
	struct ecr_slave_config *copy;
	size_t size;

	ecr_arena_init(&arena, NULL, 0);
	ecr_arena_take(&arena, 1, sizeof(*copy));
	copy_slave(&arena, NULL, slave);
	size = arena.used;
	copy = malloc(size);
	if (!copy)
		return NULL;
	ecr_arena_init(&arena, copy, size);
	copy = ECR_TAKE(&arena, struct ecr_slave_config, 1);
	copy_slave(&arena, copy, slave);
	return copy;
}
