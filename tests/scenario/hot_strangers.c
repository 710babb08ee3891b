/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes with a past, stands elsewhere without having been seen to go, or was missing when the slaves were counted. */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"

#include "base/le.h"
#include "wire/registers.h"
#include "wire/sii.h"

#include <string.h>

#define COUNT 4
#define A 0
#define B 1
#define X 2
#define Y 3
#define MARK 42

static struct vring ring;
static bool swapped;
static uint8_t image[1024];
static uint8_t other[1024];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[COUNT + 1];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "x", "y" };

/* So many of the four in a line are configured; each shows at its inputs what its outputs are. */
static void describe(int configured)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		devices[i] =
			(struct ecr_sim_device){ .name = names[i], .sii = image, .sii_size = size };
		if (i < configured)
			slaves[i] = (struct ecr_slave_config){ .name = names[i],
							       .process_data = ECR_ALL_TO("main"),
							       .watchdog_ms = 6000,
							       .health_poll_ms = 20 };
	}
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
}

static void make_optional(int slave, enum ecr_recognise by, uint16_t mark)
{
	slaves[slave].presence =
		(struct ecr_presence_config){ .optional = true,
					      .by = by,
					      .identification = mark,
					      .sii = image,
					      .sii_size = devices[slave].sii_size };
}

static void open_ring(void)
{
	echo_open(&ring, devices, COUNT);
}

static void come_up(void)
{
	echo_come_up(&ring, &config);
}

static uint16_t al_of(int device)
{
	struct ecr_sim_state truth;

	ecr_sim_look(ring.sim, device, &truth);
	return truth.al_status & ECR_AL_STATE_MASK;
}

static bool any_fmmu(int device)
{
	const uint8_t *registers = ecr_sim_registers(ring.sim, device);

	for (unsigned int i = 0; i < 8; i++)
		if (registers[ECR_REG_FMMU(i) + ECR_FMMU_ACTIVATE])
			return true;
	return false;
}

static uint64_t outputs_of(int device)
{
	return echo_outputs(&ring, device);
}

/* A session of before has x in OP, its output on, when its cable is pulled. Others take so long for a state. */
static void leave_x_operating(ecr_time al_delay)
{
	describe(3);
	devices[A].al_delay_ns = (uint32_t)al_delay;
	devices[Y].absent = true;
	devices[X].alias = MARK;
	open_ring();
	come_up();
	vring_output(&ring, "x", "out1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_stop(&ring), 0);
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_int_equal(al_of(X), ECR_AL_OP);
	assert_int_equal(outputs_of(X), 1);
	assert_true(any_fmmu(X));
}

static void assert_silenced_within(ecr_time time)
{
	vring_run_until(&ring, ring.now + time);
	assert_int_equal(al_of(X), ECR_AL_INIT);
	assert_false(any_fmmu(X));
	assert_int_equal(outputs_of(X), 0);
}

static void assert_works(const char *name)
{
	echo_works(&ring, name, ECR_MS(5));
}

static void assert_stranger(void)
{
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, 2));
	assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
	assert_works("a");
	assert_works("b");
	assert_int_equal(outputs_of(X), 0);
	assert_int_equal(al_of(X), ECR_AL_INIT);
}

static void a_stranger_that_operates_is_silenced(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++) {
		leave_x_operating(0);
		memset(&slaves[X], 0, sizeof(slaves[X]));
		if (hot) {
			slaves[X] = (struct ecr_slave_config){ .name = "tool" };
			make_optional(X, ECR_BY_ALIAS, MARK + 1);
		}
		come_up();
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, -1));
		assert_silenced_within(hot ? ECR_MS(5) : ECR_MS(30));
		vring_run_until(&ring, ring.now + ECR_MS(300));
		assert_stranger();
		vring_close(&ring);
	}
}

/* It comes while the others are taken up, which takes them long. */
static void one_that_comes_while_others_are_raised_is_silenced(void **state)
{
	(void)state;
	for (int moment = 0; moment < 6; moment++) {
		leave_x_operating(ECR_MS(100));
		make_optional(X, ECR_BY_ALIAS, MARK + 1);
		assert_int_equal(vring_start(&ring, &config), 0);
		assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(4)));
		vring_run_until(&ring, ring.now + moment * ECR_MS(70));
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, -1));
		assert_silenced_within(ECR_MS(120));
		assert_int_equal(vring_await_operational(&ring, ECR_S(4)), 0);
		vring_run_until(&ring, ring.now + ECR_MS(300));
		assert_stranger();
		vring_close(&ring);
	}
}

