// SPDX-License-Identifier: GPL-2.0-only
/*
 * Splits a trace into records, and joins records to a trace. A block is read up to its
 * first bad record, so a damaged trace still gives records.
 *
 * Bad at: long traces. Only the first RECORDS_MAX records are taken.
 */
#include "records.h"

#include <string.h>

#include "loader/trace/links.h"
#include "loader/trace/semantics.h"

void records__init(struct records *r)
{
	r->header = (struct trace_header){
		.magic = TRACE_MAGIC,
		.byte_order = TRACE_BYTE_ORDER,
		.version = TRACE_VERSION,
		.wire_version = WIRE_VERSION,
		.semantics = SEMANTICS_JOIN,
	};
	r->n = 0;
	for (unsigned int i = 0; i < RECORDS_MAX; i++)
		r->at[i] = &r->rooms[i];
}

static void take_block(struct records *r, const uint8_t *p, size_t len)
{
	while (r->n < RECORDS_MAX) {
		union record_room *room = r->at[r->n];
		int size;

		memcpy(room, p, len < sizeof(*room) ? len : sizeof(*room));
		size = record__check(room, len);
		if (size < 0 || (size_t)size > len)
			return;
		r->n++;
		p += size;
		len -= size;
	}
}

void records__take(struct records *r, const uint8_t *data, size_t size)
{
	struct trace_block b;
	size_t pos;

	records__init(r);
	if (size < sizeof(r->header))
		return;
	memcpy(&r->header, data, sizeof(r->header));
	for (pos = sizeof(r->header); size - pos >= sizeof(b); pos += b.bytes) {
		memcpy(&b, data + pos, sizeof(b));
		pos += sizeof(b);
		if (b.bytes > size - pos)
			b.bytes = size - pos;
		take_block(r, data + pos, b.bytes);
	}
}

size_t records__give(const struct records *r, unsigned int per_block,
		     uint8_t *data, size_t max)
{
	struct trace_block b = { .magic = TRACE_BLOCK_MAGIC };
	struct trace_header h = r->header;
	size_t pos = sizeof(h), head;

	if (max < sizeof(h))
		return 0;
	h.hash = trace_header__hash(&h);
	memcpy(data, &h, sizeof(h));
	for (unsigned int i = 0; i < r->n; b.number++) {
		head = pos;
		pos += sizeof(b);
		b.bytes = b.records = 0;
		while (i < r->n && b.records < per_block &&
		       b.bytes + r->at[i]->hdr.size <= TRACE_BLOCK_MAX &&
		       pos + r->at[i]->hdr.size <= max) {
			memcpy(data + pos, r->at[i], r->at[i]->hdr.size);
			pos += r->at[i]->hdr.size;
			b.bytes += r->at[i]->hdr.size;
			b.records++;
			i++;
		}
		if (!b.records)
			return head;
		b.hash = trace_block__hash(&b, data + head + sizeof(b));
		memcpy(data + head, &b, sizeof(b));
	}
	return pos;
}

size_t records__cut(uint8_t *data, size_t size, unsigned int bytes)
{
	size_t pos = sizeof(struct trace_header), last = 0;
	struct trace_block b;

	for (; size - pos >= sizeof(b); pos += sizeof(b) + b.bytes) {
		memcpy(&b, data + pos, sizeof(b));
		last = pos;
	}
	if (!last || b.bytes <= bytes)
		return size;
	b.bytes -= bytes;
	b.hash = trace_block__hash(&b, data + last + sizeof(b));
	memcpy(data + last, &b, sizeof(b));
	return size - bytes;
}

union record_room *records__insert(struct records *r, unsigned int i,
				   unsigned int type, unsigned int levels)
{
	union record_room *room;
	unsigned int npids = type < WIRE_KERNEL_TYPES ?
			     record_layouts[type].npids : 0;

	if (r->n == RECORDS_MAX)
		return NULL;
	room = r->at[r->n];
	memmove(&r->at[i + 1], &r->at[i], (r->n - i) * sizeof(*r->at));
	r->at[i] = room;
	r->n++;
	memset(room, 0, sizeof(*room));
	room->hdr.type = type;
	room->hdr.npids = npids;
	room->hdr.levels = npids ? levels : 0;
	room->hdr.size = record__body_size(type) +
			 npids * WIRE_PID_SIZE(levels);
	return room;
}

void records__remove(struct records *r, unsigned int i, unsigned int count)
{
	union record_room *gone[RECORDS_MAX];

	if (count > r->n - i)
		count = r->n - i;
	memcpy(gone, &r->at[i], count * sizeof(*gone));
	memmove(&r->at[i], &r->at[i + count],
		(r->n - i - count) * sizeof(*r->at));
	r->n -= count;
	memcpy(&r->at[r->n], gone, count * sizeof(*gone));
}

void record_room__set_levels(union record_room *rec, unsigned int levels)
{
	size_t body = record__body_size(rec->hdr.type);
	union record_room old = *rec;

	if (!rec->hdr.npids)
		return;
	rec->hdr.levels = levels;
	rec->hdr.size = body + rec->hdr.npids * WIRE_PID_SIZE(levels);
	for (unsigned int i = 0; i < rec->hdr.npids; i++) {
		size_t from = WIRE_PID_SIZE(old.hdr.levels);
		size_t to = WIRE_PID_SIZE(levels);

		memset(rec->bytes + body + i * to, 0, to);
		memcpy(rec->bytes + body + i * to, old.bytes + body + i * from,
		       from < to ? from : to);
	}
}

void records__heal(struct records *r)
{
	uint32_t seq[4] = { 0 };
	uint64_t records = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		union record_room *rec = r->at[i];

		if (rec->hdr.type < WIRE_META) {
			rec->hdr.cpu %= 4;
			rec->hdr.seq = seq[rec->hdr.cpu];
			seq[rec->hdr.cpu] += links__count(&rec->hdr);
			records += links__count(&rec->hdr);
		} else if (rec->hdr.type == WIRE_META_STATS) {
			struct wire_meta_stats *s = (void *)rec;

			s->lost_ring = s->lost_map = s->missed = 0;
		} else if (rec->hdr.type == WIRE_META_END) {
			((struct wire_meta_end *)rec)->records = records;
		}
	}
}
