/* SPDX-License-Identifier: Apache-2.0 */
#include "support/asked.h"

#include "wire/registers.h"

unsigned int asked_all;
unsigned int asked_singly;

static void count(struct vring *ring, const struct ecr_datagram *datagram)
{
	(void)ring;
	if (datagram->address >> 16 != ECR_REG_AL_STATUS)
		return;
	asked_all += datagram->command == ECR_CMD_BRD;
	asked_singly += datagram->command == ECR_CMD_FPRD;
}

void asked_count(struct vring *ring)
{
	asked_all = asked_singly = 0;
	ring->each_datagram = count;
}

void asked_for(struct vring *ring, ecr_time time)
{
	asked_count(ring);
	vring_run_until(ring, ring->now + time);
	ring->each_datagram = NULL;
}