static bool x_in_op(struct vring *unused)
{
	return vring_slave(unused, "x").al_state == ECR_AL_OP;
}

/* It takes longer to INIT than anybody waits for its answer: it is asked again. */
static void a_slow_one_is_recognised_in_the_end(void **state)
{
	(void)state;
	describe(3);
	make_optional(X, ECR_BY_REQUESTED, MARK);
	devices[Y].absent = devices[X].absent = true;
	devices[X].identification = MARK;
	devices[X].al_delay_ns = ECR_MS(60);
	open_ring();
	come_up();
	for (int round = 0; round < 2; round++) {
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, -1));
		assert_true(heal_until(&ring, x_in_op, ECR_S(2)));
		assert_works("x");
		assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
		vring_run_until(&ring, ring.now + ECR_MS(200));
		assert_int_equal(
			vring_stop(&ring),
			0); /* what operates comes into a session that knows nothing of it */
		come_up();
	}
	vring_close(&ring);
}

/* As many as before, with the stations that they had, and nobody has shown an event. */
static void who_has_moved_unseen_is_found(void **state)
{
	(void)state;
	describe(4);
	make_optional(X, ECR_BY_ALIAS, MARK);
	make_optional(Y, ECR_BY_ALIAS, MARK + 1);
	devices[X].alias = MARK;
	devices[Y].alias = MARK + 1;
	open_ring();
	come_up();
	vring_run_until(&ring, ring.now + ECR_MS(200));
	for (int i = 0; i < COUNT; i++)
		memset(ecr_sim_registers(ring.sim, i) + ECR_REG_IRQ_MASK, 0, 2);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, Y));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, A, -1));
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_int_equal(vring_slave(&ring, "y").position, ecr_sim_position(ring.sim, Y));
	assert_int_equal(vring_slave(&ring, "x").position, ecr_sim_position(ring.sim, X));
	assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
	vring_close(&ring);
}

/* The others do not answer for their identification: they are waited for, and x is pulled out and put before them. */
static void who_moves_while_all_are_asked_is_found(void **state)
{
	(void)state;
	for (int moment = 0; moment < 8; moment++) {
		describe(3);
		make_optional(X, ECR_BY_REQUESTED, MARK);
		devices[X].identification = MARK;
		devices[Y].absent = true;
		open_ring();
		assert_int_equal(vring_start(&ring, &config), 0);
		while (!ring.counts[ECR_EVENT_BUS_STABLE])
			vring_run_until(&ring, ring.now + ECR_US(100));
		vring_run_until(&ring, ring.now + moment * ECR_MS(3));
		assert_true(ecr_sim_unplug(ring.sim, ring.now, X));
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
		assert_int_equal(vring_await_operational(&ring, ECR_S(4)), 0);
		assert_true(heal_until(&ring, x_in_op, ECR_S(1)));
		for (int i = 0; i < 3; i++)
			assert_int_equal(vring_slave(&ring, names[i]).position,
					 ecr_sim_position(ring.sim, i));
		assert_works("b");
		vring_close(&ring);
	}
}

/* B was missing when the slaves were counted, and a tool that need not be there made up the number. */
static void start_without_b(void)
{
	describe(4);
	make_optional(Y, ECR_BY_POSITION, 0);
	slaves[Y].presence.sii = NULL;
	devices[B].absent = true;
	devices[X].parent = A + 1;
	devices[X].parent_port = 1;
	config.scan_stable_ms = 100;
	config.scan_poll_ms = 10;
	open_ring();
	assert_int_equal(vring_start(&ring, &config), 0);
}

