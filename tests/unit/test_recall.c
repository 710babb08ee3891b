/* SPDX-License-Identifier: Apache-2.0 */
/* What was shown when the ring was asked before is believed of whoever has the station, when he has it alone. */
#include "support/check.h"

#include "master/master.h"

#include <string.h>

#define STATION 0x1001

static struct ecr_core core;
static struct ecr_slave slave;
static struct ecr_attendant places[2];

static void prepare(uint16_t second)
{
	memset(&core, 0, sizeof(core));
	memset(&slave, 0, sizeof(slave));
	slave.station = STATION;
	slave.shown = (struct ecr_shown){ .asked = true, .identified = true, .identification = 7 };
	places[0] = (struct ecr_attendant){ .station = STATION, .newcomer = true };
	places[1] = (struct ecr_attendant){ .station = second, .newcomer = true };
	core.slaves = &slave;
	core.slave_count = 1;
	core.roll.core = &core;
	core.roll.places = places;
	core.roll.count = 2;
}

static void who_has_the_station_alone_has_shown_it(void **state)
{
	(void)state;
	prepare(STATION + 1);
	ecr_attend_recall(&core);
	assert_true(places[0].recalled && places[0].identified);
	assert_int_equal(places[0].identification, 7);
	assert_false(places[1].recalled);
}

/* Else one of them would be taken for whom the other one is, and the other one not be asked. */
static void of_two_with_one_station_none_has(void **state)
{
	(void)state;
	prepare(STATION);
	ecr_attend_recall(&core);
	for (int i = 0; i < 2; i++)
		assert_false(places[i].recalled || places[i].identified);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_the_station_alone_has_shown_it),
		cmocka_unit_test(of_two_with_one_station_none_has),
	};

	return RUN(tests);
}
