/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CANopen over EtherCAT (ETG.1000.6, 5.6): reading and writing a slave's objects while the ring
 * cycles, its dictionary, and its emergencies. A slave serves one request at a time, in the order of
 * their arrival; slaves serve in parallel. No request delays a cycle.
 */
#ifndef ECRING_COE_H
#define ECRING_COE_H

#include <ecring/error.h>
#include <ecring/startup.h>
#include <ecring/value.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_master;

/* What an SDO request found out beside its result. */
struct ecr_sdo_result {
	int error; /* 0 or a negative enum ecr_error */
	uint16_t index;
	uint8_t subindex;
	uint32_t abort_code; /* ECR_ERR_SDO_ABORT: see ecr_sdo_abort_text */
	uint32_t expected;   /* what the answer had to hold, */
	uint32_t actual;     /* and what it held */
	size_t size;	     /* upload: bytes that the object has, also when the buffer is short */
};

enum ecr_sdo_kind {
	ECR_SDO_UPLOAD,
	ECR_SDO_DOWNLOAD,
	ECR_SDO_OBJECT_LIST, /* index: enum ecr_object_list; data: uint16_t, host order */
	ECR_SDO_OBJECT,	     /* data: struct ecr_object */
	ECR_SDO_ENTRY,	     /* data: struct ecr_object_entry */
};

/*
 * A request. Fill it, submit it, and leave it and its data alone until it is done, which happens
 * exactly once, also when the session ends.
 */
struct ecr_sdo {
	const char *slave;
	enum ecr_sdo_kind kind;
	uint16_t index;
	uint8_t subindex;
	uint8_t flags; /* ECR_SDO_COMPLETE */
	void *data;
	size_t size;	     /* of the data, or room for them */
	ecr_time timeout_ns; /* of the whole request; 0: 5 s and the time its bytes need */
	void *context;	     /* the caller's own */
	struct ecr_sdo_result result;
	void *work; /* the library's */
};

/* Any thread but the hook; returns at once. NOT_STARTED, or BUSY when limits.requests are under way:
 * then it does not come back. Everything else is told by its result. */
ECR_API int ecr_sdo_submit(struct ecr_master *master, struct ecr_sdo *sdo);
/* Ends a request early: it comes back with CANCELLED. NOT_FOUND when it is done already. */
ECR_API int ecr_sdo_cancel(struct ecr_master *master, struct ecr_sdo *sdo);
/* For poll: readable while a submitted request is done and not yet taken. Valid until ecr_close. */
ECR_API int ecr_sdo_fd(struct ecr_master *master);
/* The first of those that are done, which is the caller's again; NULL when none is. */
ECR_API struct ecr_sdo *ecr_sdo_done(struct ecr_master *master);
/* Submits, waits, and returns result.error; not seen by ecr_sdo_done. */
ECR_API int ecr_sdo_run(struct ecr_master *master, struct ecr_sdo *sdo);
/* Prints what became of it for a person: which slave and object, what, why, what to try. */
ECR_API int ecr_sdo_report(const struct ecr_sdo *sdo, FILE *stream);

/* The frequent cases. `size`: room, then bytes read. */
ECR_API int ecr_upload_sdo(struct ecr_master *master, const char *slave, uint16_t index,
			   uint8_t subindex, void *data, size_t *size);
ECR_API int ecr_download_sdo(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, const void *data, size_t size);

/* Typed: the object must have exactly the type's size (TYPE_MISMATCH). */
ECR_API int ecr_sdo_read_u8(struct ecr_master *master, const char *slave, uint16_t index,
			    uint8_t subindex, uint8_t *value);
ECR_API int ecr_sdo_read_u16(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, uint16_t *value);
ECR_API int ecr_sdo_read_u32(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, uint32_t *value);
ECR_API int ecr_sdo_read_u64(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, uint64_t *value);
ECR_API int ecr_sdo_read_i8(struct ecr_master *master, const char *slave, uint16_t index,
			    uint8_t subindex, int8_t *value);
ECR_API int ecr_sdo_read_i16(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, int16_t *value);
ECR_API int ecr_sdo_read_i32(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, int32_t *value);
ECR_API int ecr_sdo_read_i64(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, int64_t *value);
ECR_API int ecr_sdo_read_f32(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, float *value);
ECR_API int ecr_sdo_read_f64(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, double *value);
/* Terminated; cut to the room (BUFFER_TOO_SMALL, the text is there as far as it goes). */
ECR_API int ecr_sdo_read_string(struct ecr_master *master, const char *slave, uint16_t index,
				uint8_t subindex, char *text, size_t room);
ECR_API int ecr_sdo_write_u8(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, uint8_t value);
ECR_API int ecr_sdo_write_u16(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, uint16_t value);
ECR_API int ecr_sdo_write_u32(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, uint32_t value);
ECR_API int ecr_sdo_write_u64(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, uint64_t value);
ECR_API int ecr_sdo_write_i8(struct ecr_master *master, const char *slave, uint16_t index,
			     uint8_t subindex, int8_t value);
