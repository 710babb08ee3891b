/* SPDX-License-Identifier: Apache-2.0 */
/* From any state to PREOP: station address, what the controller is, INIT, SII, mailbox
 * SyncManagers, PREOP. */
#include "slave/slave.h"

#include "base/le.h"

enum {
	UP_RETRACE,
	UP_ELSEWHERE,
	UP_WHOSE,
	UP_ASSIGN,
	UP_WITHDRAW,
	UP_UNMAP,
	UP_INFO,
	UP_INIT,
	UP_IDENTIFY,
	UP_SII,
	UP_SII_DONE,
	UP_MAILBOX,
	UP_PREOP,
	UP_DONE
};

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, job);
}

static bool is_complete(const struct ecr_slave *slave, const struct ecr_ask *count)
{
	return slave->ring_count && count->wkc == slave->ring_count;
}

/*
 * The frame that gave a position its station did not come back, or had to be taken back and was not: whoever has the station
 * now may be another, who stood there just then and has lost its own. One that takes part in cycles is known by its FMMUs,
 * and gets its own back when nobody has that: an earlier session may have left the same FMMUs in another device.
 */
static struct ecr_verdict up_retrace(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	const struct ecr_slave *owner;

	if (!slave->misplaced)
		return ecr_goto(UP_WHOSE);
	if (!answer)
		return ecr_ask_read(job, slave->station, ECR_REG_FMMU(0), ECR_FMMU_SIZE);
	owner = answer->wkc == 1 ? ecr_slave_of_fmmu(slave->all, slave->all_count, answer->data)
				 : NULL;
	if (!owner || owner == slave)
		return ecr_goto(UP_WHOSE);
	slave->had = owner->station;
	return ecr_goto(UP_ELSEWHERE);
}

static struct ecr_verdict up_elsewhere(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (!answer)
		return ecr_ask_read(job, slave_of(job)->had, ECR_REG_STATION, 2);
	return ecr_goto(answer->wkc ? UP_WHOSE : UP_WITHDRAW);
}

#define NEIGHBOURS 8
#define OWN_STATION 2 /* of the questions of UP_WHOSE, */
#define BEFORE 3      /* the neighbour before it, when there is one, and those behind it */

static const struct ecr_slave *owner_of(const struct ecr_slave *slave, uint16_t station)
{
	return ecr_slave_of_station(slave->all, slave->all_count, station);
}

/* A station that was sent to a position, and came to nobody knows whom, says nothing. */
static bool is_known(const struct ecr_slave *slave, uint16_t station)
{
	const struct ecr_slave *owner = owner_of(slave, station);

	return station && !(owner && owner->misplaced);
}

/*
 * As many may be there as were counted, and one of them a stranger: another that is not lost, and that nobody has taken for
 * somebody since, stands where it moved to.
 */
static bool is_anothers(const struct ecr_slave *slave, uint16_t station)
{
	const struct ecr_slave *owner = slave->ring_count ? owner_of(slave, station) : NULL;

	return owner && owner != slave && owner->stationed && !owner->down && !owner->taken &&
	       !owner->guessed && !owner->misplaced;
}

/* One before it was not found where it should be, since another stands there who is known: all behind have moved, too. */
static bool has_moved(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	int first = slave->index > NEIGHBOURS ? slave->index - NEIGHBOURS : 0;
	bool asked = slave->ring_count && slave->position && slave->identity_known;
	uint16_t before = asked ? ecr_le16(answer->asks[BEFORE].in) : 0;

	if (slave->contested)
		return true;
	for (int i = first; i < slave->index; i++)
		if (slave->all[i].displaced)
			return true;
	return asked && before != slave->station - 1 && is_anothers(slave, before);
}

static uint16_t first_behind(const struct ecr_slave *slave)
{
	return slave->position ? BEFORE + 1 : BEFORE;
}

/* Everybody before it is there: when another than its neighbour is, somebody has come between. */
static bool follows_its_neighbour(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	return !slave->position || (answer->asks[BEFORE].wkc == 1 &&
				    ecr_le16(answer->asks[BEFORE].in) == slave->station - 1);
}

/* The next one behind it with a station: -1: is another than should stand there, 0: there is none. */
static int look_behind(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	uint16_t first = first_behind(slave);

	for (uint16_t i = first; i < answer->count && answer->asks[i].wkc; i++) {
		uint16_t station = ecr_le16(answer->asks[i].in);

		if (is_known(slave, station))
			return station == slave->station + 1 + i - first ? 1 : -1;
	}
	return 0;
}

