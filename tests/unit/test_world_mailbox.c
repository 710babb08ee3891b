/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds of slaves that talk: random rings, SDO traffic on every slave, storms of emergencies, frames
 * lost, slaves that vanish, beside a cycle of 250 us. Not one cycle is late because of it; every
 * request comes back once; no value is mixed, and nothing is written more often than asked for. When
 * the faults are over, everything works. ECRING_WORLD_SEEDS says how many; ECRING_WORLD_SEED replays
 * one.
 */
#include "support/check.h"
#include "support/seeds.h"
#include "support/talker.h"

#include "master/master.h"
#include "sim/app.h"
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 12
#define SLOTS 3 /* requests of a slave at once */
#define BLOB 0x2000
#define BLOB_MOST 3000
#define LIST 0x2001
#define CYCLE ECR_US(250)
#define TRAFFIC ECR_MS(120)
#define STORM 0xFF00u /* the code of the emergencies that a habit sends */

/* What the test knows of a slave. */
struct peer {
	uint8_t sii[TALKER_SII];
	char name[16];
	struct ecr_sim_entry entry;
	struct ecr_sim_object objects[2];
	uint8_t values[2][BLOB_MOST]; /* the blob is one of these, always */
	uint32_t size;
	uint32_t written; /* by the device */
	uint32_t begun;	  /* downloads asked for */
	uint32_t good;	  /* downloads that came back good */
	uint16_t sent;	  /* emergencies */
	uint16_t told;
	bool anew; /* it was brought up again: emergencies of before may be lost */
	struct talker_request requests[SLOTS];
	uint8_t buffers[SLOTS][BLOB_MOST];
	int completions[SLOTS];
};

static struct vring ring;
static struct peer peers[MOST];
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static int count;
static bool sound;   /* nothing is lost in this world */
static bool traffic; /* requests are made */
static struct ecr_prng draws;
static uint64_t seed;
static ecr_time last_cycle; /* when the last cyclic frame began; 0 none */
static uint64_t cycles;

static const struct ecr_sim_entry list_entry = {
	.subindex = 1, .count = 6, .type = ECR_COE_TYPE_UNSIGNED16, .access = ECR_SIM_RW
};

static const struct ecr_sdo_write startup[] = {
	{ .index = LIST, .subindex = 3, .when = ECR_AT_PREOP, .type = ECR_SDO_U16, .value = 3 },
	{ .index = LIST,
	  .subindex = 4,
	  .when = ECR_AT_PS,
	  .type = ECR_SDO_U16,
	  .value = 4,
	  .flags = ECR_SDO_COMPARE },
	{ .index = LIST, .subindex = 5, .when = ECR_AT_SO, .type = ECR_SDO_U16, .value = 5 },
	{ 0 },
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	print_message("world %llu at %.3f ms: %s\n", (unsigned long long)seed,
		      (double)ring.now / 1e6, what);
	fail();
}

static uint32_t count_write(struct ecr_sim_app *app, void *state, uint16_t index, uint8_t subindex)
{
	(void)state;
	(void)subindex;
	if (index == BLOB)
		peers[app->esc - ring.sim->slaves].written++;
	return 0;
}

static const struct ecr_sim_behaviour counting = { .written = count_write };

static struct ecr_sim_habits draw_habits(struct ecr_prng *prng)
{
	return (struct ecr_sim_habits){
		.take_ns = ecr_prng_below(prng, 3) ? 0 : ECR_US(ecr_prng_below(prng, 2000)),
		.answer_ns = ecr_prng_below(prng, 3) ? 0 : ECR_US(ecr_prng_below(prng, 3000)),
		.al_pause_ns = ecr_prng_below(prng, 4) ? 0 : ECR_MS(ecr_prng_below(prng, 20)),
		.emergency_ns =
			ecr_prng_below(prng, 3) ? 0 : ECR_US(ecr_prng_between(prng, 80, 5000)),
		.counter_step = (uint8_t)(ecr_prng_below(prng, 8) ? 0 : 2),
		.answers_twice = !ecr_prng_below(prng, 8),
		.stale_at_preop = !ecr_prng_below(prng, 3),
		.refuses_complete_access = !ecr_prng_below(prng, 4),
	};
}

