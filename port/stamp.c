/* SPDX-License-Identifier: Apache-2.0 */
/* When a frame arrived, as the kernel noted it. */
#define _GNU_SOURCE 1
#include "port/stamp.h"

#include <ecring/master.h>

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define OLDEST ECR_S(1) /* what says to be older is the work of a clock that was set */

void port_stamp_enable(int fd)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

/* The kernel stamps with the wall clock; its distance to the session's clock is read afresh each
 * time, since somebody may set it. */
static ecr_time on_our_clock(const struct timespec *stamp, ecr_time now)
{
	struct timespec wall;
	ecr_time age;

	clock_gettime(CLOCK_REALTIME, &wall);
	age = ECR_S(wall.tv_sec - stamp->tv_sec) + wall.tv_nsec - stamp->tv_nsec;
	return age < 0 || age > OLDEST ? now : now - age;
}

long port_stamp_receive(int fd, void *buffer, size_t size, ecr_time now, ecr_time *at)
{
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec part = { buffer, size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	long got = recvmsg(fd, &message, MSG_DONTWAIT);
	struct cmsghdr *note;
	struct timespec stamp;

	*at = now;
	if (got <= 0)
		return got;
	note = CMSG_FIRSTHDR(&message);
	if (note && note->cmsg_level == SOL_SOCKET && note->cmsg_type == SCM_TIMESTAMPNS) {
		memcpy(&stamp, CMSG_DATA(note), sizeof(stamp));
		*at = on_our_clock(&stamp, now);
	}
	return got;
}
