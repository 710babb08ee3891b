/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 36 and 37: an EL3202, whose startup list says what its elements are, comes back. */
#include "support/check.h"
#include "support/reconnect.h"

#define SCRIPT(how_often) \
	"disconnect rtd for 30 frames then after 1 download of rtd " \
	"mailbox silence rtd in download object 0x8010 sub 0x19" how_often

static struct vring ring;

static void open_ring(bool split)
{
	static const uint8_t ohms[2][4] = { { 0x4F, 0xD2, 0x01 }, { 0xF1, 0x83, 0x01 } };

	reconnect_open(&ring, &(struct reconnect){ .thermo = true, .split = split });
	/* 119.375 and 99.313 Ohm, in milliohms */
	for (uint16_t i = 0; i < 2; i++)
		assert_true(ecr_sim_write_object(ring.sim, RECONNECT_RTD,
						 (uint16_t)(0x9000 + 0x10 * i), 2, ohms[i],
						 sizeof(ohms[i])));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, TALKER_OBJECT(0x8010, 0x19), 0);
}

/* In sixteenths of an Ohm. */
static void assert_ohms(void)
{
	assert_int_equal(vring_input(&ring, "rtd", "value"), 119375 * 16 / 1000);
	assert_int_equal(vring_input(&ring, "rtd", "rtd_inputs_channel_2_value"),
			 99313 * 16 / 1000);
}

static void while_it_fails_another_is_unplugged(void **state)
{
	int fault;

	(void)state;
	open_ring(false);
	assert_ohms();
	heal_when(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_RTD, ECR_FAULT_PREOP,
		  "disconnect outputs for 30 frames");
	heal_say(&ring, SCRIPT(" once"));
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(6400)));
	assert_true(heal_recovering(&ring));
	fault = heal_find(&ring, 0, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_RTD, ECR_FAULT_PREOP);
	assert_true(heal_find(&ring, fault, ECR_EVENT_SLAVE_DOWN, RECONNECT_OUTPUTS, -1) > 0);
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_ohms();
	vring_close(&ring);
}

static bool main_is_fine(struct vring *unused)
{
	return vring_domain(unused, "main").cycle_health.error == 0 &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE;
}

static void in_a_domain_of_its_own_it_leaves_the_other_alone(void **state)
{
	(void)state;
	open_ring(true);
	assert_ohms();
	heal_say(&ring, SCRIPT(""));
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(6400)));
	assert_true(heal_stays(&ring, main_is_fine, ECR_MS(100)));
	reconnect_loopback(&ring);
	assert_true(heal_recovering(&ring));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_int_equal(vring_domain(&ring, "thermo").cycle_health.error, 0);
	assert_ohms();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_it_fails_another_is_unplugged),
		cmocka_unit_test(in_a_domain_of_its_own_it_leaves_the_other_alone),
	};

	return RUN(tests);
}
