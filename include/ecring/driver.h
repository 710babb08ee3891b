/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver gives a slave's process data names and types. Its functions are pure: bytes and
 * configuration in, data out. They run in whatever thread calls read, write or configure, and never
 * see the master.
 */
#ifndef ECRING_DRIVER_H
#define ECRING_DRIVER_H

#include <ecring/dc.h>
#include <ecring/startup.h>
#include <ecring/value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ecr_direction { ECR_INPUT, ECR_OUTPUT };

/* One named signal: a slice of a PDO. bit_size 0 with bit_offset 0 means the whole PDO. */
struct ecr_signal_model {
	char name[ECR_NAME_SIZE];
	uint16_t pdo;
	uint16_t bit_offset;
	uint16_t bit_size;
	enum ecr_type type;
};

/* What a driver may see of the slave's EEPROM: its PDOs and their entries. */
struct ecr_pdo_entry {
	uint16_t index; /* 0: padding */
	uint8_t subindex;
	uint8_t data_type;   /* ETG.1000.6 data type number, low byte; 0 unknown */
	uint16_t bit_offset; /* within the PDO */
	uint16_t bit_size;
	char name[ECR_NAME_SIZE];
};

struct ecr_pdo {
	uint16_t index;
	enum ecr_direction direction;
	uint8_t sm;	     /* 0xFF: not assigned */
	uint16_t bit_offset; /* within the SyncManager's image */
	uint16_t bit_size;
	char name[ECR_NAME_SIZE];
	const struct ecr_pdo_entry *entries;
	uint16_t entry_count;
};

struct ecr_pdo_list {
	const struct ecr_pdo *pdos;
	uint16_t count;
};

struct ecr_driver {
	const char *name;
	/* What the driver is for; 0 in a field accepts anything. Metadata: a configuration decides
	 * what is refused. */
	uint32_t vendor;
	uint32_t product;
	uint32_t revision;
	/*
	 * Writes up to `room` signals in order and returns how many there are in all, or a negative
	 * enum ecr_error. Called twice: first with room 0 to count.
	 */
	int (*signal_model)(const void *config, const struct ecr_pdo_list *pdos,
			    struct ecr_signal_model *signals, int room);
	/*
	 * Value to little-endian bits, value in the low bits of `bytes` (zeroed, (bit_size+7)/8
	 * long). Returns 0, 1 for "leave the image as it is", or a negative enum ecr_error. NULL:
	 * by the signal's type.
	 */
	int (*encode)(const void *config, const struct ecr_signal_model *signal,
		      const struct ecr_value *value, uint8_t *bytes);
	/* The reverse. NULL: by the signal's type. */
	int (*decode)(const void *config, const struct ecr_signal_model *signal,
		      const uint8_t *bytes, struct ecr_value *value);
	/*
	 * The driver's number-th write (from 0) of its startup list: 1, 0 behind the last one, or a
	 * negative enum ecr_error. Data must stay until ecr_stop. NULL: none.
	 */
	int (*mailbox_config)(const void *config, int number, struct ecr_sdo_write *write);
	/*
	 * The number-th write that tells the device how it is synchronised, like mailbox_config and
	 * behind it, at PREOP unless it says otherwise. `sync` is the slave's configuration with
	 * its SYNC0 cycle filled in, also where it runs freely: then that of the domains. See
	 * ecr_sync_objects. NULL: none.
	 */
	int (*sync_mode)(const void *config, const struct ecr_sync_config *sync, int number,
			 struct ecr_sdo_write *write);
	/* PDOs that the driver wants instead of the device's own; NULL: none. */
	const struct ecr_pdo_wanted *(*pdo_config)(const void *config);
	/* Which PDOs must be assigned, and which exclude one another; NULL: what the EEPROM says. */
	const struct ecr_pdo_rule *pdo_rules;
};

/* Makes named, typed signals out of the EEPROM's PDO entries: ch1, ch2 ... for digital terminals,
 * else their names. */
ECR_API extern const struct ecr_driver ecr_default_driver;

#ifdef __cplusplus
}
#endif
#endif
