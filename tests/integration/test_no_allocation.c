/* SPDX-License-Identifier: Apache-2.0 */
/* While cycling nothing is allocated, by the library or by anything it calls, mailbox traffic included. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"

#include <ecring/ecring.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTING 0
#elif defined(__has_feature)
#define COUNTING !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define COUNTING 1
#endif

static atomic_ulong allocations;

#if COUNTING
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_realloc(memory, size);
}
#endif

static void cycles_allocate_nothing(void **state)
{
	static uint8_t images[4][2048];
	static const char *const names[] = { "EK1100", "EL1809", "EL2809", "analog_coe" };
	static const char *const called[] = { "coupler", "inputs", "outputs", "talker" };
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
	const struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
		{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
		{ .name = "talker", .process_data = ECR_ALL_TO("io") },
		{ 0 }
	};
	struct ecr_sim_device devices[4] = { 0 };
	struct ecr_sdo sdos[8];
	uint32_t values[8];
	uint32_t vendor;
	int done = 0;
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	struct ecr_master *master;
	struct ecr_domain_info before;
	struct ecr_domain_info after;
	struct ecr_sample sample;
	unsigned long count;

	(void)state;
	if (!COUNTING)
		skip(); /* a sanitizer has its own allocator */
	master = ecr_open();
	for (int i = 0; i < 4; i++) {
		devices[i] = (struct ecr_sim_device){ .name = called[i], .sii = images[i] };
		assert_true(ecr_sim_shipped(names[i], &devices[i], images[i], sizeof(images[i])));
	}
	config.simulator = ecr_sim_init(malloc(ecr_sim_size(devices, 4)), ecr_sim_size(devices, 4),
					devices, 4);
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_domain_info(master, "io", &before), 0);
	count = atomic_load(&allocations);
	for (int i = 0; i < 8; i++) {
		sdos[i] = (struct ecr_sdo){ .slave = "talker",
					    .index = 0x1018,
					    .subindex = 1,
					    .data = &values[i],
					    .size = sizeof(values[i]) };
		assert_int_equal(ecr_sdo_submit(master, &sdos[i]), 0);
	}
	for (int i = 0; i < 50; i++) {
		assert_int_equal(ecr_sdo_read_u32(master, "talker", 0x1018, 1, &vendor), 0);
		while (ecr_sdo_done(master))
			done++;
		ecr_write_output(master, "outputs", "ch1", ecr_bool(i % 2));
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
		ecr_read_input(master, "inputs", "ch1", &sample);
	}
	assert_int_equal(atomic_load(&allocations), count);
	assert_int_equal(done, 8);
	assert_int_equal(ecr_domain_info(master, "io", &after), 0);
	assert_true(after.cycle_count > before.cycle_count + 50);
	assert_int_equal(ecr_close(master), 0);
	free(config.simulator);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cycles_allocate_nothing) };

	return RUN(tests);
}
