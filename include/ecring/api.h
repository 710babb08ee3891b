/* SPDX-License-Identifier: Apache-2.0 */
/* What every public header needs: visibility, time, limits of names. */
#ifndef ECRING_API_H
#define ECRING_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ECR_API __attribute__((visibility("default")))
#else
#define ECR_API
#endif

/* Nanoseconds of a monotonic clock whose zero means nothing. */
typedef int64_t ecr_time;

#define ECR_NS(n) ((ecr_time)(n))
#define ECR_US(n) ((ecr_time)(n)*1000)
#define ECR_MS(n) ((ecr_time)(n)*1000000)
#define ECR_S(n) ((ecr_time)(n)*1000000000)
#define ECR_NEVER INT64_MAX

/* Longest names in bytes, with the terminator; a longer one in a configuration is refused. */
#define ECR_NAME_SIZE 48

#endif
