/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of an EtherCAT slave controller (ETG.1000.4, clause 6): address, size in bytes, and
 * the names of their bits. No other folder writes an address as a number.
 */
#ifndef ECR_WIRE_REGISTERS_H
#define ECR_WIRE_REGISTERS_H

#include <ecring/al.h>

/* Information about the controller (ETG.1000.4, 6.1) */
#define ECR_REG_TYPE 0x0000u
#define ECR_REG_TYPE_SIZE 1u
#define ECR_REG_REVISION 0x0001u
#define ECR_REG_REVISION_SIZE 1u
#define ECR_REG_BUILD 0x0002u
#define ECR_REG_BUILD_SIZE 2u
#define ECR_REG_FMMU_COUNT 0x0004u
#define ECR_REG_FMMU_COUNT_SIZE 1u
#define ECR_REG_SM_COUNT 0x0005u
#define ECR_REG_SM_COUNT_SIZE 1u
#define ECR_REG_RAM_SIZE 0x0006u /* process data RAM in KiB */
#define ECR_REG_RAM_SIZE_SIZE 1u
#define ECR_REG_PORT_DESCRIPTOR 0x0007u /* two bits per port, port 0 lowest: enum ecr_port_kind */
#define ECR_REG_PORT_DESCRIPTOR_SIZE 1u
#define ECR_REG_FEATURES 0x0008u
#define ECR_REG_FEATURES_SIZE 2u

#define ECR_REG_INFO ECR_REG_TYPE /* type to features in one read */
#define ECR_REG_INFO_SIZE 10u

#define ECR_FEATURE_BIT_FMMU_NOT \
	0x0001u /* FMMU bit operation is not supported (byte-wise mapping only) */
#define ECR_FEATURE_NO_REGISTER_ACCESS 0x0002u /* reserved registers must not be accessed */
#define ECR_FEATURE_DC 0x0004u
#define ECR_FEATURE_DC_64 0x0008u
#define ECR_FEATURE_LOW_JITTER_EBUS 0x0010u
#define ECR_FEATURE_ENHANCED_LINK_EBUS 0x0020u
#define ECR_FEATURE_ENHANCED_LINK_MII 0x0040u
#define ECR_FEATURE_SEPARATE_FCS_ERRORS 0x0080u
#define ECR_FEATURE_ENHANCED_SYNC_ACTIVATION 0x0100u
#define ECR_FEATURE_NO_LRW 0x0200u
#define ECR_FEATURE_NO_BRW 0x0400u /* no BRW, APRW and FPRW */
#define ECR_FEATURE_FIXED_FMMU_SM 0x0800u

enum ecr_port_kind {
	ECR_PORT_KIND_NONE,
	ECR_PORT_KIND_UNCONFIGURED,
	ECR_PORT_KIND_EBUS,
	ECR_PORT_KIND_MII,
};

#define ECR_PORT_COUNT 4u

/* Addresses of the slave (6.1) */
#define ECR_REG_STATION 0x0010u
#define ECR_REG_STATION_SIZE 2u
#define ECR_REG_ALIAS 0x0012u
#define ECR_REG_ALIAS_SIZE 2u

/* Write protection (6.1) */
#define ECR_REG_WRITE_ENABLE 0x0020u
#define ECR_REG_WRITE_ENABLE_SIZE 1u
#define ECR_REG_WRITE_PROTECT 0x0021u
#define ECR_REG_WRITE_PROTECT_SIZE 1u
#define ECR_REG_ESC_WRITE_ENABLE 0x0030u
#define ECR_REG_ESC_WRITE_ENABLE_SIZE 1u
#define ECR_REG_ESC_WRITE_PROTECT 0x0031u
#define ECR_REG_ESC_WRITE_PROTECT_SIZE 1u
#define ECR_REG_ESC_RESET 0x0040u /* the three bytes 'R', 'E', 'S', one after the other */
#define ECR_REG_ESC_RESET_SIZE 1u
#define ECR_REG_PDI_RESET 0x0041u
#define ECR_REG_PDI_RESET_SIZE 1u

