// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a trace file and delivers its records.
 *
 * The reader trusts nothing: it delivers a record only after checking the block's
 * checksum, the sizes and the record itself. Records are delivered from the read
 * buffer, not copied. The file is read, not mapped: so a file that shrinks meanwhile is
 * an error and not a SIGBUS, and a pipe is not a special case.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "loader/trace/record.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_format.h"

/* The buffer must hold a whole block. Four blocks make reads large. */
#define BLOCK_SIZE	(TRACE_BLOCK_MAX + sizeof(struct trace_block))
#define BUFFER_SIZE	(4 * BLOCK_SIZE)

struct trace_reader {
	int fd;
	uint64_t offset;	/* file offset of buffer[pos] */
	uint64_t records;
	uint32_t blocks;
	size_t pos, len;	/* bytes read and not yet consumed */
	char *buffer;
	size_t size;		/* allocated for buffer */
	struct trace_info info;
	char message[192];
};

/* Makes n or more bytes available at pos; fewer only at the end of the file. */
static int reader_fill(struct trace_reader *r, size_t n)
{
	if (r->len - r->pos >= n)
		return 0;
	memmove(r->buffer, r->buffer + r->pos, r->len - r->pos);
	r->len -= r->pos;
	r->pos = 0;
	if (n > r->size) {	/* the file has grown since it was opened */
		r->buffer = xrealloc(r->buffer, BUFFER_SIZE);
		r->size = BUFFER_SIZE;
	}
	while (r->len < n) {
		ssize_t got = read(r->fd, r->buffer + r->len,
				   r->size - r->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		r->len += got;
	}
	return 0;
}

static size_t reader_avail(const struct trace_reader *r)
{
	return r->len - r->pos;
}

static void *reader_here(const struct trace_reader *r)
{
	return r->buffer + r->pos;
}

static void reader_consume(struct trace_reader *r, size_t n)
{
	r->pos += n;
	r->offset += n;
}

/* Formats a message with the position: off bytes after the consumed ones. */
__attribute__((format(printf, 3, 4)))
static int damaged(struct trace_reader *r, size_t off, const char *fmt, ...)
{
	char what[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(r->message, sizeof(r->message),
		 "%s at byte %llu, after record %llu", what,
		 (unsigned long long)(r->offset + off),
		 (unsigned long long)r->records);
	return -EBADMSG;
}

static int cut_short(struct trace_reader *r, const char *where)
{
	return damaged(r, reader_avail(r), "cut short in %s", where);
}

static int check_header(const struct trace_header *h, size_t avail,
			const char *path, char *err, size_t errlen)
{
	if (!avail) {
		snprintf(err, errlen, "%s: is empty, not a trace", path);
		return -ENOMSG;
	}
	if (avail < sizeof(h->magic) ||
	    memcmp(h->magic, TRACE_MAGIC, sizeof(h->magic))) {
		snprintf(err, errlen,
			 "%s: is not a trace (it does not begin with %s); make one with `pidnstrace record -o FILE`",
			 path, TRACE_MAGIC);
		return -ENOMSG;
	}
	if (avail < sizeof(*h)) {
		snprintf(err, errlen,
			 "%s: cut short in its header at byte %zu", path,
			 avail);
		return -EBADMSG;
	}
	if (h->byte_order == TRACE_BYTE_ORDER_SWAPPED) {
		snprintf(err, errlen,
			 "%s: was made on a machine of the other byte order; replay it there",
			 path);
		return -EPROTO;
	}
	if (h->byte_order != TRACE_BYTE_ORDER) {
		snprintf(err, errlen, "%s: damaged header at byte %zu", path,
			 offsetof(struct trace_header, byte_order));
		return -EBADMSG;
	}
	if (h->version != TRACE_VERSION) {
		snprintf(err, errlen,
			 "%s: trace format version %u, this program reads %u",
			 path, h->version, TRACE_VERSION);
		return -EPROTO;
	}
	if (h->hash != trace_header__hash(h)) {
		snprintf(err, errlen,
			 "%s: damaged header, its checksum does not match",
			 path);
		return -EBADMSG;
	}
	if (h->wire_version != WIRE_VERSION) {
		snprintf(err, errlen,
			 "%s: records of version %u, this program reads %u; use the pidnstrace that made it",
			 path, h->wire_version, WIRE_VERSION);
		return -EPROTO;
	}
	if (h->semantics >= SEMANTICS_COUNT ||
	    h->release[sizeof(h->release) - 1]) {
		snprintf(err, errlen, "%s: bad values in the header", path);
		return -EBADMSG;
	}
	return 0;
}

/* For a small file, the size leaves room for the read() that finds its end. */
static size_t buffer_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size >= (off_t)BLOCK_SIZE)
		return BUFFER_SIZE;
	return st.st_size + sizeof(struct trace_header);
}

