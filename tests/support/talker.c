/* SPDX-License-Identifier: Apache-2.0 */
#include "support/talker.h"

#include "support/check.h"
#include "wire/esc.h"
#include "wire/sii_write.h"

#include <stdlib.h>

#define RECEIVE 0x1000
#define SEND_AFTER 0x10 /* bytes between the two mailboxes at least */
#define PRODUCT 0x1602
#define VENDOR 0x0ACE

static void put_pdo(struct ecr_sii_writer *writer, uint16_t category, uint16_t pdo, uint16_t object,
		    uint8_t sm, uint8_t bytes)
{
	if (!bytes)
		return;
	ecr_sii_open_category(writer, category);
	ecr_sii_put_pdo(writer, pdo, bytes, sm, 0);
	for (uint8_t i = 0; i < bytes; i++) {
		struct ecr_sii_entry entry = { object, (uint8_t)(i + 1),
					       0,      ECR_COE_TYPE_UNSIGNED8,
					       8,      0 };

		ecr_sii_put_entry(writer, &entry);
	}
	ecr_sii_close_category(writer);
}

size_t talker_sii(uint8_t *sii, size_t room, const char *name, const struct talker *talker)
{
	uint16_t send = (uint16_t)((RECEIVE + talker->receive_size + SEND_AFTER) & ~0xF);
	uint16_t data = (uint16_t)((send + talker->send_size + SEND_AFTER) & ~0xF);
	const struct ecr_sii_identity identity = { VENDOR, PRODUCT, 1, 0 };
	const struct ecr_sii_mailbox mailbox = { .receive_offset = RECEIVE,
						 .receive_size = talker->receive_size,
						 .send_offset = send,
						 .send_size = talker->send_size,
						 .protocols = talker->protocols };
	const struct ecr_sii_general general = { .name = 1, .coe_details = talker->coe };
	const struct ecr_sii_sm sms[] = {
		{ RECEIVE, talker->receive_size, ECR_SM_CONTROL_MAILBOX_OUT, 0, 1, 1 },
		{ send, talker->send_size, ECR_SM_CONTROL_MAILBOX_IN, 0, 1, 2 },
		{ data, talker->outputs, ECR_SM_CONTROL_OUTPUTS, 0, talker->outputs != 0, 3 },
		{ (uint16_t)(data + 0x300), talker->inputs, ECR_SM_CONTROL_INPUTS, 0,
		  talker->inputs != 0, 4 },
	};
	struct ecr_sii_writer writer;

	ecr_sii_begin(&writer, sii, room, 16);
	ecr_sii_put_identity(&writer, &identity);
	ecr_sii_put_mailbox(&writer, &mailbox);
	ecr_sii_put_strings(&writer, &name, 1);
	ecr_sii_put_general(&writer, &general);
	ecr_sii_open_category(&writer, ECR_SII_SM);
	for (int i = 0; i < (talker->outputs || talker->inputs ? 4 : 2); i++)
		ecr_sii_put_sm(&writer, &sms[i]);
	ecr_sii_close_category(&writer);
	put_pdo(&writer, ECR_SII_RXPDO, 0x1600, 0x7000, 2, talker->outputs);
	put_pdo(&writer, ECR_SII_TXPDO, 0x1A00, 0x6000, 3, talker->inputs);
	return ecr_sii_finish(&writer);
}

const struct ecr_config *talker_open(struct vring *ring, const struct ecr_slave_config *mailbox)
{
	static struct ecr_slave_config slaves[3];
	static struct ecr_config config;
	/* As shipped, but without process data: it operates without a domain. */
	static const struct talker talker = { .receive_size = 64,
					      .send_size = 64,
					      .coe = ECR_SII_COE_SDO | ECR_SII_COE_SDO_INFO,
					      .protocols = ECR_SII_MAILBOX_COE };
	static uint8_t siis[2][2048];
	struct ecr_sim_device devices[2] = { { .name = "coupler" }, { .name = "mailbox" } };

	slaves[0] = (struct ecr_slave_config){ .name = "coupler",
					       .target_state = mailbox->target_state };
	slaves[1] = *mailbox;
	config = vring_default_config();
	config.domains = NULL;
	config.slaves = slaves;
	assert_true(ecr_sim_shipped("EK1100", &devices[0], siis[0], sizeof(siis[0])));
	assert_true(ecr_sim_shipped("mailbox", &devices[1], siis[1], sizeof(siis[1])));
	devices[1].sii_size = talker_sii(siis[1], sizeof(siis[1]), "mailbox", &talker);
	vring_open_devices(ring, devices, 2);
	return &config;
}

