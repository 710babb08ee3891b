/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/breaker.h"

#include <stdio.h>
#include <string.h>

/* A sentence, or its two halves around the slave's name. */
static const struct {
	char key;
	const char *label;
	const char *sentence;
	const char *rest; /* NULL: no slave is meant */
} keys[] = {
	{ 'd', "disconnect", "disconnect ", "" },
	{ 'b', "break the cable behind", "break ", " port 1" },
	{ 'a', "break the cable ahead", "break ", " port 0" },
	{ 'u', "unplug with all behind", "unplug ", "" },
	{ 'i', "plug in", "plug ", "" },
	{ 'p', "power-cycle", "power-cycle ", "" },
	{ 'r', "retreat", "retreat ", "" },
	{ 's', "stick", "stick ", "" },
	{ 'c', "bad cable", "corrupt ", " for 200ms" },
	{ 'f', "lose frames", "drop for 500ms", NULL },
	{ 'w', "wrong counters", "wkc -1 for 50 frames", NULL },
	{ 'm', "mend it alone", "heal ", "" },
	{ 'h', "heal all", "heal", NULL },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))
#define A_LINE 5      /* keys told in one */
#define MOST_LISTED 8 /* faults */

static int count_of(const struct cli_breaker *breaker)
{
	int count = 0;

	while (cli_ring_name(breaker->ring, count))
		count++;
	return count;
}

/* The last one, whose cable is the only one that takes nobody else with it. */
struct cli_breaker cli_breaker_make(const struct cli_ring *ring)
{
	struct cli_breaker breaker = { .ring = ring };

	breaker.chosen = count_of(&breaker) - 1;
	return breaker;
}

static void say(struct cli_breaker *breaker, struct ecr_master *master, size_t key)
{
	const char *slave = cli_ring_name(breaker->ring, breaker->chosen);
	char sentence[200];
	char number[16];
	char why[400] = "";
	int error;

	snprintf(number, sizeof(number), "#%d", breaker->chosen);
	if (strpbrk(slave, " \t#"))
		slave = number; /* the name is no word of a sentence */
	snprintf(sentence, sizeof(sentence), "%s%s%s", keys[key].sentence,
		 keys[key].rest ? slave : "", keys[key].rest ? keys[key].rest : "");
	error = ecr_tell_simulator(master, sentence, why, sizeof(why));
	snprintf(breaker->answer, sizeof(breaker->answer), "%s%s%s", sentence,
		 error ? " is refused: " : "",
		 !error	  ? ""
		 : why[0] ? why
			  : ecr_error_text(error));
}

void cli_breaker_press(struct cli_breaker *breaker, struct ecr_master *master, int key)
{
	int count = count_of(breaker);

	if (key == CLI_KEY_NEXT)
		breaker->chosen = breaker->chosen + 1 < count ? breaker->chosen + 1 : 0;
	if (key == CLI_KEY_PREVIOUS)
		breaker->chosen = breaker->chosen ? breaker->chosen - 1 : count - 1;
	if (key >= '0' && key <= '9' && key - '0' < count)
		breaker->chosen = key - '0';
	for (size_t i = 0; i < KEYS; i++)
		if (key == keys[i].key)
			say(breaker, master, i);
}

static void print_list(const char *text, int count)
{
	printf("\n  faults\n");
	for (int i = 0; *text && i < MOST_LISTED; i++) {
		size_t length = strcspn(text, "\n");

		printf("    %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
	if (count > MOST_LISTED)
		printf("    and %d more\n", count - MOST_LISTED);
}

void cli_breaker_print(const struct cli_breaker *breaker, struct ecr_master *master)
{
	char text[2048] = "";
	int count;

	printf("\n  0 to 9 and arrows choose a slave (now %s), keys break and heal\n",
	       cli_ring_name(breaker->ring, breaker->chosen));
	for (size_t i = 0; i < KEYS; i++)
		printf("%s%c %s%s", i % A_LINE ? "" : "    ", keys[i].key, keys[i].label,
		       i % A_LINE == A_LINE - 1 || i + 1 == KEYS ? "\n" : ", ");
	if (breaker->answer[0])
		printf("\n  said: %s\n", breaker->answer);
	count = ecr_tell_simulator(master, NULL, text, sizeof(text));
	if (count > 0)
		print_list(text, count);
}

bool cli_breaker_means(const struct cli_breaker *breaker, const char *slave)
{
	return strcmp(cli_ring_name(breaker->ring, breaker->chosen), slave) == 0;
}
