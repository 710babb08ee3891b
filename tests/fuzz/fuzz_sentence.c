/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a fault sentence: what is understood is read back as printed. */
#include <ecring/sim.h>

#include <stdlib.h>
#include <string.h>

#define ROOM 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ecr_sim *make_ring(void)
{
	static uint8_t image[1024];
	struct ecr_sim_device devices[4] = { 0 };
	static const char *const names[4] = { "outputs", "LRW", "port", "" };

	for (int i = 0; i < 4; i++) {
		devices[i].name = names[i];
		devices[i].sii = image;
		devices[i].sii_size = ecr_sim_shipped_sii("EL2809", image, sizeof(image));
	}
	return ecr_sim_init(malloc(ecr_sim_size(devices, 4)), ecr_sim_size(devices, 4), devices, 4);
}

static void read_back(const struct ecr_sim *sim, struct ecr_sim_fault fault)
{
	struct ecr_sim_fault again = { 0 };
	char printed[300];
	char twice[300];
	char error[300];

	fault.script = false;
	if (!ecr_sim_print_fault(sim, &fault, printed, sizeof(printed)) ||
	    ecr_sim_parse_fault(sim, printed, &again, 1, error, sizeof(error)) != 1 ||
	    !ecr_sim_print_fault(sim, &again, twice, sizeof(twice)) || strcmp(printed, twice) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ecr_sim *sim;
	struct ecr_sim_fault faults[ROOM];
	char *sentence = calloc(1, size + 1);
	char error[300];
	int count;

	if (!sim)
		sim = make_ring();
	if (!sentence || !sim)
		abort();
	memcpy(sentence, data, size);
	count = ecr_sim_parse_fault(sim, sentence, faults, ROOM, error, sizeof(error));
	for (int i = 0; i < count; i++)
		read_back(sim, faults[i]);
	if (count < 0 && !error[0])
		abort();
	free(sentence);
	return 0;
}
