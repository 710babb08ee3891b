/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#include <ecring/cia402.h>

#define DRIVE 1
#define KEPT 0x155 /* target torque, which csv does not use */
#define PLACE 0x2100, 4

static struct vring ring;
static enum ecr_402_state goal;
static bool reset;
static enum ecr_402_state seen[16]; /* states one after the other */
static int seen_count;
static uint64_t control;

static uint16_t status(void)
{
	return (uint16_t)vring_input(&ring, "axis", "statusword");
}

static enum ecr_402_state power(void)
{
	return ecr_402_state_of(status());
}

/* What an application does in each cycle. */
static void serve(void)
{
	struct ecr_slave_info info = vring_slave(&ring, "axis");

	if (info.al_state != ECR_AL_OP || info.pdo_health != ECR_PDO_FRESH)
		return;
	if (!seen_count || seen[seen_count - 1] != power()) {
		assert_true(seen_count < 16);
		seen[seen_count++] = power();
	}
	control = ecr_402_walk(status(), (uint16_t)control, goal, reset);
	vring_output(&ring, "axis", "controlword", control);
}

static bool reaches(bool (*reached)(void), ecr_time within)
{
	ecr_time end = ring.now + within;

	while (!reached() && ring.now < end) {
		vring_run_until(&ring, ring.now + ECR_MS(2));
		serve();
	}
	return reached();
}

static bool at_goal(void)
{
	return power() == goal;
}

static bool in_fault(void)
{
	return power() == ECR_402_FAULT;
}

static int64_t speed(void)
{
	return (int32_t)vring_input(&ring, "axis", "velocity_actual_value");
}

static bool turns_slowly(void)
{
	return speed() == 9000;
}

static bool turns(void)
{
	return speed() == 15000;
}

static bool retreated(struct vring *unused)
{
	return vring_slave(unused, "axis").fault.kind == ECR_FAULT_RETREATED;
}

static bool whole(struct vring *unused)
{
	return vring_slave(unused, "axis").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "axis").al_state == ECR_AL_OP;
}

static uint32_t object(uint16_t index, uint8_t subindex)
{
	uint8_t bytes[4] = { 0 };

	assert_true(ecr_sim_read_object(ring.sim, DRIVE, index, subindex, bytes, 4) > 0);
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void open_ring(void)
{
	static uint8_t siis[2][2048];
	struct ecr_sim_device devices[] = { { .name = "coupler" }, { .name = "axis" } };
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(2) },
							    { 0 } };
	static const struct ecr_slave_config slaves[] = { { .name = "coupler" },
							  { .name = "axis",
							    .driver = &ecr_402_driver,
							    .process_data = ECR_ALL_TO("main"),
							    .health_poll_ms = 20 },
							  { 0 } };
	static struct ecr_config config;

	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	config.frame_timeout_ms = 10;
	assert_true(ecr_sim_shipped("EK1100", &devices[0], siis[0], sizeof(siis[0])));
	assert_true(ecr_sim_shipped("drive", &devices[1], siis[1], sizeof(siis[1])));
	vring_open_devices(&ring, devices, 2);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_MS(2500)), 0);
	seen_count = 0;
	control = 0;
	reset = false;
	goal = ECR_402_DISABLED;
}

static void it_is_switched_on_and_turns(void)
{
	static const enum ecr_402_state way[] = { ECR_402_DISABLED, ECR_402_READY,
						  ECR_402_SWITCHED_ON, ECR_402_ENABLED };

	assert_int_equal(power(), ECR_402_DISABLED);
	assert_int_equal(status() & 0x6F, 0x40);
	assert_int_equal(vring_input(&ring, "axis", "position_actual_value"), object(PLACE));
	vring_output(&ring, "axis", "target_torque", KEPT);
	vring_output(&ring, "axis", "modes_of_operation", ECR_402_CSV);
	goal = ECR_402_ENABLED;
	assert_true(reaches(at_goal, ECR_MS(200)));
	serve();
	assert_int_equal(seen_count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(seen[i], way[i]);
	vring_output(&ring, "axis", "target_velocity", 15000);
	assert_true(reaches(turns, ECR_S(1)));
	assert_int_equal(object(ECR_402_TARGET_TORQUE, 0), KEPT);
}

static void it_falls_back_and_is_raised(void)
{
	heal_say(&ring, "retreat axis");
	assert_true(heal_until(&ring, retreated, ECR_MS(50)));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_true(heal_until(&ring, whole, ECR_MS(320)));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, DRIVE, ECR_FAULT_RETREATED));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, DRIVE, ECR_FAULT_NONE));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
}

/* Its own fault stays until it is asked to forget it. */
static void it_turns_again(void)
{
	assert_true(reaches(in_fault, ECR_MS(100)));
	assert_int_equal(object(ECR_402_ERROR_CODE, 0), 0x7500);
	assert_string_equal(ecr_402_error_text(0x7500), "communication");
	assert_false(reaches(at_goal, ECR_MS(100)));
	goal = ECR_402_DISABLED;
	reset = true;
	assert_true(reaches(at_goal, ECR_MS(100)));
	reset = false;
	vring_output(&ring, "axis", "target_velocity", 9000);
	goal = ECR_402_ENABLED;
	assert_true(reaches(at_goal, ECR_MS(200)));
	assert_true(reaches(turns_slowly, ECR_S(1)));
	assert_int_equal(object(ECR_402_TARGET_TORQUE, 0), KEPT);
	assert_int_equal(heal_pending(&ring), 0);
}

static void a_drive_falls_back_and_turns_again(void **state)
{
	(void)state;
	open_ring();
	it_is_switched_on_and_turns();
	it_falls_back_and_is_raised();
	it_turns_again();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drive_falls_back_and_turns_again),
	};

	return RUN(tests);
}
