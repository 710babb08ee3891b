/* SPDX-License-Identifier: Apache-2.0 */
/* Single keys from a terminal. */
#define _GNU_SOURCE 1
#include "cli/cli.h"

#include <poll.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static struct termios before;
static bool changed;

void cli_keys_open(void)
{
	struct termios raw;

	if (changed || !isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before))
		return;
	raw = before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO); /* Ctrl-C stays a signal */
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

void cli_keys_close(void)
{
	if (changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	changed = false;
}

char cli_keys_wait(ecr_time time)
{
	struct timespec pause = { time / ECR_S(1), time % ECR_S(1) };
	struct pollfd input = { changed ? STDIN_FILENO : -1, POLLIN, 0 };
	char key;

	if (ppoll(&input, 1, &pause, NULL) <= 0 || read(STDIN_FILENO, &key, 1) != 1)
		return 0;
	return key;
}
