/* SPDX-License-Identifier: Apache-2.0 */
/* Where cycles were not seen to follow each other the same counter may be of others: who is there is asked first. */
#include "support/check.h"
#include "support/clocksession.h"

#define ALL 0xFF

static const char *watched;
static bool wrong; /* inputs of it that are not what it shows */

static void look_at_inputs(struct vring *ring)
{
	wrong = wrong || vring_input(ring, watched, "in1") != 1 ||
		vring_input(ring, watched, "in8") != 1;
}

static void watch(int slave)
{
	watched = cr_names[slave];
	assert_true(ecr_sim_set_input(cr_ring.sim, slave, 0, 8, ALL));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(50));
	wrong = false;
	cr_ring.each_tick = look_at_inputs;
}

static void close_ring(void)
{
	cr_ring.each_tick = NULL;
	cr_ring.lost_ppm = cr_ring.lost_at_ppm[0] = cr_ring.lost_at_ppm[1] = 0;
	vring_close(&cr_ring);
}

static void trouble(enum ecr_sim_fault_kind kind, int slave, ecr_time lasts)
{
	struct ecr_sim_fault fault = { .kind = kind, .slave = slave, .value = 1, .lasts = lasts };

	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
}

/*
 * s2 was cut off. Then nothing comes back for a while, and meanwhile s2 is plugged in again, cycling on as before, and s0
 * has restarted without its configuration. The counter is the one of before, or, where s2 need not be there, the full one.
 */
static void behind_a_silence_nobody_is_who_he_was(void **state)
{
	(void)state;
	for (int optional = 0; optional < 2; optional++) {
		cr_prepare(3);
		cr_config.backup_interface = NULL;
		cr_config.dc.disabled = true;
		cr_slaves[2].presence.optional = optional;
		cr_to_operational(3);
		watch(0);
		trouble(ECR_SIM_UNPLUG, 2, ECR_MS(45));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
		assert_true(vring_slave(&cr_ring, "s2").down);
		assert_false(vring_slave(&cr_ring, "s0").down);
		cr_ring.lost_ppm = 1000000;
		trouble(ECR_SIM_POWER_CYCLE, 0, ECR_MS(10));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(30));
		cr_ring.lost_ppm = 0;
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
		assert_false(wrong);
		assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
		close_ring();
	}
}

/*
 * s2 is cut off. s0 restarts, without its configuration, and nothing more is missing for a single cycle: then s2 is plugged in
 * again and adds what s0 added.
 */
static void behind_a_dip_nobody_is_who_he_was(void **state)
{
	(void)state;
	for (ecr_time dip = ECR_US(200); dip < ECR_MS(3); dip += ECR_US(100)) {
		cr_prepare(3);
		cr_config.backup_interface = NULL;
		cr_config.dc.disabled = true;
		for (int i = 0; i < 3; i++)
			cr_slaves[i].health_poll_ms = 500;
		cr_to_operational(3);
		watch(0);
		trouble(ECR_SIM_UNPLUG, 2, ECR_MS(40) + dip);
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
		assert_true(vring_slave(&cr_ring, "s2").down);
		trouble(ECR_SIM_POWER_CYCLE, 0, dip / 2);
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
		assert_false(wrong);
		assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
		close_ring();
	}
}

/* Inputs of another are said to be the watched one's, and fresh. */
static bool another_is_fresh(const struct ecr_slave_info *info)
{
	return info->pdo_health == ECR_PDO_FRESH && vring_input(&cr_ring, watched, "in1") != 1;
}

/* Nothing that was taken for inputs of the watched one is said to be fresh when it is known to have gone; how often it was before. */
static int watch_until_back(ecr_time longer)
{
	struct ecr_request slow_down = { .kind = ECR_REQUEST_CYCLE_TIME,
					 .name = "io",
					 .cycle_ns = longer };
	int stood_in = 0;

	for (int i = 0; i < 300; i++) {
		struct ecr_slave_info info = vring_slave(&cr_ring, watched);
		bool known = info.down || info.al_state < ECR_AL_SAFEOP;

		assert_false(known && another_is_fresh(&info));
		stood_in += another_is_fresh(&info);
		if (known && stood_in && slow_down.cycle_ns) {
			assert_int_equal(vring_request(&cr_ring, &slow_down), 0);
			slow_down.cycle_ns = 0;
		}
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(200));
	}
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	return stood_in;
}

/*
 * s2 is cut off. Between two cycles s0 restarts, without its configuration, and s2 is plugged in again and adds what s0 added: no
 * counter tells.
 */