/* Nobody can tell them apart any more: it is told, and b gets no outputs. */
static void one_that_comes_too_late_for_its_place_is_told(void **state)
{
	int found;

	(void)state;
	start_without_b();
	assert_int_equal(vring_await_operational(&ring, ECR_S(4)), 0);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 3));
	for (int i = 0; i < COUNT - 1; i++)
		vring_output(&ring, names[i], "out1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(300));
	found = heal_find(&ring, 0, ECR_EVENT_SLAVE_STRANGER, -1, 1);
	assert_true(found >= 0);
	assert_non_null(strstr(ring.events[found].text, "was missing"));
	assert_int_equal(outputs_of(B), 0);
	assert_true(heal_operational(&ring));
	vring_close(&ring);
}

static void one_that_was_missing_at_the_count_takes_its_own_place(void **state)
{
	(void)state;
	start_without_b();
	assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(4)));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 3));
	assert_int_equal(vring_await_operational(&ring, ECR_S(4)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(300));
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(vring_slave(&ring, names[i]).position,
				 ecr_sim_position(ring.sim, i));
	vring_close(&ring);
}

static uint32_t product_of(const uint8_t *sii)
{
	return ecr_le32(sii + (size_t)ECR_SII_WORD_PRODUCT * 2);
}

/* Two that their places do not tell apart, and their kinds do: the second alone is the second. */
static void neighbours_of_two_kinds_are_told_apart(void **state)
{
	(void)state;
	for (int configured = 0; configured < 2; configured++) {
		size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8);

		other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
		describe(4);
		make_optional(X, ECR_BY_POSITION, 0);
		make_optional(Y, ECR_BY_POSITION, 0);
		slaves[Y].presence.sii = other;
		slaves[Y].presence.sii_size = size;
		for (int i = X; i <= Y && configured; i++) {
			slaves[i].check = ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT;
			slaves[i].identity.vendor =
				ecr_le32(image + (size_t)ECR_SII_WORD_VENDOR * 2);
			slaves[i].identity.product = product_of(i == X ? image : other);
			slaves[i].presence.sii = NULL;
		}
		devices[Y].sii = other;
		devices[X].absent = true;
		devices[Y].parent = B + 1;
		open_ring();
		come_up();
		assert_true(heal_until(&ring, heal_operational, ECR_S(1)));
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_true(vring_slave(&ring, "x").absent);
		assert_false(vring_slave(&ring, "y").absent);
		assert_int_equal(vring_slave(&ring, "y").identity.product, product_of(other));
		vring_close(&ring);
	}
}

static void ask(enum ecr_request_kind kind)
{
	struct ecr_request request = { .kind = kind, .target = ECR_TARGET_PREOP };

	assert_int_equal(vring_request(&ring, &request), 0);
}

static bool x_refused(struct vring *unused)
{
	return vring_slave(unused, "x").configuration_error == ECR_ERR_IDENTITY_MISMATCH;
}

static bool is_ready(struct vring *unused)
{
	return ecr_core_state(unused->core) == ECR_STATE_PREOP_READY;
}

/* Nobody knew better when the plan was made. While it cycles that stays so; in PREOP it is made anew. */
static void a_plan_for_another_device_is_made_anew(void **state)
{
	size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 16, 16);

	(void)state;
	other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
	describe(3);
	make_optional(X, ECR_BY_POSITION, 0);
	slaves[X].presence.sii = NULL;
	devices[X].absent = true;
	devices[Y].sii = other;
	devices[Y].sii_size = size;
	devices[Y].parent = B + 1;
	open_ring();
	come_up();
	assert_true(x_in_op(&ring));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, Y));
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, B, -1));
	assert_true(heal_until(&ring, x_refused, ECR_S(2)));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(heal_operational(&ring));
	assert_int_equal(vring_slave(&ring, "x").al_state, ECR_AL_PREOP);
	ask(ECR_REQUEST_DEACTIVATE);
	assert_true(heal_until(&ring, is_ready, ECR_S(2)));
	vring_run_until(&ring, ring.now + ECR_S(6));
	ask(ECR_REQUEST_ACTIVATE);
	assert_true(heal_until(&ring, x_in_op, ECR_S(2)));
	assert_works("x");
	vring_close(&ring);
}

static bool y_in_op(struct vring *unused)
{
	return vring_slave(unused, "y").al_state == ECR_AL_OP;
}

static bool b_in_op(struct vring *unused)
{
	return vring_slave(unused, "b").al_state == ECR_AL_OP;
}