/* Data link layer (6.2) */
#define ECR_REG_DL_CONTROL 0x0100u
#define ECR_REG_DL_CONTROL_SIZE 4u
#define ECR_REG_DL_PORTS 0x0101u /* two bits per port, port 0 lowest: enum ecr_loop */
#define ECR_REG_DL_PORTS_SIZE 1u
#define ECR_REG_DL_FIFO 0x0102u
#define ECR_REG_DL_FIFO_SIZE 1u
#define ECR_REG_DL_ALIAS 0x0103u
#define ECR_REG_DL_ALIAS_SIZE 1u
#define ECR_DL_CONTROL_FORWARDING \
	0x01u			       /* in 0x0100: frames that are not EtherCAT are destroyed \
					 */
#define ECR_DL_CONTROL_TEMPORARY 0x02u /* in 0x0100: port settings last about one second */
#define ECR_DL_ALIAS_ENABLE 0x01u      /* in 0x0103: the alias may be used as a station address */
#define ECR_DL_FIFO_DEFAULT 0x07u

enum ecr_loop {
	ECR_LOOP_AUTO,	     /* closed without link, open with link */
	ECR_LOOP_AUTO_CLOSE, /* closed without link, opened by writing again or by a valid frame */
	ECR_LOOP_OPEN,
	ECR_LOOP_CLOSED,
};

#define ECR_LOOP_SHIFT(port) (2u * (unsigned int)(port))
#define ECR_LOOP_MASK 3u

#define ECR_REG_PHYSICAL_OFFSET 0x0108u
#define ECR_REG_PHYSICAL_OFFSET_SIZE 2u

#define ECR_REG_DL_STATUS 0x0110u
#define ECR_REG_DL_STATUS_SIZE 2u
#define ECR_DL_STATUS_PDI_OPERATIONAL 0x0001u /* EEPROM loaded, PDI ready */
#define ECR_DL_STATUS_PDI_WATCHDOG 0x0002u    /* the PDI watchdog was reloaded (has not expired) */
#define ECR_DL_STATUS_ENHANCED_LINK 0x0004u
#define ECR_DL_STATUS_LINK(port) (0x0010u << (unsigned int)(port))	/* physical link */
#define ECR_DL_STATUS_LOOP(port) (0x0100u << 2u * (unsigned int)(port)) /* loop closed */
#define ECR_DL_STATUS_SIGNAL(port) \
	(0x0200u << 2u * (unsigned int)(port)) /* communication established */

/* Application layer (6.3, ETG.1000.6) */
#define ECR_REG_AL_CONTROL 0x0120u
#define ECR_REG_AL_CONTROL_SIZE 2u
#define ECR_REG_AL_STATUS 0x0130u
#define ECR_REG_AL_STATUS_SIZE 2u
#define ECR_REG_AL_STATUS_CODE 0x0134u
#define ECR_REG_AL_STATUS_CODE_SIZE 2u
#define ECR_REG_AL_BLOCK ECR_REG_AL_STATUS /* status to status code in one read */
#define ECR_REG_AL_BLOCK_SIZE 6u
#define ECR_REG_RUN_LED 0x0138u
#define ECR_REG_RUN_LED_SIZE 1u
#define ECR_REG_ERR_LED 0x0139u
#define ECR_REG_ERR_LED_SIZE 1u

#define ECR_AL_STATE_MASK 0x000fu
#define ECR_AL_ERROR 0x0010u	   /* in the status: the last change failed */
#define ECR_AL_ACKNOWLEDGE 0x0010u /* in the control: acknowledges the error */
#define ECR_AL_IDENTIFICATION \
	0x0020u /* request of, or valid, explicit device identification in 0x0134 */

