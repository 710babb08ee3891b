/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring from its description on the command line. */
#define _DEFAULT_SOURCE 1 /* strsep */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SII_ROOM 65536
#define PPM_MOST 10000 /* that a clock is off */

struct cli_ring {
	struct ecr_sim_device devices[CLI_SLAVES];
	uint8_t *images[CLI_SLAVES];
	char *names[CLI_SLAVES];
	bool optional[CLI_SLAVES];
	bool moves; /* somebody is plugged in elsewhere */
	int count;
	void *memory;
	struct ecr_sim *sim; /* within it */
};

/* An SII image; 0 with a message. */
static size_t read_file(const char *path, uint8_t *bytes)
{
	FILE *file = fopen(path, "rb");
	uint8_t more;
	size_t length;
	bool whole;

	if (!file) {
		fprintf(stderr,
			"ecring: %s: neither a shipped device (ecring --help lists them) nor a "
			"readable SII file: %s\n",
			path, strerror(errno));
		return 0;
	}
	length = fread(bytes, 1, SII_ROOM, file);
	whole = length < SII_ROOM || fread(&more, 1, 1, file) == 0;
	if (ferror(file))
		fprintf(stderr, "ecring: %s: %s\n", path, strerror(errno));
	else if (!length || !whole)
		fprintf(stderr, "ecring: %s: an SII image has 1 to 65536 bytes, this file %s\n",
			path, length ? "has more" : "is empty");
	whole = whole && !ferror(file);
	fclose(file);
	return whole ? length : 0;
}

/* digital:OUTPUTS:INPUTS or analog:OUTPUTS:INPUTS behind the colon; the image's length, 0 when it
 * cannot be. */
static size_t generate(const char *element, const char *counts, uint8_t *image)
{
	unsigned int outputs;
	unsigned int inputs;
	int end = 0;
	size_t size = 0;

	if (sscanf(counts, "%5u:%5u%n", &outputs, &inputs, &end) == 2 && !counts[end] &&
	    isdigit((unsigned char)counts[0]) && outputs <= UINT16_MAX && inputs <= UINT16_MAX)
		size = element[0] == 'd' ? ecr_sim_digital_sii(image, SII_ROOM, "digital",
							       (uint16_t)outputs, (uint16_t)inputs)
					 : ecr_sim_analog_sii(image, SII_ROOM, "analog",
							      (uint16_t)outputs, (uint16_t)inputs);
	if (!size)
		fprintf(stderr,
			"ecring: %s: wanted is KIND:OUTPUTS:INPUTS, no more than an EEPROM of 64 "
			"KiB can name\n",
			element);
	return size;
}

static bool is_generated(const char *element)
{
	return strncmp(element, "digital:", 8) == 0 || strncmp(element, "analog:", 7) == 0;
}

static bool make_device(const char *element, struct ecr_sim_device *device, uint8_t *image)
{
	if (ecr_sim_shipped(element, device, image, SII_ROOM))
		return true;
	device->emulation = is_generated(element);
	device->sii_size = device->emulation ? generate(element, strchr(element, ':') + 1, image)
					     : read_file(element, image);
	return device->sii_size > 0;
}

static const char *usual_name(const char *element)
{
	if (strcmp(element, "EK1100") == 0)
		return "coupler";
	if (strcmp(element, "EL1809") == 0)
		return "inputs";
	return strcmp(element, "EL2809") == 0 ? "outputs" : NULL;
}

#define SIM_FEATURES_CLOCK 0x000Cu /* distributed clocks of 64 bits */

static bool name_taken(const struct cli_ring *ring, const char *name)
{
	for (int i = 0; i < ring->count; i++)
		if (strcmp(ring->names[i], name) == 0)
			return true;
	return false;
}

/* ELEMENT@PPM: a clock that is off by so much, every other one the other way. */
static void give_clock(struct ecr_sim_device *device, double ppm, int number)
{
	device->features = SIM_FEATURES_CLOCK;
	device->clock.drift_ppb = (int32_t)(ppm * (number % 2 ? 1000 : -1000));
	device->clock.start_ns = 1000000007ull * (unsigned int)number;
	device->cable_ns = 50;
}

/* Cuts @PPM off the element; false without it, or when it is no such number. */
static bool take_ppm(char *element, double *ppm)
{
	char *at = strrchr(element, '@');
	char *end;

	if (!at)
		return false;
	*ppm = strtod(at + 1, &end);
	if (end == at + 1 || *end || !(*ppm >= -PPM_MOST && *ppm <= PPM_MOST))
		return false;
	*at = '\0';
	return true;
}

