/* SPDX-License-Identifier: Apache-2.0 */
/* One report that a person can read and paste: slaves, cables, states, who else is on the wire. */
#include "cli/cli.h"

#include <stdio.h>

static struct cli_survey survey = { .verb = "diag" };

static void print_slaves(void)
{
	printf("slaves: %d\n", survey.slave_count);
	for (int i = 0; i < survey.slave_count; i++) {
		const struct ecr_slave_summary *slave = &survey.slaves[i];
		struct ecr_slave_info info;

		printf("  %3d  0x%04x  %-16s %-6s", slave->position, slave->station, slave->name,
		       slave->absent ? "absent"
		       : slave->down ? "-"
				     : ecr_al_state_name((uint16_t)slave->al_state));
		if (ecr_slave_info(survey.master, slave->name, &info) == 0)
			printf("  %s%s", info.device, info.sii_warnings ? "  (odd EEPROM)" : "");
		if (slave->fault.kind != ECR_FAULT_NONE)
			printf("  %s: %s", ecr_fault_name(slave->fault.kind),
			       ecr_error_text(slave->fault.error));
		if (slave->next_attempt_ns >= 0)
			printf(", next attempt in %.1f s", (double)slave->next_attempt_ns / 1e9);
		printf("\n");
	}
}

static void print_cables(void)
{
	char text[320];
	int bad = 0;

	if (survey.link_count < 0) {
		printf("cables: %s (%s)\n", ecr_error_text(survey.link_count),
		       ecr_error_hint(survey.link_count));
		return;
	}
	for (int i = 0; i < survey.link_count; i++) {
		if (!ecr_link_text(&survey.links[i], text, sizeof(text)))
			continue;
		printf("%s  %s\n", bad++ ? "" : "cables:\n", text);
	}
	if (!bad)
		printf("cables: %d, none with an error\n", survey.link_count);
}

static void print_differences(void)
{
	struct ecr_difference differences[CLI_SURVEY_ROOM];
	int count = ecr_differences(survey.master, differences, CLI_SURVEY_ROOM);
	char text[320];

	for (int i = 0; i < count && i < CLI_SURVEY_ROOM; i++) {
		ecr_difference_text(&differences[i], text, sizeof(text));
		printf("otherwise than it should be: %s\n", text);
	}
}

static void print_states(void)
{
	struct ecr_al_entry entries[ECR_AL_HISTORY];

	printf("AL states as seen:\n");
	for (int i = 0; i < survey.slave_count; i++) {
		int count = ecr_al_history(survey.master, survey.slaves[i].name, entries,
					   ECR_AL_HISTORY);

		printf("  %3d  ", survey.slaves[i].position);
		for (int k = 0; k < count; k++) {
			printf("%s%s", k ? " > " : "",
			       entries[k].status ? ecr_al_state_name(entries[k].status) : "lost");
			if (entries[k].code)
				printf(" (0x%04x %s)", entries[k].code,
				       ecr_al_code_text(entries[k].code));
		}
		printf("\n");
	}
}

static void print_wire(void)
{
	const struct ecr_link_info *link = &survey.bus.link;
	const uint8_t *mac = link->foreign_source;

	printf("interface: %s, lost %u times; %llu frames sent, %llu lost\n",
	       ecr_link_status_name(link->status), link->losses,
	       (unsigned long long)survey.bus.frames_sent,
	       (unsigned long long)survey.bus.frames_lost);
	if (survey.bus.redundancy.split)
		printf("the ring is broken: the ports reach %d and %d slaves\n",
		       survey.bus.redundancy.reach[0], survey.bus.redundancy.reach[1]);
	if (link->foreign_frames)
		printf("a second master? %llu frames of %02x:%02x:%02x:%02x:%02x:%02x\n",
		       (unsigned long long)link->foreign_frames, mac[0], mac[1], mac[2], mac[3],
		       mac[4], mac[5]);
}

static void print_errors_json(const char *name, const struct ecr_port_errors *errors)
{
	printf(",\"%s\":{\"crc\":%u,\"physical\":%u,\"forwarded\":%u,\"lost_links\":%u,\"recent\":%"
	       "u}",
	       name, errors->crc, errors->physical, errors->forwarded, errors->lost_links,
	       errors->recent);
}

static void print_link_json(const struct ecr_link_report *link)
{
	char text[320];

	printf("{\"from\":%d,\"from_port\":%u,\"to\":%d,\"to_port\":%u,\"swapped\":%s", link->from,
	       link->from_port, link->to, link->to_port, link->swapped ? "true" : "false");
	print_errors_json("at_from", &link->at_from);
	print_errors_json("at_to", &link->at_to);
	ecr_link_text(link, text, sizeof(text));
	printf(",\"text\":");
	cli_json_string(text);
	printf("}");
}

static void print_json(void)
{
	printf("{\"slaves\":[");
	for (int i = 0; i < survey.slave_count; i++) {
		const struct ecr_slave_summary *slave = &survey.slaves[i];
		struct ecr_al_entry entries[ECR_AL_HISTORY];
		int count = ecr_al_history(survey.master, slave->name, entries, ECR_AL_HISTORY);

		printf("%s{\"position\":%d,\"station\":%d,\"name\":", i ? "," : "", slave->position,
		       slave->station);
		cli_json_string(slave->name);
		printf(",\"state\":\"%s\",\"fault\":\"%s\",\"history\":[",
		       slave->absent ? "absent"
		       : slave->down ? ""
				     : ecr_al_state_name((uint16_t)slave->al_state),
		       ecr_fault_name(slave->fault.kind));
		for (int k = 0; k < count; k++)
			printf("%s{\"at_us\":%lld,\"status\":%u,\"code\":%u}", k ? "," : "",
			       (long long)entries[k].at / 1000, entries[k].status, entries[k].code);
		printf("]}");
	}
	printf("],\"cables\":");
	printf(survey.link_count < 0 ? "null" : "[");
	for (int i = 0; i < survey.link_count; i++) {
		printf("%s", i ? "," : "");
		print_link_json(&survey.links[i]);
	}
	printf("%s,\"frames_sent\":%llu,\"frames_lost\":%llu,\"foreign_frames\":%llu}\n",
	       survey.link_count < 0 ? "" : "]", (unsigned long long)survey.bus.frames_sent,
	       (unsigned long long)survey.bus.frames_lost,
	       (unsigned long long)survey.bus.link.foreign_frames);
}

int cli_diag(const struct cli_options *options)
{
	int result = cli_survey_open(&survey, options);

	if (!result) {
		cli_survey_traffic(&survey, options->duration ? options->duration : ECR_S(5));
		cli_survey_look(&survey);
		if (options->json) {
			print_json();
		} else {
			print_slaves();
			print_cables();
			print_differences();
			print_states();
			print_wire();
		}
	}
	cli_survey_close(&survey);
	return result;
}
