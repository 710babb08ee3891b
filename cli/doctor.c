/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's round: the interface, what this process may do, the kernel. */
#include "cli/cli.h"
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int cli_doctor(const struct cli_options *options)
{
	struct doctor doctor = { .interface = options->interface };

	if (!options->interface) {
		fprintf(stderr, "ecring doctor: -i IF is missing\n");
		return CLI_USAGE;
	}
	if (strncmp(doctor.interface, "xdp:", 4) == 0)
		doctor.interface += 4;
	doctor.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	printf("%s\n", doctor.interface);
	doctor_look_at_interface(&doctor);
	if (!doctor.absent)
		doctor_look_at_interrupts(&doctor);
	printf("this machine\n");
	doctor_look_at_process(&doctor);
	doctor_look_at_kernel(&doctor);
	printf("%d pieces of advice; nothing was changed\n", doctor.advised);
	if (doctor.fd >= 0)
		close(doctor.fd);
	return doctor.unusable ? CLI_SYSTEM : CLI_OK;
}
