/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares internals shared by printer.c, print_text.c, print_json.c, census_print.c
 * and page.c.
 */
#ifndef LOADER_VIEW_PRINTER_PARTS_H
#define LOADER_VIEW_PRINTER_PARTS_H

#include <stdio.h>
#include "loader/model/history.h"
#include "loader/model/model.h"
#include "loader/trace/names.h"
#include "loader/view/printer.h"

/* The operation of user space that a CHANGE_PID is part of. */
enum change_kind {
	CHANGE_JOIN,		/* inside setns */
	CHANGE_SETSID,		/* the first half of setsid() */
	CHANGE_SETSID_REST,	/* the second half, which gets no line */
	CHANGE_SETPGID,
	CHANGE_OTHER,
};

enum change_kind change_kind__of(const struct model_view *v);

struct printed {
	FILE *out;
	const struct model *model;
	const struct model_view *view;
	uint64_t ns;		/* since time 0 */
	uint64_t wall_ns;	/* CLOCK_REALTIME of the traced machine, 0: not known */
	uint64_t before_ns;	/* since the previous line */
	bool wall, relative;	/* the times to show */
	enum change_kind change;
	bool color;
	bool stack;		/* show the kernel stack */
};

/* The meaning of a part of a line, for its colour. */
enum style {
	STYLE_PLAIN,
	STYLE_TIME,
	STYLE_MOVE,		/* a task gets other numbers, or a namespace */
	STYLE_NEWS,		/* a process or a namespace begins */
	STYLE_END,
	STYLE_ERROR,
	STYLE_LOST,
};

/* Return the escape sequence, or "" without colour. */
const char *style__on(enum style style, bool color);
const char *style__off(enum style style, bool color);

/* Print one operation, as a line of text or as one JSON object. */
void print_text__op(const struct printed *p);
void print_json__op(const struct printed *p);

/* Prints an object with the name and the clocks of the traced machine. */
void print_json__machine(FILE *out, const struct wire_meta_machine *m);

/* Prints only the text of the line, without the time and the newline, if it has one. */
bool print_text__has_line(unsigned int type);
void print_text__line(const struct printed *p);

/* Prints the current task as last seen, nsenter[812], or its address. */
void print_text__current(const struct printed *p);

/* Report that count records of this CPU are missing before the next record. */
void print_text__lost(const struct printed *p, uint32_t cpu, uint32_t count);
void print_json__lost(const struct printed *p, uint32_t cpu, uint32_t count);

/* Print a record as it is. */
void print_text__raw(const struct printed *p);
void print_json__raw(const struct printed *p);

/* Returns a JSON string of json_text__of_bytes(). The caller owns it. */
struct json_t *json_comm(const char *comm);

/* Formats a status: "exit(3)", "killed by SIGKILL", in the words of strace. */
#define ENDING_TEXT 48
const char *ending__text(int32_t status, char text[ENDING_TEXT]);
void put_exit_code(FILE *out, int32_t exit_code);
/* Returns "process", "kernel", "oom" or "namespace". */
const char *killer_kind__name(enum killer_kind kind);
/*
 * Writes ", sent by sh[815,7]" and the like, if SIGKILL ended the process and its sender
 * is known. @killer: or NULL
 */
void put_sender(FILE *out, int32_t status, const struct model_killer *killer);
/* Adds the members on a status, and on the sender as put_sender() does. */
void json_ending(struct json_t *o, int32_t status,
		 const struct model_killer *killer);
void json_set_sender(struct json_t *o, int32_t status,
		     const struct model_killer *killer);

#endif /* LOADER_VIEW_PRINTER_PARTS_H */
