/* SPDX-License-Identifier: Apache-2.0 */
/* A slave that falls back by itself, how far ever, from OP and from SAFEOP. */
#include "support/check.h"
#include "support/reconnect.h"
#include "support/tworing.h"

#include "wire/registers.h"

#include <string.h>

static struct vring ring;

static const char *const falls[] = { "retreat outputs safeop", "retreat outputs preop",
				     "retreat outputs init",   "retreat mailbox safeop",
				     "retreat mailbox preop",  "retreat mailbox init" };

#define FALLS 6
#define SMS (2 * ECR_SM_SIZE)
#define FMMUS (3 * ECR_FMMU_SIZE)

static void open_ring(void)
{
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
}

/* Below PREOP it is not known what it has forgotten: as after a restart the application writes first. */
static void what_the_outputs_show_is_what_was_written(const char *fall)
{
	bool forgotten = !strcmp(fall, "retreat outputs init");

	assert_int_equal(vring_input(&ring, "inputs", "ch1"), !forgotten);
}

static void from_op_it_comes_back_by_itself(void **state)
{
	(void)state;
	for (int i = 0; i < FALLS; i++) {
		open_ring();
		heal_say(&ring, falls[i]);
		vring_run_until(&ring, ring.now + ECR_MS(1500));
		assert_true(heal_operational(&ring));
		what_the_outputs_show_is_what_was_written(falls[i]);
		assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, i < 3 ? 2 : 3,
				     ECR_FAULT_RETREATED));
		reconnect_ends_clean(&ring, ECR_S(6));
		vring_close(&ring);
	}
}

static bool deactivated(struct vring *unused)
{
	return ecr_core_state(unused->core) == ECR_STATE_DEACTIVATED;
}

/* Lower than it is told to stay, it makes the session recovering; at SAFEOP itself it is where it should be. */
static void from_safeop_the_session_says_so(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_SAFEOP };

	(void)state;
	for (int i = 0; i < FALLS; i++) {
		const char *slave = i < 3 ? "outputs" : "mailbox";
		bool falls_further = i % 3 > 0;

		open_ring();
		assert_int_equal(vring_request(&ring, &lower), 0);
		assert_true(deactivated(&ring));
		heal_say(&ring, falls[i]);
		assert_true(heal_until(&ring, heal_recovering, ECR_MS(300)) == falls_further);
		assert_true(heal_until(&ring, deactivated, ECR_S(6)));
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_true(deactivated(&ring));
		assert_int_equal(vring_slave(&ring, slave).al_state, ECR_AL_SAFEOP);
		assert_int_equal(vring_slave(&ring, slave).fault.kind, ECR_FAULT_NONE);
		vring_close(&ring);
	}
}

static bool is_held_in_safeop(struct vring *unused)
{
	return deactivated(unused) && vring_slave(unused, "outputs").al_state == ECR_AL_SAFEOP &&
	       vring_slave(unused, "mailbox").al_state == ECR_AL_SAFEOP;
}

/* The first of its SyncManagers that carries process data. */
static unsigned int first_sm(int slave)
{
	return slave == 3 ? 2 : 0;
}

static void look_at(int slave, uint8_t *kept)
{
	const uint8_t *registers = ecr_sim_registers(ring.sim, slave);

	memcpy(kept, registers + ECR_REG_SM(first_sm(slave)), SMS);
	memcpy(kept + SMS, registers + ECR_REG_FMMU(0), FMMUS);
	for (size_t sm = 0; sm < SMS / ECR_SM_SIZE; sm++) /* whatever lies in it */
		kept[sm * ECR_SM_SIZE + ECR_SM_STATUS] = 0;
}

static void wipe(int slave)
{
	uint16_t station = vring_slave(&ring, slave == 2 ? "outputs" : "mailbox").station;
	uint8_t zeros[FMMUS] = { 0 };
	struct ecr_user_datagram datagrams[] = {
		{ .command = ECR_CMD_FPWR,
		  .address = ecr_address_station(station, (uint16_t)ECR_REG_SM(first_sm(slave))),
		  .length = SMS,
		  .data = zeros },
		{ .command = ECR_CMD_FPWR,
		  .address = ecr_address_station(station, ECR_REG_FMMU(0)),
		  .length = FMMUS,
		  .data = zeros },
	};

	assert_int_equal(tworing_transact(&ring, datagrams, 2), 0);
	assert_int_equal(datagrams[0].wkc, 1);
}

/* Half a restart: it is in PREOP, has its address, and has lost what it was configured with. */
static void what_it_has_forgotten_is_written_again(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_SAFEOP };

	(void)state;
	for (int i = 0; i < 4; i++) {
		int slave = i % 2 ? 3 : 2;
		uint8_t before[SMS + FMMUS];
		uint8_t after[SMS + FMMUS];

		open_ring();
		if (i >= 2)
			assert_int_equal(vring_request(&ring, &lower), 0);
		look_at(slave, before);
		heal_say(&ring, i % 2 ? "retreat mailbox preop" : "retreat outputs preop");
		wipe(slave);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		wipe(slave);
		if (i >= 2)
			assert_true(heal_until(&ring, is_held_in_safeop, ECR_S(3)));
		else
			reconnect_ends_clean(&ring, ECR_S(3));
		look_at(slave, after);
		assert_memory_equal(before, after, sizeof(before));
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_op_it_comes_back_by_itself),
		cmocka_unit_test(from_safeop_the_session_says_so),
		cmocka_unit_test(what_it_has_forgotten_is_written_again),
	};

	return RUN(tests);
}
