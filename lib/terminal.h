/* SPDX-License-Identifier: GPL-2.0-only */
/* The width of the output, and whether it has colours. */
#ifndef LIB_TERMINAL_H
#define LIB_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Basic colours only: every theme keeps those readable. */
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

/* The arguments of --color, in the order of enum color_when. */
#define COLOR_WORDS "auto, always, never"

/* Returns 0, or -EINVAL if @word is not one of COLOR_WORDS. */
int color_when__parse(const char *word, enum color_when *out);

/* Returns true if output to @fd is to be coloured. */
bool terminal__color(enum color_when when, int fd);

/*
 * Returns the number of columns of a line on @fd: COLUMNS if it is a number, else
 * the terminal's width, else 80.
 */
size_t terminal__width(int fd);

#endif /* LIB_TERMINAL_H */
