/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of ports, shape by shape. */
#include "support/check.h"

#include "base/prng.h"
#include "topology/tree.h"

#include <string.h>

#define SLAVES 200

/* DL status with these ports open, all others closed without link. */
static uint16_t status_of(unsigned int ports)
{
	uint16_t status = ECR_DL_STATUS_PDI_OPERATIONAL;

	for (unsigned int port = 0; port < 4; port++)
		status |= (uint16_t)(ports >> port & 1
					     ? ECR_DL_STATUS_LINK(port) | ECR_DL_STATUS_SIGNAL(port)
					     : ECR_DL_STATUS_LOOP(port));
	return status;
}

static struct ecr_node nodes[SLAVES];
static struct ecr_tree tree;

/* Ports as digits: "01" is a slave with ports 0 and 1 open. */
static bool build(const char *const *slaves)
{
	uint16_t status[SLAVES];
	int count = 0;

	for (; slaves[count]; count++) {
		unsigned int ports = 0;

		for (const char *digit = slaves[count]; *digit; digit++)
			ports |= 1u << (*digit - '0');
		status[count] = status_of(ports);
	}
	return ecr_tree_build(&tree, nodes, status, count);
}

static void hangs(int slave, int parent, unsigned int port, unsigned int entry)
{
	assert_int_equal(nodes[slave].parent, parent);
	assert_int_equal(nodes[slave].entry, entry);
	if (parent == ECR_NO_NODE)
		return;
	assert_int_equal(nodes[slave].parent_port, port);
	assert_int_equal(nodes[parent].child[port], slave);
}

static void nothing(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ NULL }));
	assert_int_equal(tree.fault, ECR_TREE_OK);
}

static void a_line(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "01", "01", "0", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_OK);
	hangs(0, ECR_NO_NODE, 0, 0);
	hangs(1, 0, 1, 0);
	hangs(2, 1, 1, 0);
}

/* Frames visit port 3 first, then 1, then 2. */
static void a_star(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "0123", "01", "0", "0", "01", "0", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_OK);
	hangs(1, 0, 3, 0);
	hangs(2, 1, 1, 0);
	hangs(3, 0, 1, 0);
	hangs(4, 0, 2, 0);
	hangs(5, 4, 1, 0);
}

static void a_branch_in_a_branch(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "01", "013", "013", "0", "0", "0", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_OK);
	hangs(2, 1, 3, 0);
	hangs(3, 2, 3, 0);
	hangs(4, 2, 1, 0);
	hangs(5, 1, 1, 0);
}

static void the_order_of_ports(void **state)
{
	struct ecr_node node = { .ports = 0xF };

	(void)state;
	assert_int_equal(ecr_tree_next_port(&node, 0), 3);
	assert_int_equal(ecr_tree_next_port(&node, 3), 1);
	assert_int_equal(ecr_tree_next_port(&node, 1), 2);
	assert_int_equal(ecr_tree_next_port(&node, 2), 0);
	assert_int_equal(ecr_tree_previous_port(&node, 1), 3);
	assert_int_equal(ecr_tree_previous_port(&node, 3), 0);
	node.ports = 0x5;
	assert_int_equal(ecr_tree_next_port(&node, 0), 2);
	assert_int_equal(ecr_tree_previous_port(&node, 0), 2);
	node.ports = 0x1;
	assert_int_equal(ecr_tree_next_port(&node, 0), 0);
}

static void an_open_port_without_a_slave(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "01", "01", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_DANGLING);
	assert_int_equal(tree.dangling, 1);
	assert_int_equal(tree.at, 1);
	assert_int_equal(tree.port, 1);
}

