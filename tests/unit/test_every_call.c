/* SPDX-License-Identifier: Apache-2.0 */
/* Every call in every state, each on a session of its own, so that what one call changes does not hide what another
 * answers. */
#include "support/check.h"
#include "support/vring.h"

#include <stdio.h>

enum place {
	IDLE,
	DISCOVERING,
	AWAITING_PREOP,
	PREOP_READY,
	DEACTIVATED,
	OPERATIONAL,
	BLOCKED,
	RECOVERING,
	PLACES
};

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[4];

static void start(enum ecr_target target)
{
	for (int i = 0; i < 3; i++)
		slaves[i].target_state = target;
	assert_int_equal(vring_start(&ring, &config), 0);
}

static void to_operational(void)
{
	start(ECR_TARGET_OP);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static void inject(enum ecr_sim_fault_kind kind, int slave)
{
	struct ecr_sim_fault fault = { .kind = kind, .slave = slave };

	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
}

static void deactivate(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_DEACTIVATE,
				       .target = ECR_TARGET_SAFEOP };

	assert_int_equal(vring_request(&ring, &request), 0);
}

static void go_to(enum place place)
{
	static const enum ecr_state states[PLACES] = { ECR_STATE_IDLE,
						       ECR_STATE_DISCOVERING,
						       ECR_STATE_AWAITING_PREOP,
						       ECR_STATE_PREOP_READY,
						       ECR_STATE_DEACTIVATED,
						       ECR_STATE_OPERATIONAL,
						       ECR_STATE_ACTIVATION_BLOCKED,
						       ECR_STATE_RECOVERING };

	vring_open(&ring, vring_default_names);
	config = vring_default_config();
	config.dc.disabled = true;
	config.slaves = slaves;
	for (int i = 0; i < 4; i++)
		slaves[i] = i < 3 ? vring_default_slaves[i] : (struct ecr_slave_config){ 0 };
	if (place == DISCOVERING) {
		config.scan_stable_ms = 1000;
		start(ECR_TARGET_OP);
	} else if (place == AWAITING_PREOP) {
		inject(ECR_SIM_STUCK, 1); /* it says nothing to PREOP for three seconds */
		start(ECR_TARGET_OP);
	} else if (place == PREOP_READY) {
		start(ECR_TARGET_PREOP);
	} else if (place == BLOCKED) {
		ecr_sim_registers(ring.sim, 2)[ECR_REG_INFO + ECR_REG_FMMU_COUNT] = 0;
		start(ECR_TARGET_OP);
	} else if (place != IDLE) {
		to_operational();
	}
	if (place == DEACTIVATED)
		deactivate();
	if (place == RECOVERING)
		inject(ECR_SIM_DISCONNECT, 2);
	assert_true(place == IDLE || vring_until_state(&ring, states[place], ECR_S(2)));
	assert_int_equal(ecr_core_state(ring.core), states[place]);
}

/* A call, and what each state answers: 0, a count, or an error without its ECR_ERR_. */
struct row {
	const char *call;
	struct ecr_request request;
	int results[PLACES];
};

