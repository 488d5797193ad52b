// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has tables of the fields of each record, in the order of bpf/wire.h, and writes them as
 * JSON. wire_fields.awk makes the tables from wire.h and wire_parts.h.
 */
#include "loader/trace/fields.h"

#include <string.h>

#define MEMBER(st, f) (((struct st *)0)->f)
#define IS_SIGNED(st, f) ((__typeof__(MEMBER(st, f)))-1 < 1)

#define FIELD(st, f, count, kind, of)					\
	{ "\"" #f "\":", sizeof(#f) - 1, offsetof(struct st, f),	\
	  sizeof(MEMBER(st, f)), count, kind, of },
#define NUMBER(st, f)							\
	FIELD(st, f, 1, IS_SIGNED(st, f) ? FIELD_SIGNED : FIELD_UNSIGNED, NULL)
#define HEX(st, f) FIELD(st, f, sizeof(MEMBER(st, f)) / 8, FIELD_HEX, NULL)
#define STACK(st, f) FIELD(st, f, WIRE_STACK_DEPTH, FIELD_STACK, NULL)
#define CHARS(st, f) FIELD(st, f, 1, FIELD_CHARS, NULL)
#define STRINGS(st, f) FIELD(st, f, 1, FIELD_STRINGS, NULL)
#define STRUCT(st, f, of)						\
	FIELD(st, f, sizeof(MEMBER(st, f)) / sizeof(struct wire_##of),	\
	      FIELD_STRUCT, &of##_fields)
#define RESERVED(st, f) FIELD(st, f, 1, FIELD_RESERVED, NULL)

/* @start: 0, or the size of the header that the struct begins with. */
#define BEGIN(st, start)						\
const struct fields st##_fields = {					\
	.first = start, .size = sizeof(struct wire_##st),		\
	.field = (const struct field[]) {
#define END(st) {} } };

#include "wire_fields.h"

static const struct fields *const kernel_fields[WIRE_KERNEL_TYPES] = {
#define X(e, name, body, ...) [WIRE_##e] = &body##_fields,
	WIRE_TYPES(X)
#undef X
};

static const struct fields *const meta_fields[WIRE_META_LAST - WIRE_META] = {
#define X(e, name, body) [WIRE_##e - WIRE_META] = &body##_fields,
	WIRE_METAS(X)
#undef X
};

const struct fields *record__fields(unsigned int type)
{
	if (type < WIRE_KERNEL_TYPES)
		return kernel_fields[type];
	if (type >= WIRE_META && type < WIRE_META_LAST)
		return meta_fields[type - WIRE_META];
	return NULL;
}

const struct field *fields__find(const struct fields *f, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; f->field[i].key; i++)
		if (f->field[i].name_len == len &&
		    !strncmp(f->field[i].key + 1, name, len))
			return &f->field[i];
	return NULL;
}

static void number(const struct field *f, const char *p, struct buf *out)
{
	bool s = f->kind == FIELD_SIGNED;

	switch (f->size) {
	case 1:
		buf__u64(out, *(const uint8_t *)p);
		return;
	case 2:
		buf__u64(out, *(const uint16_t *)p);
		return;
	case 4:
		buf__s64(out, s ? (int64_t)*(const int32_t *)p :
				   (int64_t)*(const uint32_t *)p);
		return;
	case 8:
		if (s)
			buf__s64(out, *(const int64_t *)p);
		else
			buf__u64(out, *(const uint64_t *)p);
	}
}

/* Writes a string, because many JSON readers round numbers above 2^53. */
static void hex(uint64_t address, struct buf *out)
{
	buf__char(out, '"');
	buf__hex(out, address);
	buf__char(out, '"');
}

static void hexes(const struct field *f, const uint64_t *p, struct buf *out)
{
	buf__char(out, '[');
	for (unsigned int i = 0; i < f->count; i++) {
		if (f->kind == FIELD_STACK && !p[i])
			break;
		if (i)
			buf__char(out, ',');
		hex(p[i], out);
	}
	buf__char(out, ']');
}

/* Writes one string for all. The NULs between them become \x00. */
static void strings(const char *p, size_t size, struct buf *out)
{
	const char *end = p + size;

	while (end > p && !end[-1])
		end--;
	buf__char(out, '"');
	while (p < end) {
		buf__json(out, p, end - p);
		p += strnlen(p, end - p) + 1;
		if (p < end)
			buf__lit(out, "\\\\x00");
	}
	buf__char(out, '"');
}

static void structs(const struct field *f, const char *p, struct buf *out)
{
	if (f->count > 1)
		buf__char(out, '[');
	for (unsigned int i = 0; i < f->count; i++) {
		buf__str(out, i ? ",{" : "{");
		fields__json(f->of, p + i * f->of->size, out);
		buf__char(out, '}');
	}
	if (f->count > 1)
		buf__char(out, ']');
}

void field__json(const struct field *f, const void *base, struct buf *out)
{
	const char *p = (const char *)base + f->offset;

	switch (f->kind) {
	case FIELD_UNSIGNED:
	case FIELD_SIGNED:
		number(f, p, out);
		return;
	case FIELD_HEX:
	case FIELD_STACK:
		if (f->count > 1)
			hexes(f, (const void *)p, out);
		else
			hex(*(const uint64_t *)p, out);
		return;
	case FIELD_CHARS:
		buf__char(out, '"');
		buf__json(out, p, f->size);
		buf__char(out, '"');
		return;
	case FIELD_STRINGS:
		strings(p, f->size, out);
		return;
	case FIELD_STRUCT:
		structs(f, p, out);
		return;
	case FIELD_RESERVED:
		return;
	}
}

void fields__json(const struct fields *f, const void *base, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];

		if (d->kind == FIELD_RESERVED)
			continue;
		buf__str(out, comma);
		buf__add(out, d->key, d->name_len + 3);
		field__json(d, base, out);
		comma = ",";
	}
}
