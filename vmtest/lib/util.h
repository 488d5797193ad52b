/* SPDX-License-Identifier: GPL-2.0-only */
/* Helpers for all files of the runner: vectors of strings, numbers, whole files. */
#ifndef VMTEST_LIB_UTIL_H
#define VMTEST_LIB_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "lib/msg.h"

/* `auto_free char *text = ...' is freed at the end of its scope. */
#define auto_free __attribute__((cleanup(free_at)))

static inline void free_at(void *variable)
{
	free(*(void **)variable);
}

/* Removes blanks at both ends, in place; returns the new beginning. */
char *strip(char *s);

/* A string vector that ends with NULL, ready for execv(). */
struct strv {
	char **v;
	size_t n;
};

void strv__add(struct strv *s, const char *arg);
void strv__addf(struct strv *s, const char *fmt, ...) __printf(2, 3);
/* Adds an option and its value. */
void strv__pair(struct strv *s, const char *option, const char *fmt, ...)
	__printf(3, 4);
void strv__take(struct strv *s, char *arg);
void strv__free(struct strv *s);

/* `auto_strv words = { 0 };' is freed at the end of its scope. */
#define auto_strv __attribute__((cleanup(strv__free))) struct strv

bool strv__has(const struct strv *s, const char *arg);

/* Returns the strings with sep between them; free it. */
char *strv__join(const struct strv *s, const char *sep);

/* Returns the vector as shell words, separated by spaces; free it. */
char *strv__quote(const struct strv *s);
char *shell_quote(const char *arg);

/* Returns the seconds of CLOCK_MONOTONIC. */
double now_s(void);

/* Parses a whole decimal number in [min, max]. Returns 0 or -EINVAL/-ERANGE. */
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* Writes all or returns -errno (-ENOSPC...). */
int write_all(int fd, const void *buf, size_t len);

/* Creates a directory and its parents. Returns 0 or -errno. */
int mkdir_p(const char *path);

/* Reads a whole file, and adds a NUL that *len (may be NULL) does not count. */
int read_file(const char *path, char **out, size_t *len);

/*
 * Calls fn with each line of a table in a file, without the blanks at both ends;
 * skips empty lines and lines that begin with #. nr counts all lines, from 1. Stops
 * when fn returns a value other than 0, and returns that value. Returns -errno, with
 * a message, if the file cannot be read.
 */
typedef int line_fn(void *ctx, const char *path, int nr, char *line);
int each_line(const char *path, line_fn *fn, void *ctx);

/*
 * Splits a row of such a table into @n fields, at " | "; further blanks belong to the
 * fields, and further bars to the last one. Returns false if there are fewer fields.
 */
bool split_row(char *line, char *field[], size_t n);

/*
 * Writes a file completely or not at all: writes a temporary file beside it, then
 * fsync, rename. Returns 0 or -errno; an error leaves no file behind.
 */
int write_file_atomic(const char *path, const void *buf, size_t len);

/*
 * Uses a directory, which is made unless present, as a lock, which the kernel drops when
 * the holder ends. Returns the descriptor that holds the lock, to be closed;
 * -EWOULDBLOCK if the lock is taken; or another -errno.
 */
int dirlock__take(const char *path);

/*
 * Returns a line that any change of the file changes: its path, device, inode, size,
 * mtime and ctime. No program can set the ctime. Free it.
 */
char *file_state(const char *path);

/* FNV-1a, 64 bits, for the names of cache entries; not for security. */
#define HASH_INIT 0xcbf29ce484222325ULL
uint64_t hash_bytes(uint64_t h, const void *buf, size_t len);
/* Hashes a file's bytes. Returns 0 or -errno. */
int hash_file(const char *path, uint64_t *out);
uint64_t hash_str(uint64_t h, const char *s);

#endif /* VMTEST_LIB_UTIL_H */
