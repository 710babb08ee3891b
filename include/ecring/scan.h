/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at a ring without a session and without leaving a trace: auto-increment addressing only,
 * no station address and no AL state is written; the EEPROM is read only where it is free and
 * nothing cycles.
 */
#ifndef ECRING_SCAN_H
#define ECRING_SCAN_H

#include <ecring/config.h>
#include <ecring/error.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_scan_slave {
	uint16_t position;
	uint16_t station;
	uint16_t alias;
	uint16_t al_status;
	uint16_t al_code;
	uint16_t dl_status;
	uint8_t fmmus;
	uint8_t sms;
	uint16_t features;
	bool answered; /* the registers could be read */
	bool identity_known;
	struct ecr_identity identity;
	char name[ECR_NAME_SIZE];
};

/* Fills up to `room` slaves; returns how many there are or a negative error with a text.
 * `registers_only` tells that a slave is in SAFEOP or OP, so that no EEPROM was touched. */
ECR_API int ecr_scan(const char *interface, struct ecr_scan_slave *slaves, int room,
		     bool *registers_only, char *text, size_t size);
/* Reads the whole EEPROM image of the slave at a position: its length, or a negative error with a
 * text. */
ECR_API int ecr_scan_sii(const char *interface, int position, uint8_t *bytes, size_t room,
			 char *text, size_t size);
/* Prints a decoded EEPROM image for a person, or as JSON. */
ECR_API void ecr_sii_print(const uint8_t *bytes, size_t length, bool json, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
