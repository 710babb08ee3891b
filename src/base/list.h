/* SPDX-License-Identifier: Apache-2.0 */
/* A first-in first-out queue of elements that carry their own link. */
#ifndef ECR_BASE_LIST_H
#define ECR_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ecr_link {
	struct ecr_link *next;
};

struct ecr_list {
	struct ecr_link *first;
	struct ecr_link *last;
};

static inline bool ecr_list_empty(const struct ecr_list *list)
{
	return !list->first;
}

/* Counted one by one. */
static inline size_t ecr_list_count(const struct ecr_list *list)
{
	size_t count = 0;

	for (const struct ecr_link *link = list->first; link; link = link->next)
		count++;
	return count;
}

static inline void ecr_list_push(struct ecr_list *list, struct ecr_link *link)
{
	link->next = NULL;
	if (list->last)
		list->last->next = link;
	else
		list->first = link;
	list->last = link;
}

static inline struct ecr_link *ecr_list_pop(struct ecr_list *list)
{
	struct ecr_link *link = list->first;

	if (!link)
		return NULL;
	list->first = link->next;
	if (!list->first)
		list->last = NULL;
	link->next = NULL;
	return link;
}

/* All of one behind all of another; nothing is left of it. */
static inline void ecr_list_join(struct ecr_list *to, struct ecr_list *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	*from = (struct ecr_list){ 0 };
}

/* Its first elements, at least one, the last of which is `last`, as a list of their own. */
static inline struct ecr_list ecr_list_cut(struct ecr_list *from, struct ecr_link *last)
{
	struct ecr_list cut = { from->first, last };

	from->first = last->next;
	if (!from->first)
		from->last = NULL;
	last->next = NULL;
	return cut;
}

#endif