static void stand_in(const struct ecr_domain_config *domains, struct ecr_process_data data,
		     ecr_time longer)
{
	int stood_in = 0; /* as no master can help */

	for (ecr_time at = 0; at < ECR_MS(20); at += ECR_US(500)) {
		cr_prepare(3);
		cr_config.backup_interface = NULL;
		cr_config.dc.disabled = true;
		cr_config.domains = domains;
		for (int i = 0; i < 3; i++) {
			cr_slaves[i].health_poll_ms = 13;
			cr_slaves[i].process_data = data;
		}
		cr_to_operational(3);
		watch(0);
		cr_ring.each_tick = NULL;
		trouble(ECR_SIM_UNPLUG, 2, ECR_MS(40) + at + ECR_US(200));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40) + at);
		assert_true(vring_slave(&cr_ring, "s2").down);
		trouble(ECR_SIM_POWER_CYCLE, 0, ECR_US(100));
		stood_in += watch_until_back(longer);
		close_ring();
	}
	assert_true(stood_in);
}

static const struct ecr_domain_config slow[] = { { .id = "io", .cycle_ns = ECR_MS(10) }, { 0 } };

static void who_is_found_out_has_brought_nothing_fresh(void **state)
{
	(void)state;
	stand_in(slow, (struct ecr_process_data)ECR_ALL_TO("io"), 0);
}

/* What is stale stays so when the domain becomes slower. */
static void who_is_found_out_is_not_fresh_in_longer_periods(void **state)
{
	(void)state;
	stand_in(slow, (struct ecr_process_data)ECR_ALL_TO("io"), ECR_MS(30));
}

/* Its outputs went with a cycle from before, its inputs are another's. */
static void who_is_found_out_has_brought_nothing_fresh_to_one_of_two_domains(void **state)
{
	static const struct ecr_domain_config both[] = { { .id = "io", .cycle_ns = ECR_MS(8) },
							 { .id = "out", .cycle_ns = ECR_MS(20) },
							 { 0 } };
	static const struct ecr_signal_map split[] = { { "in1", "io" }, { "out1", "out" }, { 0 } };

	(void)state;
	stand_in(both, (struct ecr_process_data)ECR_SIGNALS(split), 0);
}

/* One that stays away keeps nobody from being fresh again behind a silence. */
static void who_is_found_behind_a_silence_is_fresh(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_UNPLUG, .slave = 2, .lasts = ECR_S(1) };
	ecr_time back;

	(void)state;
	cr_prepare(3);
	cr_config.backup_interface = NULL;
	cr_config.dc.disabled = true;
	cr_to_operational(3);
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40));
	cr_ring.lost_ppm = 1000000;
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(30));
	cr_ring.lost_ppm = 0;
	back = cr_ring.now;
	vring_run_until(&cr_ring, back + ECR_MS(10));
	assert_true(vring_slave(&cr_ring, "s2").down);
	assert_true(ecr_core_refreshed(cr_ring.core, 0, 0) > back);
	close_ring();
}

/*
 * A ring is cut in two, and one half was lost for a while. At the moment at which it is plugged in again the frames of the
 * other half are lost, which has as many slaves.
 */
static void a_half_is_not_the_other_one(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_BREAK, .slave = 2, .lasts = ECR_S(1) };

	(void)state;
	cr_prepare(4);
	cr_config.backup_interface = "second";
	cr_config.dc.disabled = true;
	cr_to_operational(4);
	watch(3);
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &cut));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(20));
	trouble(ECR_SIM_UNPLUG, 0, ECR_MS(20));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(19));
	assert_true(vring_slave(&cr_ring, "s0").down && vring_slave(&cr_ring, "s1").down);
	assert_false(vring_slave(&cr_ring, "s3").down);
	for (int i = 0; i < 40; i++) {
		cr_ring.lost_at_ppm[1] = cr_ring.port_up[0] ? 1000000 : 0;
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(100));
	}
	cr_ring.lost_at_ppm[1] = 0;
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(20));
	assert_false(wrong);
	close_ring();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_a_silence_nobody_is_who_he_was),
		cmocka_unit_test(behind_a_dip_nobody_is_who_he_was),
		cmocka_unit_test(who_is_found_out_has_brought_nothing_fresh),
		cmocka_unit_test(who_is_found_out_is_not_fresh_in_longer_periods),
		cmocka_unit_test(who_is_found_out_has_brought_nothing_fresh_to_one_of_two_domains),
		cmocka_unit_test(who_is_found_behind_a_silence_is_fresh),
		cmocka_unit_test(a_half_is_not_the_other_one),
	};

	return RUN(tests);
}
