/* SPDX-License-Identifier: Apache-2.0 */
/* Raw sockets of two pairs of interfaces: without the right to open them; and a whole reset in one frame over both ports of
 * a ring, scenario 41_redundant_multi_datagram_bwr. */
#define _GNU_SOURCE 1
#include "support/check.h"
#include "wire/registers.h"

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77
#define SLAVES 3
#define BWR 8

static struct ecr_sim *sim;
static struct ecr_endpoint *endpoint;
static pthread_t thread;
static atomic_bool over;

static bool give_all_rights_away(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	return syscall(SYS_capset, &header, none) == 0;
}

/* In a process of its own: 0 when all was as it should be. */
static int start_without_rights(void)
{
	const struct ecr_config config = { .interface = "m0" };
	struct ecr_master *master = ecr_open();
	struct ecr_failure failure;

	if (!give_all_rights_away())
		return 1;
	if (ecr_start(master, &config) != ECR_ERR_PERMISSION)
		return 2;
	if (ecr_last_failure(master, &failure) || failure.error != ECR_ERR_PERMISSION)
		return 3;
	if (strcmp(ecr_error_text(failure.error), "the system refused a raw socket") != 0)
		return 4;
	if (!strstr(ecr_error_hint(failure.error), "setcap cap_net_raw"))
		return 5;
	return ecr_close(master) == ECR_ERR_PERMISSION ? 0 : 6; /* what ended the session */
}

static void without_the_right_it_is_told(void **state)
{
	pid_t child = fork();
	int status = 0;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(start_without_rights());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void *serve(void *unused)
{
	while (!atomic_load(&over))
		ecr_endpoint_serve(endpoint, ecr_now() + ECR_MS(50));
	return unused;
}

static void open_ring(void)
{
	static uint8_t image[1024];
	struct ecr_sim_device devices[SLAVES] = { 0 };
	char text[200] = "";
	int error = 0;
	size_t size;

	for (int i = 0; i < SLAVES; i++) {
		devices[i].sii = image;
		devices[i].sii_size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);
	}
	size = ecr_sim_size(devices, SLAVES);
	sim = ecr_sim_init(malloc(size), size, devices, SLAVES);
	assert_non_null(sim);
	endpoint = ecr_endpoint_open(sim, "s0", &error, text, sizeof(text));
	if (!endpoint || ecr_endpoint_close_ring(endpoint, "s1", text, sizeof(text)))
		fail_msg("%s", text);
	atomic_store(&over, false);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void close_ring(void)
{
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	ecr_endpoint_close(endpoint);
	free(sim);
}

/* Resets error counters, FMMUs, SyncManagers; the AL state stays what it is. */
static void write_to_all(struct ecr_master *master)
{
	static const struct {
		uint16_t reg;
		uint16_t length;
	} writes[] = { { ECR_REG_RX_ERRORS, 8 }, { ECR_REG_LOST_LINK, 4 }, { ECR_REG_IRQ_MASK, 2 },
		       { ECR_REG_FMMU(0), 48 },	 { ECR_REG_SM(0), 32 },	   { ECR_REG_FMMU(0), 8 },
		       { ECR_REG_FMMU(1), 8 },	 { ECR_REG_FMMU(2), 8 },   { ECR_REG_SM(0), 8 },
		       { ECR_REG_SM(1), 8 },	 { ECR_REG_SM(2), 8 },	   { ECR_REG_SM(3), 8 },
		       { ECR_REG_RX_ERRORS, 8 } };
	enum { COUNT = sizeof(writes) / sizeof(writes[0]) };
	struct ecr_user_datagram datagrams[COUNT];
	uint8_t zeros[COUNT][48] = { 0 };

	for (int i = 0; i < COUNT; i++)
		datagrams[i] = (struct ecr_user_datagram){ .command = BWR,
							   .address = (uint32_t)writes[i].reg << 16,
							   .data = zeros[i],
							   .length = writes[i].length };
	assert_int_equal(ecr_transact(master, datagrams, COUNT, 0), 0);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(datagrams[i].wkc, SLAVES);
}

static void many_writes_share_a_frame_on_both_ports(void **state)
{
	const struct ecr_config config = { .interface = "m0",
					   .backup_interface = "m1",
					   .frame_timeout_ms = 100,
					   .scan_poll_ms = 10,
					   .scan_stable_ms = 20 };
	struct ecr_master *master = ecr_open();
	struct ecr_bus_info bus;

	(void)state;
	open_ring();
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_running(master, ECR_S(20)), 0);
	for (int round = 0; round < 10; round++)
		write_to_all(master);
	assert_int_equal(ecr_bus_info(master, &bus), 0);
	assert_true(bus.redundancy.redundant);
	assert_false(bus.redundancy.split);
	assert_int_equal(ecr_close(master), 0);
	close_ring();
}

static bool own_network(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	return system("for i in 0 1; do ip link add m$i type veth peer name s$i && "
		      "ip link set m$i up && ip link set s$i up || exit 1; done") == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_right_it_is_told),
		cmocka_unit_test(many_writes_share_a_frame_on_both_ports),
	};

	if (!own_network()) {
		printf("skipped: this system allows no network namespace\n");
		return SKIPPED;
	}
	return RUN(tests);
}