/*
 * Whoever is here without a station stands where it should when those with a station before and behind it do: it may also be
 * another that has moved up, if one like it is missing.
 */
static bool stands_in_its_place(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	int behind = look_behind(slave, answer);

	if (slave->moved_up || slave->contested || !follows_its_neighbour(slave, answer))
		return false;
	return behind ? behind > 0 : !slave->double_missing && !slave->follows_a_guess;
}

/* Where slaves come and go: nobody has come or gone since the roll has said where it stands. */
static bool is_as_called(const struct ecr_slave *slave, const struct ecr_ask *count)
{
	return slave->ring_count || (slave->called && count->wkc == slave->called);
}

/*
 * Positions are what they were while everybody is there. Else those behind a missing one have moved up,
 * and a slave is known by its station only; without one, after a loss of power, it is the one of this
 * position as long as nobody before it is missing, and its neighbours are where they were. Who was never
 * seen waits for the others, or stands where the roll has seen the station that is there. Where slaves come and
 * go one may have come into this place while another left unseen: whose station answers elsewhere is not here.
 */
static bool is_ours(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	uint16_t station = ecr_le16(answer->data);

	if (!slave->ring_count)
		return station == slave->station || station == slave->seen_station ||
		       (!station && slave->identity_known && !answer->asks[OWN_STATION].wkc);
	if (!slave->identity_known || (station && station != slave->station))
		return false;
	return (station && !slave->misplaced) || stands_in_its_place(slave, answer);
}

/* As many may be there as before, and one of them have moved: then another stands before its place. */
static bool follows_the_same(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	const struct ecr_ask *before = &answer->asks[BEFORE];
	uint16_t station;

	if (slave->ring_count || answer->count <= BEFORE)
		return true;
	station = ecr_le16(before->in);
	return before->wkc == 1 && (station == slave->before[0] || station == slave->before[1]);
}

static void ask_neighbours(const struct ecr_slave *slave, struct ecr_job *job)
{
	if (slave->position && (slave->ring_count ? slave->identity_known : slave->seated))
		ecr_job_read(job, ECR_CMD_APRD,
			     ecr_address_position((uint16_t)(slave->position - 1), ECR_REG_STATION),
			     2);
	for (int i = slave->position + 1;
	     i < slave->ring_count && i <= slave->position + NEIGHBOURS && slave->identity_known;
	     i++)
		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position((uint16_t)i, ECR_REG_STATION),
			     2);
}

/*
 * Its station was given to whoever stood at its position, and nobody knows yet who that is. He stands elsewhere: as many
 * were there as had been counted, and one of them was a stranger; or not where the neighbours are. The station would speak
 * for the wrong one.
 */
static bool is_mistaken(const struct ecr_slave *slave, const struct ecr_answer *answer)
{
	return slave->ring_count && answer->asks[OWN_STATION].wkc &&
	       (slave->misplaced || (slave->taken && ecr_le16(answer->data) != slave->station));
}

static struct ecr_verdict up_whose(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (!answer) {
		ecr_job_read(job, ECR_CMD_APRD,
			     ecr_address_position(slave->position, ECR_REG_STATION), 2);
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_STATION), 2);
		ask_neighbours(slave, job);
		return ecr_ask();
	}
	slave->astray = slave->displaced = false;
	slave->ring_seen = answer->asks[1].wkc;
	if (answer->wkc != 1 || !is_as_called(slave, &answer->asks[1]) ||
	    !follows_the_same(slave, answer))
		return ecr_fail(ECR_ERR_NO_RESPONSE);
	slave->displaced = is_anothers(slave, ecr_le16(answer->data));
	if (slave->displaced)
		return ecr_fail(ECR_ERR_NO_RESPONSE);
	slave->guessed = !is_complete(slave, &answer->asks[1]) || has_moved(slave, answer);
	slave->by_order = slave->ring_count && slave->guessed && look_behind(slave, answer) <= 0;
	slave->follows =
		slave->ring_count && slave->identity_known && follows_its_neighbour(slave, answer);
	slave->had = 0;
	if (slave->guessed && !is_ours(slave, answer))
		return is_mistaken(slave, answer) ? ecr_goto(UP_WITHDRAW)
						  : ecr_fail(ECR_ERR_NO_RESPONSE);
	slave->had = ecr_le16(answer->data);
	slave->owns =
		ecr_le16(answer->data) == slave->station && answer->asks[OWN_STATION].wkc == 1;
	slave->named = slave->seen_station && slave->seen_station != slave->station &&
		       !slave->seen_owned && ecr_le16(answer->data) == slave->seen_station;
	return ecr_goto(UP_ASSIGN);
}

