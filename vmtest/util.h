/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every file of the runner needs: messages on stderr, strings that grow,
 * whole files in and out.
 *
 * Running out of memory ends the runner (exit 2): its children die with it.
 */
#ifndef VMTEST_UTIL_H
#define VMTEST_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

/* The exit status of a usage or environment error; see verdict.h for others. */
#define EXIT_USAGE 2

extern bool msg_verbose;

/* One line on stderr, "vmtest: " before it; error says so. */
void msg_error(const char *fmt, ...) __printf(1, 2);
void msg_note(const char *fmt, ...) __printf(1, 2);
void msg_debug(const char *fmt, ...) __printf(1, 2);

/* If set, called before each message, to make room for its line. */
extern void (*msg_before)(void);

void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __printf(1, 2);

/* Cuts off the blanks at both ends, in place; returns where the rest begins. */
char *strip(char *s);

/* A string vector that ends with NULL, ready for execv(). */
struct strv {
	char **v;
	size_t n;
};

void strv__add(struct strv *s, const char *arg);
void strv__addf(struct strv *s, const char *fmt, ...) __printf(2, 3);
void strv__take(struct strv *s, char *arg);
void strv__free(struct strv *s);

bool strv__has(const struct strv *s, const char *arg);

/* The strings with sep between them. */
char *strv__join(const struct strv *s, const char *sep);

/* Shell words that read back as the vector, separated by spaces. */
char *strv__quote(const struct strv *s);
char *shell_quote(const char *arg);

/* Seconds of CLOCK_MONOTONIC. */
double now_s(void);

/* Parses a whole decimal number in [min, max]. Returns 0 or -EINVAL/-ERANGE. */
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* Writes all or returns -errno (-ENOSPC...). */
int write_all(int fd, const void *buf, size_t len);

/* mkdir -p. Returns 0 or -errno. */
int mkdir_p(const char *path);

/* The whole of a file, a NUL behind it; *len (may be NULL) without that. */
int read_file(const char *path, char **out, size_t *len);

/*
 * Calls fn with each line of a table in a file, without the blanks at both
 * ends; not with an empty one, nor with one that begins with #. nr counts all
 * of them, from 1. Ends when fn returns something else than 0, with that. A
 * file that cannot be read is -errno, with a message.
 */
typedef int line_fn(void *ctx, const char *path, int nr, char *line);
int each_line(const char *path, line_fn *fn, void *ctx);

/*
 * Writes a file so that it is there whole or not at all: a temporary beside
 * it, fsync, rename. Returns 0 or -errno; nothing is left after an error.
 */
int write_file_atomic(const char *path, const void *buf, size_t len);

/* FNV-1a, 64 bit: names cache entries, guards nothing. */
#define HASH_INIT 0xcbf29ce484222325ULL
uint64_t hash_bytes(uint64_t h, const void *buf, size_t len);
/* Of a file's bytes. Returns 0 or -errno. */
int hash_file(const char *path, uint64_t *out);
uint64_t hash_str(uint64_t h, const char *s);

/* Sets FD_CLOEXEC, O_NONBLOCK. */
int fd_set_nonblock(int fd, bool on);
int fd_set_cloexec(int fd, bool on);

#endif
