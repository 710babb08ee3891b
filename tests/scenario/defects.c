/* SPDX-License-Identifier: Apache-2.0 */
/* Weaknesses of other masters that have no scenario of their own: defects.md has the whole list. */
#include "domain/pack.h"
#include "support/check.h"
#include "support/reconnect.h"
#include "support/tworing.h"
#include "wire/registers.h"

#include <ecring/diag.h>

#include <stdlib.h>
#include <string.h>

#define SLAVE_BYTES 96 /* of the image, half of them inputs */
#define SLAVES_MOST 40

static struct vring ring;
static uint8_t *siis[SLAVES_MOST];
static struct ecr_sim_device devices[SLAVES_MOST];
static struct ecr_slave_config slaves[SLAVES_MOST + 1];
static char names[SLAVES_MOST][8];
static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(2) },
						    { 0 } };

static void make_slave(int number, int words)
{
	char *name = names[number];

	name[0] = 's';
	name[1] = (char)('0' + number / 10);
	name[2] = (char)('0' + number % 10);
	siis[number] = malloc(16384);
	assert_non_null(siis[number]);
	devices[number] =
		(struct ecr_sim_device){ .name = name, .sii = siis[number], .emulation = true };
	devices[number].sii_size =
		ecr_sim_analog_sii(siis[number], 16384, "analog", (uint16_t)(words - words / 2),
				   (uint16_t)(words / 2));
	slaves[number] =
		(struct ecr_slave_config){ .name = name, .process_data = ECR_ALL_TO("main") };
}

/* As many slaves as make an image of so many bytes; how many. */
static int make_image(int bytes)
{
	int count = 0;

	memset(slaves, 0, sizeof(slaves));
	for (; bytes > SLAVE_BYTES + 4; bytes -= SLAVE_BYTES)
		make_slave(count++, SLAVE_BYTES / 2);
	make_slave(count++, bytes / 2);
	return count;
}

static const char *first_input(const char *slave)
{
	for (uint32_t i = 0; i < ecr_core_signal_count(ring.core); i++) {
		const struct ecr_placed_signal *placed = ecr_core_signal(ring.core, i);

		if (strcmp(placed->slave, slave) == 0 && placed->model.pdo >= 0x1A00)
			return placed->model.name;
	}
	return "none";
}

static void an_image_of(int bytes, bool two_ports)
{
	struct ecr_config config = vring_default_config();
	int count = make_image(bytes);
	struct ecr_domain_info info;

	config.domains = domains;
	config.slaves = slaves;
	vring_open_devices(&ring, devices, count);
	if (two_ports) {
		config.backup_interface = "the simulator's second port";
		ring.two_ports = true;
		assert_true(ecr_sim_close_ring(ring.sim, count - 1, -1));
	}
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	info = vring_domain(&ring, "main");
	assert_in_range(info.image_size, bytes, bytes + 2 * SLAVE_BYTES); /* no slave is divided */
	assert_int_equal(info.total_miss_count, 0);
	assert_in_range(info.cycle_count, 40, 1000);
	assert_true(ecr_sim_set_input(ring.sim, count - 1, 0, 16, 0x1234));
	vring_run_until(&ring, ring.now + ECR_MS(10));
	assert_int_equal(vring_input(&ring, names[count - 1], first_input(names[count - 1])),
			 0x1234);
	vring_close(&ring);
	for (int i = 0; i < count; i++)
		free(siis[i]);
}

/* 1: around all that a frame, a datagram or a window might hold. */
static void images_of_every_size_cycle(void **state)
{
	static const int sizes[] = { 1386, 1388, 1390, 1398, 1400, 1402, 1484, 1486, 1488,
				     1498, 1500, 2034, 2036, 2046, 2048, 2050, 2972, 2974 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int two_ports = 0; two_ports < 2; two_ports++)
			an_image_of(sizes[i], two_ports);
}

/* 5: slaves that are asked one by one do not answer a poll here and there. */
static void one_unanswered_poll_is_no_lost_slave(void **state)
{
	(void)state;
	reconnect_open(&ring,
		       &(struct reconnect){ .held = true }); /* so the broadcast proves nothing */
	for (int i = 0; i < 300; i++) {
		heal_say(&ring, "wkc -1 of FPRD for 1 frames");
		vring_run_until(&ring, ring.now + ECR_MS(37));
	}
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	vring_close(&ring);
}

