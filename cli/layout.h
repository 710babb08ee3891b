/* SPDX-License-Identifier: Apache-2.0 */
/* How a ring is laid, and what is otherwise in another. */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include "cli/cli.h"

#define CLI_SENTENCE 512

/* A slave in its place. */
struct cli_stand {
	char name[ECR_NAME_SIZE];
	char device[ECR_NAME_SIZE]; /* as the EEPROM calls it, "" when it does not */
	struct ecr_identity identity;
	uint16_t alias;
	bool optional;	  /* may be missing */
	int32_t position; /* in the order of frames */
	int parent;	  /* its number in the layout, -1 the master */
	uint8_t port;	  /* of the parent */
	uint8_t entry;	  /* its own */
	bool connected;	  /* the three above are known */
	int children[4];  /* by port, -1 nobody */
};

/* In the order of the cables: a slave, then what is behind its ports 3, 1 and 2, and 0 when it is
 * entered by another. */
struct cli_layout {
	struct cli_stand *slaves;
	int count;
	bool cabled; /* how they hang together is known */
	bool ring;   /* a cable leads from the last one to a second port of the master */
};

/* From what `topology --json` has printed; false with a message, which begins with the path. */
bool cli_layout_read(struct cli_layout *layout, const char *path, const char *text);
/* Brings slaves whose parents and ports are known into the order of the cables; without them, or when
 * they make no tree, into that of frames. False: no memory. */
bool cli_layout_arrange(struct cli_layout *layout);
/* Ports alone do not tell how far towards the master a slave hangs whose IN and OUT are exchanged; what is
 * wanted does. False: no memory. */
bool cli_layout_lift(struct cli_layout *found, const struct cli_layout *wanted);
/* Vendor, product, revision and alias are the same, and the serial number where both have one. */
bool cli_stand_same(const struct cli_stand *a, const struct cli_stand *b);
void cli_layout_free(struct cli_layout *layout);

/* A sentence for each difference; how many there are, -1: no memory. */
typedef void cli_say(void *context, const char *sentence);
int cli_layout_compare(const struct cli_layout *wanted, const struct cli_layout *found,
		       cli_say *say, void *context);

#endif