/* Process data interface (6.4) */
#define ECR_REG_PDI_CONTROL 0x0140u
#define ECR_REG_PDI_CONTROL_SIZE 1u
#define ECR_REG_ESC_CONFIG 0x0141u
#define ECR_REG_ESC_CONFIG_SIZE 1u
#define ECR_ESC_CONFIG_EMULATION 0x01u /* device emulation: AL control is echoed into AL status */
#define ECR_ESC_CONFIG_ENHANCED_LINK 0x02u
#define ECR_ESC_CONFIG_DC_SYNC_OUT 0x04u
#define ECR_ESC_CONFIG_DC_LATCH_IN 0x08u
#define ECR_REG_PDI_INFORMATION 0x014Eu
#define ECR_REG_PDI_INFORMATION_SIZE 2u
#define ECR_REG_PDI_CONFIG 0x0150u
#define ECR_REG_PDI_CONFIG_SIZE 1u
#define ECR_REG_SYNC_LATCH_CONFIG 0x0151u
#define ECR_REG_SYNC_LATCH_CONFIG_SIZE 1u
#define ECR_REG_PDI_CONFIG_EXTENDED 0x0152u
#define ECR_REG_PDI_CONFIG_EXTENDED_SIZE 2u

/* Interrupts (6.5) */
#define ECR_REG_IRQ_MASK 0x0200u /* which events appear in the IRQ field of datagrams */
#define ECR_REG_IRQ_MASK_SIZE 2u
#define ECR_REG_PDI_IRQ_MASK 0x0204u
#define ECR_REG_PDI_IRQ_MASK_SIZE 4u
#define ECR_REG_IRQ 0x0210u
#define ECR_REG_IRQ_SIZE 2u
#define ECR_REG_PDI_IRQ 0x0220u
#define ECR_REG_PDI_IRQ_SIZE 4u
#define ECR_IRQ_DC_LATCH 0x0001u
#define ECR_IRQ_DL_STATUS 0x0004u
#define ECR_IRQ_AL_STATUS 0x0008u
#define ECR_IRQ_SM(channel) ((uint16_t)(0x0010u << (unsigned int)(channel))) /* channels 0 to 7 */
#define ECR_PDI_IRQ_AL_CONTROL 0x0001u
#define ECR_PDI_IRQ_EEPROM 0x0020u /* a command waits for the PDI that emulates the EEPROM */
#define ECR_PDI_IRQ_SM(channel) (0x0100u << (unsigned int)(channel)) /* channels 0 to 15 */

/* Error counters (6.6); they stop at 255, and writing anything clears the group */
#define ECR_REG_RX_ERRORS 0x0300u /* per port: invalid frames, then physical errors */
#define ECR_REG_RX_ERRORS_SIZE 8u
#define ECR_REG_RX_INVALID(port) (ECR_REG_RX_ERRORS + 2u * (unsigned int)(port))
#define ECR_REG_RX_PHYSICAL(port) (ECR_REG_RX_ERRORS + 2u * (unsigned int)(port) + 1u)
#define ECR_REG_RX_INVALID_SIZE 1u
#define ECR_REG_RX_PHYSICAL_SIZE 1u
#define ECR_REG_FORWARDED_ERRORS \
	0x0308u /* one byte per port: errors that a slave before had marked */
#define ECR_REG_FORWARDED_ERRORS_SIZE 4u
#define ECR_REG_PROCESSING_ERRORS 0x030Cu
#define ECR_REG_PROCESSING_ERRORS_SIZE 1u
#define ECR_REG_PDI_ERRORS 0x030Du
#define ECR_REG_PDI_ERRORS_SIZE 1u
#define ECR_REG_LOST_LINK 0x0310u /* one byte per port */
#define ECR_REG_LOST_LINK_SIZE 4u
#define ECR_REG_ERRORS ECR_REG_RX_ERRORS /* all of them in one read */
#define ECR_REG_ERRORS_SIZE 20u

/* Watchdogs (6.7) */
#define ECR_REG_WATCHDOG_DIVIDER 0x0400u /* units of 40 ns, less 2 */
#define ECR_REG_WATCHDOG_DIVIDER_SIZE 2u
#define ECR_REG_WATCHDOG_PDI 0x0410u
#define ECR_REG_WATCHDOG_PDI_SIZE 2u
#define ECR_REG_WATCHDOG_SM 0x0420u
#define ECR_REG_WATCHDOG_SM_SIZE 2u
#define ECR_REG_WATCHDOG_STATUS 0x0440u
#define ECR_REG_WATCHDOG_STATUS_SIZE 2u
#define ECR_REG_WATCHDOG_SM_COUNT 0x0442u
#define ECR_REG_WATCHDOG_SM_COUNT_SIZE 1u
#define ECR_REG_WATCHDOG_PDI_COUNT 0x0443u
#define ECR_REG_WATCHDOG_PDI_COUNT_SIZE 1u
#define ECR_WATCHDOG_DIVIDER_DEFAULT 2498u /* 100 us */
#define ECR_WATCHDOG_DEFAULT 1000u	   /* times 100 us: 100 ms */
#define ECR_WATCHDOG_STATUS_OK 0x0001u	   /* has not expired, or is switched off */

