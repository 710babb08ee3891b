/* SPDX-License-Identifier: Apache-2.0 */
/* When a frame arrived, as the kernel noted it. */
#define _GNU_SOURCE 1
#include "port/stamp.h"

#include "port/clock.h"

#include <ecring/master.h>

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define OLDEST ECR_S(1) /* what says to be older is the work of a clock that was set */
#define SOON ECR_MS(1)	/* `now` was read before the frame came */

void port_stamp_enable(int fd)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

ecr_time port_stamp_offset(clockid_t clock)
{
	struct timespec noted;
	ecr_time now = port_now();

	clock_gettime(clock, &noted);
	return ECR_S(noted.tv_sec) + noted.tv_nsec - now;
}

ecr_time port_stamp_at(const struct timespec *stamp, ecr_time offset, ecr_time now)
{
	ecr_time at = ECR_S(stamp->tv_sec) + stamp->tv_nsec - offset;

	return at - now > SOON || now - at > OLDEST ? now : at;
}

long port_stamp_read(int fd, void *buffer, size_t size, struct timespec *stamp)
{
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(3 * sizeof(struct timespec))];
	} control;
	struct iovec part = { buffer, size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	long got = recvmsg(fd, &message, MSG_DONTWAIT);
	struct cmsghdr *note;

	*stamp = (struct timespec){ 0 };
	if (got <= 0)
		return got;
	note = CMSG_FIRSTHDR(&message);
	if (note && note->cmsg_level == SOL_SOCKET && note->cmsg_type == SCM_TIMESTAMPNS)
		memcpy(stamp, CMSG_DATA(note), sizeof(*stamp));
	/* Software's, one that is no more, the card's: zeros where there is none. */
	if (note && note->cmsg_level == SOL_SOCKET && note->cmsg_type == SCM_TIMESTAMPING)
		memcpy(stamp, CMSG_DATA(note) + 2 * sizeof(*stamp), sizeof(*stamp));
	return got;
}

long port_stamp_receive(int fd, void *buffer, size_t size, ecr_time now, ecr_time *at)
{
	struct timespec stamp;
	long got = port_stamp_read(fd, buffer, size, &stamp);

	*at = got > 0 ? port_stamp_at(&stamp, port_stamp_offset(CLOCK_REALTIME), now) : now;
	return got;
}