int trace_reader__open(struct trace_reader **out, const char *path, char *err,
		       size_t errlen)
{
	struct trace_reader *r = xcalloc(1, sizeof(*r));
	const struct trace_header *h;
	int ret;

	*out = NULL;
	if (!strcmp(path, "-"))
		r->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (r->fd < 0) {
		ret = -errno;
		goto fail_errno;
	}
	r->size = buffer_size(r->fd);
	r->buffer = xmalloc(r->size);
	ret = reader_fill(r, sizeof(*h));
	if (ret)
		goto fail_errno;
	h = reader_here(r);
	ret = check_header(h, reader_avail(r), path, err, errlen);
	if (ret)
		goto fail;
	r->info = (struct trace_info){
		.semantics = h->semantics,
		.seed = h->seed,
		.start_realtime_ns = h->start_realtime_ns,
		.start_monotonic_ns = h->start_monotonic_ns,
	};
	memcpy(r->info.release, h->release, sizeof(h->release));
	reader_consume(r, sizeof(*h));
	*out = r;
	return 0;

fail_errno:
	snprintf(err, errlen, "%s: %s", path, strerror(-ret));
fail:
	trace_reader__close(r);
	return ret;
}

const struct trace_info *trace_reader__info(const struct trace_reader *r)
{
	return &r->info;
}

static int deliver(const struct wire_hdr *rec, struct record_sink **sinks,
		   size_t nsinks)
{
	for (size_t i = 0; i < nsinks; i++) {
		int err = record_sink__record(sinks[i], rec);

		if (err)
			return err;
	}
	return 0;
}

static int read_records(struct trace_reader *r, const struct trace_block *b,
			struct record_sink **sinks, size_t nsinks)
{
	const char *payload = reader_here(r);
	size_t off = 0;

	for (uint32_t i = 0; i < b->records; i++) {
		int size = record__check(payload + off, b->bytes - off);
		int err;

		if (size < 0)
			return damaged(r, off, "bad record");
		err = deliver((const void *)(payload + off), sinks, nsinks);
		if (err)
			return err;
		r->records += links__count((const void *)(payload + off));
		off += size;
	}
	if (off != b->bytes)
		return damaged(r, off, "bytes without a record");
	return 0;
}

static int read_block(struct trace_reader *r, struct record_sink **sinks,
		      size_t nsinks)
{
	struct trace_block b;
	int err;

	if (reader_avail(r) < sizeof(b))
		return cut_short(r, "a block header");
	memcpy(&b, reader_here(r), sizeof(b));
	if (b.magic != TRACE_BLOCK_MAGIC || b.bytes > TRACE_BLOCK_MAX ||
	    !b.records)
		return damaged(r, 0, "not a block");
	if (b.number != r->blocks)
		return damaged(r, 0, "block %u where block %u is expected",
			       b.number, r->blocks);
	err = reader_fill(r, sizeof(b) + b.bytes);
	if (err)
		return err;
	if (reader_avail(r) < sizeof(b) + b.bytes)
		return cut_short(r, "a block");
	if (b.hash != trace_block__hash(&b, (char *)reader_here(r) + sizeof(b)))
		return damaged(r, 0, "wrong block checksum");
	reader_consume(r, sizeof(b));
	err = read_records(r, &b, sinks, nsinks);
	reader_consume(r, b.bytes);
	r->blocks++;
	return err;
}

int trace_reader__run(struct trace_reader *r, struct record_sink **sinks,
		      size_t nsinks)
{
	for (;;) {
		int err = reader_fill(r, sizeof(struct trace_block));

		if (!err && !reader_avail(r))
			return 0;
		if (!err)
			err = read_block(r, sinks, nsinks);
		if (err && !r->message[0])
			snprintf(r->message, sizeof(r->message), "%s",
				 strerror(-err));
		if (err)
			return err;
	}
}

const char *trace_reader__error(const struct trace_reader *r)
{
	return r->message;
}

uint64_t trace_reader__records(const struct trace_reader *r)
{
	return r->records;
}

void trace_reader__close(struct trace_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->buffer);
	free(r);
}