/*
 * Whoever has its address by mistake loses it first: two with one address would both be unreachable. What has a station goes
 * by it, since positions may be others by the time that the frame passes; but not by another's, who may be given it just before.
 */
static void assign(struct ecr_slave *slave, struct ecr_job *job)
{
	uint16_t from = slave->owns ? slave->station : slave->named ? slave->seen_station : 0;

	if (!slave->owns)
		ecr_job_write16(job, ECR_CMD_FPWR,
				ecr_address_station(slave->station, ECR_REG_STATION), 0);
	if (!from) /* who is there when it passes */
		ecr_job_read(job, ECR_CMD_APRD,
			     ecr_address_position(slave->position, ECR_REG_STATION), 2);
	ecr_job_write16(job, from ? ECR_CMD_FPWR : ECR_CMD_APWR,
			from ? ecr_address_station(from, ECR_REG_STATION)
			     : ecr_address_position(slave->position, ECR_REG_STATION),
			slave->station);
	ecr_job_write16(job, ECR_CMD_FPWR, ecr_address_station(slave->station, ECR_REG_IRQ_MASK),
			ECR_SLAVE_EVENTS);
	ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
	slave->misplaced = slave->misplaced || !from;
}

/* Another than was looked at has been given the address: it gets back its own. */
static bool met_another(struct ecr_slave *slave, const struct ecr_answer *answer)
{
	const struct ecr_ask *before = &answer->asks[1];
	uint16_t station = before->command == ECR_CMD_APRD ? ecr_le16(before->in) : 0;
	bool another = station && station != slave->had;

	slave->had = another ? station : 0;
	return another;
}

static struct ecr_verdict up_assign(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	const struct ecr_ask *last;

	if (!answer) {
		assign(slave, job);
		slave->asked = slave->asked && slave->owns;
		slave->shown.asked = slave->shown.asked && slave->owns;
		return ecr_ask();
	}
	last = &answer->asks[answer->count - 1];
	slave->ring_seen = last->wkc;
	if (last[-2].wkc != 1 || last[-1].wkc != 1)
		return ecr_fail(ECR_ERR_NO_RESPONSE);
	if (met_another(slave, answer))
		return ecr_goto(UP_WITHDRAW);
	if (!slave->identity_known && slave->ring_count && !is_complete(slave, last))
		return ecr_fail(ECR_ERR_NO_RESPONSE); /* just now */
	slave->restarted = slave->restarted || (slave->there && !slave->owns);
	slave->there = true;
	slave->taken = slave->taken || !slave->owns;
	if (!slave->owns) {
		slave->unproven = slave->gated;
		slave->taken_at = job->now;
	}
	slave->renewed = slave->renewed || !slave->owns;
	slave->stationed = true;
	slave->misplaced = false;
	return ecr_goto(is_as_called(slave, last) ? UP_UNMAP : UP_WITHDRAW);
}

/* Nobody knows whose the address is: somebody has come or gone just now, or before it was given. */
static struct ecr_verdict up_withdraw(struct ecr_job *job, const struct ecr_answer *answer)
{
	slave_of(job)->stationed = false;
	if (answer)
		return ecr_fail(ECR_ERR_NO_RESPONSE);
	return ecr_ask_write16(job, slave_of(job)->station, ECR_REG_STATION, slave_of(job)->had);
}

/*
 * One that has taken part in cycles takes part no more until it is configured again: below SAFEOP it is
 * not counted, and what it added would stand for another that has just gone. Whoever is here may bring FMMUs that no plan
 * for this slave knows, those of an earlier session or of the one that it was taken for: all that a controller can have are
 * cleared, the first ones apart since not every one has more.
 */
static void clear_fmmus(const struct ecr_slave *slave, struct ecr_job *job, unsigned int from,
			unsigned int count)
{
	ecr_job_write_zeros(job, ECR_CMD_FPWR,
			    ecr_address_station(slave->station, (uint16_t)ECR_REG_FMMU(from)),
			    (uint16_t)(count * ECR_FMMU_SIZE));
}

static struct ecr_verdict up_unmap(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (answer && answer->wkc)
		slave->linked = slave->may_count = false;
	if (answer || slave->unmapped)
		return ecr_goto(UP_INFO);
	clear_fmmus(slave, job, 0, ECR_SLAVE_FIRST_FMMUS);
	clear_fmmus(slave, job, ECR_SLAVE_FIRST_FMMUS, ECR_SLAVE_FMMUS - ECR_SLAVE_FIRST_FMMUS);
	return ecr_ask();
}

