/* SPDX-License-Identifier: Apache-2.0 */
/* The SDO server: expedited, normal and segmented transfers in both directions (ETG.1000.6, 5.6.2). */
#include "sim/coe_server.h"

#include "sim/app.h"
#include "wire/sdo_abort.h"

#include <string.h>

#define INFO_LEAST 128u

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

void sim_coe_build(struct sim_coe *coe, struct ecr_arena *arena,
		   const struct sim_dictionary *dictionary)
{
	*coe = (struct sim_coe){ 0 };
	coe->room = larger(dictionary->largest, 8);
	coe->info_room = larger(INFO_LEAST, 2 * dictionary->object_count + 2);
	coe->data = ECR_TAKE(arena, uint8_t, coe->room);
	coe->undo = ECR_TAKE(arena, uint8_t, coe->room);
	coe->info = ECR_TAKE(arena, uint8_t, coe->info_room);
}

void sim_coe_stop(struct sim_coe *coe)
{
	coe->open = ECR_COE_UNKNOWN;
	coe->info_kind = 0;
}

bool sim_coe_spoken(const struct ecr_sim_app *app)
{
	return app->dictionary.object_count && app->al_state != ECR_AL_BOOT;
}

static void abort_transfer(struct ecr_sim_app *app, uint16_t index, uint8_t subindex, uint32_t code)
{
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);

	app->coe.open = ECR_COE_UNKNOWN;
	if (bytes)
		sim_mailbox_answer(app, ecr_coe_put_abort(bytes, size, index, subindex, code),
				   ECR_SIM_STAGE_REQUEST, index, subindex, true);
}

static void begin(struct sim_coe *coe, const struct ecr_coe_sdo *sdo)
{
	coe->open = sdo->kind;
	coe->index = sdo->index;
	coe->subindex = sdo->subindex;
	coe->complete = sdo->complete;
	coe->toggle = false;
	coe->done = 0;
	coe->total = 0;
}

static void upload(struct ecr_sim_app *app, const struct ecr_coe_sdo *sdo)
{
	struct sim_coe *coe = &app->coe;
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);
	uint32_t code = sim_mailbox_abort_wanted(&app->mailbox, ECR_SIM_STAGE_UPLOAD, sdo->index,
						 sdo->subindex);
	size_t done = 0;
	size_t length;

	begin(coe, sdo);
	if (!code)
		code = sim_object_read(app, sdo->index, sdo->subindex, sdo->complete, coe->data,
				       coe->room, &coe->total);
	if (code || !bytes) {
		abort_transfer(app, sdo->index, sdo->subindex, code);
		return;
	}
	length = ecr_coe_put_uploaded(bytes, size, sdo->index, sdo->subindex, sdo->complete,
				      coe->data, coe->total, &done);
	coe->done = (uint32_t)done;
	if (coe->done == coe->total)
		coe->open = ECR_COE_UNKNOWN;
	sim_mailbox_answer(app, length, ECR_SIM_STAGE_UPLOAD, sdo->index, sdo->subindex, false);
}

/* A segment of the transfer that is open, with the right toggle: 0 or an abort code. */
static uint32_t check_segment(struct ecr_sim_app *app, const struct ecr_coe_sdo *sdo,
			      enum ecr_coe_sdo_kind kind, enum ecr_sim_stage stage)
{
	if (app->coe.open != kind)
		return ECR_SDO_ABORT_COMMAND;
	if (app->coe.toggle != sdo->toggle)
		return ECR_SDO_ABORT_TOGGLE;
	return sim_mailbox_abort_wanted(&app->mailbox, stage, app->coe.index, app->coe.subindex);
}

static void upload_segment(struct ecr_sim_app *app, const struct ecr_coe_sdo *sdo)
{
	struct sim_coe *coe = &app->coe;
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);
	uint32_t code = check_segment(app, sdo, ECR_COE_UPLOAD, ECR_SIM_STAGE_UPLOAD_SEGMENT);
	size_t done = coe->done;
	size_t length;

	if (code || !bytes) {
		abort_transfer(app, coe->index, coe->subindex, code);
		return;
	}
	length = ecr_coe_put_segment_uploaded(bytes, size, coe->toggle, coe->data, coe->total,
					      &done);
	coe->done = (uint32_t)done;
	coe->toggle = !coe->toggle;
	if (coe->done == coe->total)
		coe->open = ECR_COE_UNKNOWN;
	sim_mailbox_answer(app, length, ECR_SIM_STAGE_UPLOAD_SEGMENT, coe->index, coe->subindex,
			   false);
}