/* EEPROM interface (6.8) */
#define ECR_REG_EEPROM_CONFIG 0x0500u
#define ECR_REG_EEPROM_CONFIG_SIZE 1u
#define ECR_REG_EEPROM_PDI_ACCESS 0x0501u
#define ECR_REG_EEPROM_PDI_ACCESS_SIZE 1u
#define ECR_REG_EEPROM_CONTROL 0x0502u
#define ECR_REG_EEPROM_CONTROL_SIZE 2u
#define ECR_REG_EEPROM_ADDRESS 0x0504u /* in words */
#define ECR_REG_EEPROM_ADDRESS_SIZE 4u
#define ECR_REG_EEPROM_DATA 0x0508u
#define ECR_REG_EEPROM_DATA_SIZE 8u
#define ECR_REG_EEPROM_COMMAND ECR_REG_EEPROM_CONTROL /* control and address in one write */
#define ECR_REG_EEPROM_COMMAND_SIZE 6u
#define ECR_REG_EEPROM_ANSWER ECR_REG_EEPROM_CONTROL /* control, address and data in one read */
#define ECR_REG_EEPROM_ANSWER_SIZE 14u
#define ECR_REG_EEPROM ECR_REG_EEPROM_CONFIG
#define ECR_REG_EEPROM_SIZE 16u
#define ECR_EEPROM_TO_PDI 0x01u		     /* in 0x0500: the PDI may use the EEPROM */
#define ECR_EEPROM_FORCE_MASTER 0x02u	     /* in 0x0500: take it back, whatever the PDI does */
#define ECR_EEPROM_PDI_BUSY 0x01u	     /* in 0x0501: the PDI uses the EEPROM now */
#define ECR_EEPROM_WRITE_ENABLE 0x0001u	     /* must be written together with a write command */
#define ECR_EEPROM_EMULATION 0x0020u	     /* the PDI emulates the EEPROM */
#define ECR_EEPROM_READ_8 0x0040u	     /* eight bytes per read, else four */
#define ECR_EEPROM_TWO_ADDRESS_BYTES 0x0080u /* EEPROM larger than 16 Kbit */
#define ECR_EEPROM_COMMAND_MASK 0x0700u
#define ECR_EEPROM_NOP 0x0000u /* also clears the error bits */
#define ECR_EEPROM_READ 0x0100u
#define ECR_EEPROM_WRITE 0x0200u
#define ECR_EEPROM_RELOAD 0x0400u
#define ECR_EEPROM_ERROR_CHECKSUM 0x0800u
#define ECR_EEPROM_ERROR_LOADING 0x1000u     /* the device information was not loaded */
#define ECR_EEPROM_ERROR_ACKNOWLEDGE 0x2000u /* missing acknowledge, or invalid command */
#define ECR_EEPROM_ERROR_WRITE_ENABLE 0x4000u
#define ECR_EEPROM_ERROR_MASK 0x7800u
#define ECR_EEPROM_BUSY 0x8000u

/* MII management (6.9) */
#define ECR_REG_MII_CONTROL 0x0510u
#define ECR_REG_MII_CONTROL_SIZE 2u
#define ECR_REG_MII_PHY 0x0512u
#define ECR_REG_MII_PHY_SIZE 1u
#define ECR_REG_MII_REGISTER 0x0513u
#define ECR_REG_MII_REGISTER_SIZE 1u
#define ECR_REG_MII_DATA 0x0514u
#define ECR_REG_MII_DATA_SIZE 2u
#define ECR_REG_MII_ACCESS 0x0516u
#define ECR_REG_MII_ACCESS_SIZE 1u
#define ECR_REG_MII_PDI_ACCESS 0x0517u
#define ECR_REG_MII_PDI_ACCESS_SIZE 1u
#define ECR_REG_MII_PHY_STATUS(port) (0x0518u + (unsigned int)(port))
#define ECR_REG_MII_PHY_STATUS_SIZE 1u
#define ECR_MII_WRITE_ENABLE 0x0001u
#define ECR_MII_READ 0x0100u
#define ECR_MII_WRITE 0x0200u
#define ECR_MII_ERROR_READ 0x2000u
#define ECR_MII_ERROR_COMMAND 0x4000u
#define ECR_MII_BUSY 0x8000u

