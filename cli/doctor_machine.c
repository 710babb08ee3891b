/* SPDX-License-Identifier: Apache-2.0 */
/* What this process may do, each tried, and how the kernel schedules. */
#define _GNU_SOURCE 1
#include "cli/doctor.h"

#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#define LOCKED (64u << 20) /* a thousand slaves take 57 MB */

static void look_at_scheduling(struct doctor *doctor)
{
	struct sched_param param = { .sched_priority = 80 };
	struct sched_param before;
	int policy = sched_getscheduler(0);

	sched_getparam(0, &before);
	if (sched_setscheduler(0, SCHED_FIFO, &param) == 0) {
		sched_setscheduler(0, policy, &before);
		doctor_good("scheduling", "SCHED_FIFO 80 is allowed");
	} else {
		doctor_advise(doctor, "scheduling", "SCHED_FIFO is not allowed",
			      "echo \"$USER - rtprio 95\" | sudo tee -a "
			      "/etc/security/limits.d/ecring.conf   # then log in again");
	}
}

/* Whatever allows it, a capability or a limit; no page of it comes into being. */
static void look_at_memory(struct doctor *doctor)
{
	void *memory =
		mmap(NULL, LOCKED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = memory != MAP_FAILED && mlock2(memory, LOCKED, MLOCK_ONFAULT) == 0;

	if (good)
		doctor_good("memory", "64 MB can be locked");
	else
		doctor_advise(doctor, "memory", "64 MB may not be locked",
			      "echo \"$USER - memlock unlimited\" | sudo tee -a "
			      "/etc/security/limits.d/ecring.conf   # then log in again");
	if (memory != MAP_FAILED)
		munmap(memory, LOCKED);
}

void doctor_look_at_process(struct doctor *doctor)
{
	look_at_scheduling(doctor);
	look_at_memory(doctor);
}

/* "none", "voluntary", "lazy", "full" or "rt"; "" unknown. */
struct preemption {
	char model[16];
	bool dynamic; /* another one can be chosen at the start */
};

static void set_model(struct preemption *found, const char *model)
{
	snprintf(found->model, sizeof(found->model), "%s", model);
}

/* A kernel built with PREEMPT_DYNAMIC marks what counts now: "none voluntary (full) lazy". */
static void ask_debugfs(struct preemption *found)
{
	char line[128];
	char *begin;
	char *end;

	doctor_line("/sys/kernel/debug/sched/preempt", line, sizeof(line));
	begin = strchr(line, '(');
	end = begin ? strchr(begin, ')') : NULL;
	if (!end)
		return;
	*end = 0;
	set_model(found, begin + 1);
	found->dynamic = true;
}

static void ask_configuration_line(struct preemption *found, const char *line)
{
	static const char *const models[][2] = { { "CONFIG_PREEMPT_RT=y", "rt" },
						 { "CONFIG_PREEMPT=y", "full" },
						 { "CONFIG_PREEMPT_LAZY=y", "lazy" },
						 { "CONFIG_PREEMPT_VOLUNTARY=y", "voluntary" },
						 { "CONFIG_PREEMPT_NONE=y", "none" } };

	if (strcmp(line, "CONFIG_PREEMPT_DYNAMIC=y\n") == 0)
		found->dynamic = true;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (strncmp(line, models[i][0], strlen(models[i][0])) == 0 && !found->model[0])
			set_model(found, models[i][1]);
}

/* The configuration that the kernel was built with: its own copy, or that of the distribution. */
static void ask_configuration(struct preemption *found, const char *release)
{
	char command[200];
	char line[256];
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "zcat /proc/config.gz 2>/dev/null || cat '/boot/config-%s' 2>/dev/null", release);
	pipe = popen(command, "r");
	while (pipe && fgets(line, sizeof(line), pipe))
		ask_configuration_line(found, line);
	if (pipe)
		pclose(pipe);
}

