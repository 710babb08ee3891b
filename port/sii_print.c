/* SPDX-License-Identifier: Apache-2.0 */
#include <ecring/scan.h>

#include "wire/sii.h"

#include <stdio.h>

static const char *string_of(const struct ecr_sii *sii, uint8_t index, char *text, size_t size)
{
	ecr_sii_string(sii, index, text, size);
	return text;
}

static void json_string(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text; text++)
		fprintf(stream, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	fputc('"', stream);
}

static const char *fmmu_use(uint8_t usage)
{
	static const char *const uses[] = { "unused", "outputs", "inputs", "mailbox" };

	return usage < 4 ? uses[usage] : usage == 0xFF ? "unused" : "?";
}

static const char *port_kind(uint16_t ports, unsigned int port)
{
	static const char *const kinds[] = { "none", "MII", "?", "EBUS", "fast hot connect" };
	unsigned int kind = ports >> 4 * port & 0xF;

	return kind < 5 ? kinds[kind] : "?";
}

static void print_general(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_general general;
	char text[ECR_NAME_SIZE];

	ecr_sii_general(sii, &general);
	if (!general.present)
		return;
	fprintf(stream, "order     %s\n", string_of(sii, general.order, text, sizeof(text)));
	fprintf(stream, "group     %s\n", string_of(sii, general.group, text, sizeof(text)));
	fprintf(stream, "general   CoE 0x%02x FoE 0x%02x EoE 0x%02x flags 0x%02x, %d mA of E-bus\n",
		general.coe_details, general.foe_details, general.eoe_details, general.flags,
		general.ebus_current_ma);
	fprintf(stream, "ports     %s, %s, %s, %s\n", port_kind(general.ports, 0),
		port_kind(general.ports, 1), port_kind(general.ports, 2),
		port_kind(general.ports, 3));
}

static void print_fmmus(const struct ecr_sii *sii, FILE *stream)
{
	uint8_t usage;

	for (unsigned int i = 0; ecr_sii_fmmu_usage(sii, i, &usage); i++)
		fprintf(stream, "%s%s", i ? ", " : "FMMUs     ", fmmu_use(usage));
	if (ecr_sii_fmmu_usage(sii, 0, &usage))
		fprintf(stream, "\n");
}

static void print_clocks(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_dc dc;
	char text[ECR_NAME_SIZE];

	for (unsigned int i = 0; ecr_sii_dc(sii, i, &dc); i++)
		fprintf(stream,
			"DC        cycle %u ns x %d shift %d ns, SYNC1 x %d shift %d ns, assign "
			"0x%04x  %s\n",
			dc.cycle0_ns, dc.sync0_factor, dc.shift0_ns, dc.sync1_factor, dc.shift1_ns,
			dc.assign_activate, string_of(sii, dc.name, text, sizeof(text)));
}

static void print_warnings(const struct ecr_sii *sii, FILE *stream)
{
	for (uint32_t bit = 1; bit <= sii->warnings; bit <<= 1)
		if (sii->warnings & bit)
			fprintf(stream, "warning: %s\n", ecr_sii_warning_text(bit));
}

static void print_pdos(const struct ecr_sii *sii, uint16_t type, FILE *stream)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;
	char text[ECR_NAME_SIZE];

	while (ecr_sii_next_pdo(sii, type, &pdo)) {
		fprintf(stream, "%s 0x%04x  SM%-3d %3d bits  %s\n",
			type == ECR_SII_TXPDO ? "TxPDO (input) " : "RxPDO (output)", pdo.index,
			pdo.sm == 0xFF ? -1 : pdo.sm, pdo.bits,
			string_of(sii, pdo.name, text, sizeof(text)));
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++)
			fprintf(stream, "    0x%04x:%02x  %3d bits  type 0x%02x  %s\n", entry.index,
				entry.subindex, entry.bits, entry.data_type,
				entry.index ? string_of(sii, entry.name, text, sizeof(text))
					    : "(padding)");
	}
}

