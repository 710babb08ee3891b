/* SPDX-License-Identifier: Apache-2.0 */
/* On which CPUs the interface's interrupts run, and whether they are moved about. */
#define _GNU_SOURCE 1
#include "cli/doctor.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As a word of its own: "eth1" is not in "eth10-rx", but "virtio2" is in "virtio2-input.0". */
static bool bears(const char *line, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = line; length && (at = strstr(at, name)); at += length)
		if ((at == line || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length]))
			return true;
	return false;
}

/* "virtio2" of eth0; "" of an interface without hardware. */
static void name_device(const char *interface, char *name, size_t size)
{
	char path[128];
	char target[256];
	const char *last;
	long length;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", interface);
	length = readlink(path, target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = 0;
	last = strrchr(target, '/');
	snprintf(name, size, "%s", last ? last + 1 : target);
}

/* By number, as the device or the one it stands on lists it, or by the name that its driver has given it. */
static bool is_its(const struct doctor *doctor, const char *device, int number, const char *line)
{
	static const char *const lists[] = { "device/msi_irqs", "device/../msi_irqs" };
	char path[128];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/%s/%d", doctor->interface, lists[i],
			 number);
		if (access(path, F_OK) == 0)
			return true;
	}
	return bears(line, doctor->interface) || bears(line, device);
}

static void look_at_one(struct doctor *doctor, int number)
{
	int beside = doctor_last_cpu() > 0 ? doctor_last_cpu() - 1 : 0;
	char path[64];
	char affinity[80];
	char found[200];

	snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity_list", number);
	doctor_line(path, affinity, sizeof(affinity));
	snprintf(found, sizeof(found), "%d runs on CPU%s %s", number,
		 strpbrk(affinity, "-,") ? "s" : "", affinity[0] ? affinity : "?");
	if (!affinity[0])
		doctor_unknown("interrupt", found);
	else if (strpbrk(affinity, "-,"))
		doctor_advise(doctor, "interrupt", found,
			      "echo %d | sudo tee %s   # beside the cyclic thread's, --cpu %d",
			      beside, path, doctor_last_cpu());
	else
		doctor_good("interrupt", found);
}

/* It moves interrupts from CPU to CPU, whatever was set. */
static bool is_balanced(void)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder))) {
		char path[300];
		char name[32];

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		found = strcmp(doctor_line(path, name, sizeof(name)), "irqbalance") == 0;
	}
	if (folder)
		closedir(folder);
	return found;
}

void doctor_look_at_interrupts(struct doctor *doctor)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[4096]; /* as many columns as CPUs */
	char device[256];
	bool any = false;

	name_device(doctor->interface, device, sizeof(device));
	while (file && fgets(line, sizeof(line), file)) {
		int number = atoi(line);

		if (!number || !is_its(doctor, device, number, line))
			continue;
		any = true;
		look_at_one(doctor, number);
	}
	if (file)
		fclose(file);
	if (!any)
		doctor_unknown("interrupt", device[0] ? "none bears its name or its device's"
						      : "an interface without hardware has none");
	if (any && is_balanced())
		doctor_advise(doctor, "interrupt", "irqbalance moves interrupts about",
			      "sudo systemctl disable --now irqbalance");
}