/* b and x, each on one of its own behind a. */
static void put_on_branches(void)
{
	devices[B].parent = devices[X].parent = 1 + A;
	devices[B].parent_port = 3;
	devices[X].parent_port = 1;
}

/* b, on a branch of its own, is away when y, known by its place alone, joins behind all. */
static void one_that_joins_in_its_place_is_not_who_is_missing_before(void **state)
{
	(void)state;
	describe(4);
	make_optional(Y, ECR_BY_POSITION, 0);
	devices[Y].absent = true;
	put_on_branches();
	open_ring();
	come_up();
	vring_output(&ring, "b", "out1", 1);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, B));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(vring_slave(&ring, "b").down);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, X, -1));
	assert_true(heal_until(&ring, y_in_op, ECR_S(1)));
	assert_true(vring_slave(&ring, "b").down);
	assert_int_equal(outputs_of(Y), 0);
	vring_output(&ring, "y", "out2", 1);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	assert_int_equal(outputs_of(Y), 2);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 3));
	assert_true(heal_until(&ring, b_in_op, ECR_S(6)));
	assert_true(heal_until(&ring, heal_operational, ECR_MS(100)));
	assert_works("b");
	assert_works("y");
	assert_false(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, -1));
	vring_close(&ring);
}

static int strangers_told(void)
{
	int told = 0;

	for (int i = 0; i < ring.event_count; i++)
		told += ring.events[i].kind == ECR_EVENT_SLAVE_STRANGER;
	return told;
}

static void plug(int device, int into, int port)
{
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, device, into, port));
	vring_run_until(&ring, ring.now + ECR_MS(500));
}

static void unplug(int device)
{
	assert_true(ecr_sim_unplug(ring.sim, ring.now, device));
	vring_run_until(&ring, ring.now + ECR_MS(500));
}

/* Whatever else comes and goes, and where it stands then: until it has left. */
static void a_stranger_is_told_once(void **state)
{
	(void)state;
	for (int hot = 0; hot < 2; hot++) {
		describe(2);
		devices[X].absent = devices[Y].absent = true;
		if (hot) {
			slaves[X] = (struct ecr_slave_config){ .name = "tool" };
			make_optional(X, ECR_BY_ALIAS, MARK);
		}
		open_ring();
		come_up();
		plug(X, B, -1);
		assert_int_equal(strangers_told(), 1);
		vring_run_until(&ring, ring.now + ECR_S(2));
		assert_int_equal(strangers_told(), 1);
		plug(Y, hot ? A : X,
		     hot ? 3 : -1); /* another one; where they have names, before it */
		assert_int_equal(strangers_told(), 2);
		unplug(Y);
		assert_int_equal(strangers_told(), 2);
		plug(Y, X, -1);
		assert_int_equal(strangers_told(), 3);
		unplug(Y);
		unplug(X);
		plug(X, B, -1);
		assert_int_equal(strangers_told(), 4);
		vring_close(&ring);
	}
}

static int count_of(enum ecr_event_kind kind, int slave)
{
	int count = 0;

	for (int i = 0; i < ring.event_count; i++)
		count += ring.events[i].kind == kind && ring.events[i].slave == slave;
	return count;
}

/* a is there alone; b may come, known by its mark, and x, known by its place; y is of another kind. */
static void come_up_with_one_of_another_kind(void)
{
	size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8);

	other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
	describe(3);
	make_optional(B, ECR_BY_ALIAS, MARK);
	make_optional(X, ECR_BY_POSITION, 0);
	for (int i = B; i < COUNT; i++)
		devices[i].absent = true;
	devices[B].alias = MARK;
	devices[Y].sii = other;
	devices[Y].sii_size = size;
	open_ring();
	come_up();
}

/* It stands where x may be, and is of another kind: that is known of it as long as it is there, whatever else comes and goes. */
static void one_of_another_kind_is_tried_once(void **state)
{
	(void)state;
	come_up_with_one_of_another_kind();
	plug(Y, A, -1);
	for (int round = 0; round < 4; round++) {
		plug(B, round % 2 ? A : Y, round % 2 ? 3 : -1);
		assert_true(b_in_op(&ring));
		unplug(B);
	}
	assert_int_equal(strangers_told(), 1);
	assert_int_equal(count_of(ECR_EVENT_SLAVE_STARTUP_RETRY, X), 1);
	assert_int_equal(count_of(ECR_EVENT_SLAVE_LEFT, X), 1);
	/* Another time it is asked again, and x is x. */
	unplug(Y);
	plug(Y, A, -1);
	assert_int_equal(strangers_told(), 2);
	plug(X, Y, -1);
	assert_int_equal(vring_slave(&ring, "x").position, 2);
	assert_works("x");
	vring_close(&ring);
}

