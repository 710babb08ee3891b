/* SPDX-License-Identifier: Apache-2.0 */
/* The session with its thread, against a ring in this process: calls from several threads, subscriptions, the hook. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"

#include <ecring/ecring.h>

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint8_t images[3][1024];
static struct ecr_sim *sim;
static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
	{ 0 }
};

static struct ecr_config make_ring(void)
{
	static const char *const names[] = { "EK1100", "EL1809", "EL2809" };
	static const char *const called[] = { "coupler", "inputs", "outputs" };
	struct ecr_sim_device devices[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		devices[i].name = called[i];
		devices[i].sii = images[i];
		devices[i].sii_size = ecr_sim_shipped_sii(names[i], images[i], sizeof(images[i]));
		devices[i].emulation = true;
	}
	sim = ecr_sim_init(malloc(ecr_sim_size(devices, 3)), ecr_sim_size(devices, 3), devices, 3);
	assert_non_null(sim);
	assert_true(ecr_sim_wire(sim, 2, 0, 1, 0, 16));
	return (struct ecr_config){ .simulator = sim,
				    .domains = domains,
				    .slaves = slaves,
				    .scan_poll_ms = 10,
				    .scan_stable_ms = 20 };
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

static void loopback_by_name(void **state)
{
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_sample sample;

	(void)state;
	assert_int_equal(ecr_state(master), ECR_STATE_IDLE);
	assert_int_equal(ecr_stop(master), ECR_ERR_ALREADY_STOPPED);
	assert_int_equal(ecr_await_running(master, ECR_S(1)), ECR_ERR_NOT_STARTED);
	for (int round = 0; round < 2; round++) { /* start and stop may repeat */
		assert_int_equal(ecr_start(master, &config), 0);
		assert_int_equal(ecr_start(master, &config), ECR_ERR_ALREADY_STARTED);
		assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
		assert_int_equal(ecr_write_output(master, "outputs", "ch3", ecr_bool(true)), 0);
		assert_int_equal(ecr_write_output(master, "outputs", "ch99", ecr_bool(true)),
				 ECR_ERR_NOT_REGISTERED);
		assert_int_equal(ecr_write_output(master, "nobody", "ch1", ecr_bool(true)),
				 ECR_ERR_NOT_FOUND);
		assert_int_equal(ecr_write_output(master, "inputs", "ch1", ecr_bool(true)),
				 ECR_ERR_NOT_OUTPUT);
		pause_ms(100);
		assert_int_equal(ecr_read_input(master, "inputs", "ch3", &sample), 0);
		assert_true(sample.value.boolean);
		assert_true(sample.updated_at_us > 0 && sample.changed_at_us > 0);
		assert_int_equal(ecr_read_input(master, "outputs", "ch3", &sample),
				 ECR_ERR_NOT_INPUT);
		assert_int_equal(ecr_stop(master), 0);
	}
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static void a_change_wakes_its_subscriber(void **state)
{
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_subscription *subscription;
	struct ecr_event event;
	struct ecr_sample sample;
	struct pollfd fd;

	(void)state;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_subscribe(master, "inputs", "none", &subscription),
			 ECR_ERR_NOT_REGISTERED);
	assert_int_equal(ecr_subscribe(master, "inputs", "ch5", &subscription), 0);
	pause_ms(20);
	while (ecr_subscription_next(subscription, &event, &sample))
		;
	assert_int_equal(ecr_write_output(master, "outputs", "ch5", ecr_bool(true)), 0);
	fd = (struct pollfd){ ecr_subscription_fd(subscription), POLLIN, 0 };
	assert_int_equal(poll(&fd, 1, 2000), 1);
	assert_int_equal(ecr_subscription_next(subscription, &event, &sample), 1);
	assert_int_equal(event.kind, ECR_EVENT_SIGNAL);
	assert_true(sample.value.boolean);
	ecr_unsubscribe(subscription);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static atomic_bool stop_threads;
static atomic_ulong torn;

/* All sixteen outputs are written as one image; a reader of the image must never see a mixture. */
static void *write_images(void *argument)
{
	while (!atomic_load(&stop_threads)) {
		uint8_t all[2] = { 0xFF, 0xFF };
		uint8_t none[2] = { 0, 0 };

		ecr_domain_write(argument, "io", 2, all, 2);
		pause_ms(1);
		ecr_domain_write(argument, "io", 2, none, 2);
		pause_ms(1);
	}
	return NULL;
}

static void *read_images(void *argument)
{
	struct ecr_domain_info info;
	struct ecr_sample sample;
	uint8_t image[4];
	unsigned int turn = 0;

	while (!atomic_load(&stop_threads)) {
		if (ecr_domain_read(argument, "io", 0, image, 4) == 0 && image[0] != image[1])
			atomic_fetch_add(&torn, 1);
		ecr_read_input(argument, "inputs", "ch1", &sample);
		if (turn++ % 64 == 0)
			ecr_domain_info(argument, "io", &info);
	}
	return NULL;
}

