/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fields.h - the fields of wire.h's structs as data: name, place, kind.
 *
 * For what handles every field of every record in the same way. The tables are
 * whole: each byte of a struct belongs to one field (tests/unit/export_test.c).
 */
#ifndef LOADER_FIELDS_H
#define LOADER_FIELDS_H

#include <stddef.h>
#include <stdint.h>
#include "record.h"
#include "buf.h"

enum field_kind {
	FIELD_UNSIGNED,
	FIELD_SIGNED,
	FIELD_HEX,		/* an address */
	FIELD_STACK,		/* addresses, 0 ends */
	FIELD_CHARS,		/* bytes, NUL ends */
	FIELD_STRUCT,
	FIELD_RESERVED,		/* says nothing */
};

struct fields;

struct field {
	const char *key;	/* "\"fd\":" */
	uint16_t name_len;	/* of the name in it */
	uint16_t offset, size;	/* of all its elements */
	uint16_t count;		/* elements; more than 1: an array */
	enum field_kind kind;
	const struct fields *of;	/* FIELD_STRUCT */
};

struct fields {
	const struct field *field;
	size_t n;
	size_t first, size;	/* bytes of the struct that they cover */
};

extern const struct fields hdr_fields, pid_fields, upid_fields;

/* Of a record type's body, behind its header. NULL: no such type. */
const struct fields *record__fields(unsigned int type);

/* The field of this name, or NULL. */
const struct field *fields__find(const struct fields *f, const char *name);

/* "fd":3,"flags":0, of the struct at base, as members of a JSON object. */
void fields__json(const struct fields *f, const void *base, struct buf *out);

/* One element of one field, as JSON; strings in their quotes. */
void field__json(const struct field *f, const void *base, struct buf *out);

#endif /* LOADER_FIELDS_H */