static struct ecr_verdict up_info(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	uint16_t status;

	if (!answer) {
		ecr_job_read(job, ECR_CMD_FPRD, ecr_address_station(slave->station, ECR_REG_INFO),
			     ECR_REG_INFO_SIZE);
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_DL_STATUS), 2);
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_ESC_CONFIG), 1);
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_AL_STATUS), 2);
		return ecr_ask();
	}
	slave->fmmu_count = answer->data[ECR_REG_FMMU_COUNT];
	slave->sm_count = answer->data[ECR_REG_SM_COUNT];
	slave->features = ecr_le16(answer->data + ECR_REG_FEATURES);
	slave->dl_status = ecr_le16(answer->asks[1].in);
	slave->emulation = answer->asks[2].in[0] & ECR_ESC_CONFIG_EMULATION;
	status = ecr_le16(answer->asks[3].in);
	slave->al_state = (uint8_t)(status & ECR_AL_STATE_MASK);
	slave->down = false;
	if (status == ECR_AL_INIT)
		return ecr_goto(UP_IDENTIFY);
	return ecr_goto(UP_INIT);
}

/*
 * Not plainly in INIT: after the broadcast reset a slave with device emulation shows the
 * acknowledge bit as an error, which writing INIT alone clears; any other gets its error
 * acknowledged with the request.
 */
static struct ecr_verdict up_init(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (!answer)
		return ecr_ask_write16(job, slave->station, ECR_REG_AL_CONTROL,
				       slave->emulation ? ECR_AL_INIT
							: ECR_AL_INIT | ECR_AL_ACKNOWLEDGE);
	return ecr_call(ecr_slave_al(slave, ECR_AL_INIT), UP_IDENTIFY);
}

static struct ecr_verdict up_identify(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->al_state = ECR_AL_INIT;
	slave->mismatch.what = NULL;
	slave->met_known = false;
	if (slave->config->presence.by == ECR_BY_POSITION)
		return ecr_goto(UP_SII);
	return ecr_call(ecr_slave_identify(slave), UP_SII);
}

/* The content does not change while the slave keeps its identity; a lost slave is read again. */
static struct ecr_verdict up_sii(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_sii_read *read = &slave->eeprom;

	(void)answer;
	slave->al_state = ECR_AL_INIT;
	read->job.steps = ecr_sii_read_steps;
	read->station = slave->station;
	read->have = 0;
	read->cut = read->checking = false;
	read->to_check = slave->optional || slave->called;
	return ecr_call(&read->job, UP_SII_DONE);
}

static struct ecr_verdict up_sii_done(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_sii_identity read;
	struct ecr_identity found;
	struct ecr_sii_general general;

	(void)answer;
	if (slave->eeprom.cut)
		return ecr_fail(
			ECR_ERR_LIMIT); /* limits.sii_bytes: a plan from half an image would be wrong */
	ecr_sii_open(&slave->sii, slave->eeprom.bytes, slave->eeprom.have);
	slave->eeprom.mixed = false;
	ecr_sii_identity(&slave->sii, &read);
	found = (struct ecr_identity){ read.vendor, read.product, read.revision, read.serial };
	slave->met_at = job->now;
	if (ecr_slave_check_found(slave, &found))
		return ecr_fail(ECR_ERR_IDENTITY_MISMATCH);
	ecr_slave_take_identity(slave);
	slave->asked = true;
	ecr_sii_general(&slave->sii, &general);
	slave->pdos.coe_details = general.present ? general.coe_details : 0;
	slave->not_lrw = general.flags & ECR_SII_FLAG_NOT_LRW;
	return ecr_goto(UP_MAILBOX);
}

/* Switched off and on again, a SyncManager forgets what lay in it (ETG.1000.4, 6.7): the slave counts
 * its messages anew, and one of before would pass for the first of them. */
static void write_mailbox_sm(struct ecr_job *job, uint16_t station, unsigned int channel,
			     uint16_t start, uint16_t length, uint8_t control)
{
	struct ecr_sm sm = { .start = start,
			     .length = length,
			     .control = control,
			     .activate = ECR_SM_ACTIVATE_ENABLE };
	uint32_t activate = ecr_address_station(station, (uint16_t)ECR_REG_SM_ACTIVATE(channel));

	ecr_job_write(job, ECR_CMD_FPWR, activate, 1)[0] = 0;
	ecr_sm_encode(ecr_job_write(job, ECR_CMD_FPWR,
				    ecr_address_station(station, (uint16_t)ECR_REG_SM(channel)),
				    ECR_SM_SIZE),
		      &sm);
}