static void many_threads_at_once(void **state)
{
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_slave_info info;
	pthread_t threads[3];

	(void)state;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_slave_info(master, "inputs", &info), 0);
	assert_int_equal(info.attachments[0].logical_address, 0);
	atomic_store(&stop_threads, false);
	pthread_create(&threads[0], NULL, write_images, master);
	pthread_create(&threads[1], NULL, read_images, master);
	pthread_create(&threads[2], NULL, read_images, master);
	pause_ms(700);
	atomic_store(&stop_threads, true);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&torn), 0);
	assert_int_equal(ecr_state(master), ECR_STATE_OPERATIONAL);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static void own_datagrams(void **state)
{
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	uint8_t type[1] = { 0 };
	struct ecr_user_datagram datagram = { .command = 7, .length = 1, .data = type };

	(void)state;
	assert_int_equal(ecr_transact(master, &datagram, 1, 0), ECR_ERR_NOT_STARTED);
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_transact(master, &datagram, 1, 0), 0);
	assert_int_equal(datagram.wkc, 3);
	assert_int_equal(type[0], 0x11);
	datagram.command = 99;
	assert_int_equal(ecr_transact(master, &datagram, 1, 0), ECR_ERR_INVALID_ARGUMENT);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static void without_a_thread(void **state)
{
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_sample sample;

	(void)state;
	assert_int_equal(ecr_start_manual(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_write_output(master, "outputs", "ch16", ecr_bool(true)), 0);
	for (ecr_time end = ecr_now() + ECR_MS(100); ecr_now() < end;)
		assert_int_equal(ecr_run_once(master, end), 0);
	assert_int_equal(ecr_read_input(master, "inputs", "ch16", &sample) == 0 ||
				 sample.freshness.state == ECR_STALE,
			 1);
	assert_true(sample.value.boolean);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static long size_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return (long)status.st_size;
}

/* A recording asked for is in the file when the session has ended; its size. */
static long record_once(struct ecr_master *master, const struct ecr_config *config)
{
	assert_int_equal(ecr_start(master, config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_record_now(master), 0);
	assert_int_equal(ecr_stop(master), 0);
	return size_of(config->record.path);
}

/* What was recorded outlives a further start of the same master, and one that is refused; another master begins anew. */
static void a_recording_outlives_a_start(void **state)
{
	char path[] = "/tmp/ecring-session-XXXXXX";
	int fd = mkstemp(path);
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_failure failure;
	long once;
	long twice;

	(void)state;
	close(fd);
	config.record.path = path;
	once = record_once(master, &config);
	twice = record_once(master, &config);
	assert_in_range(once, 1000, LONG_MAX);
	assert_in_range(twice, once + 1000, LONG_MAX);
	ecr_close(master);
	master = ecr_open();
	config.record.bytes = 1000;
	assert_int_equal(ecr_start(master, &config), ECR_ERR_INVALID_OPTIONS);
	assert_int_equal(ecr_last_failure(master, &failure), 0);
	assert_string_equal(failure.subject, "record.bytes (64 KiB to 1 GiB)");
	assert_int_equal(size_of(path), twice);
	config.record.bytes = 0;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_stop(master), 0);
	assert_in_range(size_of(path), 1, 999);
	ecr_close(master);
	unlink(path);
	free(sim);
}

/* The stop writes what was asked for last, and nobody can ask the recorder behind it. */
static void a_recording_that_the_stop_cannot_write_is_told(void **state)
{
	char path[] = "/tmp/ecring-session-XXXXXX";
	int fd = mkstemp(path);
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_failure failure;
	struct rlimit before;
	struct rlimit small;

	(void)state;
	close(fd);
	config.record.path = path;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 1000;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(ecr_record_now(master), 0);
	assert_int_equal(ecr_stop(master), 0);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(ecr_last_failure(master, &failure), 0);
	assert_int_equal(failure.error, ECR_ERR_SYSTEM);
	assert_string_equal(failure.phase, "record");
	assert_non_null(strstr(failure.subject, path));
	assert_int_equal(ecr_close(master), ECR_ERR_SYSTEM);
	unlink(path);
	free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_by_name),
		cmocka_unit_test(a_change_wakes_its_subscriber),
		cmocka_unit_test(many_threads_at_once),
		cmocka_unit_test(own_datagrams),
		cmocka_unit_test(without_a_thread),
		cmocka_unit_test(a_recording_outlives_a_start),
		cmocka_unit_test(a_recording_that_the_stop_cannot_write_is_told),
	};

	return RUN(tests);
}
