/* SPDX-License-Identifier: Apache-2.0 */
#include "support/heal.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK ECR_MS(1)

static const struct ecr_slave_config polled[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("main") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("main"), .health_poll_ms = 20 },
	{ 0 },
};

void heal_open_with(struct vring *ring, const struct ecr_slave_config *slaves)
{
	static struct ecr_config config;

	config = vring_default_config();
	config.slaves = slaves ? slaves : polled;
	config.frame_timeout_ms = 10;
	vring_open(ring, vring_default_names);
	assert_true(ecr_sim_wire(ring->sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(ring, &config), 0);
	assert_int_equal(vring_await_operational(ring, ECR_MS(2500)), 0);
}

void heal_open(struct vring *ring)
{
	heal_open_with(ring, NULL);
}

void heal_say(struct vring *ring, const char *sentence)
{
	char error[400];

	if (!ecr_sim_say(ring->sim, ring->now, sentence, error, sizeof(error)))
		fail_msg("\"%s\": %s", sentence, error);
}

const char *const heal_troubles[] = { "disconnect outputs for 30ms",
				      "disconnect inputs for 400ms",
				      "power-cycle mailbox",
				      "power-cycle outputs",
				      "power-off inputs for 100ms",
				      "drop for 40ms",
				      "drop for 3 frames",
				      "break coupler port 2 for 1500ms",
				      "retreat inputs",
				      "lose for 20ms",
				      NULL };

void heal_trouble_after(struct vring *ring, ecr_time time, const char *trouble)
{
	char sentence[120];

	snprintf(sentence, sizeof(sentence), "after %.3fms %s", (double)time / 1e6, trouble);
	heal_say(ring, sentence);
}

int heal_pending(struct vring *ring)
{
	char text[1024];

	return ecr_sim_faults(ring->sim, text, sizeof(text));
}

bool heal_until(struct vring *ring, bool (*reached)(struct vring *ring), ecr_time within)
{
	ecr_time end = ring->now + within;

	while (!reached(ring) && ring->now < end)
		vring_run_until(ring, ring->now + LOOK);
	return reached(ring);
}

bool heal_stays(struct vring *ring, bool (*holds)(struct vring *ring), ecr_time time)
{
	ecr_time end = ring->now + time;

	while (holds(ring) && ring->now < end)
		vring_run_until(ring, ring->now + LOOK);
	return holds(ring);
}

static bool all_in_op(struct vring *ring)
{
	struct ecr_slave_summary slaves[16];
	struct ecr_request request = { .kind = ECR_REQUEST_SLAVES, .out = slaves, .room = 16 };
	int count = vring_request(ring, &request);

	for (int i = 0; i < count; i++)
		if (slaves[i].al_state != ECR_AL_OP || slaves[i].down ||
		    slaves[i].fault.kind != ECR_FAULT_NONE ||
		    vring_slave(ring, slaves[i].name).configuration_error)
			return false;
	return count > 0;
}

static bool clean(struct vring *ring)
{
	return heal_healthy(ring) && all_in_op(ring) && !heal_pending(ring);
}

void heal_ends_clean(struct vring *ring, ecr_time within)
{
	assert_true(heal_until(ring, clean, within));
	assert_true(heal_stays(ring, clean, ECR_MS(300)));
	heal_loopback(ring);
}

/* At the terminal of that station, wherever it stands. */
static uint64_t terminal(struct vring *ring, uint16_t station)
{
	struct ecr_sim_state truth;
	uint64_t raw = UINT64_MAX;

	for (int i = 0; i < ecr_sim_count(ring->sim); i++) {
		ecr_sim_look(ring->sim, i, &truth);
		if (truth.station == station)
			assert_true(ecr_sim_get_output(ring->sim, i, 0, 1, &raw));
	}
	return raw;
}

void heal_loopback(struct vring *ring)
{
	for (int value = 1; value >= 0; value--) {
		int64_t before = ring->now / ECR_US(1);

		vring_output(ring, "outputs", "ch1", (uint64_t)value);
		vring_run_until(ring, ring->now + ECR_MS(50));
		assert_int_equal(vring_input(ring, "inputs", "ch1"), value);
		assert_int_equal(terminal(ring, vring_slave(ring, "outputs").station), value);
		assert_true(vring_slave(ring, "inputs").pdo_domains[0].freshness.refreshed_at_us >
			    before);
	}
}

static bool is_event(const struct ecr_event *event, enum ecr_event_kind kind, int slave, int to)
{
	return event->kind == kind && (slave < 0 || event->slave == slave) &&
	       (to < 0 || event->to == to);
}

int heal_find(const struct vring *ring, int from, enum ecr_event_kind kind, int slave, int to)
{
	for (int i = from; i < ring->event_count; i++)
		if (is_event(&ring->events[i], kind, slave, to))
			return i;
	return -1;
}

bool heal_saw(const struct vring *ring, enum ecr_event_kind kind, int slave, int to)
{
	return heal_find(ring, 0, kind, slave, to) >= 0;
}

static struct {
	enum ecr_event_kind kind;
	int slave;
	int to;
	const char *sentence; /* NULL: said */
} triggers[4];
static int trigger_count;
static int struck;

static void strike(struct vring *ring, const struct ecr_event *event)
{
	for (int i = 0; i < trigger_count; i++) {
		const char *sentence = triggers[i].sentence;

		if (!sentence ||
		    !is_event(event, triggers[i].kind, triggers[i].slave, triggers[i].to))
			continue;
		triggers[i].sentence = NULL;
		struck++;
		heal_say(ring, sentence);
	}
}

void heal_when(struct vring *ring, enum ecr_event_kind kind, int slave, int to,
	       const char *sentence)
{
	if (ring->each_event != strike)
		trigger_count = struck = 0;
	assert_true(trigger_count < 4);
	ring->each_event = strike;
	triggers[trigger_count].kind = kind;
	triggers[trigger_count].slave = slave;
	triggers[trigger_count].to = to;
	triggers[trigger_count++].sentence = sentence;
}

int heal_struck(void)
{
	return struck;
}

bool heal_operational(struct vring *ring)
{
	return ecr_core_state(ring->core) == ECR_STATE_OPERATIONAL;
}

bool heal_recovering(struct vring *ring)
{
	return ecr_core_state(ring->core) == ECR_STATE_RECOVERING;
}

bool heal_healthy(struct vring *ring)
{
	return heal_operational(ring) && vring_domain(ring, "main").cycle_health.error == 0;
}

bool heal_nobody_blamed(struct vring *ring)
{
	for (int i = 0; i < 3; i++)
		if (vring_slave(ring, vring_default_slaves[i].name).fault.kind != ECR_FAULT_NONE)
			return false;
	return true;
}

static bool suffers(struct vring *ring, enum ecr_fault_kind kind)
{
	return vring_slave(ring, "outputs").fault.kind == kind;
}

bool heal_outputs_down(struct vring *ring)
{
	return suffers(ring, ECR_FAULT_DOWN);
}

bool heal_outputs_retreated(struct vring *ring)
{
	return suffers(ring, ECR_FAULT_RETREATED);
}