/* Fieldbus memory management units (6.10): layout of one entry in wire/esc.h */
#define ECR_FMMU_SIZE 16u
#define ECR_FMMU_MAX 16u
#define ECR_REG_FMMU(n) (0x0600u + ECR_FMMU_SIZE * (unsigned int)(n))
#define ECR_REG_FMMU_SIZE ECR_FMMU_SIZE
#define ECR_REG_FMMUS ECR_REG_FMMU(0)
#define ECR_REG_FMMUS_SIZE (ECR_FMMU_SIZE * ECR_FMMU_MAX)
#define ECR_FMMU_LOGICAL 0u
#define ECR_FMMU_LENGTH 4u
#define ECR_FMMU_START_BIT 6u
#define ECR_FMMU_STOP_BIT 7u
#define ECR_FMMU_PHYSICAL 8u
#define ECR_FMMU_PHYSICAL_BIT 10u
#define ECR_FMMU_TYPE 11u
#define ECR_FMMU_ACTIVATE 12u
#define ECR_FMMU_TYPE_READ 0x01u
#define ECR_FMMU_TYPE_WRITE 0x02u
#define ECR_FMMU_ENABLE 0x01u
#define ECR_FMMU_BIT_MASK 0x07u

/* SyncManagers (6.11): layout of one channel in wire/esc.h */
#define ECR_SM_SIZE 8u
#define ECR_SM_MAX 16u
#define ECR_REG_SM(n) (0x0800u + ECR_SM_SIZE * (unsigned int)(n))
#define ECR_REG_SM_SIZE ECR_SM_SIZE
#define ECR_REG_SMS ECR_REG_SM(0)
#define ECR_REG_SMS_SIZE (ECR_SM_SIZE * ECR_SM_MAX)
#define ECR_SM_START 0u
#define ECR_SM_LENGTH 2u
#define ECR_SM_CONTROL 4u
#define ECR_SM_STATUS 5u
#define ECR_SM_ACTIVATE 6u
#define ECR_SM_PDI_CONTROL 7u
#define ECR_REG_SM_STATUS(n) (ECR_REG_SM(n) + ECR_SM_STATUS)
#define ECR_REG_SM_STATUS_SIZE 1u
#define ECR_REG_SM_ACTIVATE(n) (ECR_REG_SM(n) + ECR_SM_ACTIVATE)
#define ECR_REG_SM_ACTIVATE_SIZE 1u
#define ECR_REG_SM_PDI_CONTROL(n) (ECR_REG_SM(n) + ECR_SM_PDI_CONTROL)
#define ECR_REG_SM_PDI_CONTROL_SIZE 1u