/* Somebody is given a station: just then y goes, x comes to its place, and the answer is lost. */
static void swap_when_named(struct vring *unused, const struct ecr_datagram *datagram)
{
	static const struct ecr_sim_fault lost = { .kind = ECR_SIM_LOSE, .frames = 1 };

	(void)unused;
	if (swapped || datagram->command != ECR_CMD_APWR ||
	    datagram->address >> 16 != ECR_REG_STATION)
		return;
	swapped = true;
	assert_true(ecr_sim_unplug(ring.sim, ring.now, Y));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, X, A, 3));
	ecr_sim_inject(ring.sim, ring.now, &lost);
}

/* Nobody gets the name of one that is known to be another, and with it what is known of that one. */
static void who_comes_to_the_place_of_one_that_was_refused_is_asked(void **state)
{
	(void)state;
	come_up_with_one_of_another_kind();
	plug(Y, A, 3);
	assert_int_equal(strangers_told(), 1);
	swapped = false;
	ring.each_datagram = swap_when_named;
	plug(B, A, 1);
	assert_true(swapped);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_works("b");
	assert_works("x");
	vring_close(&ring);
}

static uint16_t station_of(int device)
{
	return ecr_le16(ecr_sim_registers(ring.sim, device) + ECR_REG_STATION);
}

/* Nobody is known by its place: that is another's when somebody comes before it, and who left with a station may be back. */
static void a_stranger_keeps_a_station_that_nobody_else_gets(void **state)
{
	uint16_t station;

	(void)state;
	describe(2);
	slaves[X] = (struct ecr_slave_config){ .name = "tool" };
	make_optional(X, ECR_BY_ALIAS, MARK);
	devices[X].absent = devices[Y].absent = true;
	open_ring();
	come_up();
	plug(X, B, -1);
	station = station_of(X);
	unplug(X);
	plug(Y, B, -1);
	assert_int_not_equal(station_of(Y), station);
	plug(X, A, 3);
	assert_int_equal(station_of(X), station);
	unplug(X);
	plug(X, Y, -1);
	assert_int_equal(station_of(X), station);
	vring_close(&ring);
}

static void run_until_refused(int slave)
{
	int before = count_of(ECR_EVENT_SLAVE_STARTUP_RETRY, slave);

	for (int i = 0; i < 100000 && count_of(ECR_EVENT_SLAVE_STARTUP_RETRY, slave) == before; i++)
		vring_run_until(&ring, ring.now + ECR_US(10));
	assert_int_equal(count_of(ECR_EVENT_SLAVE_STARTUP_RETRY, slave), before + 1);
}

static bool is_in_op(int slave)
{
	return vring_slave(&ring, names[slave]).al_state == ECR_AL_OP;
}

/* y, of another kind, still has the slave's station when that comes back, which has it, too: behind y or in its stead. */
static void who_comes_back_is_not_who_was_refused_in_its_stead(void **state)
{
	(void)state;
	for (int trial = 0; trial < 3; trial++) {
		int slave = trial ? X : B;
		size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8);

		other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
		describe(slave + 1);
		slaves[slave + 1] = (struct ecr_slave_config){ .name = "tool" };
		make_optional(slave + 1, ECR_BY_ALIAS, MARK);
		if (slave == X)
			make_optional(X, ECR_BY_POSITION, 0);
		for (int i = slave + 1; i < COUNT; i++)
			devices[i].absent = true;
		devices[Y].sii = other;
		devices[Y].sii_size = size;
		open_ring();
		come_up();
		unplug(slave);
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, slave - 1, -1));
		run_until_refused(slave);
		if (trial < 2) {
			assert_true(ecr_sim_unplug(ring.sim, ring.now, Y));
			vring_run_until(&ring, ring.now + ECR_MS(5));
		}
		assert_true(
			ecr_sim_plug_in(ring.sim, ring.now, slave, trial < 2 ? slave - 1 : Y, -1));
		for (int i = 0; i < 60 && !is_in_op(slave); i++)
			vring_run_until(&ring, ring.now + ECR_MS(100));
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(is_in_op(slave));
		assert_works(names[slave]);
		assert_int_equal(outputs_of(Y), 0);
		vring_close(&ring);
	}
}

