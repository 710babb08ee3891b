// SPDX-License-Identifier: Apache-2.0
#include <ecring/ecring.h>

#include <cstdio>

int main()
{
	std::puts(ecr_version_string());
	return 0;
}
