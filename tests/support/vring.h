/* SPDX-License-Identifier: Apache-2.0 */
/* What tests share beside the virtual ring itself: shipped devices, signals by name, the default ring. */
#ifndef TESTS_SUPPORT_VRING_H
#define TESTS_SUPPORT_VRING_H

#include "world/vring.h"

/* A ring of shipped devices by name, ends with NULL. */
void vring_open(struct vring *ring, const char *const *names);

/* Signals by name; they fail the test when the name is unknown. */
uint64_t vring_input(struct vring *ring, const char *slave, const char *signal);
void vring_output(struct vring *ring, const char *slave, const char *signal, uint64_t value);

/* The default ring of the scenarios: coupler, inputs, outputs, one domain "main". */
extern const char *const vring_default_names[];
extern const struct ecr_domain_config vring_default_domains[];
extern const struct ecr_slave_config vring_default_slaves[];
struct ecr_config vring_default_config(void);

#endif
