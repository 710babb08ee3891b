/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of callers: sent in one frame, reliable or with a stale-after budget. The data stay the
 * caller's. */
#include "master/master.h"

#include "base/assert.h"

static struct ecr_user *free_user(struct ecr_core *core)
{
	for (int i = 0; i < ECR_USERS; i++)
		if (!core->users[i].request)
			return &core->users[i];
	return NULL;
}

static bool bad_datagram(const struct ecr_user_datagram *datagram)
{
	return datagram->command >= ECR_CMD_COUNT || datagram->length > ECR_DATAGRAM_DATA_MAX ||
	       (datagram->length && !datagram->data);
}

int ecr_user_begin(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_user *user = free_user(core);

	if (core->state == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	if (request->count < 1 || request->count > ECR_USER_ASKS || !request->datagrams)
		return ECR_ERR_INVALID_ARGUMENT;
	for (int i = 0; i < request->count; i++)
		if (bad_datagram(&request->datagrams[i]))
			return ECR_ERR_INVALID_ARGUMENT;
	if (!user)
		return ECR_ERR_BUSY;
	user->request = request;
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
	ecr_bus_submit(&core->bus, core->now, &user->transaction);
	return 0;
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

void ecr_user_finished(struct ecr_core *core, struct ecr_transaction *transaction)
{
	static const int results[] = {
		[ECR_OUTCOME_ANSWERED] = 0,
		[ECR_OUTCOME_TIMEOUT] = ECR_ERR_TIMEOUT,
		[ECR_OUTCOME_EXPIRED] = ECR_ERR_EXPIRED,
		[ECR_OUTCOME_SEND_FAILED] = ECR_ERR_TRANSPORT_UNAVAILABLE,
		[ECR_OUTCOME_TOO_LARGE] = ECR_ERR_FRAME_TOO_LARGE,
		[ECR_OUTCOME_CANCELLED] = ECR_ERR_STOPPED,
	};
	struct ecr_user *user = transaction->context;
	struct ecr_request *request = user->request;

	ECR_ASSERT(request && transaction->outcome != ECR_OUTCOME_PENDING);
	for (int i = 0; i < request->count; i++)
		request->datagrams[i].wkc = user->asks[i].wkc;
	user->request = NULL;
	if (ecr_bus_heard(&core->bus, ECR_EVENT_BUS_TRANSACT_STOP))
		tell_end(core, user, results[transaction->outcome]);
	ecr_core_complete(core, request, results[transaction->outcome]);
}
