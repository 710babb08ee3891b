/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: each call becomes a request to the owner of the core and waits for its
 * completion. */
#define _GNU_SOURCE 1
#include "port/clock.h"
#include "port/config_copy.h"
#include "port/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PATIENCE ECR_S(5) /* with a link that is down */

static int ask(struct ecr_master *master, struct ecr_request request)
{
	struct port_call call = { .request = request };

	return port_call(master, &call);
}

struct ecr_master *ecr_open(void)
{
	struct ecr_master *master = calloc(1, sizeof(*master));

	if (!master)
		return NULL;
	pthread_mutex_init(&master->lifecycle, NULL);
	atomic_init(&master->calls, PORT_CLOSED);
	atomic_init(&master->state, ECR_STATE_IDLE);
	master->failure = (struct ecr_failure){ .position = -1, .phase = "", .subject = "" };
	master->latency_fd = -1;
	master->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (master->wake_fd < 0 || port_sdos_open(&master->sdos)) {
		if (master->wake_fd >= 0)
			close(master->wake_fd);
		free(master);
		return NULL;
	}
	return master;
}

static void *run(void *argument)
{
	struct ecr_master *master = argument;

	ecr_time now;

	port_realtime_enter(master);
	now = port_now();
	while (!atomic_load_explicit(&master->quit, memory_order_relaxed)) {
		port_session_turn(master, now);
		now = port_session_wait(master, now + ECR_S(1));
	}
	port_realtime_leave_thread(master);
	return NULL;
}

static void close_transports(struct ecr_master *master)
{
	if (master->backup)
		master->backup->close(master->backup);
	master->backup = NULL;
	master->transport->close(master->transport);
}

/* Texts in events point into them until the next session begins. */
static void free_configurations(struct ecr_master *master)
{
	while (master->kept) {
		struct port_kept *next = master->kept->next;

		free(master->kept->slave);
		free(master->kept);
		master->kept = next;
	}
	free(master->config);
	master->config = NULL;
}

/* Nobody can ask the recorder any more: a last fault that could not be written is told by the master, if nothing worse is. */
static void close_recorder(struct ecr_master *master)
{
	int error = port_recorder_close(master->recorder);

	master->recorder = NULL;
	if (!error || master->failure.error)
		return;
	snprintf(master->system_text, sizeof(master->system_text), "record %s: %s",
		 master->config->record.path, strerror(error));
	master->failure = (struct ecr_failure){ .error = ECR_ERR_SYSTEM,
						.position = -1,
						.phase = "record",
						.subject = master->system_text,
						.at = port_now() };
}

/* Ends the thread and frees everything but views and configurations, which readers may still hold. */
static void tear_down(struct ecr_master *master)
{
	uint64_t one = 1;

	if (!master->alive)
		return;
	ask(master,
	    (struct ecr_request){ .kind = ECR_REQUEST_LAST_FAILURE, .out = &master->failure });
	if (master->threaded) {
		atomic_store(&master->quit, true);
		(void)!write(master->wake_fd, &one, sizeof(one));
		pthread_join(master->thread, NULL);
	}
	for (struct port_call *call = atomic_exchange(&master->calls, PORT_CLOSED);
	     call && call != PORT_CLOSED;) {
		struct port_call *next = call->next;

		call->request.result = ECR_ERR_NOT_STARTED;
		port_end_call(master, call);
		call = next;
	}
	port_sdos_end(&master->sdos);
	atomic_store(&master->state, ECR_STATE_IDLE);
	atomic_store(&master->view, NULL);
	close_transports(master);
	close_recorder(master);
	port_realtime_leave(master);
	free(master->core_memory);
	free(master->blocks[0]);
	free(master->blocks[1]);
	memset(master->blocks, 0, sizeof(master->blocks));
	master->alive = false;
}

static int refuse_start(struct ecr_master *master, int error, const char *subject)
{
	master->failure = (struct ecr_failure){ .error = error,
						.position = -1,
						.phase = "start",
						.subject = subject,
						.at = port_now() };
	return error;
}

