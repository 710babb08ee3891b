/* SPDX-License-Identifier: Apache-2.0 */
/* Single keys from a terminal. */
#define _GNU_SOURCE 1
#include "cli/cli.h"

#include <poll.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE 0x1B

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

static char read_key(const struct timespec *patience)
{
	struct pollfd input = { changed ? STDIN_FILENO : -1, POLLIN, 0 };
	char key;

	if (ppoll(&input, 1, patience, NULL) <= 0 || read(STDIN_FILENO, &key, 1) != 1)
		return 0;
	return key;
}

/* Terminals send an arrow as three characters. */
static int read_arrow(void)
{
	const struct timespec at_once = { 0 };
	char second = read_key(&at_once);
	char third;

	if (second != '[' && second != 'O')
		return second; /* ESC was a key of its own */
	third = read_key(&at_once);
	if (third == 'B' || third == 'C')
		return CLI_KEY_NEXT;
	return third == 'A' || third == 'D' ? CLI_KEY_PREVIOUS : 0;
}

int cli_keys_wait(ecr_time time)
{
	const struct timespec pause = { time / ECR_S(1), time % ECR_S(1) };
	char key = read_key(&pause);

	return key == ESCAPE ? read_arrow() : key;
}
