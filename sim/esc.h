/* SPDX-License-Identifier: Apache-2.0 */
/* One simulated EtherCAT slave controller: its memory and what is derived from it. */
#ifndef SIM_ESC_H
#define SIM_ESC_H

#include "base/le.h"
#include "wire/esc.h"
#include "wire/sii.h"

#include <ecring/sim.h>

#include "sim/clock.h"

#define SIM_MEMORY 0x4000u
#define SIM_RAM (SIM_MEMORY - ECR_RAM_START)
#define SIM_SMS 16u
#define SIM_NOBODY (-1)
#define SIM_EVERYBODY (-2)

#define SIM_QUICK 4

/* A SyncManager that process data pass whole: what is left of FMMU and SyncManager rules then. */
struct sim_quick {
	uint8_t *data;	 /* in the slave's memory */
	uint16_t offset; /* in the datagram, from the slave's first byte on */
	uint16_t length;
	uint8_t sm;
	uint8_t status; /* stands for the SyncManager's status register as long as the entry is there */
};

/* What a passing frame asks first, and all that process data change beside their bytes; kept side by
 * side for all slaves of a ring, in the order in which it is looked at. */
struct sim_face {
	uint32_t logical_low; /* bounds of all active FMMUs */
	uint32_t logical_high;
	uint8_t quick_count; /* 0: ask the FMMUs */
	bool op;
	bool watchdog_expired;
	bool watchdog_shown; /* register 0x0440 says that it runs */
	uint16_t events;     /* register 0x0210, */
	uint16_t irq;	     /* and those that the mask lets through */
	uint16_t told;	     /* SyncManagers whose event stands in register 0x0220 */
	uint16_t sm_open;
	int32_t logical_offset;
	ecr_time due;	      /* when the slave must be looked after */
	ecr_time watchdog_at; /* when the process data watchdog expires, ECR_NEVER when it is off */
	ecr_time watchdog_span; /* 0: never */
	uint64_t output_writes;
	uint16_t written_sms; /* SyncManagers that the quick way writes, */
	uint16_t read_sms;    /* and reads */
	uint8_t quick_writes; /* how many of its entries, the first ones, are for writing */
	bool quick_kicks;     /* they trigger the watchdog */
	struct sim_quick quick[SIM_QUICK];
	uint16_t station;
	uint16_t alias; /* 0: not to be used as an address */
};

/* What slaves tell their ring. */
struct sim_news {
	ecr_time now;	/* of the last call */
	ecr_time due;	/* when somebody must be looked after */
	int irqs;	/* slaves that have an event for the master */
	uint8_t via;	/* the route of the frame under way */
	bool latch;	/* it has told somebody to latch receive times */
	bool addressed; /* a station address or alias has changed */
};

/* One end of a cable. */
struct sim_port {
	int peer; /* slave; SIM_NOBODY: nothing, or see `master` */
	uint8_t peer_port;
	int master;   /* master port 0 or 1 at the other end; SIM_NOBODY none */
	uint8_t cuts; /* faults that keep the link down */
	bool link;
	bool open; /* the loop */
	bool held; /* closed until the master writes the setting again */
	uint32_t open_ns;
	uint32_t close_ns;
	ecr_time change_at; /* when the loop follows the link; ECR_NEVER: it has */
};

/* Where the cable that leads to a slave was, or is to be, plugged in. */
struct sim_home {
	int slave; /* SIM_NOBODY: at the master, or nowhere */
	int port;  /* SIM_NOBODY: the first free one */
};

struct sim_esc {
	struct ecr_sim_app *app; /* what stands behind a mailbox; NULL none */
	char name[ECR_NAME_SIZE];
	struct ecr_sim_device device;
	struct ecr_sii sii;
	struct sim_face *face;
	struct sim_news *news;
	struct sim_port ports[ECR_PORT_COUNT];
	struct sim_home home;
	ecr_time ports_due; /* when links and loops must be settled */
	uint8_t memory[SIM_MEMORY];
	uint8_t shadow[SIM_RAM];   /* SyncManager buffers that are open: half read, half written */
	uint32_t sm_bits[SIM_SMS]; /* of the PDOs that are assigned to each SyncManager */
	bool sm_output[SIM_SMS];
	uint16_t sm_start[SIM_SMS];	/* as the SII has it */
	struct ecr_sm sms[SIM_SMS];	/* decoded whenever they are written */
	struct ecr_fmmu fmmus[SIM_SMS]; /* active ones only */
	uint8_t fmmu_count;
	ecr_time eeprom_until; /* busy until */
	uint16_t eeprom_command;
	uint8_t al_pending; /* a change that takes time, as in AL control; 0 none */
	ecr_time al_until;
	bool off;	  /* without power */
	bool reached;	  /* a master's frames come here */
	uint16_t refusal; /* faults: code for changes to refused_state, 0: to any */
	uint8_t refused_state;
	uint8_t stuck; /* no answer to AL control */
	struct sim_clock clock;
};

static inline uint16_t sim_register16(const struct sim_esc *esc, uint16_t address)
{
	return ecr_le16(esc->memory + address);
}

static inline uint16_t sim_al_status(const struct sim_esc *esc)
{
	return sim_register16(esc, ECR_REG_AL_STATUS);
}

/* The ring looks after the slave at that time at the latest. */
static inline void sim_face_wake(struct sim_face *face, struct sim_news *news, ecr_time at)
{
	if (at < face->due)
		face->due = at;
	if (at < news->due)
		news->due = at;
}

static inline void sim_esc_wake(struct sim_esc *esc, ecr_time at)
{
	sim_face_wake(esc->face, esc->news, at);
}

/* Events for the master (0x0210) come and go. */
static inline void sim_esc_events(struct sim_esc *esc, uint16_t set, uint16_t clear)
{
	struct sim_face *face = esc->face;

	esc->news->irqs -= face->irq != 0;
	face->events = (uint16_t)((face->events & ~clear) | set);
	ecr_put_le16(esc->memory + ECR_REG_IRQ, face->events);
	face->irq = face->events & sim_register16(esc, ECR_REG_IRQ_MASK);
	esc->news->irqs += face->irq != 0;
}

/* Says to the slave's processor (0x0220) that the master has written or read a SyncManager. */
static inline void sim_esc_tell(struct sim_esc *esc, int sm)
{
	uint32_t events = ecr_le32(esc->memory + ECR_REG_PDI_IRQ);

	ecr_put_le32(esc->memory + ECR_REG_PDI_IRQ, events | ECR_PDI_IRQ_SM(sm));
	esc->face->told = (uint16_t)(esc->face->told | 1u << sm);
}

#endif
