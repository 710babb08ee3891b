/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: negative codes, each with a stable name and a sentence, and a failure record that says
 * which slave, in what phase, which register, what was expected and what came. Every function here
 * may be called from any thread.
 */
#ifndef ECRING_ERROR_H
#define ECRING_ERROR_H

#include <ecring/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(symbol, name, meaning, what to try) */
#define ECR_ERRORS(X) \
	X(NOT_STARTED, "not_started", "no session is running", "call ecr_start first") \
	X(ALREADY_STARTED, "already_started", "the session is already running", \
	  "stop it before starting again") \
	X(ALREADY_STOPPED, "already_stopped", "the session is not running", \
	  "nothing needs to be done") \
	X(STOPPED, "stopped", "the session was stopped meanwhile", "start it again") \
	X(TIMEOUT, "timeout", "no answer came in time", "check cable, power and time-out") \
	X(UNKNOWN_TOPOLOGY, "unknown_topology", "the ports of the slaves do not make a tree", \
	  "wait until the ring is whole, and look at its cables") \
	X(REDUNDANT_REQUIRES_RAW, "redundant_requires_raw_transport", \
	  "a ring with two ports cannot be had over UDP", "give two network interfaces") \
	X(INVALID_OPTIONS, "invalid_options", "an option of the configuration is invalid", \
	  "see the option named beside") \
	X(DUPLICATE_NAME, "duplicate_name", "two entries have the same name", \
	  "give each its own name") \
	X(INVALID_ARGUMENT, "invalid_argument", "an argument is outside its range", \
	  "see the function's comment") \
	X(NOT_FOUND, "not_found", "there is no such slave, domain or signal", \
	  "list them with slaves or domains") \
	X(UNKNOWN_SLAVE, "unknown_slave", "no slave has this name", \
	  "list the names with ecr_slaves") \
	X(UNKNOWN_DOMAIN, "unknown_domain", "no domain has this name", "configure it at start") \
	X(NOT_REGISTERED, "not_registered", "the slave has no signal of this name in a domain", \
	  "give the slave process_data and look at ecr_slave_info") \
	X(NOT_INPUT, "not_input", "the signal is an output", "read it with ecr_signal_read") \
	X(NOT_OUTPUT, "not_output", "the signal is an input", "only outputs can be written") \
	X(NOT_READY, "not_ready", "no valid cycle has brought a value yet", \
	  "wait for operational") \
	X(STALE, "stale", "the value is older than the freshness window", \
	  "look at domain_info for the cause") \
	X(SLAVE_DOWN, "slave_down", "the slave does not answer", \
	  "check power and cable before it") \
	X(DISCOVERING, "discovering", "the ring is still being scanned", \
	  "call ecr_await_running first") \
	X(AWAITING_PREOP, "awaiting_preop", "slaves are still on their way to PREOP", \
	  "call ecr_await_running first") \
	X(NOT_PREOP, "not_preop", "this needs the session in PREOP", \
	  "call ecr_deactivate with preop first") \
	X(NOT_OPERATIONAL, "not_operational", "the session is not above SAFEOP", \
	  "call ecr_activate first") \
	X(ACTIVATION_ALREADY_STARTED, "activation_already_started", "the session is operational", \
	  "deactivate to preop before reconfiguring") \
	X(ACTIVATION_IN_PROGRESS, "activation_in_progress", \
	  "an activation is under way or blocked", "wait, or deactivate first") \
	X(ALREADY_ACTIVATED, "already_activated", "the session is operational already", \
	  "nothing needs to be done") \
	X(RECOVERY_IN_PROGRESS, "recovery_in_progress", "a fault is being healed", \
	  "wait for operational") \
	X(CONFIGURATION_FAILED, "configuration_failed", "the ring could not be configured", \
	  "see the failure recorded beside") \
	X(ACTIVATION_FAILED, "activation_failed", "not every slave reached its target state", \
	  "see the slave's fault") \
	X(DEACTIVATION_FAILED, "deactivation_failed", \
	  "not every slave went down to the target state", "see the slave's fault") \
	X(ACTIVATION_BLOCKED, "activation_blocked", "the activation is blocked by faults", \
	  "see the slaves' faults") \
	X(RUNTIME_DEGRADED, "runtime_degraded", "a running part of the ring has failed", \
	  "see slaves and domain_info") \
	X(AWAITING_PREOP_TIMEOUT, "awaiting_preop_timeout", "slaves did not reach PREOP in time", \
	  "see the slaves named as pending") \
	X(INVALID_DEACTIVATE_TARGET, "invalid_deactivate_target", \
	  "the target must be safeop or preop", "use one of the two") \
	X(DC_DISABLED, "dc_disabled", "distributed clocks are not configured", \
	  "configure dc at start") \
	X(DC_INACTIVE, "dc_inactive", "distributed clocks are not running", \
	  "activate the session") \
	X(NO_REFERENCE_CLOCK, "no_reference_clock", "no slave offers a reference clock", \
	  "none needed without DC") \
	X(DC_LOCK_UNAVAILABLE, "dc_lock_unavailable", "no slave has a clock that could be locked", \
	  "see the slaves' kinds: ecring dc") \
	X(DC_LOCK_TIMEOUT, "dc_lock_timeout", "the clocks did not agree in time", \
	  "raise dc.lock_timeout_ms or dc.lock_threshold_ns; see ecring dc") \
	X(DC_LOCK_LOST, "dc_lock_lost", "the clocks no longer agree", \
	  "see the largest difference beside, and ecring dc") \
	X(DC_LATCH_NOT_ACKNOWLEDGED, "dc_latch_not_acknowledged", \
	  "no slave took the command to latch receive times", "check the cabling, or disable dc") \
	X(NO_DC_CLOCK, "no_dc_clock", \
	  "the slave has no clock that could make SYNC0 or be the reference", \
	  "see the kinds: ecring dc; configure it without sync, or another dc.reference") \
	X(SYNC_NOT_STARTED, "sync_not_started", "SYNC0 did not start at its start time", \
	  "see the slave's clock: ecring dc") \
	X(BUSY, "busy", "too many requests are waiting", "let some complete first") \
	X(NO_MEMORY, "no_memory", "the memory asked for is not there", \
	  "raise the limit or lower the ring's size") \
	X(LIMIT, "limit_exceeded", "a limit of the options is too small for this ring", \
	  "raise the limit named beside") \
	X(EXPIRED, "expired", "the request became stale before it could be sent", \
	  "raise stale_after or the period") \
	X(FRAME_TOO_LARGE, "frame_too_large", "the datagrams do not fit into one frame", \
	  "split them") \
	X(TRANSPORT_UNAVAILABLE, "transport_unavailable", "the frame could not be sent", \
	  "check the interface") \
	X(PERMISSION, "permission", "the system refused a raw socket", \
	  "setcap cap_net_raw+ep on the program, or run as root") \
	X(INTERFACE_NOT_FOUND, "interface_not_found", "there is no such network interface", \
	  "list them: ip link") \
	X(INTERFACE_IN_USE, "interface_in_use", \
	  "another master of this machine uses the interface", "stop it first") \
	X(SYSTEM, "system", "a system call failed", "see the text beside") \
	X(NO_RESPONSE, "no_response", "the slave did not act on the datagram (working counter 0)", \
	  "check power and cable before it") \
	X(UNEXPECTED_WKC, "unexpected_wkc", "the working counter is not the expected one", \
	  "another slave may have the same address, or one is missing") \
	X(WKC_MISMATCH, "wkc_mismatch", "the cycle's working counter is not the expected one", \
	  "a slave left SAFEOP or OP, or lost power") \
	X(AL_ERROR, "al_error", \
	  "the slave refused a change of state, or keeps an error that it has latched", \
	  "see the AL status code beside") \
	X(AL_TIMEOUT, "transition_timeout", "the slave did not reach the state in time", \
	  "see ETG.1020 time-outs; raise the time-out") \
	X(SII_BUSY, "busy_timeout", "the EEPROM interface stays busy", "power-cycle the slave") \
	X(SII_ACCESS, "acknowledge_error", "the EEPROM did not accept the access", \
	  "check that no PDI owns the EEPROM") \
	X(IDENTITY_MISMATCH, "identity_mismatch", "another device than configured stands here", \
	  "check the cabling and the configuration") \
	X(NOT_RESERVED, "not_reserved", \
	  "the process image keeps no room for this slave: it was not there when it was laid out", \
	  "give presence.sii in its configuration, or deactivate to PREOP and activate again") \
	X(INIT_RESET_FAILED, "init_default_reset_failed", "not every slave took the reset", \
	  "check the cabling") \
	X(TOO_MANY_SLAVES, "too_many_slaves_for_auto_increment", \
	  "more slaves than auto-increment addresses", "split the ring") \
	X(STATION_OVERFLOW, "station_address_overflow", "the station addresses exceed 0xFFFF", \
	  "lower base_station") \
	X(SLAVES_EXCEED_BUS, "configured_slaves_exceed_bus", \
	  "more slaves are configured than found", "check power and cabling of the last ones") \
	X(INVALID_PROCESS_DATA, "invalid_process_data_request", \
	  "the process_data request is invalid", \
	  "use none, everything to one domain, or a list of signals") \
	X(SIGNAL_NOT_IN_MODEL, "signal_not_in_driver_model", \
	  "the driver has no signal of this name", "list the driver's signals") \
	X(INVALID_SIGNAL_MODEL, "invalid_signal_model", "the driver describes a signal wrongly", \
	  "mend the driver") \
	X(PDO_NOT_IN_SII, "pdo_not_in_sii", "the slave's EEPROM has no such PDO", \
	  "compare: ecring sii") \
	X(SIGNAL_RANGE, "signal_range_out_of_bounds", "the signal ends beyond its PDO", \
	  "mend the driver") \
	X(SM_NOT_IN_SII, "sm_not_in_sii", "a PDO names a SyncManager that the EEPROM lacks", \
	  "compare: ecring sii") \
	X(FMMU_LIMIT, "fmmu_limit_reached", "the slave has fewer FMMUs than the mapping needs", \
	  "map it to fewer domains") \
	X(WATCHDOG_TOO_SHORT, "watchdog_too_short", \
	  "the slave's SM watchdog would expire between two cycles", \
	  "raise watchdog_ms or shorten the period") \
	X(NOTHING_REGISTERED, "nothing_registered", "no slave is mapped into the domain", \
	  "give a slave process_data") \
	X(NOT_OPEN, "not_open", \
	  "the domains' layout is fixed while they cycle or the ring is above PREOP", \
	  "call ecr_deactivate with preop first") \
	X(SM_SIZE, "sm_size_mismatch", "the SyncManager's image has another size", \
	  "compare: ecring pdos") \
	X(SM_DIRECTION, "sm_direction_mismatch", "the SyncManager has the other direction", \
	  "compare: ecring pdos") \
	X(ALREADY_CYCLING, "already_cycling", "the domain cycles already", \
	  "nothing needs to be done") \
	X(IMAGE_TOO_LARGE, "image_too_large", "the domain's image is too large for its period", \
	  "use a longer period or several domains") \
	X(INVALID_VALUE, "invalid_value", "the value does not fit the signal's type", \
	  "see the signal's type") \
	X(RETREATED, "retreated", "the slave fell back to a lower state by itself", \
	  "see its AL status code") \
	X(CANCELLED, "cancelled", "the request was cancelled", "nothing needs to be done") \
	X(NO_MAILBOX, "no_mailbox", "the slave has no mailbox", \
	  "ask a slave that has one: ecring sii shows its mailbox protocols") \
	X(NO_MAILBOX_SIZES, "no_mailbox_sizes", \
	  "the slave's EEPROM announces mailbox protocols, but no sizes of a mailbox", \
	  "the EEPROM is damaged or unfinished: see ecring sii, and write it anew") \
	X(NO_BOOTSTRAP, "no_bootstrap_mailbox", \
	  "the slave is to go to BOOT, and its EEPROM gives no bootstrap mailbox", \
	  "give it another target_state: it has no BOOT state") \
	X(NO_COE, "no_coe", "the slave's EEPROM does not announce that its mailbox speaks CoE", \
	  "see its mailbox protocols: ecring sii") \
	X(MAILBOX_NOT_MAPPED, "mailbox_not_mapped", \
	  "mailbox_watch asks for the mailbox's status in the image, and the slave is in no " \
	  "domain", \
	  "give it process_data, or leave mailbox_watch at its default") \
	X(MAILBOX_SIZE, "mailbox_size", "the slave's mailbox is larger than limits.mailbox_bytes", \
	  "raise it; 1486 is the largest that fits into a frame") \
	X(MAILBOX_NOT_READY, "mailbox_not_ready", "the slave's mailbox works from PREOP on", \
	  "bring the slave to PREOP first") \
	X(MAILBOX_TOO_SMALL, "mailbox_too_small", \
	  "the request does not fit into the slave's mailbox", "compare its size: ecring sii") \
	X(MAILBOX_FULL, "mailbox_full", "the slave does not take the message that it has", \
	  "power-cycle the slave") \
	X(RESPONSE_TIMEOUT, "response_timeout", "the slave's mailbox did not answer in time", \
	  "raise the time-out; look at the slave") \
	X(INVALID_MAILBOX_RESPONSE, "invalid_mailbox_response", \
	  "the mailbox answer is shorter than its header", \
	  "compare the mailbox sizes: ecring sii") \
	X(TRUNCATED_MAILBOX_RESPONSE, "truncated_mailbox_response", \
	  "the mailbox answer is longer than the mailbox", \
	  "compare the mailbox sizes: ecring sii") \
	X(MAILBOX_ERROR, "mailbox_error", "the slave answered with a mailbox error", \
	  "see the mailbox error code beside") \
	X(UNEXPECTED_MAILBOX_TYPE, "unexpected_mailbox_type", \
	  "the answer belongs to another mailbox protocol", "report it to the device's maker") \
	X(INVALID_COE_RESPONSE, "invalid_coe_response", "the CoE answer is too short or empty", \
	  "report it to the device's maker") \
	X(UNEXPECTED_COE_SERVICE, "unexpected_coe_service", \
	  "the answer is of another CoE service", "report it to the device's maker") \
	X(UNEXPECTED_SDO_RESPONSE, "unexpected_sdo_response", \
	  "the answer is about another object", "report it to the device's maker") \
	X(UNEXPECTED_SDO_COMMAND, "unexpected_sdo_command", \
	  "the answer has the wrong SDO command", "report it to the device's maker") \
	X(UNEXPECTED_SDO_SEGMENT_COMMAND, "unexpected_sdo_segment_command", \
	  "the answer to a segment has the wrong SDO command", "report it to the device's maker") \
	X(TOGGLE_MISMATCH, "toggle_mismatch", "the toggle bit of a segment did not alternate", \
	  "report it to the device's maker") \
	X(INVALID_SEGMENT_PADDING, "invalid_segment_padding", \
	  "a segment says that it has more padding than data", "report it to the device's maker") \
	X(UPLOAD_SIZE_MISMATCH, "upload_size_mismatch", \
	  "the slave sent fewer bytes than it had announced", "read the object again") \
	X(BUFFER_TOO_SMALL, "buffer_too_small", "the object is larger than the buffer for it", \
	  "use a buffer of the size that the result names") \
	X(TYPE_MISMATCH, "type_mismatch", "the object has another size than the type asked for", \
	  "see the object's type: ecring sdos") \
	X(SDO_ABORT, "sdo_abort", "the slave refused the access to the object", \
	  "see the abort code beside") \
	X(MAILBOX_CONFIG_FAILED, "mailbox_config_failed", \
	  "an object of the startup list could not be written", "see the object and cause beside") \
	X(COMPARE_FAILED, "compare_failed", "an object read back differs from what was written", \
	  "the device has its own idea of the value: see its manual") \
	X(PDO_MISMATCH, "pdo_mismatch", \
	  "the slave's PDOs are not those that configuration or EEPROM say", \
	  "compare: ecring pdos, ecring sii") \
	X(PDO_FIXED, "pdo_fixed", "the slave does not let this PDO be changed", \
	  "configure the PDOs that the device has") \
	X(PDO_EXCLUDED, "pdo_excluded", "two PDOs are assigned of which one excludes the other", \
	  "assign one of them only") \
	X(LINK_DOWN, "link_down", "the interface has no link", \
	  "plug the cable in, see that the first slave has power; ip link")