/* In BOOT it is the bootstrap mailbox, which does not speak CoE (ETG.1000.6, 5.2; ETG.1020). */
static void choose_bootstrap(struct ecr_sii_mailbox *mailbox)
{
	mailbox->receive_offset = mailbox->boot_receive_offset;
	mailbox->receive_size = mailbox->boot_receive_size;
	mailbox->send_offset = mailbox->boot_send_offset;
	mailbox->send_size = mailbox->boot_send_size;
	mailbox->protocols &= (uint16_t)~ECR_SII_MAILBOX_COE;
}

static struct ecr_verdict up_mailbox(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_sii_mailbox mailbox;

	ecr_sii_mailbox(&slave->sii, &mailbox);
	if (slave->target == ECR_TARGET_BOOT) {
		choose_bootstrap(&mailbox);
		if (!mailbox.receive_size || !mailbox.send_size)
			return ecr_fail(ECR_ERR_NO_BOOTSTRAP);
	}
	if (mailbox.receive_size > slave->mailbox.room || mailbox.send_size > slave->mailbox.room)
		return ecr_fail(ECR_ERR_MAILBOX_SIZE);
	ecr_mailbox_reset(&slave->mailbox, slave->station, &mailbox);
	/* A refusal is forgotten: it costs little to hear it again. */
	slave->mailbox.no_complete_access = slave->mailbox.mute_to_complete;
	slave->mailbox.complete_unanswered = false;
	if (answer || !mailbox.receive_size || !mailbox.send_size)
		return ecr_goto(UP_PREOP);
	write_mailbox_sm(job, slave->station, 0, mailbox.receive_offset, mailbox.receive_size,
			 ECR_SM_CONTROL_MAILBOX_OUT);
	write_mailbox_sm(job, slave->station, 1, mailbox.send_offset, mailbox.send_size,
			 ECR_SM_CONTROL_MAILBOX_IN);
	return ecr_ask();
}

static enum ecr_al_state up_goal(const struct ecr_slave *slave)
{
	return slave->target == ECR_TARGET_BOOT ? ECR_AL_BOOT : ECR_AL_PREOP;
}

static struct ecr_verdict up_preop(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	return ecr_call(ecr_slave_al(slave_of(job), up_goal(slave_of(job))), UP_DONE);
}

static struct ecr_verdict up_done(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	slave_of(job)->al_state = (uint8_t)up_goal(slave_of(job));
	return ecr_done();
}

const struct ecr_step ecr_bringup_steps[] = {
	[UP_RETRACE] = { "slave.retrace", up_retrace, .wkc = ECR_WKC_ANY, .tries = 3,
			 .on_loss = ECR_ASK_AGAIN },
	[UP_ELSEWHERE] = { "slave.elsewhere", up_elsewhere, .wkc = ECR_WKC_ANY, .tries = 3,
			   .on_loss = ECR_ASK_AGAIN },
	[UP_WHOSE] = { "slave.whose", up_whose, .wkc = ECR_WKC_ANY, .tries = 3,
		       .on_loss = ECR_ASK_AGAIN },
	[UP_ASSIGN] = { "slave.assign", up_assign, .wkc = ECR_WKC_ANY, .tries = 3,
			.on_loss = UP_RETRACE },
	[UP_WITHDRAW] = { "slave.withdraw", up_withdraw, .wkc = ECR_WKC_ANY, .tries = 3,
			  .on_loss = ECR_ASK_AGAIN },
	[UP_UNMAP] = { "slave.unmap", up_unmap, .wkc = ECR_WKC_ANY, .tries = 3,
		       .on_loss = ECR_ASK_AGAIN },
	[UP_INFO] = { "slave.info", up_info, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
	[UP_INIT] = { "slave.init", up_init, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
	[UP_IDENTIFY] = { "slave.identify", up_identify },
	[UP_SII] = { "slave.sii", up_sii },
	[UP_SII_DONE] = { "slave.sii_done", up_sii_done },
	[UP_MAILBOX] = { "slave.mailbox", up_mailbox, .wkc = 1, .tries = 3,
			 .on_loss = ECR_ASK_AGAIN },
	[UP_PREOP] = { "slave.preop", up_preop },
	[UP_DONE] = { "slave.up", up_done },
};