#define ECR_SM_CONTROL_MODE_MASK 0x03u
#define ECR_SM_CONTROL_BUFFERED 0x00u /* three buffers */
#define ECR_SM_CONTROL_MAILBOX 0x02u  /* one buffer, handed over */
#define ECR_SM_CONTROL_DIRECTION_MASK 0x0Cu
#define ECR_SM_CONTROL_READ 0x00u  /* the master reads */
#define ECR_SM_CONTROL_WRITE 0x04u /* the master writes */
#define ECR_SM_CONTROL_IRQ 0x10u   /* to the master */
#define ECR_SM_CONTROL_PDI_IRQ 0x20u
#define ECR_SM_CONTROL_WATCHDOG 0x40u
#define ECR_SM_CONTROL_MAILBOX_OUT 0x26u /* usual settings */
#define ECR_SM_CONTROL_MAILBOX_IN 0x22u
#define ECR_SM_CONTROL_OUTPUTS 0x64u
#define ECR_SM_CONTROL_INPUTS 0x20u
#define ECR_SM_STATUS_WRITE_IRQ 0x01u
#define ECR_SM_STATUS_READ_IRQ 0x02u
#define ECR_SM_STATUS_FULL 0x08u	/* mailbox mode */
#define ECR_SM_STATUS_BUFFER_MASK 0x30u /* buffered mode: the last written, 3 = none yet */
#define ECR_SM_STATUS_BUFFER_SHIFT 4u
#define ECR_SM_STATUS_READ_IN_USE 0x40u
#define ECR_SM_STATUS_WRITE_IN_USE 0x80u
#define ECR_SM_ACTIVATE_ENABLE 0x01u
#define ECR_SM_ACTIVATE_REPEAT 0x02u /* toggled by the master to have the last mailbox again */
#define ECR_SM_ACTIVATE_LATCH_ECAT 0x40u
#define ECR_SM_ACTIVATE_LATCH_PDI 0x80u
#define ECR_SM_PDI_DEACTIVATED 0x01u
#define ECR_SM_PDI_REPEAT_ACK 0x02u /* follows the toggle when the mailbox is there again */

/* Distributed clocks (6.12) */
#define ECR_REG_DC_RECEIVE_TIME(port) (0x0900u + 4u * (unsigned int)(port))
#define ECR_REG_DC_RECEIVE_TIME_SIZE 4u
#define ECR_REG_DC_RECEIVE_TIMES 0x0900u /* of ports 0 to 3; a write to port 0 latches all */
#define ECR_REG_DC_RECEIVE_TIMES_SIZE 16u
#define ECR_REG_DC_SYSTEM_TIME 0x0910u
#define ECR_REG_DC_SYSTEM_TIME_SIZE 8u
#define ECR_REG_DC_RECEIVE_TIME_ECAT 0x0918u /* of the processing unit */
#define ECR_REG_DC_RECEIVE_TIME_ECAT_SIZE 8u
#define ECR_REG_DC_OFFSET 0x0920u
#define ECR_REG_DC_OFFSET_SIZE 8u
#define ECR_REG_DC_DELAY 0x0928u
#define ECR_REG_DC_DELAY_SIZE 4u
#define ECR_REG_DC_DIFFERENCE \
	0x092Cu /* bit 31: the local clock is behind; the rest: by how much \
				       */
