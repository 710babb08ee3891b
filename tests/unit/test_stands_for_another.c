/* SPDX-License-Identifier: Apache-2.0 */
/* A counter is a sum: one that is thought to be missing and counts must not pass for another whose answer was lost. */
#include "support/check.h"
#include "support/clocksession.h"

#define ALL 0xFF

static const char *looked_at;
static bool wrong; /* its inputs that are not what it shows */

static void look_at_inputs(struct vring *ring)
{
	wrong = wrong || vring_input(ring, looked_at, "in1") != 1 ||
		vring_input(ring, looked_at, "in8") != 1;
}

static void trouble(enum ecr_sim_fault_kind kind, int slave, ecr_time lasts)
{
	struct ecr_sim_fault fault = { .kind = kind, .slave = slave, .value = 1, .lasts = lasts };

	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
}

/* A ring of two ports whose last slave stays in PREOP; the inputs of one are looked at from then on. */
static void operate_and_look(int count, const struct ecr_domain_config *domains, int at,
			     const char *name)
{
	cr_prepare(count);
	cr_config.backup_interface = "second";
	cr_config.domains = domains;
	cr_config.dc.disabled = true;
	cr_slaves[count - 1].process_data = (struct ecr_process_data){ 0 };
	cr_slaves[count - 1].target_state = ECR_TARGET_PREOP;
	cr_to_operational(count);
	assert_true(ecr_sim_set_input(cr_ring.sim, at, 0, 8, ALL));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(50));
	wrong = false;
	looked_at = name;
	cr_ring.each_tick = look_at_inputs;
}

/* s1 has no power. s2 was cut off for a moment and cycles on, and nobody has asked it yet. Now the frames of s0 are lost. */
static void one_that_is_back_unseen_is_no_other(void **state)
{
	(void)state;
	for (int separate = 0; separate < 2; separate++) {
		struct ecr_domain_config domains[] = {
			{ .id = "io", .cycle_ns = ECR_MS(1), .separate = separate }, { 0 }
		};

		operate_and_look(4, domains, 0, "s0");
		trouble(ECR_SIM_POWER_OFF, 1, ECR_S(1));
		trouble(ECR_SIM_BREAK, 2, ECR_US(2400));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(60));
		assert_true(vring_slave(&cr_ring, "s1").down && vring_slave(&cr_ring, "s2").down);
		for (int i = 0; i < 20; i++) {
			cr_ring.lost_at_ppm[0] = i % 2 ? 0 : 1000000;
			vring_run_until(&cr_ring, cr_ring.now + ECR_MS(2));
		}
		assert_false(wrong);
		cr_ring.lost_at_ppm[0] = 0;
		cr_ring.each_tick = NULL;
		vring_close(&cr_ring);
	}
}

/* The same, where no frame is lost: s1 is cut off, and its neighbour before the break counts on. */
static void one_that_is_back_unseen_is_no_other_that_is_cut_off(void **state)
{
	(void)state;
	for (int separate = 0; separate < 2; separate++) {
		struct ecr_domain_config domains[] = {
			{ .id = "io", .cycle_ns = ECR_MS(1), .separate = separate }, { 0 }
		};

		operate_and_look(5, domains, 1, "s1");
		trouble(ECR_SIM_POWER_OFF, 2, ECR_S(1));
		trouble(ECR_SIM_BREAK, 3, ECR_US(2400));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(60));
		assert_true(vring_slave(&cr_ring, "s2").down && vring_slave(&cr_ring, "s3").down);
		trouble(ECR_SIM_BREAK, 0, ECR_MS(40));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
		assert_false(wrong);
		cr_ring.each_tick = NULL;
		vring_close(&cr_ring);
	}
}

static bool cut_off;

/* The last slave is cut off when its FMMUs are on, and what comes after them is under way. */
static void cut_off_half_configured(struct vring *ring, const struct ecr_datagram *datagram)
{
	uint16_t station = ecr_le16(ring->sim->slaves[2].memory + ECR_REG_STATION);

	if (cut_off || datagram->address != ecr_address_station(station, ECR_REG_WATCHDOG_DIVIDER))
		return;
	cut_off = true;
	trouble(ECR_SIM_UNPLUG, 2, ECR_MS(40));
}

