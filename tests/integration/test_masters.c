/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with their threads: several in one process, a driver's own signals, subscribers that do not listen. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"

#include <ecring/ecring.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MASTERS 3

static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
	{ 0 },
};

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

static struct ecr_sim *make_sim(void)
{
	static const char *const names[] = { "EK1100", "EL1809", "EL2809" };
	static uint8_t images[3][1024];
	static size_t sizes[3]; /* the images are made once: rings that run read them */
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim *sim;
	size_t size;

	for (int i = 0; i < 3; i++) {
		if (!sizes[i])
			sizes[i] = ecr_sim_shipped_sii(names[i], images[i], sizeof(images[i]));
		devices[i].sii = images[i];
		devices[i].sii_size = sizes[i];
		devices[i].emulation = true;
	}
	size = ecr_sim_size(devices, 3);
	sim = ecr_sim_init(malloc(size), size, devices, 3);
	assert_non_null(sim);
	assert_true(ecr_sim_wire(sim, 2, 0, 1, 0, 16));
	return sim;
}

/* Nobody needs to be there: two masters would spoil each other's ring whoever serves it. */
static void an_address_has_one_master(void **state)
{
	const struct ecr_config config = { .interface = "udp:127.0.0.1:34321", .domains = domains };
	const struct ecr_config other = { .interface = "udp:127.0.0.1:34322", .domains = domains };
	const struct ecr_config same = { .interface = "udp:localhost:34321", .domains = domains };
	struct ecr_master *first = ecr_open();
	struct ecr_master *second = ecr_open();

	(void)state;
	assert_int_equal(ecr_start(first, &config), 0);
	assert_int_equal(ecr_start(second, &same), ECR_ERR_INTERFACE_IN_USE);
	assert_int_equal(ecr_start(second, &other), 0);
	assert_int_equal(ecr_stop(second), 0);
	assert_int_equal(ecr_stop(first), 0);
	assert_int_equal(ecr_start(second, &config), 0);
	ecr_close(second);
	ecr_close(first);
}

static struct ecr_config make_config(struct ecr_sim *sim)
{
	return (struct ecr_config){ .simulator = sim,
				    .domains = domains,
				    .slaves = slaves,
				    .scan_poll_ms = 10,
				    .scan_stable_ms = 20 };
}

static bool reads(struct ecr_master *master, const char *signal, bool value)
{
	struct ecr_sample sample;

	for (int i = 0; i < 200; i++) {
		if (!ecr_read_input(master, "inputs", signal, &sample) &&
		    sample.value.boolean == value)
			return true;
		pause_ms(10);
	}
	return false;
}

/* Each has a ring, a thread and a state of its own; one that ends leaves the others alone. */
static void masters_live_side_by_side(void **state)
{
	static const char *const signals[MASTERS] = { "ch1", "ch2", "ch3" };
	struct ecr_master *masters[MASTERS];
	struct ecr_sim *sims[MASTERS];

	(void)state;
	for (int i = 0; i < MASTERS; i++) {
		struct ecr_config config;

		sims[i] = make_sim();
		config = make_config(sims[i]);
		masters[i] = ecr_open();
		assert_int_equal(ecr_start(masters[i], &config), 0);
	}
	for (int i = 0; i < MASTERS; i++)
		assert_int_equal(ecr_await_operational(masters[i], ECR_S(20)), 0);
	for (int i = 0; i < MASTERS; i++)
		assert_int_equal(
			ecr_write_output(masters[i], "outputs", signals[i], ecr_bool(true)), 0);
	for (int i = 0; i < MASTERS; i++)
		for (int k = 0; k < MASTERS; k++)
			assert_true(reads(masters[i], signals[k], i == k));
	assert_int_equal(ecr_close(masters[1]), 0);
	free(sims[1]);
	assert_int_equal(ecr_write_output(masters[0], "outputs", "ch9", ecr_bool(true)), 0);
	assert_true(reads(masters[0], "ch9", true));
	assert_true(reads(masters[2], "ch9", false));
	for (int i = 0; i < MASTERS; i += 2) {
		assert_int_equal(ecr_close(masters[i]), 0);
		free(sims[i]);
	}
}

