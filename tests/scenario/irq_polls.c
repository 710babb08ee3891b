/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

#include "wire/frame.h"
#include "wire/registers.h"

#include <string.h>

static struct vring ring;
static struct ecr_slave_config slaves[4];
static struct ecr_domain_config domains[2];
static ecr_time noticed_at[3];

static void note(struct vring *unused, const struct ecr_event *event)
{
	(void)unused;
	if (event->kind == ECR_EVENT_SLAVE_HEALTH_FAULT && noticed_at[event->slave] < 0)
		noticed_at[event->slave] = ring.now;
}

/* A cycle of 1 ms, health polls of 1 s. */
static void open_ring(int coupler_poll_ms)
{
	static struct ecr_config config;

	config = vring_default_config();
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = ECR_MS(1) };
	memcpy(slaves, vring_default_slaves, sizeof(slaves));
	for (int i = 0; i < 3; i++)
		slaves[i].health_poll_ms = i ? 1000 : coupler_poll_ms;
	config.domains = domains;
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	ring.each_event = note;
	for (int i = 0; i < 3; i++)
		noticed_at[i] = -1;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
}

static void retreat(int slave)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_RETREAT, .slave = slave };

	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
}

static void write16(uint16_t station, uint16_t offset, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)value, (uint8_t)(value >> 8) };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_FPWR,
					      .address = ecr_address_station(station, offset),
					      .data = bytes,
					      .length = 2 };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };

	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(datagram.wkc, 1);
}

static void a_retreat_is_noticed_within_a_few_cycles(void **state)
{
	ecr_time start;

	(void)state;
	open_ring(1000);
	start = ring.now;
	retreat(2);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	assert_true(noticed_at[2] > start);
	assert_true(noticed_at[2] - start <= ECR_MS(4));
	assert_true(noticed_at[0] < 0 && noticed_at[1] < 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(2)));
	vring_close(&ring);
}

/* Not even one whose process data nobody maps. */
static void nor_is_the_couplers_overlooked(void **state)
{
	ecr_time start;

	(void)state;
	open_ring(1000);
	start = ring.now;
	retreat(0);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	assert_true(noticed_at[0] > start && noticed_at[0] - start <= ECR_MS(4));
	vring_close(&ring);
}

/* The other half of the proof: it is the mask that does it. */
static void a_masked_retreat_waits_for_the_health_poll(void **state)
{
	(void)state;
	open_ring(1000);
	write16(0x1000, ECR_REG_IRQ_MASK, 0);
	retreat(0);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_true(noticed_at[0] < 0);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(noticed_at[0] > 0);
	vring_close(&ring);
}

/* Its registers start anew. */
static void a_reclaimed_slave_has_its_mask_again(void **state)
{
	struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 2 };
	ecr_time start;

	(void)state;
	open_ring(1000);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_S(2)));
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
	vring_run_until(&ring, ring.now + ECR_S(3));
	noticed_at[2] = -1;
	start = ring.now;
	retreat(2);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	assert_true(noticed_at[2] > start && noticed_at[2] - start <= ECR_MS(4));
	vring_close(&ring);
}

/* Nobody polls the coupler, so its event stays in every reply; the others are polled a little more often, not in every
 * cycle: of one second's frames 1000 are cycles. */
static void an_event_that_nobody_takes_does_not_flood_the_bus(void **state)
{
	uint64_t before;

	(void)state;
	open_ring(-1);
	retreat(0);
	before = ring.frames;
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(noticed_at[0] < 0);
	assert_true(ring.frames - before > 1002);
	assert_true(ring.frames - before < 1030);
	vring_close(&ring);
}

/* A changed link is an event too: its reading takes the event away and brings the ports up to date. */
static void a_changed_link_is_read(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 2, .lasts = ECR_MS(400) };
	uint16_t whole;

	(void)state;
	open_ring(1000);
	whole = vring_slave(&ring, "inputs").dl_status;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_int_not_equal(vring_slave(&ring, "inputs").dl_status, whole);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_int_equal(vring_slave(&ring, "inputs").dl_status, whole);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_retreat_is_noticed_within_a_few_cycles),
		cmocka_unit_test(nor_is_the_couplers_overlooked),
		cmocka_unit_test(a_masked_retreat_waits_for_the_health_poll),
		cmocka_unit_test(a_reclaimed_slave_has_its_mask_again),
		cmocka_unit_test(an_event_that_nobody_takes_does_not_flood_the_bus),
		cmocka_unit_test(a_changed_link_is_read),
	};

	return RUN(tests);
}
