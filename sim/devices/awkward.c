/* SPDX-License-Identifier: Apache-2.0 */
/* Habits by name, and the device that has them all. */
#include "base/text.h"
#include "sim/devices/terminal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void slow(struct ecr_sim_device *device)
{
	device->habits.take_ns = ECR_MS(2);
	device->habits.answer_ns = ECR_MS(50);
}

static void twice(struct ecr_sim_device *device)
{
	device->habits.answers_twice = true;
}

static void counter(struct ecr_sim_device *device)
{
	device->habits.counter_step = 3;
}

static void storm(struct ecr_sim_device *device)
{
	device->habits.emergency_ns = ECR_MS(5);
}

static void full(struct ecr_sim_device *device)
{
	device->habits.stale_at_preop = true;
}

static void no_complete(struct ecr_sim_device *device)
{
	device->habits.refuses_complete_access = true;
}

static void mute_to_complete(struct ecr_sim_device *device)
{
	device->habits.ignores_complete_access = true;
}

static void deaf(struct ecr_sim_device *device)
{
	device->habits.al_pause_ns = ECR_MS(100);
}

static void eeprom_by_pdi(struct ecr_sim_device *device)
{
	device->eeprom_by_pdi = true;
}

static const struct {
	const char *name;
	void (*add)(struct ecr_sim_device *device);
} habits[] = {
	{ "slow", slow },
	{ "twice", twice },
	{ "counter", counter },
	{ "storm", storm },
	{ "full", full },
	{ "no_complete", no_complete },
	{ "pause", deaf },
	{ "eeprom_by_pdi", eeprom_by_pdi },
	{ "mute_complete", mute_to_complete },
};

bool ecr_sim_add_habit(struct ecr_sim_device *device, const char *habit)
{
	for (size_t i = 0; i < COUNT(habits); i++) {
		if (!ecr_text_equal(habit, habits[i].name))
			continue;
		habits[i].add(device);
		return true;
	}
	return false;
}

bool sim_awkward(struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	for (size_t i = 0; i < COUNT(habits); i++)
		habits[i].add(device);
	return sim_mailbox_device(device, sii, room);
}