static void draw_device(struct ecr_prng *prng, int number)
{
	const uint32_t most = ecr_prng_below(prng, 4) ? 256 : 1000;
	const struct talker talker = { .receive_size = (uint16_t)ecr_prng_between(prng, 16, most),
				       .send_size = (uint16_t)ecr_prng_between(prng, 16, most),
				       .coe = (uint8_t)ecr_prng_next(prng),
				       .protocols = ECR_SII_MAILBOX_COE,
				       .outputs = (uint8_t)ecr_prng_below(prng, 9),
				       .inputs = (uint8_t)ecr_prng_below(prng, 9) };
	struct peer *peer = &peers[number];
	struct ecr_sim_device *device = &devices[number];

	memset(peer, 0, sizeof(*peer));
	snprintf(peer->name, sizeof(peer->name), "s%d", number);
	peer->size = 1 + ecr_prng_below(prng, 1u << ecr_prng_between(prng, 1, 11));
	for (uint32_t i = 0; i < peer->size; i++) {
		peer->values[0][i] = (uint8_t)ecr_prng_next(prng);
		peer->values[1][i] = (uint8_t)ecr_prng_next(prng);
	}
	peer->entry = (struct ecr_sim_entry){ .type = ECR_COE_TYPE_OCTET_STRING,
					      .access = ECR_SIM_RW,
					      .data = peer->values[0],
					      .size = peer->size };
	peer->objects[0] =
		(struct ecr_sim_object){ BLOB, ECR_OBJECT_VARIABLE, 0, "Blob", &peer->entry, 1 };
	peer->objects[1] =
		(struct ecr_sim_object){ LIST, ECR_OBJECT_ARRAY, 0, "List", &list_entry, 1 };
	*device = (struct ecr_sim_device){ .name = peer->name,
					   .sii = peer->sii,
					   .objects = peer->objects,
					   .object_count = 2,
					   .behaviour = &counting,
					   .habits = draw_habits(prng) };
	device->sii_size = talker_sii(peer->sii, sizeof(peer->sii), peer->name, &talker);
	slaves[number] = (struct ecr_slave_config){
		.name = peer->name,
		.process_data = ECR_ALL_TO("io"),
		.startup = ecr_prng_below(prng, 2) ? startup : NULL,
		.health_poll_ms = (int32_t)ecr_prng_between(prng, 5, 50),
		.mailbox_poll_ms = (int32_t)ecr_prng_between(prng, 1, 30),
		.mailbox_timeout_ms = 200,
		.watchdog_ms = 500,
	};
}

static void disturb(struct ecr_prng *prng)
{
	sound = ecr_prng_below(prng, 3) == 0;
	if (sound)
		return;
	ring.lost_ppm = ecr_prng_below(prng, 10000);
	ring.lost_back_ppm = ecr_prng_below(prng, 10000);
	ring.duplicated_ppm = ecr_prng_below(prng, 10000);
	ring.late_ppm = ecr_prng_below(prng, 3000);
	ring.late_ns = ECR_US(ecr_prng_between(prng, 20, 3000));
	ring.corrupt_ppm = ecr_prng_below(prng, 5000);
}

/* The first frame of a cycle begins at its deadline to the nanosecond, and no cycle is left out. */
static void check_frame(struct vring *r, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	ecr_time start = r->line.last_start;

	ecr_frame_open(&reader, frame, length);
	if (!ecr_frame_next(&reader, &datagram) || datagram.command < ECR_CMD_LRD ||
	    datagram.command > ECR_CMD_LRW)
		return;
	must((start - r->core->epoch) % CYCLE == 0, "a cyclic frame is late");
	must(!last_cycle || start == last_cycle + CYCLE, "a cycle is left out");
	last_cycle = start;
	cycles++;
}

static void note_completion(void *request)
{
	for (int i = 0; i < count; i++)
		for (int k = 0; k < SLOTS; k++)
			peers[i].completions[k] += request == &peers[i].requests[k].request;
}

static void note_emergency(const struct ecr_event *event)
{
	struct peer *peer = &peers[event->slave];

	if (event->actual == STORM)
		return;
	must(event->actual > peer->told, "an emergency is told twice");
	must(peer->anew || event->actual == peer->told + 1u, "an emergency is lost");
	peer->told = (uint16_t)event->actual;
}

