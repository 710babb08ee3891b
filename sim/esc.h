/* SPDX-License-Identifier: Apache-2.0 */
/* One simulated EtherCAT slave controller. */
#ifndef SIM_ESC_H
#define SIM_ESC_H

#include "wire/esc.h"
#include "wire/sii.h"

#include <ecring/sim.h>

#define SIM_MEMORY 0x4000u
#define SIM_SMS 16u

struct sim_esc {
	char name[ECR_NAME_SIZE];
	struct ecr_sim_device device;
	struct ecr_sii sii;
	uint8_t memory[SIM_MEMORY];
	uint16_t station;
	uint32_t sm_bits[SIM_SMS]; /* of the PDOs that the SII assigns to each SyncManager */
	bool sm_output[SIM_SMS];
	struct ecr_sm sms[SIM_SMS];	/* decoded whenever they are written */
	struct ecr_fmmu fmmus[SIM_SMS]; /* active ones only */
	uint8_t fmmu_count;
	uint32_t logical_low; /* of all active FMMUs: a quick way out */
	uint32_t logical_high;
	bool mailbox_full[2];
	ecr_time eeprom_until; /* busy until */
	uint16_t eeprom_command;
	uint8_t al_pending; /* a change that takes time; 0 none */
	ecr_time al_until;
	ecr_time watchdog_at; /* when the process data watchdog expires, ECR_NEVER when it is off */
	bool watchdog_expired;
	int32_t logical_offset; /* fault */
	uint64_t output_writes;
};

void sim_esc_init(struct sim_esc *esc, const struct ecr_sim_device *device);
void sim_esc_power_on(struct sim_esc *esc);
void sim_esc_tick(struct sim_esc *esc, ecr_time now);

/* Register and memory access by the master; false: the access does not count. */
bool sim_esc_read(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
		  uint8_t *data, bool merge);
bool sim_esc_write(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
		   const uint8_t *data);

/* Logical access (sim/logical.c): what the slave adds to the working counter. */
uint16_t sim_logical(struct sim_esc *esc, ecr_time now, uint8_t command, uint32_t address,
		     uint16_t length, const uint8_t *sent, uint8_t *data);

/* Whether the controller carries out this entry beside the ones before it (sim/fmmu.c). */
bool sim_fmmu_works(const struct sim_esc *esc, unsigned int number, struct ecr_fmmu *fmmu);

/* AL state machine (sim/esm.c). */
void sim_esm_request(struct sim_esc *esc, ecr_time now, uint16_t control);
void sim_esm_fail(struct sim_esc *esc, enum ecr_al_state state, uint16_t code);
void sim_esm_enter(struct sim_esc *esc, enum ecr_al_state state);
uint16_t sim_al_status(const struct sim_esc *esc);
bool sim_outputs_active(const struct sim_esc *esc);

/* EEPROM interface (sim/eeprom.c). */
void sim_eeprom_load(struct sim_esc *esc);
void sim_eeprom_command(struct sim_esc *esc, ecr_time now);
void sim_eeprom_tick(struct sim_esc *esc, ecr_time now);

/* The SyncManager that covers these bytes, -1 none. */
int sim_sm_at(const struct sim_esc *esc, uint16_t address, uint16_t length);
void sim_watchdog_kick(struct sim_esc *esc, ecr_time now);

#endif