/* Takes what has come; on the last of it the object is written, and only then. */
static uint32_t take(struct ecr_sim_app *app, const uint8_t *data, size_t length, bool last)
{
	struct sim_coe *coe = &app->coe;

	if (length > coe->total - coe->done)
		return ECR_SDO_ABORT_TOO_LONG;
	if (length)
		memcpy(coe->data + coe->done, data, length);
	coe->done += (uint32_t)length;
	if (!last)
		return 0;
	if (coe->done < coe->total)
		return ECR_SDO_ABORT_TOO_SHORT;
	coe->open = ECR_COE_UNKNOWN;
	return sim_object_write(app, coe->index, coe->subindex, coe->complete, coe->data,
				coe->total);
}

static uint32_t download_begins(struct ecr_sim_app *app, const struct ecr_coe_sdo *sdo)
{
	struct sim_coe *coe = &app->coe;
	size_t length = sdo->length < sdo->total ? sdo->length : sdo->total;
	uint32_t code = sim_mailbox_abort_wanted(&app->mailbox, ECR_SIM_STAGE_DOWNLOAD, sdo->index,
						 sdo->subindex);

	begin(coe, sdo);
	coe->total = sdo->total;
	if (!code)
		code = sim_object_writable(app, sdo->index, sdo->subindex, sdo->complete,
					   sdo->total);
	if (!code && coe->total > coe->room)
		code = ECR_SDO_ABORT_TOO_LONG;
	return code ? code : take(app, sdo->data, length, length == sdo->total);
}

static void download(struct ecr_sim_app *app, const struct ecr_coe_sdo *sdo)
{
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);
	uint32_t code = download_begins(app, sdo);

	if (code || !bytes) {
		abort_transfer(app, sdo->index, sdo->subindex, code);
		return;
	}
	sim_mailbox_answer(
		app, ecr_coe_put_downloaded(bytes, size, sdo->index, sdo->subindex, sdo->complete),
		ECR_SIM_STAGE_DOWNLOAD, sdo->index, sdo->subindex, false);
}

static void download_segment(struct ecr_sim_app *app, const struct ecr_coe_sdo *sdo)
{
	struct sim_coe *coe = &app->coe;
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);
	uint32_t code = check_segment(app, sdo, ECR_COE_DOWNLOAD, ECR_SIM_STAGE_DOWNLOAD_SEGMENT);

	if (!code && sdo->unused > sdo->length)
		code = ECR_SDO_ABORT_LENGTH;
	if (!code)
		code = take(app, sdo->data, sdo->length - sdo->unused, sdo->last);
	if (code || !bytes) {
		abort_transfer(app, coe->index, coe->subindex, code);
		return;
	}
	coe->toggle = !coe->toggle;
	sim_mailbox_answer(app, ecr_coe_put_segment_downloaded(bytes, size, sdo->toggle),
			   ECR_SIM_STAGE_DOWNLOAD_SEGMENT, coe->index, coe->subindex, false);
}

/* A message that is too short, or a command that does not exist. */
static void serve_sdo(struct ecr_sim_app *app, const struct ecr_mailbox_message *message)
{
	struct ecr_coe_sdo sdo;
	bool good = ecr_coe_get_sdo(message, &sdo);

	if (good && sdo.complete && (sdo.kind == ECR_COE_UPLOAD || sdo.kind == ECR_COE_DOWNLOAD) &&
	    app->esc->device.habits.ignores_complete_access &&
	    !app->esc->device.habits.refuses_complete_access)
		return;
	switch (good ? sdo.kind : ECR_COE_UNKNOWN) {
	case ECR_COE_UPLOAD:
		upload(app, &sdo);
		break;
	case ECR_COE_DOWNLOAD:
		download(app, &sdo);
		break;
	case ECR_COE_UPLOAD_SEGMENT:
		upload_segment(app, &sdo);
		break;
	case ECR_COE_DOWNLOAD_SEGMENT:
		download_segment(app, &sdo);
		break;
	case ECR_COE_ABORT:
		app->coe.open = ECR_COE_UNKNOWN;
		break;
	default:
		abort_transfer(app, sdo.index, sdo.subindex, ECR_SDO_ABORT_COMMAND);
		break;
	}
}

bool sim_coe_serve(struct ecr_sim_app *app, const struct ecr_mailbox_message *message)
{
	app->coe.info_kind = 0; /* a new question ends an answer under way */
	switch (ecr_coe_service(message)) {
	case ECR_COE_SDO_REQUEST:
		serve_sdo(app, message);
		return true;
	case ECR_COE_SDO_INFO:
		return sim_info_serve(app, message);
	default:
		return false;
	}
}
