/* SPDX-License-Identifier: Apache-2.0 */
/* The report of diag for programs. */
#include "cli/diag.h"

#include <stdio.h>

static void print_history(const struct diag *diag, const char *slave)
{
	struct ecr_al_entry entries[ECR_AL_HISTORY];
	int count = ecr_al_history(diag->survey.master, slave, entries, ECR_AL_HISTORY);

	printf("\"history\":[");
	for (int k = 0; k < count; k++)
		printf("%s{\"at_us\":%lld,\"status\":%u,\"code\":%u}", k ? "," : "",
		       (long long)(entries[k].at - diag->began) / 1000, entries[k].status,
		       entries[k].code);
	printf("]");
}

static void print_slave(const struct diag *diag, const struct ecr_slave_summary *slave)
{
	struct ecr_slave_info info;

	printf("{\"position\":%d,\"station\":%d,\"name\":", slave->position, slave->station);
	cli_json_string(slave->name);
	if (ecr_slave_info(diag->survey.master, slave->name, &info) == 0) {
		printf(",\"device\":");
		cli_json_text(info.device);
		printf(",\"odd_eeprom\":%s", info.sii_warnings ? "true" : "false");
	}
	printf(",\"state\":\"%s\",\"fault\":\"%s\",\"error\":\"%s\",\"al_code\":%u,",
	       slave->down && !slave->absent ? "" : cli_survey_state_name(slave),
	       ecr_fault_name(slave->fault.kind),
	       slave->fault.error ? ecr_error_name(slave->fault.error) : "", slave->fault.al_code);
	if (slave->next_attempt_ns >= 0)
		printf("\"next_attempt_us\":%lld,", (long long)slave->next_attempt_ns / 1000);
	print_history(diag, slave->name);
	printf("}");
}

static void print_errors(const char *name, const struct ecr_port_errors *errors)
{
	printf(",\"%s\":{\"crc\":%u,\"physical\":%u,\"forwarded\":%u,\"lost_links\":%u,\"recent\":%"
	       "u}",
	       name, errors->crc, errors->physical, errors->forwarded, errors->lost_links,
	       errors->recent);
}

static void print_link(const struct ecr_link_report *link)
{
	char text[320];

	printf("{\"from\":%d,\"from_name\":", link->from);
	cli_json_string(link->from_name);
	printf(",\"from_port\":%u,\"to\":%d,\"to_name\":", link->from_port, link->to);
	cli_json_string(link->to_name);
	printf(",\"to_port\":%u,\"swapped\":%s", link->to_port, link->swapped ? "true" : "false");
	print_errors("at_from", &link->at_from);
	print_errors("at_to", &link->at_to);
	ecr_link_text(link, text, sizeof(text));
	printf(",\"text\":");
	cli_json_text(text);
	printf("}");
}

static void print_differences(const struct diag *diag)
{
	char text[320];

	printf(",\"unlike_configured\":[");
	for (int i = 0; i < diag->difference_count; i++) {
		ecr_difference_text(&diag->differences[i], text, sizeof(text));
		printf("%s", i ? "," : "");
		cli_json_text(text);
	}
	printf("]");
}

/* Of the last cycle: null when it did not come back. */
static void print_counter(const struct ecr_cycle_health *health)
{
	if (health->error && health->error != ECR_ERR_WKC_MISMATCH)
		printf(",\"wkc\":null,\"expected_wkc\":null");
	else
		printf(",\"wkc\":%u,\"expected_wkc\":%u", health->actual, health->expected);
}

static void print_domain(const struct diag *diag)
{
	const struct ecr_domain_info *domain = &diag->domain;

	if (!diag->cycling)
		return;
	printf(",\"cycles\":%llu,\"bad_cycles\":%llu", (unsigned long long)domain->cycle_count,
	       (unsigned long long)domain->total_miss_count);
	print_counter(&domain->cycle_health);
	printf(",\"degraded\":%s,\"suspects\":[", domain->degraded ? "true" : "false");
	for (int i = 0; i < diag->suspect_count; i++) {
		printf("%s{\"position\":%u,\"name\":", i ? "," : "", diag->suspects[i].position);
		cli_json_string(diag->suspects[i].name);
		printf("}");
	}
	printf("]");
	if (diag->suspect_count)
		printf(",\"suspected_us_ago\":%lld",
		       (long long)(ecr_now() - diag->suspected_at) / 1000);
}

static void print_wire(const struct diag *diag)
{
	const struct ecr_bus_info *bus = &diag->survey.bus;
	const uint8_t *mac = bus->link.foreign_source;

	printf(",\"link\":{\"status\":\"%s\",\"losses\":%u},\"frames_sent\":%llu,\"frames_lost\":%"
	       "llu,\"foreign_frames\":%llu",
	       ecr_link_status_name(bus->link.status), bus->link.losses,
	       (unsigned long long)bus->frames_sent, (unsigned long long)bus->frames_lost,
	       (unsigned long long)bus->link.foreign_frames);
	cli_tree_print_redundancy_json(&diag->tree);
	if (bus->link.foreign_frames)
		printf(",\"foreign_source\":\"%02x:%02x:%02x:%02x:%02x:%02x\"", mac[0], mac[1],
		       mac[2], mac[3], mac[4], mac[5]);
}

static void print_links(const char *name, const struct ecr_link_report *links, int count)
{
	printf(",\"%s\":%s", name, count < 0 ? "null" : "[");
	for (int i = 0; i < count; i++) {
		printf("%s", i ? "," : "");
		print_link(&links[i]);
	}
	printf("%s", count < 0 ? "" : "]");
}

int diag_print_json(struct diag *diag, const struct cli_options *options)
{
	const struct cli_survey *survey = &diag->survey;
	int result;

	printf("{\"session\":\"%s\",\"slaves\":[", ecr_state_name(survey->state));
	for (int i = 0; i < survey->slave_count; i++) {
		printf("%s", i ? "," : "");
		print_slave(diag, &survey->slaves[i]);
	}
	printf("]");
	print_links("cables", survey->links, survey->link_count);
	print_links("open", survey->ends, survey->end_count);
	print_differences(diag);
	print_domain(diag);
	print_wire(diag);
	cli_survey_failures_json(survey);
	result = cli_wanted_compare(&diag->wanted, &diag->survey, options);
	printf("}\n");
	return result;
}
