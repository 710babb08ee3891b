/* SPDX-License-Identifier: Apache-2.0 */
/* What one master of a machine (of a network namespace) has to itself. */
#ifndef PORT_CLAIM_H
#define PORT_CLAIM_H

/* A descriptor that is held by whoever first claims the name, until it is closed; -1: somebody has it. */
int port_claim(const char *name);

#endif
