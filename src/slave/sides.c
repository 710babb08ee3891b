/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/sides.h"

static bool of_wanted(const struct ecr_pdo_wanted *wanted, uint8_t sm, unsigned int number,
		      struct ecr_pdo_view *view)
{
	for (; wanted->pdo; wanted++) {
		if (wanted->sm != sm || wanted->pdo == ECR_PDO_NONE || number--)
			continue;
		*view = (struct ecr_pdo_view){ .index = wanted->pdo,
					       .open = !wanted->mapped,
					       .mapped = wanted->mapped };
		while (wanted->mapped && wanted->mapped[view->count].bits)
			view->count++;
		return true;
	}
	return false;
}

/* Some devices fill unused places of an assignment with 0. */
static bool of_table(const struct ecr_pdo_table *table, uint8_t sm, unsigned int number,
		     struct ecr_pdo_view *view)
{
	for (unsigned int i = 0; i < table->pdo_count; i++) {
		const struct ecr_known_pdo *pdo = &table->pdos[i];

		if (pdo->sm != sm || !pdo->index || number--)
			continue;
		*view = (struct ecr_pdo_view){ .index = pdo->index,
					       .count = pdo->entry_count,
					       .mapped = table->entries + pdo->first_entry };
		return true;
	}
	return false;
}

static bool of_sii(const struct ecr_sii *sii, uint8_t sm, unsigned int number,
		   struct ecr_pdo_view *view)
{
	static const uint16_t types[] = { ECR_SII_RXPDO, ECR_SII_TXPDO };

	for (size_t i = 0; i < 2; i++) {
		struct ecr_sii_pdo pdo = { 0 };

		while (ecr_sii_next_pdo(sii, types[i], &pdo)) {
			if (pdo.sm != sm || number--)
				continue;
			*view = (struct ecr_pdo_view){ .index = pdo.index,
						       .count = pdo.entries,
						       .sii = pdo };
			return true;
		}
	}
	return false;
}

bool ecr_pdo_in_sii(const struct ecr_sii *sii, uint16_t index, struct ecr_pdo_view *view)
{
	static const uint16_t types[] = { ECR_SII_RXPDO, ECR_SII_TXPDO };

	for (size_t i = 0; i < 2; i++) {
		struct ecr_sii_pdo pdo = { 0 };

		while (ecr_sii_next_pdo(sii, types[i], &pdo)) {
			if (pdo.index != index)
				continue;
			*view = (struct ecr_pdo_view){ .index = index,
						       .count = pdo.entries,
						       .sii = pdo };
			return true;
		}
	}
	return false;
}

bool ecr_pdo_of_side(const struct ecr_pdo_side *side, uint8_t sm, unsigned int number,
		     struct ecr_pdo_view *view)
{
	if (side->wanted)
		return of_wanted(side->wanted, sm, number, view);
	return side->table ? of_table(side->table, sm, number, view)
			   : of_sii(side->sii, sm, number, view);
}

struct ecr_pdo_mapped ecr_pdo_entry_of(const struct ecr_pdo_view *view, unsigned int number)
{
	struct ecr_sii_entry entry = { 0 };

	if (view->mapped)
		return view->mapped[number];
	ecr_sii_entry(&view->sii, number, &entry);
	return (struct ecr_pdo_mapped){ entry.index, entry.subindex, entry.bits };
}

uint32_t ecr_pdo_bits(const struct ecr_pdo_view *view)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < view->count; i++)
		bits += ecr_pdo_entry_of(view, i).bits;
	return bits;
}

uint32_t ecr_pdo_side_bits(const struct ecr_pdo_side *side, uint8_t sm)
{
	struct ecr_pdo_view view;
	uint32_t bits = 0;

	for (unsigned int i = 0; ecr_pdo_of_side(side, sm, i, &view); i++)
		bits += ecr_pdo_bits(&view);
	return bits;
}

static bool same(const struct ecr_pdo_view *left, const struct ecr_pdo_view *right)
{
	if (left->index != right->index)
		return false;
	if (left->open || right->open)
		return true;
	if (left->count != right->count)
		return false;
	for (unsigned int i = 0; i < left->count; i++) {
		struct ecr_pdo_mapped a = ecr_pdo_entry_of(left, i);
		struct ecr_pdo_mapped b = ecr_pdo_entry_of(right, i);

		if (a.index != b.index || a.subindex != b.subindex || a.bits != b.bits)
			return false;
	}
	return true;
}

/* "0x1a00: 0x6000:01/8 0x6000:02/16": object, subindex, bits */
static void put_pdo(const struct ecr_pdo_view *view, struct ecr_text *text)
{
	if (!view) {
		ecr_text_string(text, "none");
		return;
	}
	ecr_text_string(text, "0x");
	ecr_text_hex(text, view->index, 4);
	if (view->open)
		return;
	ecr_text_string(text, view->count ? ":" : ": empty");
	for (unsigned int i = 0; i < view->count; i++) {
		struct ecr_pdo_mapped entry = ecr_pdo_entry_of(view, i);

		ecr_text_string(text, " 0x");
		ecr_text_hex(text, entry.index, 4);
		ecr_text_char(text, ':');
		ecr_text_hex(text, entry.subindex, 2);
		ecr_text_char(text, '/');
		ecr_text_decimal(text, entry.bits);
	}
}

void ecr_pdo_line(const struct ecr_pdo_view *left, const struct ecr_pdo_view *right,
		  struct ecr_text *text)
{
	put_pdo(left, text);
	ecr_text_string(text, " | ");
	put_pdo(right, text);
	ecr_text_char(text, '\n');
}

unsigned int ecr_pdo_compare(const struct ecr_pdo_side *left, const struct ecr_pdo_side *right,
			     uint8_t sm, struct ecr_text *text)
{
	unsigned int differences = 0;

	for (unsigned int i = 0;; i++) {
		struct ecr_pdo_view a;
		struct ecr_pdo_view b;
		bool has_a = ecr_pdo_of_side(left, sm, i, &a);
		bool has_b = ecr_pdo_of_side(right, sm, i, &b);

		if (!has_a && !has_b)
			return differences;
		if (has_a && has_b && same(&a, &b))
			continue;
		ecr_pdo_line(has_a ? &a : NULL, has_b ? &b : NULL, text);
		differences++;
	}
}

void ecr_pdo_lines_end(struct ecr_text *text)
{
	static const char more[] = "...\n";

	if (!text->cut || text->size < sizeof(more))
		return;
	for (size_t i = 0; i < sizeof(more); i++)
		text->buffer[text->size - sizeof(more) + i] = more[i];
}
