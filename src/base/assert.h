/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assertions state what the programmer owes; what arrives on a wire or in a file is checked, never
 * asserted. They stay on in release builds. The handler is the port's (or a test's) and does not
 * return.
 */
#ifndef ECR_BASE_ASSERT_H
#define ECR_BASE_ASSERT_H

_Noreturn void ecr_assert_failed(const char *file, int line, const char *what);

#define ECR_ASSERT(condition) \
	((condition) ? (void)0 : ecr_assert_failed(__FILE__, __LINE__, #condition))

#endif
