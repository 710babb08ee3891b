/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session says while its ring is broken and mended. Without arguments a simulated ring of coupler, inputs
 * and outputs suffers by itself; "fault_tolerance IF" says what to unplug, and when. There it wants a coupler, a
 * terminal of inputs and one of outputs behind it, output 1 wired to input 1.
 */
#define _POSIX_C_SOURCE 200809L
#include <ecring/ecring.h>
#include <ecring/sim.h>

#include <poll.h>
#include <stdlib.h>

/* What is done to the ring: by a sentence to the simulator, or by a person. */
static const struct act {
	const char *title;
	const char *sentence;
	const char *person;
	ecr_time lasts; /* with a simulator */
} acts[] = {
	{ "a few frames are lost: single cycles fail, nobody is blamed", "drop for 4 frames",
	  "do nothing, or touch a connector", ECR_MS(300) },
	{ "the cable to outputs is unplugged: it is down, the others go on, the session recovers",
	  "disconnect outputs for 800ms", "unplug the cable between inputs and outputs",
	  ECR_MS(700) },
	{ "... and plugged in again: outputs is brought up to PREOP, set up anew, and raised to OP",
	  NULL, "plug it in again", ECR_S(2) },
	{ "outputs restarts: it has lost its address, and is reclaimed by position and identity",
	  "power-cycle outputs", "switch outputs off and on", ECR_S(2) },
	{ "outputs falls back to SAFEOP by itself: its own fault, the session stays operational",
	  "retreat outputs", "do nothing", ECR_S(2) },
	{ "half of the ring loses its power for a second", "power-off inputs for 1s",
	  "switch inputs off and on", ECR_S(3) },
};
static const char *const names[] = { "coupler", "inputs", "outputs" };

static struct ecr_sim *simulated_ring(void)
{
	static const char *const shipped[] = { "EK1100", "EL1809", "EL2809" };
	static uint8_t siis[3][2048];
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim *sim;
	size_t size;

	for (int i = 0; i < 3; i++) {
		devices[i].name = names[i];
		if (!ecr_sim_shipped(shipped[i], &devices[i], siis[i], sizeof(siis[i])))
			return NULL;
	}
	size = ecr_sim_size(devices, 3);
	sim = ecr_sim_init(malloc(size), size, devices, 3);
	if (sim)
		ecr_sim_wire(sim, 2, 0, 1, 0, 16);
	return sim;
}

static const char *slave_name(const struct ecr_event *event)
{
	return event->slave >= 0 && event->slave < 3 ? names[event->slave] : "";
}

/* One line for what a person wants to know. */
static void tell(const struct ecr_event *event, ecr_time began)
{
	static int32_t states[3];
	double at = (double)(event->at - began) / 1e6;

	switch (event->kind) {
	case ECR_EVENT_STATE_CHANGED:
		printf("%10.1f ms  session: %s -> %s\n", at,
		       ecr_state_name((enum ecr_state)event->from),
		       ecr_state_name((enum ecr_state)event->to));
		break;
	case ECR_EVENT_SLAVE_FAULT_CHANGED:
		if (event->from == event->to)
			break; /* another reason for the same */
		printf("%10.1f ms  %s: %s%s%s\n", at, slave_name(event),
		       event->to ? ecr_fault_name((enum ecr_fault_kind)event->to) : "fault over",
		       event->error ? ", " : "", event->error ? ecr_error_text(event->error) : "");
		break;
	case ECR_EVENT_SLAVE_STATE_CHANGED: /* also at the end of each step within a state */
		if (event->slave < 0 || event->slave > 2 || states[event->slave] == event->to)
			break;
		states[event->slave] = event->to;
		printf("%10.1f ms  %s: is in %s\n", at, slave_name(event),
		       ecr_al_state_name((uint16_t)event->to));
		break;
	case ECR_EVENT_DOMAIN_DEGRADED:
		if (event->expected)
			printf("%10.1f ms  domain: cycles fail, working counter %u of %u\n", at,
			       event->actual, event->expected);
		else
			printf("%10.1f ms  domain: cycles fail, no frame comes back\n", at);
		break;
	case ECR_EVENT_DOMAIN_RECOVERED:
		printf("%10.1f ms  domain: cycles are valid again\n", at);
		break;
	default:
		break;
	}
}

/* Tells what happens until the time is over. */
static void watch(struct ecr_subscription *events, ecr_time began, ecr_time until)
{
	struct pollfd waiting = { .fd = ecr_subscription_fd(events), .events = POLLIN };
	struct ecr_event event;

	while (ecr_now() < until) {
		while (ecr_subscription_next(events, &event, NULL) == 1)
			tell(&event, began);
		fflush(stdout);
		poll(&waiting, 1, (int)((until - ecr_now()) / ECR_MS(1)) + 1);
	}
}

static void play(struct ecr_master *master, bool simulated, struct ecr_subscription *events)
{
	ecr_time began = ecr_now();
	char text[400];

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		printf("\n%s\n", acts[i].title);
		if (!simulated)
			printf("    now, within ten seconds: %s\n", acts[i].person);
		else if (acts[i].sentence &&
			 ecr_tell_simulator(master, acts[i].sentence, text, sizeof(text)) < 0)
			fprintf(stderr, "%s\n", text);
		watch(events, began, ecr_now() + (simulated ? acts[i].lasts : ECR_S(10)));
	}
}

/* What is written is what is read, when output 1 is wired to input 1. */
static bool loops_back(struct ecr_master *master, struct ecr_subscription *events)
{
	struct ecr_sample sample;

	for (int value = 1; value >= 0; value--) {
		if (ecr_write_output(master, "outputs", "ch1", ecr_bool(value)))
			return false;
		watch(events, ecr_now(), ecr_now() + ECR_MS(100));
		if (ecr_read_input(master, "inputs", "ch1", &sample) ||
		    sample.value.boolean != (bool)value)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct ecr_sim *sim = argc > 1 ? NULL : simulated_ring();
	struct ecr_config config = {
		.interface = argc > 1 ? argv[1] : NULL,
		.simulator = sim,
		.domains = (struct ecr_domain_config[]){ { .id = "io", .cycle_ns = ECR_MS(10) },
							 { 0 } },
		.slaves =
			(struct ecr_slave_config[]){
				{ .name = "coupler" },
				{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
				{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
				{ 0 },
			},
		.scan_stable_ms = sim ? 50 : 0,
		.scan_poll_ms = sim ? 10 : 0,
		.realtime = { .priority = -1 },
	};
	struct ecr_master *master = ecr_open();
	struct ecr_subscription *events = NULL;
	bool good = false;

	if (ecr_start(master, &config) || ecr_await_operational(master, ECR_S(10)) ||
	    ecr_subscribe(master, NULL, NULL, &events)) {
		ecr_report(master, stderr);
	} else {
		play(master, sim != NULL, events);
		good = ecr_state(master) == ECR_STATE_OPERATIONAL && loops_back(master, events);
		printf("\nat the end the session is %s, and outputs %s read at inputs%s\n",
		       ecr_state_name(ecr_state(master)), good ? "are" : "are not",
		       good || sim ? "" : " (is output 1 wired to input 1?)");
	}
	if (events)
		ecr_unsubscribe(events);
	ecr_close(master);
	free(sim);
	return !good;
}
