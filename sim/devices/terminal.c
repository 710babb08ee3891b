/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/devices/terminal.h"

#include "base/text.h"
#include "wire/esc.h"
#include "wire/sii_write.h"

#define KILOBITS 32u
#define SYNC_PULSE_10NS 1000u
#define STRINGS 64u
#define RXPDO_END 0x1800u

/* The strings of an image, each once. */
struct strings {
	const char *text[STRINGS];
	uint8_t count;
};

static uint8_t number_of(struct strings *strings, const char *text)
{
	uint8_t i = 0;

	if (!text)
		return 0;
	while (i < strings->count && !ecr_text_equal(strings->text[i], text))
		i++;
	if (i == strings->count && i < STRINGS)
		strings->text[strings->count++] = text;
	return (uint8_t)(i + 1);
}

static void collect(struct strings *strings, const struct sim_terminal *terminal)
{
	number_of(strings, terminal->name);
	for (uint8_t i = 0; i < terminal->pdo_count; i++) {
		const struct sim_pdo *pdo = &terminal->pdos[i];

		number_of(strings, pdo->name);
		for (uint8_t k = 0; k < pdo->count; k++)
			number_of(strings, pdo->entries[k].name);
	}
}

static void put_pdos(struct ecr_sii_writer *writer, struct strings *strings,
		     const struct sim_terminal *terminal, bool outputs)
{
	ecr_sii_open_category(writer, outputs ? ECR_SII_RXPDO : ECR_SII_TXPDO);
	for (uint8_t i = 0; i < terminal->pdo_count; i++) {
		const struct sim_pdo *pdo = &terminal->pdos[i];

		if ((pdo->index < RXPDO_END) != outputs)
			continue;
		ecr_sii_put_pdo(writer, pdo->index, pdo->count, pdo->sm,
				number_of(strings, pdo->name));
		for (uint8_t k = 0; k < pdo->count; k++) {
			const struct sim_pdo_entry *given = &pdo->entries[k];
			struct ecr_sii_entry entry = { .index = given->index,
						       .subindex = given->subindex,
						       .name = number_of(strings, given->name),
						       .data_type = given->type,
						       .bits = given->bits };

			ecr_sii_put_entry(writer, &entry);
		}
	}
	ecr_sii_close_category(writer);
}

static void put_sms(struct ecr_sii_writer *writer, const struct sim_terminal *terminal)
{
	const struct ecr_sii_mailbox *mailbox = &terminal->mailbox;
	const struct ecr_sii_sm boxes[2] = { { mailbox->receive_offset, mailbox->receive_size,
					       ECR_SM_CONTROL_MAILBOX_OUT, 0, 1, 1 },
					     { mailbox->send_offset, mailbox->send_size,
					       ECR_SM_CONTROL_MAILBOX_IN, 0, 1, 2 } };

	ecr_sii_open_category(writer, ECR_SII_SM);
	ecr_sii_put_sm(writer, &boxes[0]);
	ecr_sii_put_sm(writer, &boxes[1]);
	for (uint8_t i = 0; i < terminal->sm_count; i++)
		ecr_sii_put_sm(writer, &terminal->sms[i]);
	ecr_sii_close_category(writer);
}

/* Outputs, inputs, and one for the state of the mailbox. */
static void put_fmmus(struct ecr_sii_writer *writer)
{
	ecr_sii_open_category(writer, ECR_SII_FMMU);
	ecr_sii_byte(writer, ECR_SII_FMMU_OUTPUTS);
	ecr_sii_byte(writer, ECR_SII_FMMU_INPUTS);
	ecr_sii_byte(writer, ECR_SII_FMMU_MAILBOX);
	ecr_sii_close_category(writer);
}

void sim_begin_sii(struct ecr_sii_writer *writer, uint8_t *sii, size_t room, uint16_t kilobits)
{
	ecr_sii_begin(writer, sii, room, kilobits);
	ecr_sii_put_word(writer, ECR_SII_WORD_PDI_CONTROL,
			 (ECR_ESC_CONFIG_DC_SYNC_OUT | ECR_ESC_CONFIG_DC_LATCH_IN) << 8);
	ecr_sii_put_word(writer, ECR_SII_WORD_SYNC_PULSE, SYNC_PULSE_10NS);
}

size_t sim_terminal_sii(const struct sim_terminal *terminal, uint8_t *sii, size_t room)
{
	struct ecr_sii_general general = { .coe_details = terminal->coe_details };
	struct strings strings = { .count = 0 };
	struct ecr_sii_writer writer;

	collect(&strings, terminal);
	sim_begin_sii(&writer, sii, room, KILOBITS);
	ecr_sii_put_identity(&writer, &terminal->identity);
	ecr_sii_put_mailbox(&writer, &terminal->mailbox);
	general.name = general.order = number_of(&strings, terminal->name);
	ecr_sii_put_strings(&writer, strings.text, strings.count);
	ecr_sii_put_general(&writer, &general);
	put_fmmus(&writer);
	put_sms(&writer, terminal);
	put_pdos(&writer, &strings, terminal, false);
	put_pdos(&writer, &strings, terminal, true);
	if (terminal->dc) {
		ecr_sii_open_category(&writer, ECR_SII_DC);
		ecr_sii_put_dc(&writer, terminal->dc);
		ecr_sii_close_category(&writer);
	}
	return ecr_sii_finish(&writer);
}
