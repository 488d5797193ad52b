/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the user, on stderr, a line each, after the program's name. What comes
 * from outside may be passed as it is: a message is escaped (escape__line()).
 *
 * An exit status of EXIT_USAGE says that the arguments or the environment are at fault.
 */
#ifndef LIB_MSG_H
#define LIB_MSG_H

#include <stdbool.h>

#include "lib/array.h"

#define EXIT_USAGE 2

extern bool msg__verbose;

/* If set, called before each message, to make room for its line. */
extern void (*msg__before)(void);

void msg__error(const char *fmt, ...) __printf(1, 2);
void msg__warning(const char *fmt, ...) __printf(1, 2);
void msg__note(const char *fmt, ...) __printf(1, 2);

/* Prints the name of a command, such as "pidnstrace replay", instead of the program's. */
void msg__of(const char *command, const char *fmt, ...) __printf(2, 3);

/* Prints only if msg__verbose is set. */
void msg__debug(const char *fmt, ...) __printf(1, 2);

#endif /* LIB_MSG_H */
