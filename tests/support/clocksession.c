/* SPDX-License-Identifier: Apache-2.0 */
#include "support/clocksession.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

struct vring cr_ring;
struct ecr_sim_device cr_devices[CR_SLAVES];
struct ecr_slave_config cr_slaves[CR_SLAVES + 1];
char cr_names[CR_SLAVES][16];
struct ecr_config cr_config;
static uint8_t image[1024];
static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };

void cr_prepare(int count)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);

	memset(cr_devices, 0, sizeof(cr_devices));
	memset(cr_slaves, 0, sizeof(cr_slaves));
	for (int i = 0; i < count; i++) {
		snprintf(cr_names[i], sizeof(cr_names[i]), "s%d", i);
		cr_devices[i] =
			(struct ecr_sim_device){ .name = cr_names[i],
						 .sii = image,
						 .sii_size = size,
						 .emulation = true,
						 .cable_ns = 100u * (unsigned int)i,
						 .features = ECR_FEATURE_DC | ECR_FEATURE_DC_64 };
		cr_devices[i].clock.drift_ppb = (i % 2 ? 1 : -1) * (100000 - 13000 * i);
		cr_devices[i].clock.start_ns = 1000000007ull * (unsigned int)(i + 1) * 977;
		cr_slaves[i].name = cr_names[i];
		cr_slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("io");
	}
	cr_config = (struct ecr_config){
		.domains = domains, .slaves = cr_slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
}

void cr_start(int count)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START,
				       .config = &cr_config,
				       .wall = CR_WALL };

	vring_open_devices(&cr_ring, cr_devices, count);
	if (cr_config.backup_interface) {
		cr_ring.two_ports = true;
		assert_true(ecr_sim_close_ring(cr_ring.sim, count - 1, -1));
	}
	assert_int_equal(vring_request(&cr_ring, &request), 0);
}

void cr_to_operational(int count)
{
	cr_start(count);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), 0);
}

struct ecr_dc_status cr_status(void)
{
	struct ecr_dc_status now = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_DC_STATUS, .out = &now };

	assert_int_equal(vring_request(&cr_ring, &request), 0);
	return now;
}

int cr_await_locked(ecr_time within)
{
	struct ecr_request request = { .kind = ECR_REQUEST_AWAIT_DC_LOCKED,
				       .deadline = cr_ring.now + within };

	return vring_request(&cr_ring, &request);
}

struct ecr_sim_time cr_truth(int slave)
{
	struct ecr_sim_time time = { 0 };

	assert_true(ecr_sim_clock(cr_ring.sim, cr_ring.now, slave, &time));
	return time;
}

uint64_t cr_spread(int count)
{
	int64_t low = 0;
	int64_t high = 0;

	for (int i = 1; i < count; i++) {
		int64_t apart = (int64_t)(cr_truth(i).system_ns - cr_truth(0).system_ns);

		low = apart < low ? apart : low;
		high = apart > high ? apart : high;
	}
	return (uint64_t)(high - low);
}

struct ecr_dc_slave cr_clock_of(int slave)
{
	static struct ecr_dc_slave all[CR_SLAVES];
	struct ecr_request request = { .kind = ECR_REQUEST_DC_SLAVES,
				       .out = all,
				       .room = CR_SLAVES };

	assert_true(vring_request(&cr_ring, &request) > slave);
	return all[slave];
}

void cr_assert_measured(int slave)
{
	assert_in_range(cr_clock_of(slave).delay_ns + 30 -
				(cr_truth(slave).arrival_ns - cr_truth(0).arrival_ns),
			0, 60);
}

void cr_make_drives(int count)
{
	cr_prepare(count);
	for (int i = 0; i < count; i++) {
		cr_devices[i].emulation = false;
		cr_devices[i].clock.needs_sync = true;
		cr_devices[i].clock.missed_limit = 4;
		cr_devices[i].clock.ready_ns = 100000;
		cr_slaves[i].sync.mode = ECR_SYNC_SYNC0;
	}
}

void cr_assert_together(int count, uint64_t limit)
{
	for (int i = 0; i < 50; i++) {
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(1700));
		assert_in_range(cr_spread(count), 0, limit);
	}
}
