/* SPDX-License-Identifier: Apache-2.0 */
#include "support/reconnect.h"

#include "support/check.h"

static struct reconnect kind;
static struct ecr_slave_config slaves[5];
static struct ecr_sdo_write list[3];

static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(10) },
						    { .id = "thermo", .cycle_ns = ECR_MS(10) },
						    { 0 } };

static void fill_list(void)
{
	list[0] = (struct ecr_sdo_write){ .index = 0x2003,
					  .subindex = 1,
					  .data = talker_counting(RECONNECT_FIRST),
					  .size = TALKER_BLOB };
	list[1] = list[2] = (struct ecr_sdo_write){ 0 };
	if (kind.small)
		list[0] = (struct ecr_sdo_write){
			.index = 0x2000, .subindex = 2, .type = ECR_SDO_U8, .value = 1
		};
	for (int i = 0; kind.thermo && i < 2; i++)
		list[i] = (struct ecr_sdo_write){ .index = (uint16_t)(0x8000 + 0x10 * i),
						  .subindex = 0x19,
						  .type = ECR_SDO_U16,
						  .value = 8 };
}

static void fill_slaves(void)
{
	const struct ecr_process_data main_data = ECR_ALL_TO("main");
	const struct ecr_process_data own_data = ECR_ALL_TO("thermo");

	slaves[0] = (struct ecr_slave_config){ .name = "coupler" };
	slaves[1] = (struct ecr_slave_config){ .name = "inputs",
					       .process_data = main_data,
					       .health_poll_ms = kind.polled ? 20 : 0 };
	slaves[2] = (struct ecr_slave_config){ .name = "outputs",
					       .process_data = main_data,
					       .health_poll_ms = 20 };
	slaves[3] = (struct ecr_slave_config){ .name = kind.thermo ? "rtd" : "mailbox",
					       .startup = list,
					       .health_poll_ms = 20 };
	if (kind.combined || kind.thermo)
		slaves[3].process_data = kind.split ? own_data : main_data;
	if (kind.held)
		slaves[3].target_state = ECR_TARGET_PREOP;
	for (int i = 0; kind.all_held && i < 4; i++)
		slaves[i].target_state = ECR_TARGET_PREOP;
}

static void fill_devices(struct ecr_sim_device *devices)
{
	static const char *const shipped[] = { "EK1100", "EL1809", "EL2809", "mailbox" };
	static const char *const names[] = { "coupler", "inputs", "outputs", "mailbox" };
	static uint8_t siis[4][2048];
	const struct talker talker = { .receive_size = 64,
				       .send_size = 64,
				       .coe = ECR_SII_COE_SDO | ECR_SII_COE_SDO_INFO,
				       .protocols = ECR_SII_MAILBOX_COE };

	for (int i = 0; i < 4; i++) {
		devices[i].name = names[i];
		assert_true(ecr_sim_shipped(i == 3 && kind.thermo ? "EL3202" : shipped[i],
					    &devices[i], siis[i], sizeof(siis[i])));
	}
	if (kind.thermo)
		devices[3].name = "rtd";
	else if (!kind.combined)
		devices[3].sii_size = talker_sii(siis[3], sizeof(siis[3]), "mailbox", &talker);
	devices[3].parent = 1 + RECONNECT_COUPLER;
	devices[3].parent_port = 2;
}

const struct ecr_config *reconnect_prepare(struct vring *ring, const struct reconnect *what)
{
	static struct ecr_config config;
	static struct ecr_domain_config used[3];
	struct ecr_sim_device devices[4] = { 0 };

	kind = *what;
	fill_list();
	fill_slaves();
	fill_devices(devices);
	used[0] = domains[0];
	used[1] = kind.split ? domains[1] : (struct ecr_domain_config){ 0 };
	config = vring_default_config();
	config.slaves = slaves;
	config.domains = used;
	vring_open_devices(ring, devices, 4);
	assert_true(ecr_sim_wire(ring->sim, 2, 0, 1, 0, 16));
	return &config;
}

void reconnect_open(struct vring *ring, const struct reconnect *what)
{
	assert_int_equal(vring_start(ring, reconnect_prepare(ring, what)), 0);
	assert_int_equal(vring_await_running(ring, ECR_MS(2500)), 0);
	if (!kind.all_held)
		assert_int_equal(vring_await_operational(ring, ECR_MS(2500)), 0);
}

const struct ecr_slave_config *reconnect_slave(int slave)
{
	return &slaves[slave];
}

static struct {
	int cause;
	uint32_t object;
	uint32_t abort_code;
} expected;

void reconnect_expect(int cause, uint32_t object, uint32_t abort_code)
{
	expected.cause = cause;
	expected.object = object;
	expected.abort_code = abort_code;
}

bool reconnect_refused(struct vring *ring)
{
	struct ecr_slave_info info = vring_slave(ring, slaves[3].name);
	const struct ecr_failure *failure = &info.configuration_failure;

	return info.fault.kind == ECR_FAULT_PREOP && info.al_state == ECR_AL_PREOP &&
	       info.configuration_error == ECR_ERR_MAILBOX_CONFIG_FAILED &&
	       failure->cause == expected.cause &&
	       TALKER_OBJECT(failure->index, failure->subindex) == expected.object &&
	       failure->abort_code == expected.abort_code;
}

bool reconnect_rest_operates(struct vring *ring)
{
	return heal_healthy(ring) && vring_slave(ring, "outputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(ring, "inputs").fault.kind == ECR_FAULT_NONE;
}

void reconnect_reads_back(struct vring *ring)
{
	uint8_t data[TALKER_BLOB];

	assert_int_equal(talker_upload(ring, "mailbox", 0x2003, 1, data, sizeof(data)).error, 0);
	assert_memory_equal(data, talker_counting(RECONNECT_FIRST), TALKER_BLOB);
}

/* As the device has it. */
static void assert_list_written(struct vring *ring)
{
	static const uint8_t one[] = { 1 };
	static const uint8_t ohms[] = { 8, 0 };

	if (kind.thermo) {
		talker_other_holds(ring, RECONNECT_MAILBOX, TALKER_OBJECT(0x8000, 0x19), ohms,
				   sizeof(ohms));
		talker_other_holds(ring, RECONNECT_MAILBOX, TALKER_OBJECT(0x8010, 0x19), ohms,
				   sizeof(ohms));
	} else if (kind.small) {
		talker_other_holds(ring, RECONNECT_MAILBOX, TALKER_OBJECT(0x2000, 2), one,
				   sizeof(one));
	} else {
		talker_other_holds(ring, RECONNECT_MAILBOX, TALKER_BLOB_OBJECT,
				   talker_counting(RECONNECT_FIRST), TALKER_BLOB);
		reconnect_reads_back(ring);
	}
}

void reconnect_ends_clean(struct vring *ring, ecr_time within)
{
	heal_ends_clean(ring, within);
	assert_int_equal(vring_slave(ring, slaves[3].name).configuration_error, 0);
	assert_list_written(ring);
}
