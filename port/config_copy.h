/* SPDX-License-Identifier: Apache-2.0 */
/* Deep copies of configurations: what the caller gave may be gone when start returns. */
#ifndef PORT_CONFIG_COPY_H
#define PORT_CONFIG_COPY_H

#include <ecring/config.h>

/* One block from malloc; NULL without memory. */
struct ecr_config *port_copy_config(const struct ecr_config *config);
struct ecr_slave_config *port_copy_slave(const struct ecr_slave_config *slave);

#endif
