/* SPDX-License-Identifier: Apache-2.0 */
/* SDO requests to slaves that talk. Their object is always a row of numbers that begins with one that was written, or with 0. */
#include "world/inner.h"

#include "sim/app.h"

#include <string.h>

#define LARGE 0x2003u
#define EACH 60 /* ticks of a free request until it is used, on average */

static void count_from(uint8_t *data, uint8_t first)
{
	for (unsigned int i = 0; i < WORLD_TALK; i++)
		data[i] = (uint8_t)(first + i);
}

static bool talks(const struct world *world, int slave)
{
	return world->ring.sim->slaves[slave].app;
}

static void begin(struct world *world, struct world_talk *talk, int slave, bool download,
		  ecr_time patience)
{
	talk->first = (uint8_t)ecr_prng_next(&world->draws);
	talk->open = true;
	talk->slave = slave;
	talk->sdo = (struct ecr_sdo){ .kind = download ? ECR_SDO_DOWNLOAD : ECR_SDO_UPLOAD,
				      .slave = world->plan.names[slave],
				      .index = LARGE,
				      .subindex = 1,
				      .data = talk->data,
				      .size = WORLD_TALK };
	talk->request =
		(struct ecr_request){ .kind = ECR_REQUEST_SDO,
				      .name = world->plan.names[slave],
				      .out = &talk->sdo,
				      .deadline = patience ? world->ring.now + patience : 0 };
	if (download)
		count_from(talk->data, talk->first);
	if (ecr_core_submit(world->ring.core, world->ring.now, &talk->request))
		talk->open = false;
	else if (download)
		world->slaves[slave].written[talk->first] = true;
}

/* What the device is said to have, it has, unless it has just lost it. */
static void check_written(struct world *world, const struct world_talk *talk)
{
	uint8_t there[WORLD_TALK] = { 0 };

	ecr_sim_read_object(world->ring.sim, talk->slave, LARGE, 1, there, sizeof(there));
	if (memcmp(there, talk->data, sizeof(there)) != 0 &&
	    world->ring.now - world->slaves[talk->slave].trouble > ECR_MS(50))
		world_complain(world, "a download to %s is said to be done, and is not",
			       talk->sdo.slave);
}

static void check_read(struct world *world, const struct world_talk *talk)
{
	for (unsigned int k = 0; k < WORLD_TALK; k++)
		if (talk->sdo.result.size != WORLD_TALK ||
		    talk->data[k] != (uint8_t)(talk->data[0] + k))
			world_complain(world, "an upload of %s brings what never was there",
				       talk->sdo.slave);
	if (talk->data[0] && !world->slaves[talk->slave].written[talk->data[0]])
		world_complain(world, "an upload of %s brings what nobody wrote", talk->sdo.slave);
}

bool world_talk_completed(struct world *world, const void *request)
{
	for (int i = 0; i < WORLD_TALKS; i++) {
		struct world_talk *talk = &world->talks[i];

		if (request != &talk->request)
			continue;
		if (!talk->open)
			world_complain(world, "an SDO request comes back twice");
		talk->open = false;
		talk->good = talk->sdo.result.error == 0;
		world_mix(world, (uint64_t)(uint32_t)talk->sdo.result.error);
		if (talk->good && talk->sdo.kind == ECR_SDO_UPLOAD)
			check_read(world, talk);
		else if (talk->good)
			check_written(world, talk);
		return true;
	}
	return false;
}

static void check_deadlines(struct world *world)
{
	for (int i = 0; i < WORLD_TALKS; i++) {
		const struct world_talk *talk = &world->talks[i];

		if (talk->open && talk->request.deadline &&
		    talk->request.deadline < world->ring.now)
			world_complain(world, "an SDO request to %s outlives its time",
				       talk->sdo.slave);
	}
}

void world_talk_tick(struct world *world)
{
	check_deadlines(world);
	if (!world_has(&world->plan, WORLD_MAILBOX) || world->calm)
		return;
	for (int i = 0; i < WORLD_TALKS; i++) {
		struct world_talk *talk = &world->talks[i];
		int slave = (int)ecr_prng_below(&world->draws, (uint32_t)world->plan.count);
		uint32_t drawn = ecr_prng_below(&world->draws, EACH);

		if (talk->open && drawn == 0)
			ecr_service_cancel(world->ring.core, &talk->sdo);
		else if (!talk->open && drawn < 2 && talks(world, slave))
			begin(world, talk, slave, drawn,
			      ecr_prng_below(&world->draws, 2)
				      ? 0
				      : ECR_MS(ecr_prng_between(&world->draws, 1, 100)));
	}
}

bool world_talk_open(const struct world *world)
{
	for (int i = 0; i < WORLD_TALKS; i++)
		if (world->talks[i].open)
			return true;
	return false;
}

static void wait_for(struct world *world, const struct world_talk *talk)
{
	ecr_time end = world->ring.now + ECR_S(1);

	while (talk->open && world->ring.now < end && !world_over(world))
		vring_run_until(&world->ring, world->ring.now + ECR_MS(1));
}

/* It still has an old answer to send, later than it should: what comes after it has to wait. */
static bool owes(const struct world *world, int slave)
{
	const struct sim_mailbox *mailbox = &world->ring.sim->slaves[slave].app->mailbox;

	for (uint32_t i = 0; i < mailbox->count; i++)
		if (mailbox->mails[(mailbox->head + i) % SIM_MAILS].due > world->ring.now)
			return true;
	return false;
}

/* When all is well, what is written is read. */
void world_talk_prove(struct world *world)
{
	struct world_talk *talk = &world->talks[0];

	for (int i = 0; i < world->plan.count && !world_over(world); i++) {
		uint8_t first;

		if (!talks(world, i) || world_away(world, i))
			continue;
		while (owes(world, i) && !world_over(world))
			vring_run_until(&world->ring, world->ring.now + ECR_MS(1));
		begin(world, talk, i, true, ECR_S(1));
		wait_for(world, talk);
		first = talk->first;
		if (talk->open || !talk->good)
			world_complain(world, "a download to %s fails though all is well",
				       world->plan.names[i]);
		begin(world, talk, i, false, ECR_S(1));
		wait_for(world, talk);
		if (!world_over(world) && (talk->open || !talk->good || talk->data[0] != first))
			world_complain(world, "%s does not have what was written",
				       world->plan.names[i]);
	}
}
