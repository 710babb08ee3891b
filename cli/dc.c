/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks of a ring: held together while the slaves stay in PREOP, and watched. */
#define _GNU_SOURCE 1
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 1024
#define SAMPLE_NS ECR_MS(20)
#define SAMPLES_MAX 4096

struct watch {
	struct ecr_master *master;
	struct ecr_dc_status status;
	struct ecr_dc_slave slaves[ROOM];
	int count;
	ecr_time started;
	struct cli_trace trace;
	int every; /* looks per sample: doubled whenever the trace is full */
	int look;
};

static void look(struct watch *watch)
{
	int count = ecr_dc_slaves(watch->master, watch->slaves, ROOM);

	watch->count = count < 0 ? 0 : count > ROOM ? ROOM : count;
	ecr_dc_status(watch->master, &watch->status);
}

static bool begin_trace(struct watch *watch)
{
	struct cli_trace *trace = &watch->trace;

	trace->slaves = watch->count;
	trace->threshold = 100;
	trace->values =
		calloc((size_t)SAMPLES_MAX * (size_t)(watch->count + 1), sizeof(trace->values[0]));
	trace->names = calloc((size_t)watch->count + 1, sizeof(trace->names[0]));
	watch->every = 1;
	for (int i = 0; trace->names && i < watch->count; i++)
		memcpy(trace->names[i], watch->slaves[i].name, ECR_NAME_SIZE);
	return trace->values && trace->names;
}

/* However long it takes, the whole time is kept: every second sample goes when there are too many. */
static void thin_out(struct watch *watch)
{
	struct cli_trace *trace = &watch->trace;
	size_t row = (size_t)trace->slaves;

	for (int i = 0; i < SAMPLES_MAX / 2; i++)
		memmove(trace->values + (size_t)i * row, trace->values + (size_t)i * 2 * row,
			row * sizeof(trace->values[0]));
	trace->samples = SAMPLES_MAX / 2;
	watch->every *= 2;
}

static void keep(struct watch *watch)
{
	struct cli_trace *trace = &watch->trace;
	int32_t *row;

	if (watch->look++ % watch->every)
		return;
	if (trace->samples == SAMPLES_MAX)
		thin_out(watch);
	row = trace->values + (size_t)trace->samples++ * (size_t)trace->slaves;
	for (int i = 0; i < trace->slaves; i++)
		row[i] = i < watch->count && watch->slaves[i].difference_known
				 ? watch->slaves[i].difference_ns
				 : INT32_MIN;
}

static void print_head(const struct watch *watch)
{
	const struct ecr_dc_status *status = &watch->status;

	printf("  lock %s", ecr_dc_lock_name(status->lock_state));
	if (status->max_sync_diff_known)
		printf(", largest difference %u ns", status->max_sync_diff_ns);
	printf("   reference %s\n  master %s: offset %lld ns, rate %lld ppb   cycles %llu, lost "
	       "%llu\n\n",
	       status->reference_clock[0] ? status->reference_clock : "none",
	       ecr_dc_servo_name(status->servo_state), (long long)status->phase_ns,
	       (long long)status->rate_ppb, (unsigned long long)status->cycles,
	       (unsigned long long)status->lost);
}

static void print_table(const struct watch *watch)
{
	print_head(watch);
	printf("  pos  name              clock        delay ns            offset ns   now ns  min  "
	       "max\n");
	for (int i = 0; i < watch->count; i++) {
		const struct ecr_dc_slave *slave = &watch->slaves[i];

		printf("  %3d  %-16s  %-10s", slave->position, slave->name,
		       ecr_clock_kind_name(slave->kind));
		if (slave->kind >= ECR_CLOCK_32)
			printf(" %10lld%s %20lld", (long long)slave->delay_ns,
			       slave->delay_guessed ? "~" : " ", (long long)slave->offset_ns);
		if (slave->difference_known)
			printf(" %8d %4d %4d", slave->difference_ns, slave->difference_min_ns,
			       slave->difference_max_ns);
		printf("%s\n", slave->reference ? "  reference" : "");
	}
	fflush(stdout);
}

static void print_json_slave(const struct ecr_dc_slave *slave)
{
	printf("{\"position\":%d,\"station\":%d,\"name\":", slave->position, slave->station);
	cli_json_string(slave->name);
	printf(",\"kind\":\"%s\",\"reference\":%s,\"delay_ns\":%lld,\"delay_guessed\":%s,"
	       "\"offset_ns\":%lld",
	       ecr_clock_kind_name(slave->kind), slave->reference ? "true" : "false",
	       (long long)slave->delay_ns, slave->delay_guessed ? "true" : "false",
	       (long long)slave->offset_ns);
	if (slave->difference_known)
		printf(",\"difference_ns\":%d,\"difference_min_ns\":%d,\"difference_max_ns\":%d}",
		       slave->difference_ns, slave->difference_min_ns, slave->difference_max_ns);
	else
		printf(",\"difference_ns\":null,\"difference_min_ns\":null,\"difference_max_ns\":"
		       "null}");
}