void talker_open_pair(struct vring *ring)
{
	const struct ecr_slave_config mailbox = { .name = "mailbox",
						  .target_state = ECR_TARGET_PREOP };

	assert_int_equal(vring_start(ring, talker_open(ring, &mailbox)), 0);
	assert_int_equal(vring_await_running(ring, ECR_MS(2500)), 0);
	assert_int_equal(ecr_core_state(ring->core), ECR_STATE_PREOP_READY);
}

int talker_submit(struct vring *ring, struct talker_request *request, const char *slave,
		  ecr_time timeout)
{
	request->done = false;
	request->request = (struct ecr_request){ .kind = ECR_REQUEST_SDO,
						 .name = slave,
						 .out = &request->sdo,
						 .deadline = timeout ? ring->now + timeout : 0,
						 .context = &request->done };
	return ecr_core_submit(ring->core, ring->now, &request->request);
}

int talker_run(struct vring *ring, struct talker_request *request, const char *slave)
{
	int refused = talker_submit(ring, request, slave, 0);
	ecr_time end = ring->now + ECR_S(600);

	if (refused)
		return refused;
	while (!request->done) {
		vring_run_until(ring, ring->now + ECR_MS(1));
		assert_true(ring->now < end);
	}
	assert_int_equal(request->request.result, request->sdo.result.error);
	return request->request.result;
}

struct ecr_sdo_result talker_upload(struct vring *ring, const char *slave, uint16_t index,
				    uint8_t subindex, void *data, size_t room)
{
	struct talker_request request = { .sdo = { .kind = ECR_SDO_UPLOAD,
						   .index = index,
						   .subindex = subindex,
						   .data = data,
						   .size = room } };

	talker_run(ring, &request, slave);
	return request.sdo.result;
}

struct ecr_sdo_result talker_download(struct vring *ring, const char *slave, uint16_t index,
				      uint8_t subindex, const void *data, size_t size)
{
	struct talker_request request = { .sdo = { .kind = ECR_SDO_DOWNLOAD,
						   .index = index,
						   .subindex = subindex,
						   .data = (void *)(uintptr_t)data,
						   .size = size } };

	talker_run(ring, &request, slave);
	return request.sdo.result;
}

void talker_spoil(struct vring *ring, enum ecr_sim_mailbox_fault_kind kind,
		  enum ecr_sim_stage stage, uint32_t object, uint32_t value, uint32_t after)
{
	const struct ecr_sim_mailbox_fault fault = { .kind = kind,
						     .stage = stage,
						     .index = (uint16_t)(object >> 8),
						     .subindex = (uint8_t)object,
						     .value = value,
						     .after = after };
	char text[256];

	assert_true(ecr_sim_inject_mailbox(ring->sim, 1, &fault));
	assert_int_equal(ecr_sim_faults(ring->sim, text, sizeof(text)), 1);
}

void talker_other_holds(struct vring *ring, int slave, uint32_t object, const void *expected,
			size_t size)
{
	uint8_t data[TALKER_BLOB + 1];

	assert_int_equal(ecr_sim_read_object(ring->sim, slave, (uint16_t)(object >> 8),
					     (uint8_t)object, data, sizeof(data)),
			 size);
	assert_memory_equal(data, expected, size);
}

void talker_holds(struct vring *ring, uint32_t object, const void *expected, size_t size)
{
	talker_other_holds(ring, 1, object, expected, size);
}

void talker_heals(struct vring *ring, uint32_t object, const void *expected, size_t size)
{
	uint8_t data[TALKER_BLOB + 1];
	char text[256];
	struct ecr_sdo_result result;

	assert_int_equal(ecr_core_state(ring->core), ECR_STATE_PREOP_READY);
	for (int i = 0; i < ring->event_count; i++)
		if (ring->events[i].kind == ECR_EVENT_STATE_CHANGED)
			assert_int_not_equal(ring->events[i].from, ECR_STATE_PREOP_READY);
	assert_int_equal(vring_slave(ring, "mailbox").al_state, ECR_AL_PREOP);
	ecr_sim_clear_faults(ring->sim);
	assert_int_equal(ecr_sim_faults(ring->sim, text, sizeof(text)), 0);
	result = talker_upload(ring, "mailbox", (uint16_t)(object >> 8), (uint8_t)object, data,
			       sizeof(data));
	assert_int_equal(result.error, 0);
	assert_int_equal(result.size, size);
	assert_memory_equal(data, expected, size);
}

const uint8_t *talker_counting(uint8_t first)
{
	static uint8_t bytes[UINT8_MAX + TALKER_BLOB];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	return bytes + first;
}