static bool refuse_name(const char *name, const char *why)
{
	fprintf(stderr, "ecring: a slave called '%s': %s\n", name, why);
	return false;
}

/* Room for one more; its name, NULL for the usual one. */
static bool begin_device(struct cli_ring *ring, const char *element, const char *name)
{
	const char *usual = name ? name : usual_name(element);
	char number[32];

	snprintf(number, sizeof(number), "slave_%d", ring->count);
	if (!usual || (!name && name_taken(ring, usual)))
		usual = number;
	if (!usual[0] || strlen(usual) >= ECR_NAME_SIZE)
		return refuse_name(usual, "1 to 47 bytes are wanted");
	if (name_taken(ring, usual))
		return refuse_name(usual, "there is one already");
	if (ring->count == CLI_SLAVES) {
		fprintf(stderr, "ecring: a ring has at most %d slaves\n", CLI_SLAVES);
		return false;
	}
	ring->images[ring->count] = malloc(SII_ROOM);
	ring->names[ring->count] = strdup(usual);
	ring->count++;
	if (ring->images[ring->count - 1] && ring->names[ring->count - 1])
		return true;
	fprintf(stderr, "ecring: no memory for a ring of %d slaves\n", ring->count);
	return false;
}

static bool add_device(struct cli_ring *ring, const char *element, const char *name,
		       const double *ppm)
{
	struct ecr_sim_device *device = &ring->devices[ring->count];

	if (!begin_device(ring, element, name))
		return false;
	device->name = ring->names[ring->count - 1];
	device->sii = ring->images[ring->count - 1];
	if (ppm)
		give_clock(device, *ppm, ring->count);
	return make_device(element, device, ring->images[ring->count - 1]);
}

#define FIRST_ALIAS 0x100

/* ELEMENT?: may be absent, and is at first; recognised by an alias. */
static void make_optional(struct cli_ring *ring, int number)
{
	ring->optional[number] = ring->devices[number].absent = true;
	ring->devices[number].alias = (uint16_t)(FIRST_ALIAS + number);
}

void cli_ring_presence(const struct cli_ring *ring, int slave, struct ecr_presence_config *presence)
{
	const struct ecr_sim_device *device = &ring->devices[slave];

	if (ring->optional[slave])
		*presence = (struct ecr_presence_config){ .optional = true,
							  .by = ECR_BY_ALIAS,
							  .identification = device->alias,
							  .sii = device->sii,
							  .sii_size = device->sii_size };
}

/* Cuts *N off the text: N, 1 without it, 0 when it is no such number. */
static long take_repeat(char *text)
{
	char *star = strrchr(text, '*');
	long repeat = 1;

	if (!star)
		return 1;
	if (!cli_number(star + 1, 1, CLI_SLAVES, &repeat)) {
		fprintf(stderr, "ecring: %s: behind the * 1 to %d is wanted\n", text, CLI_SLAVES);
		return 0;
	}
	*star = '\0';
	return repeat;
}

/* Cuts the mark off the end of the text; whether it was there. */
static bool take_mark(char *text, char mark)
{
	size_t length = strlen(text);

	if (!length || text[length - 1] != mark)
		return false;
	text[length - 1] = '\0';
	return true;
}

/* [NAME:]ELEMENT[@PPM][~][?][*N]; the colon of digital:8:8 is not a name's. */
static bool add_element(struct cli_ring *ring, char *text)
{
	long repeat = take_repeat(text);
	char *colon = is_generated(text) ? NULL : strchr(text, ':');
	const char *name = NULL;
	double ppm;
	bool optional;
	bool swapped;
	bool clock;

	if (!repeat)
		return false;
	if (colon) {
		*colon = '\0';
		name = text;
		text = colon + 1;
	}
	optional = take_mark(text, '?');
	swapped = take_mark(text, '~');
	clock = take_ppm(text, &ppm);
	if (!text[0]) {
		fprintf(stderr, "ecring: --ring: an element between two commas is empty\n");
		return false;
	}
	for (; repeat; repeat--, name = NULL) {
		if (!add_device(ring, text, name, clock ? &ppm : NULL))
			return false;
		ring->devices[ring->count - 1].entry_port = swapped;
		if (optional)
			make_optional(ring, ring->count - 1);
	}
	return true;
}