enum ecr_error {
	ECR_OK = 0,
	ECR_ERR_FIRST_ = -1000, /* no error: codes count up from here */
#define ECR_ERROR_ENUM(symbol, name, meaning, hint) ECR_ERR_##symbol,
	ECR_ERRORS(ECR_ERROR_ENUM)
#undef ECR_ERROR_ENUM
};

/* "ok", "not_started", ...; "unknown" for a number that is no code. Never NULL. */
ECR_API const char *ecr_error_name(int error);
/* What it means, and what to try: one clause each. Never NULL. */
ECR_API const char *ecr_error_text(int error);
ECR_API const char *ecr_error_hint(int error);

#define ECR_SIDES_SIZE 400

/* What went wrong, where: filled as far as known, 0 or "" elsewhere. */
struct ecr_failure {
	int error; /* enum ecr_error */
	int cause; /* the error beneath, 0 when none */
	char slave[ECR_NAME_SIZE];
	uint16_t station;
	int position;	     /* in the ring from 0; -1 when no slave is concerned */
	const char *phase;   /* a step's name such as "al.poll"; static text, never NULL */
	const char *subject; /* what was compared or refused: "product code", "base_station";
				static, never NULL */
	uint16_t al_status;  /* as read from 0x0130 */
	uint16_t al_code;    /* as read from 0x0134; 0: none */
	uint16_t index;	     /* of the object concerned; 0: none */
	uint8_t subindex;
	uint32_t abort_code; /* SDO_ABORT */
	uint32_t expected;
	uint32_t actual;
	ecr_time at;
	/* Of PDOs that do not match, those that differ, one a line: what was to be | what is. A PDO is
	 * "0x1a00: 0x6000:01/8 ...": each entry's object, subindex and bits. */
	char sides[ECR_SIDES_SIZE];
};

#ifdef __cplusplus
}
#endif
#endif
