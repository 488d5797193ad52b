/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file for the data of a channel, which remembers its first write error.
 *
 * A sink has a size limit: a guest that floods a channel does not fill the
 * disk. Bytes beyond the limit are dropped and counted. A file of text may keep
 * the last of them, up to CAPPED_TAIL bytes: they follow a line that counts the
 * others.
 */
#ifndef VMTEST_LIB_CAPPED_FILE_H
#define VMTEST_LIB_CAPPED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CAPPED_TAIL (256 * 1024)

struct capped_file {
	int fd;
	char *path;
	uint64_t bytes, limit, dropped;
	bool keep_tail;		/* set by the caller, before the first write */
	char *tail;		/* a ring of CAPPED_TAIL bytes; NULL: nothing was dropped */
	int err;		/* first write error, negative errno */
};

/*
 * Creates or empties the file, which must not be a symbolic link; without dir nothing is
 * kept. A sink must be opened before it is closed. Returns 0 or -errno.
 */
int capped_file__open(struct capped_file *s, const char *dir, const char *name,
	       uint64_t limit, mode_t mode);

/* Returns 0 or the first -errno of this sink. */
int capped_file__write(struct capped_file *s, const void *buf, size_t len);
int capped_file__printf(struct capped_file *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Removes the last n bytes of the file, and all that was dropped. */
void capped_file__cut(struct capped_file *s, uint64_t n);

/* Writes the last of the dropped bytes. Bytes that come later are dropped. */
void capped_file__settle(struct capped_file *s);

/* Settles. Returns the first -errno of the sink, that of close included. */
int capped_file__close(struct capped_file *s);

#endif /* VMTEST_LIB_CAPPED_FILE_H */