static void check_event(struct vring *r, const struct ecr_event *event)
{
	(void)r;
	switch (event->kind) {
	case ECR_EVENT_REQUEST_COMPLETED:
		note_completion(event->request);
		break;
	case ECR_EVENT_SLAVE_EMERGENCY:
		note_emergency(event);
		break;
	case ECR_EVENT_DOMAIN_STOPPED:
	case ECR_EVENT_DOMAIN_STARTED:
		last_cycle = 0;
		break;
	case ECR_EVENT_SLAVE_DOWN:
	case ECR_EVENT_SLAVE_STARTUP_RETRY:
		peers[event->slave].anew = true;
		must(!sound, "a slave suffers from mailbox traffic");
		break;
	case ECR_EVENT_DOMAIN_TRANSPORT_MISS:
		must(!sound, "a cycle suffers from mailbox traffic");
		break;
	default:
		break;
	}
}

static void check_result(struct peer *peer, int slot)
{
	struct talker_request *request = &peer->requests[slot];
	const struct ecr_sdo *sdo = &request->sdo;
	bool download = sdo->kind == ECR_SDO_DOWNLOAD;
	int error = sdo->result.error;

	must(peer->completions[slot] == 1, "a request has not exactly one completion");
	if (sound && error && error != ECR_ERR_TIMEOUT && error != ECR_ERR_CANCELLED &&
	    error != ECR_ERR_NOT_STARTED && error != ECR_ERR_UNKNOWN_SLAVE &&
	    error != ECR_ERR_MAILBOX_NOT_READY) {
		print_message("%s: %s %04x:%x, expected %x, got %x, abort %08x\n", peer->name,
			      ecr_error_name(error), sdo->result.index, sdo->result.subindex,
			      sdo->result.expected, sdo->result.actual, sdo->result.abort_code);
		must(false, "a request fails though nothing is wrong");
	}
	peer->good += download && !error;
	must(peer->written >= peer->good && peer->written <= peer->begun,
	     "a value is written more often than asked for, or not at all");
	if (error || download)
		return;
	must(sdo->result.size == peer->size &&
		     (memcmp(sdo->data, peer->values[0], peer->size) == 0 ||
		      memcmp(sdo->data, peer->values[1], peer->size) == 0),
	     "an upload brings what never was there");
}

static void begin_request(struct peer *peer, int slot)
{
	struct talker_request *request = &peer->requests[slot];
	bool download = ecr_prng_below(&draws, 2);
	ecr_time timeout =
		ecr_prng_below(&draws, 4) ? 0 : ECR_US(ecr_prng_between(&draws, 100, 30000));

	*request = (struct talker_request){
		.sdo = { .kind = download ? ECR_SDO_DOWNLOAD : ECR_SDO_UPLOAD,
			 .index = BLOB,
			 .data = download ? peer->values[ecr_prng_below(&draws, 2)]
					  : peer->buffers[slot],
			 .size = peer->size }
	};
	peer->completions[slot] = 0;
	if (talker_submit(&ring, request, peer->name, timeout)) {
		request->sdo.slave = NULL; /* refused: it does not come back */
		return;
	}
	request->sdo.slave = peer->name;
	peer->begun += download;
}

static void make_traffic(struct peer *peer)
{
	for (int i = 0; i < SLOTS; i++) {
		struct talker_request *request = &peer->requests[i];

		if (request->sdo.slave && request->done) {
			check_result(peer, i);
			request->sdo.slave = NULL;
		}
		if (traffic && !request->sdo.slave && !ecr_prng_below(&draws, 40))
			begin_request(peer, i);
		else if (request->sdo.slave && !request->done && !ecr_prng_below(&draws, 2000))
			ecr_service_cancel(ring.core, &request->sdo);
	}
}

static void each_tick(struct vring *r)
{
	for (int i = 0; i < count; i++) {
		const struct ecr_emergency emergency = { .code = (uint16_t)(peers[i].sent + 1) };

		make_traffic(&peers[i]);
		if (traffic && !ecr_prng_below(&draws, 400))
			peers[i].sent = (uint16_t)(peers[i].sent +
						   ecr_sim_emergency(r->sim, i, &emergency));
	}
	must(r->line.overflows == 0, "more frames in flight than the wire holds");
}

