/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CANopen over EtherCAT (ETG.1000.6, 5.6), for both sides. Builders write a whole mailbox message
 * with its header (the counter is put in by whoever sends it) and return its bytes, 0 when it does
 * not fit into `size`. Readers take a message and check every length.
 */
#ifndef ECR_WIRE_COE_H
#define ECR_WIRE_COE_H

#include "wire/mailbox.h"

enum ecr_coe_service {
	ECR_COE_EMERGENCY = 1,
	ECR_COE_SDO_REQUEST = 2,
	ECR_COE_SDO_RESPONSE = 3,
	ECR_COE_TXPDO = 4,
	ECR_COE_RXPDO = 5,
	ECR_COE_TXPDO_REMOTE = 6,
	ECR_COE_RXPDO_REMOTE = 7,
	ECR_COE_SDO_INFO = 8,
};

/* Objects of the communication area (ETG.1000.6, 5.6.7) */
#define ECR_COE_DEVICE_TYPE 0x1000u
#define ECR_COE_IDENTITY 0x1018u
#define ECR_COE_SM_TYPES 0x1C00u
#define ECR_COE_SM_ASSIGN(sm) (0x1C10u + (unsigned int)(sm))
#define ECR_COE_SM_SYNC(sm) (0x1C30u + (unsigned int)(sm))

/* The message's service, 0 when it is too short to have one. */
uint8_t ecr_coe_service(const struct ecr_mailbox_message *message);

/* What an SDO command specifier stands for (ETG.1000.6, 5.6.2). Requests and answers share
 * numbers. */
enum ecr_coe_sdo_kind {
	ECR_COE_UNKNOWN,
	/* requests */
	ECR_COE_UPLOAD,
	ECR_COE_DOWNLOAD,
	ECR_COE_UPLOAD_SEGMENT,
	ECR_COE_DOWNLOAD_SEGMENT,
	/* answers */
	ECR_COE_UPLOADED,
	ECR_COE_DOWNLOADED,
	ECR_COE_SEGMENT_UPLOADED,
	ECR_COE_SEGMENT_DOWNLOADED,
	/* both */
	ECR_COE_ABORT,
};

struct ecr_coe_sdo {
	enum ecr_coe_sdo_kind kind;
	uint8_t command;
	uint16_t index; /* not of segments */
	uint8_t subindex;
	bool complete;
	bool expedited;
	bool sized;	     /* the size is given */
	bool toggle;	     /* segments */
	bool last;	     /* segments with data */
	uint8_t unused;	     /* bytes of a short segment that are padding, as it says */
	uint32_t total;	     /* size as announced; 0 when it is not */
	uint32_t abort_code; /* aborts */
	const uint8_t *data;
	size_t length; /* of the data in this message, a segment's padding included */
};

/* A request (service 2) or an answer (service 3); false when the message is too short for what its
 * command says. An unknown command is no error here: its kind is UNKNOWN. */
bool ecr_coe_get_sdo(const struct ecr_mailbox_message *message, struct ecr_coe_sdo *sdo);

/* Requests. A download puts as much of the data as fits and says how much in *done. */
size_t ecr_coe_put_upload(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			  bool complete);
size_t ecr_coe_put_download(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			    bool complete, const uint8_t *data, size_t length, size_t *done);
size_t ecr_coe_put_upload_segment(uint8_t *bytes, size_t size, bool toggle);
/* From data + *done on; adds to *done. */
size_t ecr_coe_put_download_segment(uint8_t *bytes, size_t size, bool toggle, const uint8_t *data,
				    size_t length, size_t *done);
/* From either side: a slave's abort is a request, too (ETG.1000.6, 5.6.2.7). */
size_t ecr_coe_put_abort(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			 uint32_t abort_code);

/* Answers. */
size_t ecr_coe_put_uploaded(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			    bool complete, const uint8_t *data, size_t length, size_t *done);
size_t ecr_coe_put_downloaded(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			      bool complete);
size_t ecr_coe_put_segment_uploaded(uint8_t *bytes, size_t size, bool toggle, const uint8_t *data,
				    size_t length, size_t *done);
size_t ecr_coe_put_segment_downloaded(uint8_t *bytes, size_t size, bool toggle);

/* Emergency (ETG.1000.6, 5.6.4) */
struct ecr_coe_emergency {
	uint16_t code;
	uint8_t error_register;
	uint8_t data[5];
};

bool ecr_coe_get_emergency(const struct ecr_mailbox_message *message,
			   struct ecr_coe_emergency *emergency);
size_t ecr_coe_put_emergency(uint8_t *bytes, size_t size,
			     const struct ecr_coe_emergency *emergency);

/* SDO information (ETG.1000.6, 5.6.3) */
enum ecr_coe_info_kind {
	ECR_COE_INFO_LIST = 1,
	ECR_COE_INFO_LIST_ANSWER = 2,
	ECR_COE_INFO_OBJECT = 3,
	ECR_COE_INFO_OBJECT_ANSWER = 4,
	ECR_COE_INFO_ENTRY = 5,
	ECR_COE_INFO_ENTRY_ANSWER = 6,
	ECR_COE_INFO_ERROR = 7,
};

struct ecr_coe_info {
	uint8_t kind; /* enum ecr_coe_info_kind */
	bool incomplete;
	uint16_t fragments;  /* still to come */
	uint32_t abort_code; /* of an error */
	const uint8_t *data; /* behind the information header */
	size_t length;
};

bool ecr_coe_get_info(const struct ecr_mailbox_message *message, struct ecr_coe_info *info);
/* One message of an information service; `data` goes behind its header. */
size_t ecr_coe_put_info(uint8_t *bytes, size_t size, enum ecr_coe_info_kind kind,
			uint16_t fragments, const uint8_t *data, size_t length);

#define ECR_COE_INFO_HEADER 12u /* bytes of a message before its data: mailbox, CoE, information */

#endif
