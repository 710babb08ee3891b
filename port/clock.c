/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include "port/clock.h"

#include <ecring/master.h>

#define YEAR_2000 ECR_S(946684800LL) /* since 1970 */

ecr_time port_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ECR_S(now.tv_sec) + now.tv_nsec;
}

ecr_time port_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ECR_S(now.tv_sec) + now.tv_nsec - YEAR_2000 - port_now();
}

ecr_time ecr_now(void)
{
	return port_now();
}

struct timespec port_timespec(ecr_time duration)
{
	return (struct timespec){ .tv_sec = duration / ECR_S(1), .tv_nsec = duration % ECR_S(1) };
}