/* It comes back while the session is raised without it, and counts in PREOP. Then s0 restarts without its configuration. */
static void one_that_was_configured_by_half_is_no_other(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_config.dc.disabled = true;
	cr_start(3);
	cr_ring.each_datagram = cut_off_half_configured;
	assert_true(ecr_sim_set_input(cr_ring.sim, 0, 0, 8, ALL));
	while (!cut_off)
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(60));
	looked_at = "s0";
	assert_int_equal(vring_input(&cr_ring, looked_at, "in1"), 1);
	wrong = false;
	cr_ring.each_tick = look_at_inputs;
	trouble(ECR_SIM_POWER_CYCLE, 0, ECR_MS(1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
	assert_false(wrong);
	cr_ring.each_tick = NULL;
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
	vring_close(&cr_ring);
}

/*
 * s2 is cut off and the session is raised without it. Meanwhile it comes back, keeps its FMMUs and counts in PREOP, and s0 restarts
 * without its configuration: at the end of the way the counter is the one of those that are thought to be there.
 */
static void one_that_is_back_by_the_end_of_the_way_is_no_other(void **state)
{
	struct ecr_request deactivate = { .kind = ECR_REQUEST_DEACTIVATE,
					  .target = ECR_TARGET_PREOP };
	bool activated = false;
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE, .context = &activated };

	(void)state;
	cr_prepare(3);
	cr_config.dc.disabled = true;
	for (int i = 0; i < 3; i++) {
		cr_slaves[i].health_poll_ms = 20;
		/* A cycle comes back before anybody's answer does. */
		cr_devices[i].cable_ns = 200000;
	}
	cr_to_operational(3);
	assert_int_equal(vring_request(&cr_ring, &deactivate), 0);
	trouble(ECR_SIM_UNPLUG, 2, ECR_MS(160));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(100));
	assert_true(vring_slave(&cr_ring, "s2").down);
	assert_int_equal(ecr_core_submit(cr_ring.core, cr_ring.now, &activate), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(50));
	assert_int_equal(vring_slave(&cr_ring, "s0").al_state, ECR_AL_SAFEOP);
	trouble(ECR_SIM_POWER_CYCLE, 0, ECR_MS(20));
	while (!vring_slave(&cr_ring, "s0").down) {
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(100));
		assert_true(vring_slave(&cr_ring, "s0").pdo_health != ECR_PDO_FRESH);
	}
	assert_true(activated);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	vring_close(&cr_ring);
}

/*
 * It answers by the station of the slave that it stands for. Unlike that one it has a processor, which wants its errors
 * acknowledged, and nobody has asked it: from INIT on it is asked.
 */
static void one_that_cannot_be_acknowledged_is_raised_from_init(void **state)
{
	char error[100];

	(void)state;
	cr_prepare(3);
	cr_config.dc.disabled = true;
	cr_to_operational(3);
	cr_ring.sim->slaves[1].device.emulation = false;
	assert_true(
		ecr_sim_say(cr_ring.sim, cr_ring.now, "retreat s1 preop", error, sizeof(error)));
	assert_true(
		ecr_sim_say(cr_ring.sim, cr_ring.now, "al-error s1 0x1b", error, sizeof(error)));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_slave(&cr_ring, "s1").al_state, ECR_AL_OP);
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_back_unseen_is_no_other),
		cmocka_unit_test(one_that_is_back_unseen_is_no_other_that_is_cut_off),
		cmocka_unit_test(one_that_was_configured_by_half_is_no_other),
		cmocka_unit_test(one_that_is_back_by_the_end_of_the_way_is_no_other),
		cmocka_unit_test(one_that_cannot_be_acknowledged_is_raised_from_init),
	};

	return RUN(tests);
}
