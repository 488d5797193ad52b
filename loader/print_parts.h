/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print_parts.h - what the files of the printer share, and page.c, which has its
 * lines; nobody else includes it.
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

enum change_kind change_kind__of(const struct model_view *v);

struct printed {
	FILE *out;
	const struct model *model;
	const struct model_view *view;
	uint64_t ns;		/* since time 0 */
	enum change_kind change;
	bool color;
	bool stack;		/* show it */
};

/* What a part of a line means, for its colour. */
enum style {
	STYLE_PLAIN,
	STYLE_TIME,
	STYLE_MOVE,		/* a task got other numbers, or a namespace */
	STYLE_NEWS,		/* a process, a namespace begins */
	STYLE_END,
	STYLE_ERROR,
	STYLE_LOST,
};

/* The escape sequence, "" without colour. */
const char *style__on(enum style style, bool color);
const char *style__off(enum style style, bool color);

/* One operation, as a line of text or as one JSON object. */
void print_text__op(const struct printed *p);
void print_json__op(const struct printed *p);

/* ... as text, without the time and the newline */
void print_text__line(const struct printed *p);

/* Who ran it, as it was last seen: nsenter[812], or its address. */
void print_text__current(const struct printed *p);
void print_text__task(FILE *out, const struct model_task *t);

/* count records of this CPU are missing before the one that comes next. */
void print_text__lost(const struct printed *p, uint32_t cpu, uint32_t count);
void print_json__lost(const struct printed *p, uint32_t cpu, uint32_t count);

/* A record as it is. */
void print_text__raw(const struct printed *p);
void print_json__raw(const struct printed *p);

/* Comms are bytes that programs choose: printable ones, \x80 for the rest. */
#define COMM_TEXT (WIRE_COMM_LEN * 4 + 1)
const char *comm__text(const char *comm, char text[COMM_TEXT]);
/* The same as a string of JSON, with ? for the rest. The caller's. */
struct json_t *json_comm(const char *comm);

/* "exit(3)", "killed by SIGKILL" */
void put_exit_code(FILE *out, int32_t exit_code);

#endif /* LOADER_PRINT_PARTS_H */
