/* SPDX-License-Identifier: Apache-2.0 */
/* Mailbox messages (ETG.1000.4, 5.6): a header of six bytes and the service's data. */
#ifndef ECR_WIRE_MAILBOX_H
#define ECR_WIRE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECR_MAILBOX_HEADER 6u
#define ECR_MAILBOX_MAX 1486u /* what a datagram can carry */

enum ecr_mailbox_type {
	ECR_MAILBOX_ERROR = 0,
	ECR_MAILBOX_AOE = 1,
	ECR_MAILBOX_EOE = 2,
	ECR_MAILBOX_COE = 3,
	ECR_MAILBOX_FOE = 4,
	ECR_MAILBOX_SOE = 5,
	ECR_MAILBOX_VOE = 15,
};

struct ecr_mailbox_message {
	uint16_t address; /* station of the source or the target; 0: the master */
	uint8_t channel;
	uint8_t priority; /* 0 to 3 */
	uint8_t type;	  /* enum ecr_mailbox_type */
	uint8_t counter;  /* 1 to 7; 0: not used */
	const uint8_t *data;
	uint16_t length; /* of the data */
};

/* False when `size` is less than a header, or the length field goes beyond it (then the other fields
 * are filled all the same when there is a header). */
bool ecr_mailbox_get(const uint8_t *bytes, size_t size, struct ecr_mailbox_message *message);
/* The header; the data stand behind it already. Bytes in all, 0 when they do not fit into `size`. */
size_t ecr_mailbox_put(uint8_t *bytes, size_t size, const struct ecr_mailbox_message *message);
void ecr_mailbox_put_counter(uint8_t *bytes, uint8_t counter);

/* Mailbox error reply (ETG.1000.4, table 31) */
#define ECR_MAILBOX_ERRORS(X) \
	X(1, SYNTAX, "the header's syntax is wrong") \
	X(2, UNSUPPORTED_PROTOCOL, "the slave does not speak this protocol") \
	X(3, INVALID_CHANNEL, "the channel field is wrong") \
	X(4, SERVICE_NOT_SUPPORTED, "the slave does not support this service") \
	X(5, INVALID_HEADER, "the protocol's header is wrong") \
	X(6, SIZE_TOO_SHORT, "the message is too short") \
	X(7, NO_MORE_MEMORY, "the slave has no memory left for mailbox messages") \
	X(8, INVALID_SIZE, "the length of the data is inconsistent") \
	X(9, SERVICE_IN_WORK, "the service is being worked on already")

enum ecr_mailbox_error {
#define ECR_MAILBOX_ERROR_ENUM(number, symbol, text) ECR_MAILBOX_ERROR_##symbol = (number),
	ECR_MAILBOX_ERRORS(ECR_MAILBOX_ERROR_ENUM)
#undef ECR_MAILBOX_ERROR_ENUM
};

/* The code of an error reply; 0 when it is too short. */
uint16_t ecr_mailbox_get_error(const struct ecr_mailbox_message *message);
/* A whole error reply with its header; 0 when it does not fit. */
size_t ecr_mailbox_put_error(uint8_t *bytes, size_t size, uint16_t code);
const char *ecr_mailbox_error_text(uint16_t code);

#endif
