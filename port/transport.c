/* SPDX-License-Identifier: Apache-2.0 */
/* Which transport a configuration asks for. */
#include "port/transport.h"

#include <stdio.h>
#include <string.h>

int port_open_transport(const struct ecr_config *config, struct port_transport **transport,
			char *text, size_t size)
{
	if (config->simulator && config->interface) {
		snprintf(text, size, "interface and simulator are both given: which of them?");
		return ECR_ERR_INVALID_OPTIONS;
	}
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

int port_open_backup(const struct ecr_config *config, struct port_transport *primary,
		     struct port_transport **backup, char *text, size_t size)
{
	struct ecr_config other = *config;
	int error;

	*backup = NULL;
	if (!config->backup_interface)
		return 0;
	if (config->simulator)
		return port_open_sim_backup(primary, backup);
	if (strncmp(config->interface, "udp:", 4) == 0 ||
	    strncmp(config->backup_interface, "udp:", 4) == 0) {
		snprintf(text, size, "a ring with two ports needs two network interfaces, not UDP");
		return ECR_ERR_REDUNDANT_REQUIRES_RAW;
	}
	other.interface = config->backup_interface;
	error = port_open_raw(&other, backup, text, size);
	if (!error)
		port_raw_pair(primary, *backup);
	return error;
}
