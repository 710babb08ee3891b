/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's note of a frame's arrival, on the session's clock. */
#define _POSIX_C_SOURCE 200809L
#include "port/clock.h"
#include "port/stamp.h"
#include "support/check.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int fds[2];

static void open_pair(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	fds[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fds[1] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fds[0], (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&address, size), 0);
}

/* Sends, lets the frame lie for 20 ms, and receives; how long ago it arrived. */
static ecr_time age_of_a_late_read(void)
{
	struct timespec pause = port_timespec(ECR_MS(20));
	uint8_t buffer[64];
	ecr_time nothing;
	ecr_time now;
	ecr_time at;

	assert_int_equal(send(fds[1], "frame", 5, 0), 5);
	nanosleep(&pause, NULL);
	now = port_now();
	assert_int_equal(port_stamp_receive(fds[0], buffer, sizeof(buffer), now, &at), 5);
	assert_memory_equal(buffer, "frame", 5);
	assert_true(port_stamp_receive(fds[0], buffer, sizeof(buffer), now, &nothing) < 0);
	return now - at;
}

static void arrival_is_when_the_kernel_had_it(void **state)
{
	struct timespec warm_up = port_timespec(ECR_MS(50)); /* the kernel switches it on later */
	ecr_time before;
	ecr_time age;

	(void)state;
	open_pair();
	port_stamp_enable(fds[0]);
	nanosleep(&warm_up, NULL);
	before = port_now();
	age = age_of_a_late_read();
	assert_true(age >= ECR_MS(19));
	assert_true(age <= port_now() - before);
	close(fds[0]);
	close(fds[1]);
}

static void without_a_note_it_is_now(void **state)
{
	(void)state;
	open_pair();
	assert_int_equal(age_of_a_late_read(), 0);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_note_it_is_now),
		cmocka_unit_test(arrival_is_when_the_kernel_had_it),
	};

	return RUN(tests);
}
