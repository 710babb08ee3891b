/* SPDX-License-Identifier: Apache-2.0 */
#include <ecring/ecring.h>

#include <stdio.h>

int main(void)
{
	puts(ecr_version_string());
	return 0;
}