ECR_API int ecr_sdo_write_i16(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, int16_t value);
ECR_API int ecr_sdo_write_i32(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, int32_t value);
ECR_API int ecr_sdo_write_i64(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, int64_t value);
ECR_API int ecr_sdo_write_f32(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, float value);
ECR_API int ecr_sdo_write_f64(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, double value);
ECR_API int ecr_sdo_write_string(struct ecr_master *master, const char *slave, uint16_t index,
				 uint8_t subindex, const char *text);

/* "Object does not exist in the object dictionary" and the like; "unknown abort code" else. */
ECR_API const char *ecr_sdo_abort_text(uint32_t abort_code);

/* The dictionary (SDO information service). */
enum ecr_object_list {
	ECR_OBJECTS_COUNTS, /* five numbers: how many the lists below have */
	ECR_OBJECTS_ALL,
	ECR_OBJECTS_RXPDO_MAPPABLE,
	ECR_OBJECTS_TXPDO_MAPPABLE,
	ECR_OBJECTS_STORED, /* needed when the device is replaced */
	ECR_OBJECTS_STARTUP,
};

enum ecr_object_code { ECR_OBJECT_VARIABLE = 7, ECR_OBJECT_ARRAY = 8, ECR_OBJECT_RECORD = 9 };

#define ECR_OBJECT_NAME_SIZE 128

struct ecr_object {
	uint16_t index;
	uint16_t data_type; /* ETG.1000.6 data type number */
	uint8_t object_code;
	uint8_t max_subindex;
	char name[ECR_OBJECT_NAME_SIZE];
};

/* access: who may do what in which state (ETG.1000.6, table of object access) */
#define ECR_ACCESS_READ_PREOP 0x0001u
#define ECR_ACCESS_READ_SAFEOP 0x0002u
#define ECR_ACCESS_READ_OP 0x0004u
#define ECR_ACCESS_WRITE_PREOP 0x0008u
#define ECR_ACCESS_WRITE_SAFEOP 0x0010u
#define ECR_ACCESS_WRITE_OP 0x0020u
#define ECR_ACCESS_RXPDO 0x0040u
#define ECR_ACCESS_TXPDO 0x0080u
#define ECR_ACCESS_BACKUP 0x0100u
#define ECR_ACCESS_SETTING 0x0200u

struct ecr_object_entry {
	uint16_t index;
	uint8_t subindex;
	uint16_t data_type;
	uint16_t bit_length;
	uint16_t access; /* ECR_ACCESS_... */
	char name[ECR_OBJECT_NAME_SIZE];
};

ECR_API const char *ecr_coe_type_name(uint16_t data_type); /* "UNSIGNED16"; "" unknown */

/* Fills up to `room`; returns how many the slave has. */
ECR_API int ecr_object_list(struct ecr_master *master, const char *slave, enum ecr_object_list list,
			    uint16_t *indices, int room);
ECR_API int ecr_object_describe(struct ecr_master *master, const char *slave, uint16_t index,
				struct ecr_object *object);
ECR_API int ecr_object_entry_describe(struct ecr_master *master, const char *slave, uint16_t index,
				      uint8_t subindex, struct ecr_object_entry *entry);

/* An object with its entries; a gap among the subindices is no entry. */
struct ecr_dictionary_object {
	struct ecr_object object;
	struct ecr_object_entry *entries;
	int entry_count;
	int error;	     /* why its description could not be read: then it has its index only */
	uint32_t abort_code; /* of that */
};

struct ecr_dictionary {
	struct ecr_dictionary_object *objects; /* in the order of the slave's list */
	int object_count;
};

/* Every object and entry of a slave, asked for one after the other: as long as that takes. What the
 * slave refuses to describe is left out; anything else that goes wrong ends it. */
ECR_API int ecr_dictionary_read(struct ecr_master *master, const char *slave,
				struct ecr_dictionary **dictionary);
ECR_API void ecr_dictionary_free(struct ecr_dictionary *dictionary);

/* Emergency messages (ETG.1000.6, 5.6.4): the last ones of a slave, oldest first. */
struct ecr_emergency {
	ecr_time at;
	uint16_t code;
	uint8_t error_register;
	uint8_t data[5];
	uint32_t number; /* of the slave's since the start, from 1: a gap is what was not kept */
};

/* Fills up to `room`; returns how many are kept. */
ECR_API int ecr_emergencies(struct ecr_master *master, const char *slave,
			    struct ecr_emergency *emergencies, int room);

/* What the mailbox of a slave has seen: part of slave_info. */
struct ecr_mailbox_counts {
	uint32_t sent;
	uint32_t received;
	uint32_t resent;   /* writes repeated after a lost frame */
	uint32_t repeats;  /* reads repeated after a lost frame */
	uint32_t repeated; /* answers that came twice and were dropped */
	uint32_t jumps;	   /* answers whose counter was not the next one */
	uint32_t aside;	   /* messages that nobody waited for */
	uint32_t errors;   /* mailbox error replies and broken messages */
	uint32_t emergencies;
};

#ifdef __cplusplus
}
#endif
#endif