static void read_often(int times)
{
	uint8_t data[TALKER_BLOB];

	for (int i = 0; i < times; i++)
		assert_int_equal(
			talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data)).error, 0);
}

/* 9: the counter goes on after a transfer that failed, and begins anew with a slave that has restarted. */
static void counters_of_mailboxes_go_on(void **state)
{
	uint8_t data[TALKER_BLOB];

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	for (int i = 0; i < 8; i++) {
		heal_say(&ring, "mailbox silence mailbox in upload-segment object 0x2003 sub 1");
		assert_int_equal(
			talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data)).error,
			ECR_ERR_RESPONSE_TIMEOUT);
		ecr_sim_clear_faults(ring.sim);
		read_often(1 + i % 3);
	}
	for (int i = 0; i < 8; i++) {
		read_often(i);
		heal_say(&ring, "power-cycle mailbox");
		vring_run_until(&ring, ring.now + ECR_MS(300));
		reconnect_ends_clean(&ring, ECR_S(6));
	}
	read_often(8);
	assert_int_equal(ring.counts[ECR_EVENT_MAILBOX_COUNTER_JUMP], 0);
	vring_close(&ring);
}

static int fmmus_in_use(int slave)
{
	const uint8_t *registers = ecr_sim_registers(ring.sim, slave);
	int count = 0;

	for (int i = 0; i < 8; i++)
		count += registers[0x0600 + 16 * i + 12] & 1;
	return count;
}

/* 17: two SyncManagers of one direction, and two FMMUs: counted as one slave by both sides. */
static void two_syncmanagers_of_a_direction_count_once(void **state)
{
	static const struct ecr_domain_config ways[][2] = {
		{ { .id = "main", .cycle_ns = ECR_MS(1) }, { 0 } },
		{ { .id = "main", .cycle_ns = ECR_MS(1), .separate = true }, { 0 } },
		{ { .id = "main", .cycle_ns = ECR_MS(1), .overlap = true }, { 0 } },
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct ecr_config config = vring_default_config();
		struct ecr_domain_info info;

		config.domains = ways[i];
		vring_open(&ring, vring_default_names);
		assert_int_equal(vring_start(&ring, &config), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		info = vring_domain(&ring, "main");
		assert_int_equal(fmmus_in_use(2), 2);
		assert_int_equal(info.expected_wkc, ways[i][0].separate ? 1 + 1 : 1 + 2);
		assert_int_equal(info.actual_wkc, info.expected_wkc);
		assert_int_equal(info.total_miss_count, 0);
		vring_close(&ring);
	}
}

static ecr_time first_start;
static uint64_t cyclic_frames;

/* Every frame with process data leaves a whole number of periods behind the first. */
static void watch_starts(struct vring *unused, const struct ecr_datagram *datagram)
{
	if (datagram->command != ECR_CMD_LRW)
		return;
	if (!first_start)
		first_start = unused->now;
	assert_int_equal((unused->now - first_start) % ECR_MS(1), 0);
	assert_true(unused->line.free_at[0] <= unused->now);
	cyclic_frames++;
}

static void ask_at_length(void)
{
	static uint8_t data[1400];
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD,
					      .length = sizeof(data),
					      .data = data };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1,
				       .deadline = ring.now + ECR_MS(50) };

	vring_request(&ring, &request); /* some are lost */
}

/* 19: neither polls nor transfers are in the way of a cycle, nor what was lost of them. */
static void nothing_delays_a_cycle(void **state)
{
	static const struct ecr_domain_config fast[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							 { 0 } };
	static struct ecr_slave_config polled[5];
	struct ecr_config config =
		*reconnect_prepare(&ring, &(struct reconnect){ .combined = true });
	ecr_time until;

	(void)state;
	for (int i = 0; i < 4; i++) {
		polled[i] = *reconnect_slave(i);
		polled[i].health_poll_ms = 1;
	}
	config.domains = fast;
	config.slaves = polled;
	config.frame_timeout_ms = 10;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	first_start = 0;
	cyclic_frames = 0;
	ring.each_datagram = watch_starts;
	ring.lost_ppm = 5000; /* a time-out of 10 ms for each */
	until = ring.now + ECR_S(2);
	while (ring.now < until) {
		uint8_t data[TALKER_BLOB];

		talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data));
		for (int i = 0; i < 20; i++)
			ask_at_length();
	}
	ring.each_datagram = NULL;
	ring.lost_ppm = 0;
	assert_in_range(cyclic_frames, 1900, 2600);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* 20: symbols that are none are not frames that are damaged; and 1 says that the watchdog has not expired. */