void talker_blocked_by(struct vring *ring, int cause, uint16_t index, uint8_t subindex,
		       uint32_t abort_code)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };
	struct ecr_slave_info info = vring_slave(ring, "mailbox");

	assert_int_equal(ecr_core_state(ring->core), ECR_STATE_ACTIVATION_BLOCKED);
	vring_request(ring, &ask);
	assert_int_equal(failure.error, ECR_ERR_ACTIVATION_FAILED);
	assert_string_equal(failure.slave, "mailbox");
	assert_int_equal(failure.position, 1);
	assert_int_equal(info.al_state, ECR_AL_PREOP);
	assert_int_equal(info.fault.kind, ECR_FAULT_PREOP);
	assert_int_equal(info.configuration_error, ECR_ERR_MAILBOX_CONFIG_FAILED);
	assert_int_equal(info.configuration_failure.cause, cause);
	assert_int_equal(info.configuration_failure.index, index);
	assert_int_equal(info.configuration_failure.subindex, subindex);
	assert_int_equal(info.configuration_failure.abort_code, abort_code);
}

struct ecr_sdo_result talker_spoiled(struct vring *ring, enum ecr_sim_stage stage,
				     enum ecr_sim_mailbox_fault_kind kind, uint32_t value)
{
	bool text = stage == ECR_SIM_STAGE_UPLOAD;
	uint32_t object = text ? TALKER_TEXT_OBJECT : TALKER_BLOB_OBJECT;
	struct ecr_sdo_result result;
	uint8_t data[TALKER_BLOB];

	talker_open_pair(ring);
	talker_spoil(ring, kind, stage, object, value, 0);
	result = talker_upload(ring, "mailbox", (uint16_t)(object >> 8), (uint8_t)object, data,
			       sizeof(data));
	if (text)
		talker_heals(ring, object, TALKER_TEXT, sizeof(TALKER_TEXT));
	else
		talker_heals(ring, object, talker_counting(0), TALKER_BLOB);
	vring_close(ring);
	return result;
}

const struct ecr_config *talker_blocked_in_blob(struct vring *ring,
						enum ecr_sim_mailbox_fault_kind kind, int cause)
{
	static struct ecr_sdo_write list[2];
	const struct ecr_slave_config mailbox = { .name = "mailbox", .startup = list };
	const struct ecr_config *config = talker_open(ring, &mailbox);

	list[0] = (struct ecr_sdo_write){
		.index = 0x2003, .subindex = 1, .data = talker_counting(7), .size = TALKER_BLOB
	};
	talker_spoil(ring, kind, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, TALKER_BLOB_OBJECT, 0, 1);
	assert_int_equal(vring_start(ring, config), 0);
	assert_int_equal(vring_await_running(ring, ECR_MS(3000)), ECR_ERR_ACTIVATION_FAILED);
	talker_blocked_by(ring, cause, 0x2003, 1, 0);
	talker_holds(ring, TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	return config;
}

static void ends_operating(struct vring *ring, uint32_t object, const void *expected, size_t size)
{
	struct ecr_slave_info info = vring_slave(ring, "mailbox");
	uint8_t data[TALKER_BLOB + 1];
	struct ecr_sdo_result result;

	assert_int_equal(ecr_core_state(ring->core), ECR_STATE_OPERATIONAL);
	assert_int_equal(info.al_state, ECR_AL_OP);
	assert_int_equal(info.configuration_error, 0);
	assert_int_equal(info.fault.kind, ECR_FAULT_NONE);
	result = talker_upload(ring, "mailbox", (uint16_t)(object >> 8), (uint8_t)object, data,
			       sizeof(data));
	assert_int_equal(result.error, 0);
	assert_int_equal(result.size, size);
	assert_memory_equal(data, expected, size);
	vring_close(ring);
}

void talker_ends_by_restart(struct vring *ring, const struct ecr_config *config, uint32_t object,
			    const void *expected, size_t size)
{
	ecr_sim_clear_faults(ring->sim);
	assert_int_equal(vring_stop(ring), 0);
	assert_int_equal(vring_start(ring, config), 0);
	assert_int_equal(vring_await_operational(ring, ECR_MS(3000)), 0);
	ends_operating(ring, object, expected, size);
}

void talker_ends_by_waiting(struct vring *ring, uint32_t object, const void *expected, size_t size)
{
	ecr_sim_clear_faults(ring->sim);
	assert_true(vring_until_state(ring, ECR_STATE_OPERATIONAL, ECR_S(8)));
	ends_operating(ring, object, expected, size);
}