static void print_json(const struct watch *watch)
{
	const struct ecr_dc_status *status = &watch->status;

	printf("{\"lock_state\":\"%s\",\"active\":%s,\"cycle_ns\":%lld,\"reference_clock\":",
	       ecr_dc_lock_name(status->lock_state), status->active ? "true" : "false",
	       (long long)status->cycle_ns);
	if (status->reference_clock[0])
		cli_json_string(status->reference_clock);
	else
		printf("null");
	printf(",\"substitute\":%s,\"clocks\":%d,\"max_sync_diff_ns\":",
	       status->substitute ? "true" : "false", status->clocks);
	if (status->max_sync_diff_known)
		printf("%u", status->max_sync_diff_ns);
	else
		printf("null");
	printf(",\"cycles\":%llu,\"lost\":%llu,\"reference_ns\":%llu,\"master\":{\"state\":\"%s\","
	       "\"offset_ns\":%lld,\"rate_ppb\":%lld,\"outliers\":%llu,\"shift_ns\":%lld},"
	       "\"slaves\":[",
	       (unsigned long long)status->cycles, (unsigned long long)status->lost,
	       (unsigned long long)status->reference_ns, ecr_dc_servo_name(status->servo_state),
	       (long long)status->phase_ns, (long long)status->rate_ppb,
	       (unsigned long long)status->outliers, (long long)status->shift_ns);
	for (int i = 0; i < watch->count; i++) {
		printf("%s", i ? "," : "");
		print_json_slave(&watch->slaves[i]);
	}
	printf("]}\n");
}

static void run(struct watch *watch, const struct cli_options *options)
{
	bool live = !options->json && isatty(STDOUT_FILENO);

	while (!cli_interrupted() &&
	       (!options->duration || ecr_now() - watch->started < options->duration)) {
		look(watch);
		if (watch->trace.values || (watch->count && begin_trace(watch)))
			keep(watch);
		if (live && watch->look % 10 == 0) {
			printf("\033[H\033[Jecring dc   %.1f s\n\n",
			       (double)(ecr_now() - watch->started) / 1e9);
			print_table(watch);
		}
		usleep(SAMPLE_NS / 1000);
	}
}

/* Locked is what was asked for. */
static int finish(struct watch *watch, const struct cli_options *options)
{
	bool locked;

	look(watch);
	if (watch->trace.samples)
		watch->trace.interval = (ecr_now() - watch->started) / watch->trace.samples;
	locked = watch->status.lock_state == ECR_DC_LOCKED;
	watch->trace.reference = -1;
	for (int i = 0; i < watch->count && i < watch->trace.slaves; i++)
		if (watch->slaves[i].reference)
			watch->trace.reference = i;
	if (options->json)
		print_json(watch);
	else
		print_table(watch);
	if (options->plot && !cli_plot(options->plot, &watch->trace)) {
		fprintf(stderr, "ecring dc: %s cannot be written\n", options->plot);
		return CLI_SYSTEM;
	}
	if (!locked)
		fprintf(stderr, "ecring dc: the clocks are %s\n",
			watch->status.lock_state == ECR_DC_UNAVAILABLE
				? "not there: no slave has one"
				: "not within the threshold");
	return locked ? CLI_OK : CLI_FAILED;
}

static int session(struct watch *watch, const struct ecr_config *config,
		   const struct cli_options *options)
{
	if (!watch->master || ecr_start(watch->master, config)) {
		if (watch->master)
			ecr_report(watch->master, stderr);
		return CLI_SYSTEM;
	}
	if (cli_await_ring(watch->master, "dc", config->interface))
		return CLI_FAILED;
	watch->started = ecr_now();
	run(watch, options);
	return finish(watch, options);
}

int cli_dc(const struct cli_options *options)
{
	static struct watch watch;
	struct cli_ring *ring = NULL;
	struct ecr_config config = { .interface = options->interface,
				     .backup_interface = options->backup,
				     .scan_poll_ms = 50,
				     .scan_stable_ms = 300,
				     .dc = { .always = true, .cycle_ns = options->cycle } };
	int result;

	if (!options->interface && !options->ring) {
		fprintf(stderr, "ecring dc: -i IF or --ring LIST is missing\n");
		return CLI_USAGE;
	}
	if (options->ring) {
		ring = cli_ring_make(options->ring, options->wires, options->wire_count);
		if (!ring)
			return CLI_USAGE;
		if (!cli_ring_close(ring, options, &config)) {
			cli_ring_free(ring);
			return CLI_USAGE;
		}
		config.interface = NULL;
		config.simulator = cli_ring_sim(ring);
	}
	cli_catch_signals();
	watch.master = ecr_open();
	result = session(&watch, &config, options);
	ecr_close(watch.master);
	if (ring)
		cli_ring_free(ring);
	free(watch.trace.values);
	free(watch.trace.names);
	return result;
}
