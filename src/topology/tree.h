/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of slaves as their ports tell it (pure). A frame enters a slave at port 0, passes the
 * processing unit, and visits what is behind ports 3, 1 and 2 in this order before it leaves
 * through port 0 again (ETG.1000.3, 4.6); slaves are numbered in the order in which they process
 * it.
 */
#ifndef ECR_TOPOLOGY_TREE_H
#define ECR_TOPOLOGY_TREE_H

#include "wire/registers.h"

#include <stdbool.h>
#include <stdint.h>

#define ECR_NO_NODE (-1)
#define ECR_NO_PORT 0xFFu

struct ecr_node {
	int16_t parent;	     /* slave towards the master, ECR_NO_NODE: the master itself */
	uint8_t parent_port; /* the parent's port at which this slave hangs */
	uint8_t entry;	     /* own port towards the master: 0 unless IN and OUT are swapped */
	uint8_t ports;	     /* bit per open port */
	int16_t child[ECR_PORT_COUNT]; /* slave behind each port, ECR_NO_NODE: none */
};

enum ecr_tree_fault {
	ECR_TREE_OK,
	ECR_TREE_SWAPPED,  /* a slave is entered by another port than 0: IN and OUT are swapped */
	ECR_TREE_DANGLING, /* a port is open and no slave is behind it */
	ECR_TREE_CLOSED,   /* a slave answers though all its ports are closed */
	ECR_TREE_ORPHAN,   /* a slave has nowhere to hang: no port before it is open */
};

struct ecr_tree {
	struct ecr_node *nodes;
	int count;
	enum ecr_tree_fault fault; /* the worst; CLOSED and ORPHAN leave no tree */
	int at;			   /* the slave it is about, the first one; ECR_NO_NODE: none */
	uint8_t port;		   /* SWAPPED: where it is entered; DANGLING: which is open */
	int swapped;		   /* how many slaves are entered by another port than 0 */
	int dangling;		   /* open ports without a slave: one is the way to a backup port */
	int back; /* the slave with that way, for who knows of it; ECR_NO_NODE: none */
	uint8_t back_port;
};

/* The ports that carry frames: connected, and the loop not closed. */
uint8_t ecr_tree_open_ports(uint16_t dl_status);

/*
 * Builds the tree of `count` slaves from their DL status in ring order; `nodes` has room for as
 * many. True when there is a tree: with OK, SWAPPED or DANGLING. Port states alone cannot tell how
 * far above the slaves before it a swapped slave hangs; the deepest place is taken.
 */
bool ecr_tree_build(struct ecr_tree *tree, struct ecr_node *nodes, const uint16_t *dl_status,
		    int count);

/* The port after `port` in the order of frames, 0-3-1-2-0, open or not. */
uint8_t ecr_port_after(uint8_t port);
/* The next open port in that order; the same port when it is the only one. */
uint8_t ecr_tree_next_port(const struct ecr_node *node, uint8_t port);
/* The open port before it. */
uint8_t ecr_tree_previous_port(const struct ecr_node *node, uint8_t port);

#endif
