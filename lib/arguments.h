/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses a command line by argp, whose messages, and those of getopt, have words of the
 * command line. They are printed escaped (escape.h), like all other messages.
 */
#ifndef LIB_ARGUMENTS_H
#define LIB_ARGUMENTS_H

#include <argp.h>

/* Does what argp_parse() does, which may end the program. */
error_t arguments__parse(const struct argp *argp, int argc, char **argv,
			 unsigned int flags, void *input);

#endif /* LIB_ARGUMENTS_H */
