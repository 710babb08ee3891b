/* SPDX-License-Identifier: Apache-2.0 */
/* The names that slaves give themselves, asked of all at once, and one object that is waited for: objects IF */
#include <ecring/ecring.h>

#include <poll.h>

#define SLAVES 64

static void print(const struct ecr_sdo *sdo)
{
	if (sdo->result.error)
		ecr_sdo_report(sdo, stdout);
	else
		printf("%s calls itself %.*s\n", sdo->slave, (int)sdo->result.size,
		       (const char *)sdo->data);
}

/* Each comes back once, in whatever order; `poll` is where a program waits for other things, too. */
static void ask_all(struct ecr_master *master, const struct ecr_slave_summary *slaves, int count)
{
	static struct ecr_sdo sdos[SLAVES];
	static char names[SLAVES][64];
	struct pollfd fd = { .fd = ecr_sdo_fd(master), .events = POLLIN };
	struct ecr_sdo *done;
	int open = 0;

	for (int i = 0; i < count; i++) {
		sdos[i] = (struct ecr_sdo){ .slave = slaves[i].name,
					    .kind = ECR_SDO_UPLOAD,
					    .index = 0x1008,
					    .data = names[i],
					    .size = sizeof(names[i]) };
		open += ecr_sdo_submit(master, &sdos[i]) == 0;
	}
	while (open && poll(&fd, 1, 10000) > 0)
		for (; (done = ecr_sdo_done(master)); open--)
			print(done);
}

int main(int argc, char **argv)
{
	struct ecr_config config = { .interface = argc > 1 ? argv[1] : "eth0" };
	static struct ecr_slave_summary slaves[SLAVES];
	struct ecr_master *master = ecr_open();
	uint32_t vendor;
	int count;

	if (ecr_start(master, &config) || ecr_await_running(master, ECR_S(30))) {
		ecr_report(master, stderr);
		return ecr_close(master);
	}
	count = ecr_slaves(master, slaves, SLAVES);
	ask_all(master, slaves, count < SLAVES ? count : SLAVES);
	if (count > 0 && ecr_sdo_read_u32(master, slaves[count - 1].name, 0x1018, 1, &vendor) == 0)
		printf("the last one is made by 0x%08x\n", vendor);
	return ecr_close(master);
}