static void print_text(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_identity identity;
	struct ecr_sii_mailbox mailbox;
	struct ecr_sii_category category = { 0 };
	struct ecr_sii_sm sm;
	char text[ECR_NAME_SIZE];

	ecr_sii_identity(sii, &identity);
	ecr_sii_mailbox(sii, &mailbox);
	ecr_sii_device_name(sii, text, sizeof(text));
	fprintf(stream,
		"device    %s\nvendor    0x%08x\nproduct   0x%08x\nrevision  0x%08x\nserial    "
		"0x%08x\nalias     %u\n",
		text, identity.vendor, identity.product, identity.revision, identity.serial,
		ecr_sii_alias(sii));
	fprintf(stream, "EEPROM    %u bytes, version %u\n", ecr_sii_size(sii),
		ecr_sii_word(sii, ECR_SII_WORD_VERSION));
	print_general(sii, stream);
	fprintf(stream, "mailbox   receive 0x%04x/%u send 0x%04x/%u protocols 0x%02x\n",
		mailbox.receive_offset, mailbox.receive_size, mailbox.send_offset,
		mailbox.send_size, mailbox.protocols);
	if (mailbox.boot_receive_size)
		fprintf(stream, "bootstrap receive 0x%04x/%u send 0x%04x/%u\n",
			mailbox.boot_receive_offset, mailbox.boot_receive_size,
			mailbox.boot_send_offset, mailbox.boot_send_size);
	fprintf(stream, "categories");
	while (ecr_sii_next_category(sii, &category))
		fprintf(stream, " %u(%zu)", category.type, category.length);
	fprintf(stream, "\n");
	print_fmmus(sii, stream);
	for (unsigned int i = 0; ecr_sii_sm(sii, i, &sm); i++)
		fprintf(stream,
			"SM%u       start 0x%04x length %u control 0x%02x enable 0x%02x type %u\n",
			i, sm.start, sm.length, sm.control, sm.enable, sm.type);
	print_pdos(sii, ECR_SII_RXPDO, stream);
	print_pdos(sii, ECR_SII_TXPDO, stream);
	print_clocks(sii, stream);
	print_warnings(sii, stream);
}

static void print_json_pdos(const struct ecr_sii *sii, uint16_t type, const char *direction,
			    const char **comma, FILE *stream)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;
	char text[ECR_NAME_SIZE];

	while (ecr_sii_next_pdo(sii, type, &pdo)) {
		fprintf(stream,
			"%s{\"index\":%u,\"direction\":\"%s\",\"sm\":%d,\"bits\":%u,\"name\":",
			*comma, pdo.index, direction, pdo.sm == 0xFF ? -1 : pdo.sm, pdo.bits);
		json_string(stream, string_of(sii, pdo.name, text, sizeof(text)));
		fprintf(stream, ",\"entries\":[");
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++) {
			fprintf(stream,
				"%s{\"index\":%u,\"subindex\":%u,\"bits\":%u,\"type\":%u,\"name\":",
				i ? "," : "", entry.index, entry.subindex, entry.bits,
				entry.data_type);
			json_string(stream, string_of(sii, entry.name, text, sizeof(text)));
			fprintf(stream, "}");
		}
		fprintf(stream, "]}");
		*comma = ",";
	}
}

static void print_json_general(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_general general;
	char text[ECR_NAME_SIZE];

	ecr_sii_general(sii, &general);
	if (!general.present)
		return;
	fprintf(stream, ",\"order\":");
	json_string(stream, string_of(sii, general.order, text, sizeof(text)));
	fprintf(stream, ",\"group\":");
	json_string(stream, string_of(sii, general.group, text, sizeof(text)));
	fprintf(stream,
		",\"coe_details\":%u,\"foe_details\":%u,\"eoe_details\":%u,\"flags\":%u,"
		"\"ebus_current_ma\":%d,\"identification_address\":%u,\"ports\":[",
		general.coe_details, general.foe_details, general.eoe_details, general.flags,
		general.ebus_current_ma, general.identification_address);
	for (unsigned int port = 0; port < 4; port++)
		fprintf(stream, "%s\"%s\"", port ? "," : "", port_kind(general.ports, port));
	fprintf(stream, "]");
}

