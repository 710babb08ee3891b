/* SPDX-License-Identifier: Apache-2.0 */
/* Serving a simulated ring to any EtherCAT master: on a network interface, or over UDP. */
#ifndef ECRING_ENDPOINT_H
#define ECRING_ENDPOINT_H

#include <ecring/error.h>
#include <ecring/sim.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_endpoint;

/* `where`: an interface's name, or "udp:ADDR[:PORT]" (port 0: any). NULL with a text on failure,
 * and *error set. */
ECR_API struct ecr_endpoint *ecr_endpoint_open(struct ecr_sim *sim, const char *where, int *error,
					       char *text, size_t size);
/* A second interface at the ring's other end. 0, or an error with a text. */
ECR_API int ecr_endpoint_close_ring(struct ecr_endpoint *endpoint, const char *interface,
				    char *text, size_t size);
/* Answers what comes until `until` (monotonic ns). 0, or a negative error when the interface is
 * gone. */
ECR_API int ecr_endpoint_serve(struct ecr_endpoint *endpoint, ecr_time until);
ECR_API unsigned int
ecr_endpoint_port(const struct ecr_endpoint *endpoint); /* UDP port in use, 0 otherwise */
ECR_API uint64_t ecr_endpoint_frames(const struct ecr_endpoint *endpoint);
ECR_API void ecr_endpoint_close(struct ecr_endpoint *endpoint);

#ifdef __cplusplus
}
#endif
#endif