#define E(name) ECR_ERR_##name
/* The columns are those of enum place. */
static const struct row rows[] = {
	{ "start",
	  { .kind = ECR_REQUEST_START, .config = &config },
	  { 0, E(ALREADY_STARTED), E(ALREADY_STARTED), E(ALREADY_STARTED), E(ALREADY_STARTED),
	    E(ALREADY_STARTED), E(ALREADY_STARTED), E(ALREADY_STARTED) } },
	{ "stop", { .kind = ECR_REQUEST_STOP }, { E(ALREADY_STOPPED), 0, 0, 0, 0, 0, 0, 0 } },
	{ "last_failure", { .kind = ECR_REQUEST_LAST_FAILURE }, { 0 } },
	{ "bus", { .kind = ECR_REQUEST_BUS_INFO }, { 0 } },
	{ "dc_status", { .kind = ECR_REQUEST_DC_STATUS }, { 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "slaves",
	  { .kind = ECR_REQUEST_SLAVES, .room = 4 },
	  { E(NOT_STARTED), 0, 3, 3, 3, 3, 3, 3 } },
	{ "domains",
	  { .kind = ECR_REQUEST_DOMAINS, .room = 4 },
	  { E(NOT_STARTED), 1, 1, 1, 1, 1, 1, 1 } },
	{ "slave_info",
	  { .kind = ECR_REQUEST_SLAVE_INFO, .name = "inputs" },
	  { E(NOT_STARTED), E(NOT_FOUND), 0, 0, 0, 0, 0, 0 } },
	{ "domain_info",
	  { .kind = ECR_REQUEST_DOMAIN_INFO, .name = "main" },
	  { E(NOT_STARTED), 0, 0, 0, 0, 0, 0, 0 } },
	{ "slave_signals",
	  { .kind = ECR_REQUEST_SLAVE_SIGNALS, .name = "inputs" },
	  { E(NOT_STARTED), E(NOT_FOUND), 0, 16, 16, 16, 16, 16 } },
	{ "await_running",
	  { .kind = ECR_REQUEST_AWAIT_RUNNING, .deadline = 1 },
	  { E(NOT_STARTED), E(TIMEOUT), E(TIMEOUT), 0, 0, 0, E(ACTIVATION_FAILED),
	    E(RUNTIME_DEGRADED) } },
	{ "await_operational",
	  { .kind = ECR_REQUEST_AWAIT_OPERATIONAL, .deadline = 1 },
	  { E(NOT_STARTED), E(TIMEOUT), E(TIMEOUT), E(TIMEOUT), E(TIMEOUT), 0, E(ACTIVATION_FAILED),
	    E(RUNTIME_DEGRADED) } },
	{ "await_dc_locked",
	  { .kind = ECR_REQUEST_AWAIT_DC_LOCKED, .deadline = 1 },
	  { E(NOT_STARTED), E(DC_DISABLED), E(DC_DISABLED), E(DC_DISABLED), E(DC_DISABLED),
	    E(DC_DISABLED), E(DC_DISABLED), E(DC_DISABLED) } },
	{ "configure_slave",
	  { .kind = ECR_REQUEST_CONFIGURE_SLAVE, .name = "inputs" },
	  { E(NOT_STARTED), E(DISCOVERING), E(AWAITING_PREOP), 0, E(NOT_PREOP),
	    E(ACTIVATION_ALREADY_STARTED), E(ACTIVATION_IN_PROGRESS), E(RECOVERY_IN_PROGRESS) } },
	{ "configure_slave nobody",
	  { .kind = ECR_REQUEST_CONFIGURE_SLAVE, .name = "nobody" },
	  { E(NOT_STARTED), E(DISCOVERING), E(AWAITING_PREOP), E(UNKNOWN_SLAVE), E(NOT_PREOP),
	    E(ACTIVATION_ALREADY_STARTED), E(ACTIVATION_IN_PROGRESS), E(RECOVERY_IN_PROGRESS) } },
	{ "register_pdo",
	  { .kind = ECR_REQUEST_REGISTER_PDO, .name = "main" },
	  { E(NOT_STARTED), E(DISCOVERING), E(AWAITING_PREOP), 0, E(NOT_OPEN), E(NOT_OPEN),
	    E(NOT_OPEN), E(NOT_OPEN) } },
	{ "register_pdo nothing",
	  { .kind = ECR_REQUEST_REGISTER_PDO, .name = "nothing" },
	  { E(NOT_STARTED), E(NOT_FOUND), E(NOT_FOUND), E(NOT_FOUND), E(NOT_FOUND), E(NOT_FOUND),
	    E(NOT_FOUND), E(NOT_FOUND) } },
	{ "activate",
	  { .kind = ECR_REQUEST_ACTIVATE },
	  { E(NOT_STARTED), E(DISCOVERING), E(AWAITING_PREOP), 0, 0, E(ALREADY_ACTIVATED),
	    E(ACTIVATION_IN_PROGRESS), E(RECOVERY_IN_PROGRESS) } },
	{ "deactivate preop",
	  { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP },
	  { E(NOT_STARTED), E(DISCOVERING), E(AWAITING_PREOP), 0, 0, 0, 0, 0 } },
	{ "deactivate safeop",
	  { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_SAFEOP },
	  { E(NOT_STARTED), E(DISCOVERING), E(AWAITING_PREOP), E(NOT_OPERATIONAL), 0, 0, 0, 0 } },
	{ "deactivate op",
	  { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_OP },
	  { E(INVALID_DEACTIVATE_TARGET), E(INVALID_DEACTIVATE_TARGET),
	    E(INVALID_DEACTIVATE_TARGET), E(INVALID_DEACTIVATE_TARGET),
	    E(INVALID_DEACTIVATE_TARGET), E(INVALID_DEACTIVATE_TARGET),
	    E(INVALID_DEACTIVATE_TARGET), E(INVALID_DEACTIVATE_TARGET) } },
	{ "update_domain_cycle_time",
	  { .kind = ECR_REQUEST_CYCLE_TIME, .name = "main", .cycle_ns = ECR_MS(5) },
	  { E(NOT_STARTED), 0, 0, 0, 0, 0, 0, 0 } },
	{ "update_domain_cycle_time nothing",
	  { .kind = ECR_REQUEST_CYCLE_TIME, .name = "nothing", .cycle_ns = ECR_MS(5) },
	  { E(NOT_STARTED), E(UNKNOWN_DOMAIN), E(UNKNOWN_DOMAIN), E(UNKNOWN_DOMAIN),
	    E(UNKNOWN_DOMAIN), E(UNKNOWN_DOMAIN), E(UNKNOWN_DOMAIN), E(UNKNOWN_DOMAIN) } },
	{ "start_cycling",
	  { .kind = ECR_REQUEST_DOMAIN_START, .name = "main" },
	  { E(NOT_STARTED), E(NOTHING_REGISTERED), E(NOTHING_REGISTERED), 0, 0, E(ALREADY_CYCLING),
	    E(ALREADY_CYCLING), E(ALREADY_CYCLING) } },
	{ "stop_cycling",
	  { .kind = ECR_REQUEST_DOMAIN_STOP, .name = "main" },
	  { E(NOT_STARTED), 0, 0, 0, 0, 0, 0, 0 } },
	{ "transact",
	  { .kind = ECR_REQUEST_TRANSACT, .count = 1 },
	  { E(NOT_STARTED), 0, 0, 0, 0, 0, 0, 0 } },
};
#undef E

static int call(const struct row *row)
{
	static union {
		struct ecr_slave_info slave;
		struct ecr_domain_info domains[4];
		struct ecr_slave_summary slaves[4];
		struct ecr_bus_info bus;
		struct ecr_failure failure;
		struct ecr_dc_status clocks;
	} out;
	uint8_t type[1] = { 0 };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD, .length = 1, .data = type };
	struct ecr_slave_config change = { .process_data = ECR_ALL_TO("main"),
					   .target_state = ECR_TARGET_PREOP };
	struct ecr_registration registration = { .slave = "inputs", .size = 2 };
	struct ecr_request request = row->request;

	registration.direction = ECR_INPUT;
	request.out = row->request.kind == ECR_REQUEST_REGISTER_PDO ? (void *)&registration : &out;
	request.slave = &change;
	request.datagrams = &datagram;
	if (request.deadline)
		request.deadline += ring.now;
	return vring_request(&ring, &request);
}

static void every_call_in_every_state(void **state)
{
	int wrong = 0;

	(void)state;
	for (int place = 0; place < PLACES; place++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			enum ecr_state before;
			int result;

			go_to((enum place)place);
			before = ecr_core_state(ring.core);
			result = call(&rows[i]);
			if (result != rows[i].results[place]) {
				print_message("%s in %s: %d (%s) instead of %d (%s)\n",
					      rows[i].call, ecr_state_name(before), result,
					      ecr_error_name(result), rows[i].results[place],
					      ecr_error_name(rows[i].results[place]));
				wrong++;
			}
			vring_close(&ring);
		}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_in_every_state),
	};

	return RUN(tests);
}