/* Before anything is opened: a recording is not emptied for a start that is refused. */
static int check_options(struct ecr_master *master, const struct ecr_config *config)
{
	struct ecr_failure failure;
	int error = ecr_core_check(config, &failure);

	if (!error)
		return 0;
	master->failure = failure;
	master->failure.at = port_now();
	return error;
}

static int open_session(struct ecr_master *master, const struct ecr_config *config)
{
	int error = port_open_transport(config, &master->transport, master->system_text,
					sizeof(master->system_text));

	if (error)
		return refuse_start(master, error, master->system_text);
	error = port_open_backup(config, master->transport, &master->backup, master->system_text,
				 sizeof(master->system_text));
	if (error) {
		close_transports(master);
		return refuse_start(master, error, master->system_text);
	}
	master->config = port_copy_config(config);
	master->core_memory = calloc(1, ecr_core_size(&config->limits));
	if (master->core_memory)
		master->core = ecr_core_init(master->core_memory, &config->limits);
	if (!master->config || !master->core_memory ||
	    port_sdos_begin(&master->sdos, ecr_core_limits(master->core)->requests)) {
		close_transports(master);
		free(master->core_memory);
		return refuse_start(master, ECR_ERR_NO_MEMORY, "memory of the session");
	}
	error = port_recorder_open(master->config, &master->record_file, &master->recorder,
				   master->system_text, sizeof(master->system_text));
	if (error) {
		port_sdos_end(&master->sdos);
		close_transports(master);
		free(master->core_memory);
		return refuse_start(master, error, master->system_text);
	}
	master->alive = true;
	atomic_store(&master->quit, false);
	memset(&master->info, 0, sizeof(master->info));
	master->cycle_number = 0;
	master->link_rang = true;
	master->lock_failed = false;
	master->frames_rang = false;
	master->sent_at = master->received_at = master->polled_at = 0;
	master->look_at = ECR_NEVER;
	port_lead_init(&master->lead);
	for (int i = 0; i < ECR_EVENT_KINDS; i++)
		atomic_store(&master->counts[i], 0);
	atomic_store(&master->calls, NULL);
	return 0;
}

static int start(struct ecr_master *master, const struct ecr_config *config, bool threaded)
{
	int error;

	if (master->alive && atomic_load(&master->state) != ECR_STATE_IDLE)
		return ECR_ERR_ALREADY_STARTED;
	tear_down(master);
	free_configurations(master);
	error = check_options(master, config);
	if (!error)
		error = open_session(master, config);
	if (error)
		return error;
	master->threaded = threaded;
	if (threaded && port_realtime_start(master, run)) {
		master->threaded = false;
		tear_down(master);
		return refuse_start(master, ECR_ERR_SYSTEM,
				    "the cyclic thread could not be created");
	}
	error = ask(master, (struct ecr_request){ .kind = ECR_REQUEST_START,
						  .config = master->config,
						  .wall = port_wall() });
	if (error)
		tear_down(master);
	return error;
}

int ecr_start(struct ecr_master *master, const struct ecr_config *config)
{
	int result;

	if (!master || !config)
		return ECR_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&master->lifecycle);
	result = start(master, config, true);
	pthread_mutex_unlock(&master->lifecycle);
	return result;
}

int ecr_start_manual(struct ecr_master *master, const struct ecr_config *config)
{
	int result;

	if (!master || !config)
		return ECR_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&master->lifecycle);
	result = start(master, config, false);
	pthread_mutex_unlock(&master->lifecycle);
	return result;
}

int ecr_run_once(struct ecr_master *master, ecr_time until)
{
	if (!master || !master->alive || master->threaded)
		return ECR_ERR_NOT_STARTED;
	port_session_turn(master, port_now());
	port_session_turn(master, port_session_wait(master, until));
	return 0;
}

int ecr_stop(struct ecr_master *master)
{
	int result = ECR_ERR_ALREADY_STOPPED;

	if (!master)
		return ECR_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&master->lifecycle);
	if (master->alive) {
		result = ask(master, (struct ecr_request){ .kind = ECR_REQUEST_STOP });
		tear_down(master);
	}
	pthread_mutex_unlock(&master->lifecycle);
	return result;
}

