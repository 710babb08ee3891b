/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tworing.h"

#include "support/check.h"
#include "support/echo.h"

char tworing_names[TWORING_SLAVES][8];

static uint8_t image[1024];
static struct ecr_sim_device devices[TWORING_SLAVES];
static struct ecr_slave_config slaves[TWORING_SLAVES + 1];
static struct ecr_domain_config domains[2];
static struct ecr_config config;

static void fill(uint32_t loop_ns)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	for (int i = 0; i < TWORING_SLAVES; i++) {
		char *name = tworing_names[i];

		name[0] = (char)('a' + i);
		name[1] = '\0';
		devices[i] = (struct ecr_sim_device){ .name = name,
						      .sii = image,
						      .sii_size = size,
						      .loop_close_ns = loop_ns,
						      .loop_open_ns = loop_ns };
		slaves[i] = (struct ecr_slave_config){ .name = name,
						       .process_data = ECR_ALL_TO("main") };
	}
}

struct ecr_config *tworing_prepare(struct vring *ring, ecr_time period, uint32_t loop_ns)
{
	fill(loop_ns);
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = period };
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	config.backup_interface = "the simulator's second port";
	echo_open_first(ring, devices, TWORING_SLAVES);
	ring->two_ports = true;
	assert_true(ecr_sim_close_ring(ring->sim, TWORING_SLAVES - 1, -1));
	return &config;
}

void tworing_open(struct vring *ring, ecr_time period, uint32_t loop_ns)
{
	assert_int_equal(vring_start(ring, tworing_prepare(ring, period, loop_ns)), 0);
}

void tworing_come_up(struct vring *ring)
{
	assert_int_equal(vring_await_operational(ring, ECR_S(3)), 0);
	vring_run_until(ring, ring->now + ECR_MS(20));
}

struct ecr_redundancy_info tworing_info(struct vring *ring)
{
	struct ecr_bus_info info;
	struct ecr_request request = { .kind = ECR_REQUEST_BUS_INFO, .out = &info };

	assert_int_equal(vring_request(ring, &request), 0);
	return info.redundancy;
}

uint64_t tworing_missed(struct vring *ring)
{
	return vring_domain(ring, "main").total_miss_count;
}

void tworing_cut(struct vring *ring, int slave)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = slave, .value = 1 };

	assert_true(ecr_sim_inject(ring->sim, ring->now, &fault));
}

void tworing_watch(struct vring *ring)
{
	inputs_watch(ring, TWORING_SLAVES, domains[0].cycle_ns);
}

bool tworing_sound(struct vring *ring)
{
	bool sound = heal_healthy(ring);

	for (int i = 0; i < TWORING_SLAVES && sound; i++) {
		struct ecr_slave_info info = vring_slave(ring, tworing_names[i]);

		sound = info.al_state == ECR_AL_OP && info.fault.kind == ECR_FAULT_NONE;
	}
	return sound;
}

/* Every slave takes what is written and shows it at its inputs. */
static void assert_loopback(struct vring *ring)
{
	static unsigned int round;

	round++;
	for (int i = 0; i < TWORING_SLAVES; i++)
		vring_output(ring, tworing_names[i], "out1", (round + (unsigned int)i) & 1);
	vring_run_until(ring, ring->now + 4 * domains[0].cycle_ns);
	for (int i = 0; i < TWORING_SLAVES; i++)
		assert_int_equal(vring_input(ring, tworing_names[i], "in1"),
				 (round + (unsigned int)i) & 1);
}

void tworing_assert_sound(struct vring *ring)
{
	assert_true(tworing_sound(ring));
	assert_loopback(ring);
}

void tworing_open_held(struct vring *ring, int32_t frame_timeout_ms)
{
	struct ecr_config *held = tworing_prepare(ring, ECR_MS(1), 0);

	held->slaves = NULL;
	held->frame_timeout_ms = frame_timeout_ms;
	assert_int_equal(vring_start(ring, held), 0);
	assert_int_equal(vring_await_running(ring, ECR_S(3)), 0);
	vring_run_until(ring, ring->now + ECR_MS(100));
}

int tworing_transact(struct vring *ring, struct ecr_user_datagram *datagrams, int count)
{
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = datagrams,
				       .count = count,
				       .deadline = ring->now + ECR_S(1) };

	return vring_request(ring, &request);
}

int tworing_read(struct vring *ring, uint8_t command, uint32_t address, uint16_t *wkc)
{
	uint8_t data[2] = { 0 };
	struct ecr_user_datagram datagram = {
		.command = command, .address = address, .data = data, .length = sizeof(data)
	};
	int result = tworing_transact(ring, &datagram, 1);

	*wkc = datagram.wkc;
	return result;
}

void tworing_port_goes_and_comes(struct vring *ring, unsigned int port, ecr_time period)
{
	struct ecr_config *wanted = tworing_prepare(ring, period, 0);
	int back;

	wanted->frame_timeout_ms = 10;
	assert_int_equal(vring_start(ring, wanted), 0);
	tworing_come_up(ring);
	tworing_watch(ring);
	ecr_sim_plug(ring->sim, ring->now, port, false);
	vring_run_until(ring, ring->now + ECR_MS(100));
	assert_true(heal_stays(ring, tworing_sound, ECR_MS(500)));
	tworing_assert_sound(ring);
	ecr_sim_plug(ring->sim, ring->now, port, true);
	vring_run_until(ring, ring->now + ECR_MS(100));
	back = heal_find(ring, 0, ECR_EVENT_BUS_LINK_RECONNECTED, -1, -1);
	assert_true(back > 0);
	assert_true(heal_stays(ring, tworing_sound, ECR_MS(500)));
	tworing_assert_sound(ring);
	assert_int_equal(heal_find(ring, back, ECR_EVENT_DOMAIN_CYCLE_INVALID, -1, -1), -1);
	assert_int_equal(heal_find(ring, back, ECR_EVENT_DOMAIN_TRANSPORT_MISS, -1, -1), -1);
	assert_int_equal(heal_find(ring, back, ECR_EVENT_STATE_CHANGED, -1, -1), -1);
	assert_false(heal_saw(ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	inputs_unwatch(ring);
	vring_close(ring);
}