/*
 * b is unplugged, keeps its power and goes to PREOP; x and y behind it are of another kind, and x is refused in its stead. b is
 * plugged in again while y is to be the next: what was read of x is not about b.
 */
static void who_comes_back_before_the_next_was_asked_is_itself(void **state)
{
	size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8);

	(void)state;
	other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
	for (int moment = 5; moment < 60; moment += 5) {
		describe(2);
		make_optional(B, ECR_BY_POSITION, 0);
		for (int i = X; i <= Y; i++) {
			devices[i].sii = other;
			devices[i].sii_size = size;
		}
		put_on_branches();
		open_ring();
		come_up();
		assert_true(ecr_sim_unplug(ring.sim, ring.now, B));
		heal_say(&ring, "retreat b preop");
		run_until_refused(B);
		vring_run_until(&ring, ring.now + ECR_MS(moment));
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 3));
		assert_true(heal_until(&ring, b_in_op, ECR_S(2)));
		vring_run_until(&ring, ring.now + ECR_MS(20));
		assert_works("b");
		vring_close(&ring);
	}
}

/* x leaves, and y, of another kind, is taken for it: that y is nobody was told when it came. */
static void who_is_tried_for_another_is_not_told_again(void **state)
{
	size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8);

	(void)state;
	other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
	describe(3);
	make_optional(X, ECR_BY_POSITION, 0);
	devices[Y].absent = true;
	devices[Y].sii = other;
	devices[Y].sii_size = size;
	open_ring();
	come_up();
	plug(Y, B, 3);
	assert_int_equal(strangers_told(), 1);
	unplug(X);
	assert_int_equal(count_of(ECR_EVENT_SLAVE_STARTUP_RETRY, X), 1);
	assert_true(vring_slave(&ring, "x").absent);
	assert_int_equal(strangers_told(), 1);
	vring_close(&ring);
}

/*
 * b is cut off and operates on; y stands in its place and is refused, with x behind it. Before anybody has looked y is gone and
 * b is back, with the station that y was given, so that as many are there as before: b is not y.
 */
static void who_is_back_operating_is_not_who_was_refused(void **state)
{
	size_t size = ecr_sim_digital_sii(other, sizeof(other), "another", 8, 8);

	(void)state;
	other[ECR_SII_WORD_PRODUCT * 2] ^= 0x55;
	describe(2);
	slaves[X] = (struct ecr_slave_config){ .name = "tool" };
	make_optional(X, ECR_BY_ALIAS, MARK);
	for (int i = X; i <= Y; i++) {
		devices[i].absent = true;
		devices[i].sii = other;
		devices[i].sii_size = size;
	}
	open_ring();
	come_up();
	plug(X, A, 2);
	unplug(B);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, Y, A, 3));
	run_until_refused(B);
	assert_int_equal(station_of(Y), station_of(B));
	assert_int_equal(al_of(B), ECR_AL_OP);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, Y));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, B, A, 1));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_true(is_in_op(B));
	assert_works("b");
	assert_false(any_fmmu(X));
	vring_close(&ring);
}

static const struct ecr_event *last_stranger(void)
{
	for (int i = ring.event_count; i--;)
		if (ring.events[i].kind == ECR_EVENT_SLAVE_STRANGER)
			return &ring.events[i];
	return NULL;
}

/* Two that are not configured are there from the start: only who comes later is told, behind them or before a slave. */
static void who_was_counted_is_no_stranger(void **state)
{
	(void)state;
	for (int before = 0; before < 2; before++) {
		describe(2);
		devices[Y].absent = true;
		open_ring();
		come_up();
		plug(Y, before ? A : X, before ? 3 : -1);
		assert_int_equal(strangers_told(), 1);
		assert_int_equal(last_stranger()->to, before ? 1 : 3);
		unplug(Y);
		plug(Y, X, -1);
		assert_int_equal(strangers_told(), 2);
		assert_int_equal(last_stranger()->to, 3);
		vring_close(&ring);
	}
}

