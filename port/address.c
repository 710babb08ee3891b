/* SPDX-License-Identifier: Apache-2.0 */
#include "port/address.h"

#include "wire/ethernet.h"

#include <stdlib.h>
#include <string.h>

bool port_address(const char *text, char *host, size_t size, unsigned int *port)
{
	size_t length = strcspn(text, ":");
	const char *digits = text + length + (text[length] == ':');
	unsigned long number = ECR_UDP_PORT;

	if (!length || length >= size)
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (text[length]) {
		if (!digits[0] || strspn(digits, "0123456789") != strlen(digits) ||
		    strlen(digits) > 5)
			return false;
		number = strtoul(digits, NULL, 10);
	}
	*port = (unsigned int)number;
	return number <= 0xFFFF;
}