/* Sixteen channels as one thermometer: tenths of a degree, of which 0x7FFF says that the wire is broken. */
static int thermometer_model(const void *config, const struct ecr_pdo_list *pdos,
			     struct ecr_signal_model *signals, int room)
{
	(void)config;
	assert_int_equal(pdos->count, 16);
	for (int i = 0; i < 2 && i < room; i++) {
		signals[i] = (struct ecr_signal_model){ .pdo = pdos->pdos[i].index,
							.type = ECR_TYPE_BOOL };
		snprintf(signals[i].name, sizeof(signals[i].name), "%s", i ? "spare" : "alarm");
	}
	return 2;
}

/* The alarm is active low, and is not told before the configuration says so. */
static int thermometer_decode(const void *config, const struct ecr_signal_model *signal,
			      const uint8_t *bytes, struct ecr_value *value)
{
	if (strcmp(signal->name, "spare") == 0)
		return ECR_ERR_INVALID_ARGUMENT;
	*value = ecr_bool(!(bytes[0] & 1) == *(const bool *)config);
	return 0;
}

static int thermometer_encode(const void *config, const struct ecr_signal_model *signal,
			      const struct ecr_value *value, uint8_t *bytes)
{
	(void)config;
	if (strcmp(signal->name, "spare") == 0)
		return 1;
	bytes[0] = !value->boolean;
	return 0;
}

static const struct ecr_driver thermometer = { .name = "thermometer",
					       .signal_model = thermometer_model,
					       .encode = thermometer_encode,
					       .decode = thermometer_decode };

static void a_driver_has_its_own_signals_and_values(void **state)
{
	static const bool active_low = true;
	struct ecr_slave_config own[4];
	struct ecr_sim *sim = make_sim();
	struct ecr_config config = make_config(sim);
	struct ecr_master *master = ecr_open();
	struct ecr_sample sample;
	uint64_t bits = 0;

	(void)state;
	memcpy(own, slaves, sizeof(own));
	for (int i = 1; i < 3; i++) {
		own[i].driver = &thermometer;
		own[i].driver_config = &active_low;
	}
	config.slaves = own;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	assert_int_equal(ecr_read_input(master, "inputs", "ch1", &sample), ECR_ERR_NOT_REGISTERED);
	assert_int_equal(ecr_read_input(master, "inputs", "spare", &sample),
			 ECR_ERR_INVALID_ARGUMENT);
	assert_true(reads(master, "alarm", true)); /* the bit is 0 */
	assert_int_equal(ecr_write_output(master, "outputs", "alarm", ecr_bool(false)), 0);
	assert_true(reads(master, "alarm", false));
	assert_int_equal(ecr_write_output(master, "outputs", "spare", ecr_bool(true)), 0);
	pause_ms(50);
	assert_int_equal(ecr_stop(master), 0);
	assert_true(ecr_sim_get_input(sim, 1, 0, 16, &bits));
	assert_int_equal(bits & 2, 0); /* what the driver leaves alone stays as it is */
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

/* A full queue drops and counts; the cycle goes on, and what was dropped is known. */
static void a_subscriber_that_sleeps_loses_and_knows_it(void **state)
{
	struct ecr_sim *sim = make_sim();
	struct ecr_config config = make_config(sim);
	struct ecr_master *master = ecr_open();
	struct ecr_subscription *subscription;
	struct ecr_event event;
	struct ecr_sample sample;
	uint64_t got = 0;
	struct pollfd fd;

	(void)state;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	assert_int_equal(ecr_subscribe(master, "inputs", "ch1", &subscription), 0);
	for (int i = 0; i < 3000 && !ecr_subscription_dropped(subscription); i++) {
		ecr_write_output(master, "outputs", "ch1", ecr_bool(i & 1));
		pause_ms(2);
	}
	assert_true(ecr_subscription_dropped(subscription) > 0);
	while (ecr_subscription_next(subscription, &event, &sample))
		got += event.kind == ECR_EVENT_SIGNAL;
	assert_true(got >= 16);
	fd = (struct pollfd){ ecr_subscription_fd(subscription), POLLIN, 0 };
	assert_int_equal(poll(&fd, 1, 0), 0); /* nothing is left */
	assert_int_equal(ecr_state(master), ECR_STATE_OPERATIONAL);
	ecr_unsubscribe(subscription);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_one_master),
		cmocka_unit_test(masters_live_side_by_side),
		cmocka_unit_test(a_driver_has_its_own_signals_and_values),
		cmocka_unit_test(a_subscriber_that_sleeps_loses_and_knows_it),
	};

	return RUN(tests);
}
