/* SPDX-License-Identifier: Apache-2.0 */
#include "port/lead.h"

#define FIRST_NS ECR_US(100)
#define SHORTEST_NS ECR_US(20)
#define LONGEST_NS ECR_US(250)
#define MARGIN_NS ECR_US(10) /* nearer to the deadline is too late */
#define STEP_NS ECR_US(50)
#define RARE 10000
#define NAP_NS ECR_US(25) /* a shorter sleep is none */

void port_lead_init(struct port_lead *lead)
{
	lead->ns = FIRST_NS;
}

void port_lead_note(struct port_lead *lead, ecr_time overshoot)
{
	if (overshoot > LONGEST_NS)
		return;
	lead->ns += overshoot > lead->ns - MARGIN_NS ? STEP_NS : -STEP_NS / RARE;
	if (lead->ns > LONGEST_NS)
		lead->ns = LONGEST_NS;
	if (lead->ns < SHORTEST_NS)
		lead->ns = SHORTEST_NS;
}

ecr_time port_lead_sleep(const struct port_lead *lead, ecr_time ahead)
{
	ecr_time sleep = ahead - lead->ns;

	if (sleep < ahead / 2)
		sleep = ahead / 2;
	return sleep < NAP_NS ? 0 : sleep;
}
