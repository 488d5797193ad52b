/* SPDX-License-Identifier: GPL-2.0-only */
/* How wide the output is, and whether it has colours. */
#ifndef LIB_TERMINAL_H
#define LIB_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* The sixteen colours that every theme has made readable. */
#define SGR_GOOD "\033[1;32m"
#define SGR_BAD "\033[1;31m"
#define SGR_DOUBT "\033[1;33m"
#define SGR_DIM "\033[2m"
#define SGR_OFF "\033[0m"

enum color_when {
	COLOR_AUTO,		/* on a terminal, unless NO_COLOR is set */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* The words of --color, in that order. */
#define COLOR_WORDS "auto, always, never"

/* Returns 0, or -EINVAL: not one of COLOR_WORDS. */
int color_when__parse(const char *word, enum color_when *out);

/* Shall what is written to @fd have colours? */
bool terminal__color(enum color_when when, int fd);

/*
 * The columns of a line on @fd: COLUMNS if it is a number, else what the
 * terminal says, else 80.
 */
size_t terminal__width(int fd);

#endif
