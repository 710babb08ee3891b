/* SPDX-License-Identifier: Apache-2.0 */
/* Real EEPROM images, each as a simulated slave. Fields below were read by hand from the bytes. */
#include "support/check.h"
#include "support/data.h"
#include "support/vring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *file;
	uint32_t vendor;
	uint32_t product;
	uint32_t revision;
	uint16_t mailbox; /* receive size */
	bool maps;	  /* has PDOs in its SII */
} images[] = {
	{ "asix_ax58100_evb_dio.bin", 0x0b95, 0x00010200, 1, 0, false },
	{ "beckhoff_ek1100_a.bin", 2, 0x044c2c52, 0x00120000, 0, false },
	{ "beckhoff_el2004_a.bin", 2, 0x07d43052, 0x00100000, 0, true },
	{ "beckhoff_el2889.bin", 2, 0x0b493052, 0x00110000, 0, true },
	{ "kollmorgen_akd.bin", 0x6a, 0x00414b44, 2, 1024, true },
	{ "kollmorgen_akd_truncated1688.bin", 0x6a, 0x00414b44, 2, 1024, true },
	{ "metalmusings_easercat2000.bin", 0xaaa, 0x00bbbccc, 2, 512, false },
	{ "metalmusings_easercat4000.bin", 0xaaa, 0x00cadcad, 3, 512, false },
	{ "metalmusings_pcb1_lan9252.bin", 0x10e1, 0x4d2, 1, 128, false },
	{ "ni_9144_rev1.bin", 0x1f9, 0x23b8, 1, 256, true },
	{ "pollen_orbita2d.bin", 0, 1, 1, 128, true },
	{ "synapticon_siitool_example.bin", 0x22d2, 0x201, 0x0a000002, 128, true },
	{ "synapticon_somanet_cia402_1316.bin", 0x22d2, 0x201, 0x0a000002, 1024, true },
};

static size_t load(const char *file, uint8_t *bytes, size_t room)
{
	char path[256];

	snprintf(path, sizeof(path), "sii/%s", file);
	return data_load(path, bytes, room);
}

static void need_data(void)
{
	uint8_t byte[1];

	if (!load(images[0].file, byte, 1)) {
		print_message("no EEPROM images at " ECRING_SHARED_DATA ": skipped\n");
		skip();
	}
}

static void fields_are_as_read_by_hand(void **state)
{
	static uint8_t bytes[65536];

	(void)state;
	need_data();
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		struct ecr_sii sii;
		struct ecr_sii_identity identity;
		struct ecr_sii_mailbox mailbox;
		size_t length = load(images[i].file, bytes, sizeof(bytes));

		ecr_sii_open(&sii, bytes, length);
		ecr_sii_identity(&sii, &identity);
		ecr_sii_mailbox(&sii, &mailbox);
		assert_int_equal(identity.vendor, images[i].vendor);
		assert_int_equal(identity.product, images[i].product);
		assert_int_equal(identity.revision, images[i].revision);
		assert_int_equal(mailbox.receive_size, images[i].mailbox);
		assert_int_equal(sii.warnings & ECR_SII_WARN_CRC, 0);
	}
}

/* One slave of that image: to PREOP, and with its PDOs mapped to OP. */
static void bring_up(size_t number, bool map)
{
	static const struct ecr_domain_config domains[] = { { .id = "main" }, { 0 } };
	static struct vring ring;
	static uint8_t bytes[65536];
	struct ecr_sim_device device = { .name = "device", .sii = bytes };
	struct ecr_slave_config slaves[] = { { .name = "device", .target_state = ECR_TARGET_PREOP },
					     { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_stable_ms = 20, .scan_poll_ms = 10
	};
	int result;

	device.sii_size = load(images[number].file, bytes, sizeof(bytes));
	if (map) {
		slaves[0].target_state = ECR_TARGET_OP;
		slaves[0].process_data = (struct ecr_process_data)ECR_ALL_TO("main");
	}
	vring_open_devices(&ring, &device, 1);
	assert_int_equal(vring_start(&ring, &config), 0);
	result = map ? vring_await_operational(&ring, ECR_S(40))
		     : vring_await_running(&ring, ECR_S(40));
	if (result)
		print_message("%s: %s, AL code 0x%04x\n", images[number].file,
			      ecr_error_name(result), vring_slave(&ring, "device").fault.al_code);
	assert_int_equal(result, 0);
	assert_int_equal(vring_slave(&ring, "device").al_state, map ? ECR_AL_OP : ECR_AL_PREOP);
	vring_close(&ring);
}

static void every_image_reaches_preop(void **state)
{
	(void)state;
	need_data();
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		bring_up(i, false);
}

static void those_with_pdos_reach_op(void **state)
{
	(void)state;
	need_data();
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		if (images[i].maps)
			bring_up(i, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_as_read_by_hand),
		cmocka_unit_test(every_image_reaches_preop),
		cmocka_unit_test(those_with_pdos_reach_op),
	};

	return RUN(tests);
}