int ecr_close(struct ecr_master *master)
{
	int error;

	if (!master)
		return 0;
	ecr_stop(master);
	error = master->failure.error;
	port_view_free(master->all_views);
	free_configurations(master);
	port_record_file_forget(&master->record_file);
	port_subscriptions_free(master);
	port_sdos_close(&master->sdos);
	close(master->wake_fd);
	pthread_mutex_destroy(&master->lifecycle);
	free(master);
	return error;
}

enum ecr_state ecr_state(struct ecr_master *master)
{
	return master ? (enum ecr_state)atomic_load_explicit(&master->state, memory_order_acquire)
		      : ECR_STATE_IDLE;
}

int ecr_await_running(struct ecr_master *master, ecr_time timeout_ns)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_AWAIT_RUNNING,
						 .deadline = port_deadline(timeout_ns) });
}

int ecr_await_operational(struct ecr_master *master, ecr_time timeout_ns)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_AWAIT_OPERATIONAL,
						 .deadline = port_deadline(timeout_ns) });
}

int ecr_activate(struct ecr_master *master)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_ACTIVATE });
}

int ecr_deactivate(struct ecr_master *master, enum ecr_target target)
{
	if (target != ECR_TARGET_SAFEOP && target != ECR_TARGET_PREOP)
		return ECR_ERR_INVALID_DEACTIVATE_TARGET;
	return ask(master,
		   (struct ecr_request){ .kind = ECR_REQUEST_DEACTIVATE, .target = target });
}

/* The core works with the copy as long as the session lasts. Under `lifecycle`. */
static const struct ecr_slave_config *keep(struct ecr_master *master,
					   const struct ecr_slave_config *config)
{
	struct port_kept *kept = calloc(1, sizeof(*kept));

	if (kept)
		kept->slave = port_copy_slave(config);
	if (!kept || !kept->slave) {
		free(kept);
		return NULL;
	}
	kept->next = master->kept;
	master->kept = kept;
	return kept->slave;
}

int ecr_configure_slave(struct ecr_master *master, const char *name,
			const struct ecr_slave_config *config)
{
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE, .name = name };
	int result = ECR_ERR_NO_MEMORY;

	if (!master || !config)
		return ECR_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&master->lifecycle);
	request.slave = keep(master, config);
	if (request.slave)
		result = ask(master, request);
	pthread_mutex_unlock(&master->lifecycle);
	return result;
}

int ecr_update_domain_cycle_time(struct ecr_master *master, const char *domain, ecr_time cycle_ns)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_CYCLE_TIME,
						 .name = domain,
						 .cycle_ns = cycle_ns });
}

int ecr_slaves(struct ecr_master *master, struct ecr_slave_summary *slaves, int room)
{
	return ask(master,
		   (struct ecr_request){ .kind = ECR_REQUEST_SLAVES, .out = slaves, .room = room });
}

int ecr_domains(struct ecr_master *master, struct ecr_domain_info *domains, int room)
{
	return ask(master, (struct ecr_request){
				   .kind = ECR_REQUEST_DOMAINS, .out = domains, .room = room });
}

int ecr_slave_info(struct ecr_master *master, const char *name, struct ecr_slave_info *info)
{
	return ask(master, (struct ecr_request){
				   .kind = ECR_REQUEST_SLAVE_INFO, .name = name, .out = info });
}

int ecr_slave_signals(struct ecr_master *master, const char *name, struct ecr_signal_info *signals,
		      int room)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_SLAVE_SIGNALS,
						 .name = name,
						 .out = signals,
						 .room = room });
}

int ecr_slave_pdos(struct ecr_master *master, const char *name, struct ecr_pdo_info *pdos, int room)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_SLAVE_PDOS,
						 .name = name,
						 .out = pdos,
						 .room = room });
}

int ecr_domain_info(struct ecr_master *master, const char *id, struct ecr_domain_info *info)
{
	return ask(master, (struct ecr_request){
				   .kind = ECR_REQUEST_DOMAIN_INFO, .name = id, .out = info });
}

