/* SPDX-License-Identifier: GPL-2.0-only */
/* The length of an array, and the check of a format string. */
#ifndef LIB_ARRAY_H
#define LIB_ARRAY_H

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

#endif /* LIB_ARRAY_H */
