/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints messages to the user, on stderr, one line each, after the program's name. */
#ifndef LOADER_LIB_MSG_H
#define LOADER_LIB_MSG_H

#include <err.h>

#define msg__error(...) warnx(__VA_ARGS__)
#define msg__warning(format, ...) warnx("warning: " format, ##__VA_ARGS__)

#endif /* LOADER_LIB_MSG_H */
