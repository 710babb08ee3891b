/* SPDX-License-Identifier: Apache-2.0 */
/* A slave that answers every datagram and does not change its state, or refuses to. */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static bool suffers(struct vring *unused)
{
	return vring_slave(unused, "mailbox").configuration_error != 0;
}

/* It fell back and does not react: time-outs, told; everybody else exchanges data. */
static void heals_after(ecr_time when)
{
	struct ecr_slave_info info;

	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "stick mailbox");
	heal_say(&ring, "retreat mailbox");
	assert_true(heal_until(&ring, suffers, ECR_S(15)));
	info = vring_slave(&ring, "mailbox");
	assert_int_equal(info.configuration_error, ECR_ERR_AL_TIMEOUT);
	assert_int_equal(info.fault.kind, ECR_FAULT_SAFEOP);
	assert_false(info.down);
	assert_true(heal_operational(&ring));
	heal_loopback(&ring);
	vring_run_until(&ring, ring.now + when);
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_S(6)); /* the longest pause, and one start-up */
	vring_close(&ring);
}

/* With default time-outs, wherever the request of 10 s that is under way stands then. */
static void it_does_not_react(void **state)
{
	(void)state;
	for (ecr_time when = 0; when < ECR_S(16); when += ECR_MS(1700))
		heals_after(when);
}

/* It works on it, and is asked again meanwhile: nothing begins anew. */
static void it_takes_its_time(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	ring.sim->slaves[RECONNECT_MAILBOX].device.al_delay_ns = ECR_MS(4200);
	heal_say(&ring, "retreat mailbox");
	vring_run_until(&ring, ring.now + ECR_MS(4600));
	assert_int_equal(vring_slave(&ring, "mailbox").al_state, ECR_AL_OP);
	assert_int_equal(vring_slave(&ring, "mailbox").configuration_error, 0);
	vring_close(&ring);
}

struct refusal {
	const char *sentence;
	enum ecr_al_state where;
	enum ecr_fault_kind kind;
	uint16_t code;
};

static bool refused_as(const struct refusal *refusal)
{
	struct ecr_slave_info info = vring_slave(&ring, "mailbox");

	return info.fault.kind == refusal->kind && info.al_state == refusal->where &&
	       info.fault.al_code == refusal->code && info.configuration_error == ECR_ERR_AL_ERROR;
}

/* The fault says where the slave is, and the code that it gave. */
static void it_refuses(void **state)
{
	static const struct refusal refusals[] = {
		{ "refuse mailbox safeop 0x001E", ECR_AL_PREOP, ECR_FAULT_PREOP, 0x001E },
		{ "refuse mailbox op 0x001F", ECR_AL_SAFEOP, ECR_FAULT_SAFEOP, 0x001F },
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		reconnect_open(&ring, &(struct reconnect){ .combined = true });
		heal_say(&ring, refusals[i].sentence);
		heal_say(&ring, "power-cycle mailbox");
		vring_run_until(&ring, ring.now + ECR_S(2));
		for (int k = 0; k < 1000 && !refused_as(&refusals[i]); k++)
			vring_run_until(&ring, ring.now + ECR_MS(5));
		assert_true(refused_as(&refusals[i]));
		heal_loopback(&ring);
		ecr_sim_clear_faults(ring.sim);
		reconnect_ends_clean(&ring, ECR_S(6));
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_not_react),
		cmocka_unit_test(it_takes_its_time),
		cmocka_unit_test(it_refuses),
	};

	return RUN(tests);
}
