/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print_parts.h - what the files of the printer share; nobody else includes it.
 */
#ifndef LOADER_PRINT_PARTS_H
#define LOADER_PRINT_PARTS_H

#include <stdio.h>
#include "history.h"
#include "model.h"
#include "print.h"

/* What a CHANGE_PID is, seen from user space. */
enum change_kind {
	CHANGE_JOIN,		/* inside setns */
	CHANGE_SETSID,		/* its first half */
	CHANGE_SETSID_REST,	/* its second: not worth a line */
	CHANGE_SETPGID,
	CHANGE_OTHER,
};

struct printed {
	FILE *out;
	const struct model *model;
	const struct model_view *view;
	uint64_t ns;		/* since time 0 */
	enum change_kind change;
};

/* One operation, as a line of text or as one JSON object. */
void print_text__op(const struct printed *p);
void print_json__op(const struct printed *p);

/* A record as it is. */
void print_text__raw(const struct printed *p);
void print_json__raw(const struct printed *p);

/* "CLONE_NEWPID|CLONE_NEWNET", "0" */
const char *clone_flags__text(uint32_t flags, char *buf, size_t len);

/* "pid", "net", ... for one CLONE_NEW* flag; "?" */
const char *ns_type__name(uint32_t flag);

#endif /* LOADER_PRINT_PARTS_H */
