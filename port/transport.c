/* SPDX-License-Identifier: Apache-2.0 */
/* Which transport a configuration asks for. */
#include "port/transport.h"

#include <stdio.h>
#include <string.h>

int port_open_transport(const struct ecr_config *config, struct port_transport **transport,
			char *text, size_t size)
{
	if (config->simulator)
		return port_open_sim(config, transport);
	if (!config->interface || !config->interface[0]) {
		snprintf(text, size, "no interface is given");
		return ECR_ERR_INVALID_OPTIONS;
	}
	if (strncmp(config->interface, "udp:", 4) == 0)
		return port_open_udp(config, transport, text, size);
	return port_open_raw(config, transport, text, size);
}