static void draw_fault(struct ecr_prng *prng)
{
	int slave = (int)ecr_prng_below(prng, (uint32_t)count);
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT,
				     .slave = slave,
				     .frames = ecr_prng_between(prng, 1, 400) };
	struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = slave };

	if (sound)
		return;
	if (ecr_prng_below(prng, 2)) {
		ecr_sim_inject(ring.sim, ring.now, &cut);
		return;
	}
	peers[slave].anew = true;
	ecr_sim_inject(ring.sim, ring.now, &cycle);
}

/* Whatever is under way comes to its end. */
static void settle(void)
{
	ecr_time end = ring.now + ECR_S(20);
	bool open = true;

	traffic = false;
	ring.lost_ppm = ring.lost_back_ppm = ring.duplicated_ppm = ring.late_ppm =
		ring.corrupt_ppm = 0;
	ecr_sim_clear_faults(ring.sim);
	while (open && ring.now < end) {
		vring_run_until(&ring, ring.now + ECR_MS(5));
		open = ecr_core_state(ring.core) != ECR_STATE_OPERATIONAL;
		for (int i = 0; i < count && !open; i++)
			open = ring.core->slaves[i].down ||
			       ring.core->slaves[i].al_state != ECR_AL_OP;
		for (int i = 0; i < count; i++)
			for (int k = 0; k < SLOTS; k++)
				open = open || peers[i].requests[k].sdo.slave;
	}
	must(!open, "20 s after the last fault not all is well");
	must(ring.core->services == 0, "a request is counted that is not there");
}

static void check_peer(struct peer *peer, int number)
{
	struct ecr_sdo_result result =
		talker_download(&ring, peer->name, BLOB, 0, peer->values[1], peer->size);
	uint8_t bytes[BLOB_MOST];

	if (result.error)
		print_message("%s: %s, expected %x, got %x\n", peer->name,
			      ecr_error_name(result.error), result.expected, result.actual);
	must(result.error == 0, "a download fails at the end");
	must(ecr_sim_read_object(ring.sim, number, BLOB, 0, bytes, sizeof(bytes)) ==
			     (int)peer->size &&
		     memcmp(bytes, peer->values[1], peer->size) == 0,
	     "a value is not there at the end");
	result = talker_upload(&ring, peer->name, BLOB, 0, bytes, sizeof(bytes));
	must(result.error == 0 && memcmp(bytes, peer->values[1], peer->size) == 0,
	     "a value does not come back at the end");
	if (slaves[number].startup)
		must(ecr_sim_read_object(ring.sim, number, LIST, 5, bytes, 2) == 2 && bytes[0] == 5,
		     "the startup list is not written");
	must(peer->anew || peer->told == peer->sent, "an emergency is not told");
}

static void run_world(uint64_t number)
{
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = CYCLE },
							    { 0 } };
	struct ecr_config config = { .domains = domains,
				     .slaves = slaves,
				     .scan_poll_ms = 10,
				     .scan_stable_ms = 20,
				     .frame_timeout_ms = 1 };
	struct ecr_prng prng = seeds_prng(number);
	ecr_time end;

	seed = number;
	count = (int)ecr_prng_between(&prng, 1, MOST);
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < count; i++)
		draw_device(&prng, i);
	vring_open_devices(&ring, devices, count);
	draws = ring.prng = prng;
	last_cycle = 0;
	cycles = 0;
	traffic = true;
	ring.each_event = check_event;
	ring.each_tick = each_tick;
	ring.each_frame = check_frame;
	disturb(&prng);
	must(vring_start(&ring, &config) == 0, "start was refused");
	vring_run_until(&ring, ring.now + ECR_MS(200));
	end = ring.now + TRAFFIC;
	while (ring.now < end) {
		if (!ecr_prng_below(&prng, 4))
			draw_fault(&prng);
		vring_run_until(&ring, ring.now + ECR_MS(30));
	}
	settle();
	for (int i = 0; i < count; i++)
		check_peer(&peers[i], i);
	must(vring_domain(&ring, "io").skipped == 0, "a cycle was skipped");
	must(cycles > 0 || vring_domain(&ring, "io").image_size == 0, "nothing cycled");
	must(vring_stop(&ring) == 0, "stop failed");
	vring_close(&ring);
}

static void traffic_delays_no_cycle(void **state)
{
	(void)state;
	SEEDS_EACH(number, 50)
	run_world(number);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(traffic_delays_no_cycle) };

	return RUN(tests);
}
