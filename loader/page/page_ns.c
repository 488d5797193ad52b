// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects the namespaces of a page, which are its lanes.
 *
 * A namespace first appears in the numbers of a task, or with the record of its
 * creation. The kernel reuses inums, so the address distinguishes namespaces.
 */
#include "loader/page/page_parts.h"

#include "loader/trace/record.h"

static struct page_ns *ns_at(const struct page *p, uint32_t i)
{
	return PAGE_AT(&p->namespaces, struct page_ns, i);
}

static uint32_t ns_new(struct page *p, uint32_t inum, uint32_t parent,
		       uint32_t level)
{
	struct page_ns *ns = PAGE_ADD(&p->namespaces, struct page_ns);

	ns->inum = inum;
	ns->parent = parent;
	ns->level = level;
	ns->made = ns->freed = ns->zap = ns->zapped = PAGE_NONE;
	page_index__set(&p->ns_inum, inum, p->namespaces.n - 1);
	return p->namespaces.n - 1;
}

uint32_t page_ns__get(struct page *p, uint32_t inum)
{
	uint32_t i = page_index__find(&p->ns_inum, inum);

	return i != PAGE_NONE || !inum ? i : ns_new(p, inum, PAGE_NONE, 0);
}

/* The parents in a damaged trace may form a cycle, or have more levels than exist. */
static void ns_set_parent(struct page *p, uint32_t i, uint32_t parent)
{
	unsigned int levels = 0;

	if (ns_at(p, i)->parent != PAGE_NONE)
		return;
	for (uint32_t a = parent; a != PAGE_NONE; a = ns_at(p, a)->parent)
		if (a == i || ++levels == WIRE_MAX_LEVELS)
			return;
	ns_at(p, i)->parent = parent;
}

uint32_t page_ns__of_image(struct page *p, const struct wire_hdr *rec,
			   const struct wire_pid *img)
{
	unsigned int levels = img ? record__levels(rec, img) : 0;
	uint32_t i = PAGE_NONE, above;

	for (unsigned int l = 0; l < levels; l++) {
		above = i;
		i = page_ns__get(p, img->upid[l].ns);
		if (i == PAGE_NONE)
			continue;
		ns_set_parent(p, i, above);
		ns_at(p, i)->level = l;
	}
	return i;
}

static uint32_t ns_of_record(struct page *p, const struct wire_pidns *r)
{
	uint32_t i = page_index__find(&p->ns_address, r->ns);

	if (i != PAGE_NONE && ns_at(p, i)->inum == r->inum)
		return i;
	i = page_ns__get(p, r->inum);
	if (i == PAGE_NONE)
		return i;
	ns_at(p, i)->address = r->ns;
	page_index__set(&p->ns_address, r->ns, i);
	return i;
}

uint32_t page_ns__record(struct page *p, const struct model_view *v,
			 uint32_t event)
{
	const struct wire_pidns *r = (const void *)v->rec;
	uint32_t above = PAGE_NONE, i;

	if (r->hdr.type == WIRE_NS_NEW) {
		if (r->parent != r->inum)
			above = page_ns__get(p, r->parent);
		i = ns_new(p, r->inum, above, r->level);
		ns_at(p, i)->address = r->ns;
		ns_at(p, i)->made = event;
		ns_at(p, i)->followed = v->current && v->current->followed;
		page_index__set(&p->ns_address, r->ns, i);
		return i;
	}
	i = ns_of_record(p, r);
	if (i == PAGE_NONE)
		return i;
	if (r->hdr.type == WIRE_NS_FREE)
		ns_at(p, i)->freed = event;
	else if (r->hdr.type == WIRE_ZAP_ENTER)
		ns_at(p, i)->zap = event;
	else
		ns_at(p, i)->zapped = event;
	return i;
}
