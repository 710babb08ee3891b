/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the SII through the EEPROM interface (ETG.1000.4, 6.8): command, poll, take four or eight
 * bytes, go on. */
#include "slave/slave.h"

#include "base/le.h"

#include <string.h>

enum { SII_COMMAND, SII_POLL, SII_CLEAR };

#define ACCESS_NS ECR_MS(1000) /* one access, busy included */
#define POLL_NS ECR_US(500)

static uint32_t next_word(const struct ecr_sii_read *read)
{
	return read->checking ? ECR_SII_WORD_PRODUCT : read->have / 2;
}

static struct ecr_verdict sii_command(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sii_read *read = ecr_container_of(job, struct ecr_sii_read, job);
	uint8_t *command;

	if (answer) {
		read->deadline = job->now + ACCESS_NS;
		return ecr_goto(SII_POLL);
	}
	command = ecr_job_write(job, ECR_CMD_FPWR,
				ecr_address_station(read->station, ECR_REG_EEPROM_COMMAND),
				ECR_REG_EEPROM_COMMAND_SIZE);
	ecr_put_le16(command, ECR_EEPROM_READ);
	ecr_put_le32(command + 2, next_word(read));
	return ecr_ask();
}

/* Two of a kind have these words of their own: their images describe one device, in whatever parts. */
static bool is_personal(uint32_t word)
{
	return word == ECR_SII_WORD_ALIAS || word == ECR_SII_WORD_CHECKSUM ||
	       word == ECR_SII_WORD_SERIAL || word == ECR_SII_WORD_SERIAL + 1;
}

static bool is_of_another(const struct ecr_sii_read *read, const uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		if (read->bytes[read->have + i] != data[i] && !is_personal((read->have + i) / 2))
			return true;
	return false;
}

static void take(struct ecr_sii_read *read, const uint8_t *data, uint32_t bytes)
{
	uint32_t space = read->room - read->have;

	if (bytes > space)
		bytes = space;
	read->mixed = read->mixed || is_of_another(read, data, bytes);
	memcpy(read->bytes + read->have, data, bytes);
	read->have += bytes;
	read->want = (uint32_t)ecr_sii_known_length(read->bytes, read->have);
	if (read->want > read->room) {
		read->want = read->room;
		read->cut = true;
	}
}

/* Another with the same station may have taken the place of the one that was there when the reading began. */
static struct ecr_verdict check(struct ecr_sii_read *read, const uint8_t *product)
{
	if (memcmp(read->bytes + (size_t)ECR_SII_WORD_PRODUCT * 2, product, 4) != 0)
		return ecr_fail(ECR_ERR_NO_RESPONSE);
	read->checking = false;
	return ecr_done();
}

static struct ecr_verdict sii_poll(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sii_read *read = ecr_container_of(job, struct ecr_sii_read, job);
	uint16_t control;

	if (!answer)
		return ecr_ask_read(job, read->station, ECR_REG_EEPROM_ANSWER,
				    ECR_REG_EEPROM_ANSWER_SIZE);
	control = ecr_le16(answer->data);
	if (control & ECR_EEPROM_BUSY)
		return job->now < read->deadline ? ecr_wait(POLL_NS) : ecr_fail(ECR_ERR_SII_BUSY);
	if (control & (ECR_EEPROM_ERROR_ACKNOWLEDGE | ECR_EEPROM_ERROR_WRITE_ENABLE))
		return ecr_goto(SII_CLEAR);
	/* A lost command may have left another address behind: ask again. */
	if (ecr_le32(answer->data + 2) != next_word(read))
		return ecr_goto(SII_COMMAND);
	if (read->checking)
		return check(read, answer->data + 6);
	take(read, answer->data + 6, control & ECR_EEPROM_READ_8 ? 8 : 4);
	read->checking = read->to_check && read->have >= read->want && !read->cut;
	return read->have < read->want || read->checking ? ecr_goto(SII_COMMAND) : ecr_done();
}

static struct ecr_verdict sii_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_sii_read *read = ecr_container_of(job, struct ecr_sii_read, job);

	if (!answer)
		return ecr_ask_write16(job, read->station, ECR_REG_EEPROM_CONTROL, ECR_EEPROM_NOP);
	return ecr_fail(ECR_ERR_SII_ACCESS);
}

const struct ecr_step ecr_sii_read_steps[] = {
	[SII_COMMAND] = { "sii.command", sii_command, .wkc = 1, .tries = 5,
			  .on_loss = SII_COMMAND },
	[SII_POLL] = { "sii.poll", sii_poll, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[SII_CLEAR] = { "sii.clear", sii_clear, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
};