static void nowhere_to_hang(void **state)
{
	(void)state;
	assert_false(build((const char *const[]){ "01", "0", "0", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_ORPHAN);
	assert_int_equal(tree.at, 2);
}

static void all_ports_closed(void **state)
{
	(void)state;
	assert_false(build((const char *const[]){ "01", "", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_CLOSED);
	assert_int_equal(tree.at, 1);
}

/* The cable is in port 1 of the last slave: nothing else changes. */
static void the_last_slave_is_swapped(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "01", "01", "1", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_SWAPPED);
	assert_int_equal(tree.at, 2);
	assert_int_equal(tree.port, 1);
	hangs(2, 1, 1, 1);
}

/* The middle one of three: it processes after the one behind it. */
static void a_slave_in_the_middle_is_swapped(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "01", "0", "01", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_SWAPPED);
	assert_int_equal(tree.at, 2);
	hangs(2, 0, 1, 1);
	hangs(1, 2, 0, 0);
}

static void the_first_slave_is_swapped(void **state)
{
	(void)state;
	assert_true(build((const char *const[]){ "0", "01", NULL }));
	assert_int_equal(tree.fault, ECR_TREE_SWAPPED);
	assert_int_equal(tree.at, 1);
	hangs(1, ECR_NO_NODE, 0, 1);
	hangs(0, 1, 0, 0);
}

/* A loop that is closed in spite of a link carries nothing. */
static void a_closed_loop_with_link(void **state)
{
	(void)state;
	assert_int_equal(ecr_tree_open_ports(status_of(3)), 3);
	assert_int_equal(ecr_tree_open_ports((uint16_t)(status_of(3) | ECR_DL_STATUS_LOOP(1))), 1);
}

/* A random tree as frames walk it: what the builder finds is what was built. */
struct truth {
	int count;
	int parent[SLAVES];
	unsigned int port[SLAVES];
	unsigned int ports[SLAVES];
	uint16_t status[SLAVES];
};

static void grow(struct truth *truth, struct ecr_prng *prng, int parent, unsigned int port,
		 int room)
{
	static const unsigned int order[3] = { 3, 1, 2 };
	int self = truth->count++;

	truth->parent[self] = parent;
	truth->port[self] = port;
	truth->ports[self] = 1;
	for (int i = 0; i < 3; i++) {
		if (truth->count >= room || !ecr_prng_below(prng, 3))
			continue;
		truth->ports[self] |= 1u << order[i];
		grow(truth, prng, self, order[i], room);
	}
	truth->status[self] = status_of(truth->ports[self]);
}

static void random_trees(void **state)
{
	static struct truth truth;
	struct ecr_prng prng;

	(void)state;
	prng.state = 4;
	for (int round = 0; round < 500; round++) {
		truth.count = 0;
		grow(&truth, &prng, ECR_NO_NODE, 0, 1 + (int)ecr_prng_below(&prng, SLAVES));
		assert_true(ecr_tree_build(&tree, nodes, truth.status, truth.count));
		assert_int_equal(tree.fault, ECR_TREE_OK);
		for (int i = 0; i < truth.count; i++)
			hangs(i, truth.parent[i], truth.port[i], 0);
	}
}

/* Whatever the ports say, the builder ends and every node hangs in reach of the master. */
static void arbitrary_statuses(void **state)
{
	uint16_t status[32];
	struct ecr_prng prng;

	(void)state;
	prng.state = 5;
	for (int round = 0; round < 20000; round++) {
		int count = 1 + (int)ecr_prng_below(&prng, 32);

		for (int i = 0; i < count; i++)
			status[i] = status_of(ecr_prng_below(&prng, 16));
		if (!ecr_tree_build(&tree, nodes, status, count))
			continue;
		for (int i = 0; i < count; i++) {
			int steps = 0;

			for (int at = i; at != ECR_NO_NODE; at = nodes[at].parent)
				assert_true(steps++ < count);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(a_line),
		cmocka_unit_test(a_star),
		cmocka_unit_test(a_branch_in_a_branch),
		cmocka_unit_test(the_order_of_ports),
		cmocka_unit_test(an_open_port_without_a_slave),
		cmocka_unit_test(nowhere_to_hang),
		cmocka_unit_test(all_ports_closed),
		cmocka_unit_test(the_last_slave_is_swapped),
		cmocka_unit_test(a_slave_in_the_middle_is_swapped),
		cmocka_unit_test(the_first_slave_is_swapped),
		cmocka_unit_test(a_closed_loop_with_link),
		cmocka_unit_test(random_trees),
		cmocka_unit_test(arbitrary_statuses),
	};

	return RUN(tests);
}