int ecr_domain_stats(struct ecr_master *master, const char *id, struct ecr_domain_stats *stats)
{
	struct ecr_domain_info info;
	int result = stats ? ecr_domain_info(master, id, &info) : ECR_ERR_INVALID_ARGUMENT;

	if (result)
		return result;
	*stats = (struct ecr_domain_stats){ .state = info.state,
					    .cycle_count = info.cycle_count,
					    .miss_count = info.miss_count,
					    .total_miss_count = info.total_miss_count,
					    .invalid_streak = info.invalid_streak,
					    .recovery_threshold = info.recovery_threshold,
					    .degraded = info.degraded,
					    .cycle_health = info.cycle_health,
					    .image_size = info.image_size,
					    .expected_wkc = info.expected_wkc,
					    .freshness = info.freshness,
					    .last_valid_cycle_at_us = info.last_valid_cycle_at_us,
					    .last_invalid_cycle_at_us =
						    info.last_invalid_cycle_at_us,
					    .last_invalid_reason = info.last_invalid_reason };
	return 0;
}

int ecr_domain_register_pdo(struct ecr_master *master, const char *id, const char *slave,
			    uint8_t sm_index, uint32_t size, enum ecr_direction direction,
			    uint32_t *offset)
{
	struct ecr_registration wanted = {
		.slave = slave, .sm = sm_index, .direction = direction, .size = size
	};
	int result;

	if (!id || !slave || !size || !offset ||
	    (direction != ECR_INPUT && direction != ECR_OUTPUT))
		return ECR_ERR_INVALID_ARGUMENT;
	result =
		ask(master, (struct ecr_request){
				    .kind = ECR_REQUEST_REGISTER_PDO, .name = id, .out = &wanted });
	if (!result)
		*offset = wanted.offset;
	return result;
}

int ecr_domain_start_cycling(struct ecr_master *master, const char *id)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_DOMAIN_START, .name = id });
}

int ecr_domain_stop_cycling(struct ecr_master *master, const char *id)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_DOMAIN_STOP, .name = id });
}

static void add_link_info(struct ecr_master *master, struct port_call *call)
{
	if (master->transport->info)
		master->transport->info(master->transport, call->argument);
	call->request.result = 0;
}

int ecr_bus_info(struct ecr_master *master, struct ecr_bus_info *info)
{
	struct port_call link = { .run = add_link_info, .argument = info };
	int result = ask(master, (struct ecr_request){ .kind = ECR_REQUEST_BUS_INFO, .out = info });

	if (!result)
		result = port_call(master, &link);
	if (result == ECR_ERR_NOT_STARTED)
		memset(info, 0, sizeof(*info));
	return result == ECR_ERR_NOT_STARTED ? 0 : result;
}

int ecr_last_failure(struct ecr_master *master, struct ecr_failure *failure)
{
	int result = ask(master,
			 (struct ecr_request){ .kind = ECR_REQUEST_LAST_FAILURE, .out = failure });

	if (result != ECR_ERR_NOT_STARTED)
		return result;
	*failure = master->failure;
	return 0;
}

int ecr_transact(struct ecr_master *master, struct ecr_user_datagram *datagrams, int count,
		 ecr_time stale_after_ns)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_TRANSACT,
						 .datagrams = datagrams,
						 .count = count,
						 .stale_after = stale_after_ns,
						 .deadline = port_deadline(PATIENCE) });
}

static void copy_thread_info(struct ecr_master *master, struct port_call *call)
{
	master->info.overruns = ecr_core_skipped(master->core);
	*(struct ecr_thread_info *)call->argument = master->info;
	call->request.result = 0;
}

int ecr_thread_info(struct ecr_master *master, struct ecr_thread_info *info)
{
	struct port_call call = { .run = copy_thread_info, .argument = info };

	return port_call(master, &call);
}

int ecr_event_counts(struct ecr_master *master, uint64_t counts[ECR_EVENT_KINDS])
{
	if (!master || !counts)
		return ECR_ERR_INVALID_ARGUMENT;
	for (int i = 0; i < ECR_EVENT_KINDS; i++)
		counts[i] = atomic_load_explicit(&master->counts[i], memory_order_relaxed);
	return 0;
}