static void registers_mean_what_the_hardware_means(void **state)
{
	struct ecr_link_report links[4];
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 4 };
	uint8_t *registers;

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(3));
	registers = ecr_sim_registers(ring.sim, 2);
	registers[0x0300] += 3;			      /* port 0: frames */
	registers[0x0301] += 5;			      /* port 0: symbols */
	registers[0x0308] += 7;			      /* port 0: damaged before */
	ecr_sim_registers(ring.sim, 1)[0x0302] += 11; /* port 1: frames */
	ecr_sim_registers(ring.sim, 1)[0x0311] += 2;  /* port 1: lost links */
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(vring_request(&ring, &request), 3);
	assert_int_equal(links[2].at_to.crc, 3);
	assert_int_equal(links[2].at_to.physical, 5);
	assert_int_equal(links[2].at_to.forwarded, 7);
	assert_int_equal(links[2].at_from.crc, 11);
	assert_int_equal(links[2].at_from.lost_links, 2);
	assert_int_equal(links[1].at_to.crc + links[1].at_from.crc, 0);
	assert_int_equal(registers[0x0440] & 1, 1);
	ring.gone[0] = true;
	vring_run_until(&ring, ring.now + ECR_S(1));
	ecr_sim_tick(ring.sim, ring.now);
	assert_int_equal(registers[0x0440] & 1, 0);
	ring.gone[0] = false;
	heal_ends_clean(&ring, ECR_S(6));
	assert_int_equal(registers[0x0440] & 1, 1);
	vring_close(&ring);
}

/* 21: a signal of any number of bits at any place has its least significant bit first, on both sides. */
static void bits_lie_as_they_do_on_the_wire(void **state)
{
	const struct ecr_config config = vring_default_config();

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	for (uint32_t bits = 1; bits <= 13; bits += 3) {
		for (uint32_t at = 0; at + bits <= 16; at++) {
			uint64_t value = 0x1A95u & ((1u << bits) - 1);

			assert_true(ecr_sim_set_input(ring.sim, 1, 0, 16, 0));
			assert_true(ecr_sim_set_input(ring.sim, 1, at, bits, value));
			vring_run_until(&ring, ring.now + ECR_MS(30));
			for (uint32_t i = 0; i < 16; i++) {
				char channel[8] = "ch1";

				channel[2] = (char)(i < 9 ? '1' + i : '1');
				channel[3] = (char)(i < 9 ? '\0' : '0' + (i + 1) % 10);
				assert_int_equal(vring_input(&ring, "inputs", channel),
						 i >= at && i < at + bits ? value >> (i - at) & 1
									  : 0);
			}
		}
	}
	vring_close(&ring);
}

/* 22: a channel of one bit is a truth, not a number. */
static void a_bit_is_a_boolean(void **state)
{
	static const uint8_t one[ECR_VALUE_BYTES] = { 1 };

	(void)state;
	heal_open(&ring);
	for (uint32_t i = 0; i < ecr_core_signal_count(ring.core); i++) {
		const struct ecr_placed_signal *placed = ecr_core_signal(ring.core, i);
		struct ecr_value value;

		ecr_value_decode(placed->driver, placed->driver_config, &placed->model,
				 placed->bit_size, one, &value);
		assert_int_equal(value.type, ECR_TYPE_BOOL);
		assert_true(value.boolean);
	}
	assert_int_equal(ecr_core_signal_count(ring.core), 32);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_of_every_size_cycle),
		cmocka_unit_test(one_unanswered_poll_is_no_lost_slave),
		cmocka_unit_test(counters_of_mailboxes_go_on),
		cmocka_unit_test(two_syncmanagers_of_a_direction_count_once),
		cmocka_unit_test(nothing_delays_a_cycle),
		cmocka_unit_test(registers_mean_what_the_hardware_means),
		cmocka_unit_test(bits_lie_as_they_do_on_the_wire),
		cmocka_unit_test(a_bit_is_a_boolean),
	};

	return RUN(tests);
}
