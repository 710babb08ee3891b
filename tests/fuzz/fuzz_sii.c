/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an EEPROM image: every accessor stays within them. */
#include "wire/sii.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk_pdos(const struct ecr_sii *sii, uint16_t type)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;
	char text[64];

	while (ecr_sii_next_pdo(sii, type, &pdo))
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++)
			ecr_sii_string(sii, entry.name, text, sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);
	struct ecr_sii sii;
	struct ecr_sii_sm sm;
	struct ecr_sii_dc dc;
	struct ecr_sii_general general;
	char text[32];
	uint8_t usage;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	ecr_sii_open(&sii, bytes, size);
	ecr_sii_known_length(bytes, size);
	ecr_sii_general(&sii, &general);
	ecr_sii_device_name(&sii, text, sizeof(text));
	for (unsigned int i = 0; i < 256; i++)
		ecr_sii_string(&sii, (uint8_t)i, text, sizeof(text));
	for (unsigned int i = 0; ecr_sii_sm(&sii, i, &sm); i++)
		;
	for (unsigned int i = 0; ecr_sii_fmmu_usage(&sii, i, &usage); i++)
		;
	for (unsigned int i = 0; ecr_sii_dc(&sii, i, &dc); i++)
		;
	walk_pdos(&sii, ECR_SII_TXPDO);
	walk_pdos(&sii, ECR_SII_RXPDO);
	free(bytes);
	return 0;
}