static bool add_elements(struct cli_ring *ring, char *text)
{
	while (text) {
		char *part = strsep(&text, ",");

		if (!add_element(ring, part))
			return false;
	}
	return true;
}

/* outputs.1=inputs.1: channels from 1 */
static bool add_wire(struct cli_ring *ring, const char *wire)
{
	char from[64];
	char to[64];
	unsigned int a;
	unsigned int b;
	int end = 0;

	if (sscanf(wire, "%63[^.].%9u=%63[^.].%9u%n", from, &a, to, &b, &end) == 4 && !wire[end] &&
	    a && b &&
	    ecr_sim_wire(ring->sim, ecr_sim_find(ring->sim, from), a - 1,
			 ecr_sim_find(ring->sim, to), b - 1, 1))
		return true;
	fprintf(stderr,
		"ecring: --wire %s: wanted is OUTPUTS.N=INPUTS.M with names and channels of the "
		"ring\n",
		wire);
	return false;
}

static bool lay(struct cli_ring *ring)
{
	size_t size = ecr_sim_size(ring->devices, ring->count);

	ring->memory = malloc(size);
	ring->sim = ecr_sim_init(ring->memory, size, ring->devices, ring->count);
	if (!ring->sim)
		fprintf(stderr,
			"ecring: the ring of %d slaves cannot be laid: %zu bytes of memory?\n",
			ring->count, size);
	return ring->sim;
}

struct cli_ring *cli_ring_make(const char *description, const char *const *wires, int wire_count)
{
	struct cli_ring *ring = calloc(1, sizeof(*ring));
	char *text = strdup(description);
	bool good = ring && text && add_elements(ring, text) && lay(ring);

	free(text);
	for (int i = 0; good && i < wire_count; i++)
		good = add_wire(ring, wires[i]);
	if (good)
		return ring;
	if (ring)
		cli_ring_free(ring);
	return NULL;
}

bool cli_ring_has_clocks(const struct cli_ring *ring)
{
	for (int i = 0; i < ring->count; i++)
		if (ring->devices[i].features & SIM_FEATURES_CLOCK)
			return true;
	return false;
}

const char *cli_ring_name(const struct cli_ring *ring, int slave)
{
	return slave < ring->count ? ring->names[slave] : NULL;
}

/* One that is entered at its OUT is passed after those behind it. */
bool cli_ring_keeps_order(const struct cli_ring *ring)
{
	bool keeps = !ring->moves;

	for (int i = 0; i < ring->count; i++)
		keeps = keeps && !ring->optional[i] &&
			(!ring->devices[i].entry_port || i == ring->count - 1);
	return keeps;
}

struct ecr_slave_config *cli_ring_slaves(const struct cli_ring *ring,
					 const struct ecr_slave_config *each)
{
	struct ecr_slave_config *slaves = calloc((size_t)ring->count + 1, sizeof(*slaves));

	for (int i = 0; slaves && i < ring->count; i++) {
		slaves[i] = *each;
		slaves[i].name = ring->names[i];
		cli_ring_presence(ring, i, &slaves[i].presence);
	}
	return slaves;
}

struct ecr_sim *cli_ring_sim(struct cli_ring *ring)
{
	return ring->sim;
}

bool cli_ring_close(struct cli_ring *ring, const struct cli_options *options,
		    struct ecr_config *config)
{
	int last = ring->count - 1;

	if (!options->redundant)
		return true;
	while (last && ring->devices[last].absent)
		last--;
	if (!ecr_sim_close_ring(ring->sim, last, -1)) {
		fprintf(stderr, "ecring: --redundant: %s has no free port for a cable back\n",
			ring->names[last]);
		return false;
	}
	config->backup_interface = "simulator";
	return true;
}

bool cli_ring_say(struct cli_ring *ring, const struct cli_options *options)
{
	char error[512];

	for (int i = 0; i < options->fault_count; i++) {
		ring->moves = ring->moves || strstr(options->faults[i], " into ");
		if (ecr_sim_say(ring->sim, ecr_now(), options->faults[i], error, sizeof(error)))
			continue;
		fprintf(stderr, "ecring: --fault '%s': %s\n", options->faults[i], error);
		return false;
	}
	return true;
}

void cli_ring_free(struct cli_ring *ring)
{
	for (int i = 0; i < ring->count; i++) {
		free(ring->images[i]);
		free(ring->names[i]);
	}
	free(ring->memory);
	free(ring);
}