/* The last preempt= of the command line, which a dynamic kernel heeds. */
static void ask_command_line(struct preemption *found)
{
	char line[4096];
	char *rest;

	doctor_line("/proc/cmdline", line, sizeof(line));
	for (const char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (strncmp(word, "preempt=", 8) == 0)
			set_model(found, word + 8);
}

static struct preemption ask_preemption(const struct utsname *name)
{
	struct preemption found = { 0 };
	char line[16];

	if (strstr(name->version, "PREEMPT_RT") ||
	    strcmp(doctor_line("/sys/kernel/realtime", line, sizeof(line)), "1") == 0) {
		set_model(&found, "rt");
		return found;
	}
	ask_debugfs(&found);
	if (found.model[0])
		return found;
	ask_configuration(&found, name->release);
	if (found.dynamic)
		ask_command_line(&found);
	else if (!found.model[0] && strstr(name->version, " PREEMPT "))
		set_model(&found, "full");
	return found;
}

static void look_at_preemption(struct doctor *doctor)
{
	struct utsname name = { 0 };
	struct preemption found;
	char text[400];

	uname(&name);
	found = ask_preemption(&name);
	snprintf(text, sizeof(text), "%s, preemption: %s%s", name.release,
		 found.model[0] ? found.model : "not said",
		 found.dynamic ? ", chosen at the start" : "");
	if (strcmp(found.model, "rt") == 0)
		doctor_good("kernel", "fully preemptible (PREEMPT_RT)");
	else if (found.dynamic && strcmp(found.model, "full") != 0)
		doctor_advise(
			doctor, "kernel", text,
			"sudo sh -c 'mountpoint -q /sys/kernel/debug || mount -t debugfs none "
			"/sys/kernel/debug; echo full >/sys/kernel/debug/sched/preempt'   # "
			"for good: preempt=full on its command line; better still PREEMPT_RT");
	else
		doctor_advise(doctor, "kernel", text,
			      "sudo apt install linux-image-rt-$(dpkg --print-architecture)   # "
			      "PREEMPT_RT, by its name in Debian");
}

static void look_at_throttling(struct doctor *doctor)
{
	char line[32];
	char found[100];
	long runtime;
	long period;

	if (!doctor_line("/proc/sys/kernel/sched_rt_runtime_us", line, sizeof(line))[0]) {
		doctor_unknown("throttling", "the kernel does not say");
		return;
	}
	runtime = strtol(line, NULL, 10);
	doctor_line("/proc/sys/kernel/sched_rt_period_us", line, sizeof(line));
	period = strtol(line, NULL, 10);
	if (runtime < 0 || (period && runtime >= period)) {
		doctor_good("throttling", "real-time threads are not throttled");
		return;
	}
	snprintf(found, sizeof(found),
		 "a real-time thread that runs for %ld ms is stopped for %ld ms", runtime / 1000,
		 (period - runtime) / 1000);
	doctor_advise(
		doctor, "throttling", found,
		"sudo sysctl kernel.sched_rt_runtime_us=-1   # only where one spins for good");
}

static void look_at_isolation(struct doctor *doctor)
{
	int cpu = doctor_last_cpu();
	char line[256];

	if (doctor_line("/sys/devices/system/cpu/isolated", line, sizeof(line))[0])
		doctor_good("isolated CPUs", line);
	else if (cpu < 1)
		doctor_unknown("isolated CPUs", "there is but one CPU");
	else
		doctor_advise(
			doctor, "isolated CPUs", "none",
			"sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&isolcpus=%d nohz_full=%d "
			"rcu_nocbs=%d /' /etc/default/grub && sudo update-grub   # then start "
			"again, and use --cpu %d",
			cpu, cpu, cpu, cpu);
}

static void look_at_governors(struct doctor *doctor)
{
	char other[64] = "";
	char found[120];
	glob_t paths;
	size_t slow = 0;
	size_t count;

	if (glob("/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor", 0, NULL, &paths)) {
		doctor_unknown("governor", "this machine's clock is not the kernel's to set");
		return;
	}
	count = paths.gl_pathc;
	for (size_t i = 0; i < count; i++) {
		char line[64];

		if (strcmp(doctor_line(paths.gl_pathv[i], line, sizeof(line)), "performance") == 0)
			continue;
		slow++;
		snprintf(other, sizeof(other), "%s", line);
	}
	globfree(&paths);
	snprintf(found, sizeof(found), "%s on %zu of %zu CPUs", other, slow, count);
	if (slow)
		doctor_advise(doctor, "governor", found,
			      "echo performance | sudo tee "
			      "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
	else
		doctor_good("governor", "performance");
}

void doctor_look_at_kernel(struct doctor *doctor)
{
	look_at_preemption(doctor);
	look_at_throttling(doctor);
	look_at_isolation(doctor);
	look_at_governors(doctor);
}