static void print_json_mailbox(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_mailbox mailbox;

	ecr_sii_mailbox(sii, &mailbox);
	fprintf(stream,
		",\"mailbox\":{\"receive_offset\":%u,\"receive_size\":%u,\"send_offset\":%u,\"send_"
		"size\":%u,\"protocols\":%u,\"boot_receive_offset\":%u,\"boot_receive_size\":%u,"
		"\"boot_send_offset\":%u,\"boot_send_size\":%u}",
		mailbox.receive_offset, mailbox.receive_size, mailbox.send_offset,
		mailbox.send_size, mailbox.protocols, mailbox.boot_receive_offset,
		mailbox.boot_receive_size, mailbox.boot_send_offset, mailbox.boot_send_size);
}

static void print_json_clocks(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_dc dc;
	char text[ECR_NAME_SIZE];

	fprintf(stream, ",\"clocks\":[");
	for (unsigned int i = 0; ecr_sii_dc(sii, i, &dc); i++) {
		fprintf(stream,
			"%s{\"cycle_ns\":%u,\"sync0_factor\":%d,\"sync0_shift_ns\":%d,"
			"\"sync1_factor\":%d,\"sync1_shift_ns\":%d,\"assign_activate\":%u,"
			"\"name\":",
			i ? "," : "", dc.cycle0_ns, dc.sync0_factor, dc.shift0_ns, dc.sync1_factor,
			dc.shift1_ns, dc.assign_activate);
		json_string(stream, string_of(sii, dc.name, text, sizeof(text)));
		fprintf(stream, "}");
	}
	fprintf(stream, "]");
}

static void print_json_lists(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_category category = { 0 };
	const char *comma = "";
	uint8_t usage;

	fprintf(stream, ",\"categories\":[");
	for (; ecr_sii_next_category(sii, &category); comma = ",")
		fprintf(stream, "%s{\"type\":%u,\"bytes\":%zu}", comma, category.type,
			category.length);
	fprintf(stream, "],\"fmmus\":[");
	for (unsigned int i = 0; ecr_sii_fmmu_usage(sii, i, &usage); i++)
		fprintf(stream, "%s\"%s\"", i ? "," : "", fmmu_use(usage));
	fprintf(stream, "]");
}

static void print_json(const struct ecr_sii *sii, FILE *stream)
{
	struct ecr_sii_identity identity;
	struct ecr_sii_sm sm;
	const char *comma = "";
	char text[ECR_NAME_SIZE];

	ecr_sii_identity(sii, &identity);
	ecr_sii_device_name(sii, text, sizeof(text));
	fprintf(stream, "{\"device\":");
	json_string(stream, text);
	fprintf(stream, ",\"vendor\":%u,\"product\":%u,\"revision\":%u,\"serial\":%u,\"alias\":%u",
		identity.vendor, identity.product, identity.revision, identity.serial,
		ecr_sii_alias(sii));
	fprintf(stream, ",\"eeprom_bytes\":%u,\"version\":%u", ecr_sii_size(sii),
		ecr_sii_word(sii, ECR_SII_WORD_VERSION));
	print_json_general(sii, stream);
	print_json_mailbox(sii, stream);
	print_json_lists(sii, stream);
	fprintf(stream, ",\"sync_managers\":[");
	for (unsigned int i = 0; ecr_sii_sm(sii, i, &sm); i++)
		fprintf(stream,
			"%s{\"start\":%u,\"length\":%u,\"control\":%u,\"enable\":%u,\"type\":%u}",
			i ? "," : "", sm.start, sm.length, sm.control, sm.enable, sm.type);
	fprintf(stream, "],\"pdos\":[");
	print_json_pdos(sii, ECR_SII_RXPDO, "output", &comma, stream);
	print_json_pdos(sii, ECR_SII_TXPDO, "input", &comma, stream);
	fprintf(stream, "]");
	print_json_clocks(sii, stream);
	fprintf(stream, ",\"warnings\":[");
	comma = "";
	for (uint32_t bit = 1; bit <= sii->warnings; bit <<= 1) {
		if (!(sii->warnings & bit))
			continue;
		fprintf(stream, "%s", comma);
		json_string(stream, ecr_sii_warning_text(bit));
		comma = ",";
	}
	fprintf(stream, "]}\n");
}

void ecr_sii_print(const uint8_t *bytes, size_t length, bool json, FILE *stream)
{
	struct ecr_sii sii;

	ecr_sii_open(&sii, bytes, length);
	if (json)
		print_json(&sii, stream);
	else
		print_text(&sii, stream);
}
