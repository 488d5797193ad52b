// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of a page: arrays that grow, indices of their rows, and strings.
 *
 * Each string is kept once, because a label comes with many rows. A 64-bit hash alone
 * identifies a string; its seed is random, so that a task cannot choose a name with the
 * hash of another.
 */
#include "loader/page/page_parts.h"

#include <string.h>
#include <xxhash.h>

#include "lib/memory.h"
#include "loader/view/printer_parts.h"

#define LABEL_LEN	640	/* a comm with 16 escapes, and 33 numbers */

void *page_array__add(struct page_array *a, size_t size)
{
	if (a->n == a->room) {
		a->room = a->room ? a->room * 2 : 64;
		a->at = xrealloc(a->at, a->room * size);
	}
	return memset((char *)a->at + a->n++ * size, 0, size);
}

uint32_t page_index__find(const struct table *t, uint64_t key)
{
	return (uint32_t)(uintptr_t)table__find(t, key) - 1;
}

void page_index__set(struct table *t, uint64_t key, uint32_t i)
{
	table__del(t, key);
	table__add(t, key, (void *)(uintptr_t)(i + 1));
}

uint32_t page_string__id(struct page *p, const char *s)
{
	size_t len = strlen(s);
	uint64_t hash = XXH3_64bits_withSeed(s, len, table__seed());
	uint32_t id = page_index__find(&p->string_ids, hash);

	if (id != PAGE_NONE)
		return id;
	id = p->nstrings++;
	fwrite(s, len + 1, 1, p->strings);
	page_index__set(&p->string_ids, hash, id);
	return id;
}

uint32_t page_string__of_current(struct page *p, const struct model_view *v)
{
	char text[LABEL_LEN];
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (!out)
		out_of_memory();
	print_text__current(&(struct printed){ .out = out, .view = v });
	fclose(out);
	return page_string__id(p, text);
}

uint32_t page_string__of_task(struct page *p, struct model_task *t)
{
	return page_string__of_current(p, &(struct model_view){ .current = t });
}
