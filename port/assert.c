/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void ecr_assert_failed(const char *file, int line, const char *what)
{
	fprintf(stderr,
		"ecring: %s:%d: assertion failed: %s. This is a fault of the program; please "
		"report it.\n",
		file, line, what);
	abort();
}
