/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring from its description on the command line. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SII_ROOM 65536

struct cli_ring {
	struct ecr_sim_device devices[CLI_SLAVES];
	uint8_t *images[CLI_SLAVES];
	char *names[CLI_SLAVES];
	int count;
	struct ecr_sim *sim;
};

static size_t read_file(const char *path, uint8_t *bytes, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t length = file ? fread(bytes, 1, room, file) : 0;

	if (file)
		fclose(file);
	return length;
}

static void refuse_element(const char *element)
{
	bool generated =
		strncmp(element, "digital:", 8) == 0 || strncmp(element, "analog:", 7) == 0;

	fprintf(stderr, "ecring: %s: %s\n", element,
		generated
			? "wanted is KIND:OUTPUTS:INPUTS, no more than an EEPROM of 64 KiB can name"
			: "neither a shipped device (ecring --help lists them) nor a readable SII "
			  "file");
}

static bool make_device(const char *element, struct ecr_sim_device *device, uint8_t *image)
{
	unsigned int outputs;
	unsigned int inputs;

	if (ecr_sim_shipped(element, device, image, SII_ROOM))
		return true;
	device->emulation = true;
	if (sscanf(element, "digital:%u:%u", &outputs, &inputs) == 2) {
		device->sii_size = ecr_sim_digital_sii(image, SII_ROOM, "digital",
						       (uint16_t)outputs, (uint16_t)inputs);
	} else if (sscanf(element, "analog:%u:%u", &outputs, &inputs) == 2) {
		device->sii_size = ecr_sim_analog_sii(image, SII_ROOM, "analog", (uint16_t)outputs,
						      (uint16_t)inputs);
	} else {
		device->emulation = false;
		device->sii_size = read_file(element, image, SII_ROOM);
	}
	if (!device->sii_size)
		refuse_element(element);
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
static void give_clock(struct ecr_sim_device *device, const char *ppm, int number)
{
	if (!ppm)
		return;
	device->features = SIM_FEATURES_CLOCK;
	device->clock.drift_ppb = (int32_t)(strtod(ppm, NULL) * (number % 2 ? 1000 : -1000));
	device->clock.start_ns = 1000000007ull * (unsigned int)number;
	device->cable_ns = 50;
}

static bool add_device(struct cli_ring *ring, const char *element, const char *name)
{
	struct ecr_sim_device *device = &ring->devices[ring->count];
	uint8_t *image = malloc(SII_ROOM);
	const char *usual = name ? name : usual_name(element);
	const char *at = strchr(element, '@');
	char number[32];
	char plain[256];

	if (ring->count == CLI_SLAVES || !image) {
		fprintf(stderr, "ecring: a ring has at most %d slaves\n", CLI_SLAVES);
		free(image);
		return false;
	}
	snprintf(number, sizeof(number), "slave_%d", ring->count);
	if (!usual || name_taken(ring, usual))
		usual = number;
	ring->images[ring->count] = image;
	ring->names[ring->count] = strdup(usual);
	device->name = ring->names[ring->count];
	device->sii = image;
	ring->count++;
	give_clock(device, at ? at + 1 : NULL, ring->count);
	if (at)
		snprintf(plain, sizeof(plain), "%.*s", (int)(at - element), element);
	return make_device(at ? plain : element, device, image);
}

/* [NAME:]ELEMENT[*N]; the colon of digital:8:8 is not a name's. */
static bool add_element(struct cli_ring *ring, char *text)
{
	char *star = strrchr(text, '*');
	char *colon = strchr(text, ':');
	const char *name = NULL;
	int repeat = 1;

	if (star) {
		repeat = atoi(star + 1);
		*star = '\0';
		if (repeat < 1) {
			fprintf(stderr, "ecring: %s*%s: how often?\n", text, star + 1);
			return false;
		}
	}
	if (colon && strncmp(text, "digital:", 8) != 0 && strncmp(text, "analog:", 7) != 0) {
		*colon = '\0';
		name = text;
		text = colon + 1;
	}
	while (repeat--) {
		if (!add_device(ring, text, name))
			return false;
		name = NULL;
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

	if (sscanf(wire, "%63[^.].%u=%63[^.].%u", from, &a, to, &b) == 4 && a && b &&
	    ecr_sim_wire(ring->sim, ecr_sim_find(ring->sim, from), a - 1,
			 ecr_sim_find(ring->sim, to), b - 1, 1))
		return true;
	fprintf(stderr,
		"ecring: --wire %s: wanted is OUTPUTS.N=INPUTS.M with names and channels of the "
		"ring\n",
		wire);
	return false;
}

struct cli_ring *cli_ring_make(const char *description, const char *const *wires, int wire_count)
{
	struct cli_ring *ring = calloc(1, sizeof(*ring));
	char *text = strdup(description);
	bool good = ring && text;
	size_t size;

	for (char *save = NULL, *part = good ? strtok_r(text, ",", &save) : NULL; good && part;
	     part = strtok_r(NULL, ",", &save))
		good = add_element(ring, part);
	free(text);
	if (good) {
		size = ecr_sim_size(ring->devices, ring->count);
		ring->sim = ecr_sim_init(malloc(size), size, ring->devices, ring->count);
		good = ring->sim != NULL;
	}
	for (int i = 0; good && i < wire_count; i++)
		good = add_wire(ring, wires[i]);
	if (good)
		return ring;
	if (ring)
		cli_ring_free(ring);
	return NULL;
}

const char *cli_ring_name(const struct cli_ring *ring, int slave)
{
	return slave < ring->count ? ring->names[slave] : NULL;
}

struct ecr_sim *cli_ring_sim(struct cli_ring *ring)
{
	return ring->sim;
}

bool cli_ring_say(struct cli_ring *ring, const struct cli_options *options)
{
	char error[512];

	for (int i = 0; i < options->fault_count; i++) {
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
	free(ring->sim);
	free(ring);
}
