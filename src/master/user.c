/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of callers: sent in one frame, reliable or with a stale-after budget. The data stay the
 * caller's. */
#include "master/master.h"

#include "base/assert.h"

#define REPEATS \
	4 /* of a frame that showed itself that the ring was broken elsewhere, or was whole */

static struct ecr_user *free_user(struct ecr_core *core)
{
	for (int i = 0; i < ECR_USERS; i++)
		if (!core->users[i].request)
			return &core->users[i];
	return NULL;
}

/* What is wrong with the datagrams; 0 when they make a frame, which no cycle keeps from being sent for ever. */
static int refusal(const struct ecr_core *core, const struct ecr_request *request)
{
	size_t size = ECR_FRAME_HEADER_SIZE;
	bool positions = false;

	if (request->count < 1 || request->count > ECR_USER_DATAGRAMS || !request->datagrams ||
	    request->stale_after < 0)
		return ECR_ERR_INVALID_ARGUMENT;
	for (int i = 0; i < request->count; i++) {
		const struct ecr_user_datagram *datagram = &request->datagrams[i];

		if (datagram->command >= ECR_CMD_COUNT || (datagram->length && !datagram->data))
			return ECR_ERR_INVALID_ARGUMENT;
		positions = positions || ecr_command_is_auto_increment(datagram->command);
		size += ECR_DATAGRAM_OVERHEAD + datagram->length;
	}
	if (core->bus.redundant && positions)
		size += ECR_BUS_TALLY_SIZE;
	if (size > ECR_FRAME_MAX ||
	    (!request->stale_after && !ecr_bus_bears(&core->bus, size - ECR_FRAME_HEADER_SIZE)))
		return ECR_ERR_FRAME_TOO_LARGE;
	return 0;
}

int ecr_user_begin(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_user *user = free_user(core);
	int error = refusal(core, request);

	if (core->state == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	if (error)
		return error;
	if (!user)
		return ECR_ERR_BUSY;
	user->request = request;
	user->repeats = 0;
	user->transaction = (struct ecr_transaction){
		.asks = user->asks,
		.count = (uint16_t)request->count,
		.class = request->stale_after > 0 ? ECR_REALTIME : ECR_RELIABLE,
		.owner = ECR_OWNER_USER,
		.stale_at = core->now + request->stale_after,
		.context = user,
	};
	for (int i = 0; i < request->count; i++) {
		struct ecr_user_datagram *datagram = &request->datagrams[i];

		user->asks[i] = (struct ecr_ask){ .command = datagram->command,
						  .length = datagram->length,
						  .address = datagram->address,
						  .out = datagram->data,
						  .in = datagram->data };
	}
	ecr_bus_tell(&core->bus, core->now, ECR_EVENT_BUS_TRANSACT_START, user->transaction.class,
		     user->transaction.count);
	if (request->deadline && request->deadline < core->user_wake)
		core->user_wake = request->deadline;
	ecr_bus_submit(&core->bus, core->now, &user->transaction);
	return 0;
}

/* What is under way ends by itself, soon; what waits for a link does not. */
void ecr_user_expire(struct ecr_core *core)
{
	if (core->now < core->user_wake)
		return;
	core->user_wake = ECR_NEVER;
	for (int i = 0; i < ECR_USERS; i++) {
		struct ecr_user *user = &core->users[i];

		if (!user->request || !user->request->deadline)
			continue;
		if (user->request->deadline <= core->now)
			ecr_bus_withdraw(&core->bus, core->now, &user->transaction);
		else if (user->request->deadline < core->user_wake)
			core->user_wake = user->request->deadline;
	}
}

static void tell_end(struct ecr_core *core, const struct ecr_user *user, int result)
{
	struct ecr_event event = { .kind = ECR_EVENT_BUS_TRANSACT_STOP,
				   .slave = -1,
				   .domain = -1,
				   .from = user->transaction.class,
				   .error = result,
				   .count = user->transaction.count,
				   .duration_ns = core->now - user->transaction.submitted_at };

	for (uint16_t i = 0; i < user->transaction.count; i++)
		event.actual += user->asks[i].wkc;
	ecr_core_emit(core, event);
}

/* What anybody has taken, be it the right one or not, is not written again; nor is anything asked that is too late. */
static bool may_repeat(const struct ecr_user *user, ecr_time now)
{
	if (user->request->deadline && user->request->deadline <= now)
		return false;
	for (uint16_t i = 0; i < user->transaction.count; i++)
		if (user->asks[i].wkc && ecr_command_writes(user->asks[i].command))
			return false;
	return user->repeats < REPEATS;
}

/* The frame itself has shown where the ring is broken now. A broadcast is ORed into what goes out,
 * and what nobody maps comes back as it went: that is nothing. For the caller it began when it was first sent. */
static void repeat(struct ecr_core *core, struct ecr_user *user)
{
	ecr_time submitted_at = user->transaction.submitted_at;

	user->repeats++;
	for (uint16_t i = 0; i < user->transaction.count; i++)
		if (user->asks[i].command == ECR_CMD_BRD || user->asks[i].command == ECR_CMD_LRD)
			user->asks[i].out = NULL;
	ecr_bus_submit(&core->bus, core->now, &user->transaction);
	user->transaction.submitted_at = submitted_at;
}

void ecr_user_finished(struct ecr_core *core, struct ecr_transaction *transaction)
{
	static const int results[] = {
		[ECR_OUTCOME_ANSWERED] = 0,
		[ECR_OUTCOME_TIMEOUT] = ECR_ERR_TIMEOUT,
		[ECR_OUTCOME_ASTRAY] = ECR_ERR_TIMEOUT,
		[ECR_OUTCOME_EXPIRED] = ECR_ERR_EXPIRED,
		[ECR_OUTCOME_SEND_FAILED] = ECR_ERR_TRANSPORT_UNAVAILABLE,
		[ECR_OUTCOME_TOO_LARGE] = ECR_ERR_FRAME_TOO_LARGE,
		[ECR_OUTCOME_CANCELLED] = ECR_ERR_STOPPED,
	};
	struct ecr_user *user = transaction->context;
	struct ecr_request *request = user->request;

	ECR_ASSERT(request && transaction->outcome != ECR_OUTCOME_PENDING);
	if (transaction->outcome == ECR_OUTCOME_ASTRAY && may_repeat(user, core->now)) {
		repeat(core, user);
		return;
	}
	for (int i = 0; i < request->count; i++)
		request->datagrams[i].wkc = user->asks[i].wkc;
	user->request = NULL;
	if (ecr_bus_heard(&core->bus, ECR_EVENT_BUS_TRANSACT_STOP))
		tell_end(core, user, results[transaction->outcome]);
	ecr_core_complete(core, request, results[transaction->outcome]);
}
