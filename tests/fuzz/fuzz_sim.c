/* SPDX-License-Identifier: Apache-2.0 */
/* Any frames into the simulated ring. */
#include <ecring/sim.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t images[3][1024];
	static struct ecr_sim *sim;
	static const char *const names[3] = { "EK1100", "EL1809", "EL2809" };
	uint8_t *frame = malloc(size ? size : 1);

	if (!sim) {
		struct ecr_sim_device devices[3] = { 0 };

		for (int i = 0; i < 3; i++) {
			devices[i].sii = images[i];
			devices[i].sii_size =
				ecr_sim_shipped_sii(names[i], images[i], sizeof(images[i]));
			devices[i].emulation = i == 0;
		}
		sim = ecr_sim_init(malloc(ecr_sim_size(devices, 3)), ecr_sim_size(devices, 3),
				   devices, 3);
	}
	if (!frame)
		return 0;
	memcpy(frame, data, size);
	ecr_sim_process(sim, 1000, frame, size);
	free(frame);
	return 0;
}
