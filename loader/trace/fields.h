/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares tables of the fields of bpf/wire.h's structs: name, offset, kind.
 *
 * The tables serve code that handles all fields of all records alike. Each byte of a
 * struct belongs to one field (tests/unit/export_test.c).
 */
#ifndef LOADER_TRACE_FIELDS_H
#define LOADER_TRACE_FIELDS_H

#include <stddef.h>
#include <stdint.h>
#include "loader/lib/buf.h"
#include "loader/trace/record.h"

enum field_kind {
	FIELD_UNSIGNED,
	FIELD_SIGNED,
	FIELD_HEX,		/* an address */
	FIELD_STACK,		/* addresses, up to the first 0 */
	FIELD_CHARS,		/* bytes, up to a NUL */
	FIELD_STRINGS,		/* strings, each with a NUL, up to the last one */
	FIELD_STRUCT,
	FIELD_RESERVED,		/* padding */
};

struct fields;

struct field {
	const char *key;	/* "\"fd\":" */
	uint16_t name_len;	/* length of the name inside key */
	uint16_t offset, size;	/* size of all elements, in bytes */
	uint16_t count;		/* elements; more than 1: an array */
	enum field_kind kind;
	const struct fields *of;	/* FIELD_STRUCT */
};

struct fields {
	const struct field *field;	/* up to one without a key */
	size_t first, size;	/* first byte covered, and size of the struct */
};

extern const struct fields hdr_fields, pid_fields, upid_fields;

/* Returns the fields of a type's body, after the header; NULL: unknown type. */
const struct fields *record__fields(unsigned int type);

/* Returns the field of this name, or NULL. */
const struct field *fields__find(const struct fields *f, const char *name);

/* Writes the struct at base as members of a JSON object: "fd":3,"flags":0 */
void fields__json(const struct fields *f, const void *base, struct buf *out);

/* Writes the value of one field as JSON; strings are quoted. */
void field__json(const struct field *f, const void *base, struct buf *out);

#endif /* LOADER_TRACE_FIELDS_H */