/* Where strangers have no stations they are known by the slave before them, and by their alias; it is said when that is not enough. */
static void who_has_come_is_told_where_it_stands(void **state)
{
	(void)state;
	for (int marked = 0; marked < 2; marked++) {
		describe(2);
		devices[X].absent = devices[Y].absent = true;
		devices[Y].alias = marked ? MARK : 0;
		open_ring();
		come_up();
		plug(X, B, -1);
		assert_int_equal(last_stranger()->to, 2);
		assert_null(last_stranger()->text);
		plug(Y, A, 3); /* before b */
		assert_int_equal(strangers_told(), 2);
		assert_int_equal(last_stranger()->to, 1);
		assert_null(last_stranger()->text);
		unplug(Y);
		assert_int_equal(strangers_told(), 2);
		plug(Y, B, 3); /* before x */
		assert_int_equal(strangers_told(), 3);
		assert_int_equal(last_stranger()->to, marked ? 2 : 3);
		assert_int_equal(last_stranger()->count, marked ? MARK : 0);
		assert_int_equal(last_stranger()->text != NULL, !marked);
		vring_close(&ring);
	}
}

static bool all_in_op(struct vring *unused)
{
	return b_in_op(unused) && vring_slave(unused, "x").al_state == ECR_AL_OP;
}

/* b and x, neighbours of one kind on branches of their own, lose their power; x has it back first. */
static void of_two_that_are_missing_the_first_to_come_may_be_either(void **state)
{
	(void)state;
	describe(4);
	make_optional(Y, ECR_BY_ALIAS, MARK);
	devices[Y].absent = true;
	put_on_branches();
	open_ring();
	come_up();
	heal_say(&ring, "power-off b for 800ms");
	heal_say(&ring, "power-off x for 200ms");
	for (int i = 0; i < 60; i++) {
		vring_output(&ring, "b", "out1", 1);
		vring_output(&ring, "x", "out2", 1);
		vring_run_until(&ring, ring.now + ECR_MS(10));
		assert_int_not_equal(outputs_of(X), 1);
	}
	assert_true(vring_slave(&ring, "b").down);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, 1));
	vring_run_until(&ring, ring.now + ECR_MS(200));
	assert_true(heal_until(&ring, all_in_op, ECR_S(6)));
	assert_works("b");
	assert_works("x");
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_that_operates_is_silenced),
		cmocka_unit_test(one_that_comes_while_others_are_raised_is_silenced),
		cmocka_unit_test(a_slow_one_is_recognised_in_the_end),
		cmocka_unit_test(who_has_moved_unseen_is_found),
		cmocka_unit_test(neighbours_of_two_kinds_are_told_apart),
		cmocka_unit_test(a_plan_for_another_device_is_made_anew),
		cmocka_unit_test(who_moves_while_all_are_asked_is_found),
		cmocka_unit_test(one_that_comes_too_late_for_its_place_is_told),
		cmocka_unit_test(one_that_was_missing_at_the_count_takes_its_own_place),
		cmocka_unit_test(one_that_joins_in_its_place_is_not_who_is_missing_before),
		cmocka_unit_test(a_stranger_is_told_once),
		cmocka_unit_test(one_of_another_kind_is_tried_once),
		cmocka_unit_test(who_comes_to_the_place_of_one_that_was_refused_is_asked),
		cmocka_unit_test(a_stranger_keeps_a_station_that_nobody_else_gets),
		cmocka_unit_test(who_comes_back_is_not_who_was_refused_in_its_stead),
		cmocka_unit_test(who_comes_back_before_the_next_was_asked_is_itself),
		cmocka_unit_test(who_is_tried_for_another_is_not_told_again),
		cmocka_unit_test(who_is_back_operating_is_not_who_was_refused),
		cmocka_unit_test(who_was_counted_is_no_stranger),
		cmocka_unit_test(who_has_come_is_told_where_it_stands),
		cmocka_unit_test(of_two_that_are_missing_the_first_to_come_may_be_either),
	};

	return RUN(tests);
}