#define ECR_REG_DC_DIFFERENCE_SIZE 4u
#define ECR_DC_DIFFERENCE_BEHIND 0x80000000u
#define ECR_REG_DC_SPEED_START 0x0930u /* writing it resets the control loop */
#define ECR_REG_DC_SPEED_START_SIZE 2u
#define ECR_REG_DC_SPEED_DIFFERENCE 0x0932u
#define ECR_REG_DC_SPEED_DIFFERENCE_SIZE 2u
#define ECR_REG_DC_FILTER_DIFFERENCE 0x0934u
#define ECR_REG_DC_FILTER_DIFFERENCE_SIZE 1u
#define ECR_REG_DC_FILTER_SPEED 0x0935u
#define ECR_REG_DC_FILTER_SPEED_SIZE 1u
#define ECR_REG_DC_RECEIVE_LATCH_MODE 0x0936u
#define ECR_REG_DC_RECEIVE_LATCH_MODE_SIZE 1u
#define ECR_REG_DC_CYCLIC_CONTROL 0x0980u
#define ECR_REG_DC_CYCLIC_CONTROL_SIZE 1u
#define ECR_REG_DC_ACTIVATION 0x0981u
#define ECR_REG_DC_ACTIVATION_SIZE 1u
#define ECR_REG_DC_PULSE_LENGTH 0x0982u
#define ECR_REG_DC_PULSE_LENGTH_SIZE 2u
#define ECR_REG_DC_ACTIVATION_STATUS 0x0984u
#define ECR_REG_DC_ACTIVATION_STATUS_SIZE 1u
#define ECR_REG_DC_SYNC0_STATUS 0x098Eu
#define ECR_REG_DC_SYNC0_STATUS_SIZE 1u
#define ECR_REG_DC_SYNC1_STATUS 0x098Fu
#define ECR_REG_DC_SYNC1_STATUS_SIZE 1u
#define ECR_REG_DC_START_TIME 0x0990u /* writing: first SYNC0; reading: next SYNC0 */
#define ECR_REG_DC_START_TIME_SIZE 8u
#define ECR_REG_DC_NEXT_SYNC1 0x0998u
#define ECR_REG_DC_NEXT_SYNC1_SIZE 8u
#define ECR_REG_DC_SYNC0_CYCLE 0x09A0u
#define ECR_REG_DC_SYNC0_CYCLE_SIZE 4u
#define ECR_REG_DC_SYNC1_CYCLE 0x09A4u
#define ECR_REG_DC_SYNC1_CYCLE_SIZE 4u
#define ECR_REG_DC_LATCH0_CONTROL 0x09A8u
#define ECR_REG_DC_LATCH0_CONTROL_SIZE 1u
#define ECR_REG_DC_LATCH1_CONTROL 0x09A9u
#define ECR_REG_DC_LATCH1_CONTROL_SIZE 1u
#define ECR_REG_DC_LATCH0_STATUS 0x09AEu
#define ECR_REG_DC_LATCH0_STATUS_SIZE 1u
#define ECR_REG_DC_LATCH1_STATUS 0x09AFu
#define ECR_REG_DC_LATCH1_STATUS_SIZE 1u
#define ECR_REG_DC_LATCH0_POSITIVE 0x09B0u
#define ECR_REG_DC_LATCH0_POSITIVE_SIZE 8u
#define ECR_REG_DC_LATCH0_NEGATIVE 0x09B8u
#define ECR_REG_DC_LATCH0_NEGATIVE_SIZE 8u
#define ECR_REG_DC_LATCH1_POSITIVE 0x09C0u
#define ECR_REG_DC_LATCH1_POSITIVE_SIZE 8u
#define ECR_REG_DC_LATCH1_NEGATIVE 0x09C8u
#define ECR_REG_DC_LATCH1_NEGATIVE_SIZE 8u
#define ECR_REG_DC ECR_REG_DC_RECEIVE_TIMES /* the whole unit */
#define ECR_REG_DC_SIZE 0xD0u
#define ECR_REG_POWER_ON 0x0E00u /* what the controller's vendor put in; nothing between */
#define ECR_DC_CYCLIC_SYNC_BY_PDI 0x01u
#define ECR_DC_CYCLIC_LATCH0_BY_PDI 0x10u
#define ECR_DC_CYCLIC_LATCH1_BY_PDI 0x20u
#define ECR_DC_ACTIVATE 0x01u /* cyclic operation */
#define ECR_DC_ACTIVATE_SYNC0 0x02u
#define ECR_DC_ACTIVATE_SYNC1 0x04u
#define ECR_DC_ACTIVATE_AUTO 0x08u
#define ECR_DC_SPEED_START_DEFAULT 0x1000u
#define ECR_DC_FILTERS_DEFAULT 0x0C00u /* both filters in one write: 0 and 12 */
#define ECR_DC_LATCH_POSITIVE_SINGLE 0x01u
#define ECR_DC_LATCH_NEGATIVE_SINGLE 0x02u
#define ECR_DC_LATCH_STATUS_POSITIVE 0x01u
#define ECR_DC_LATCH_STATUS_NEGATIVE 0x02u
#define ECR_DC_LATCH_STATUS_PIN 0x04u

/* Memory beyond the registers */
#define ECR_REG_PRODUCT_ID 0x0E00u
#define ECR_REG_PRODUCT_ID_SIZE 8u
#define ECR_REG_DIGITAL_OUTPUTS 0x0F00u /* the only place where outputs may be mapped bit-wise */
#define ECR_REG_DIGITAL_OUTPUTS_SIZE 4u
#define ECR_REG_DIGITAL_INPUTS 0x1000u
#define ECR_REG_DIGITAL_INPUTS_SIZE 4u
#define ECR_REGISTERS_SIZE 0x1000u
#define ECR_RAM_START 0x1000u
#define ECR_ADDRESS_SPACE 0x10000u

#endif
