// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes records into a trace file, block by block.
 *
 * The writer never seeks, so the file may be a pipe or a virtio port. A block is
 * written when it is full and, by tick, when its first record is a tenth of a second
 * old: so the trace of a killed guest lacks little more than that, and the records just
 * before the kill are the most interesting ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/outpath.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_format.h"

#define NSEC_PER_SEC 1000000000ull
#define BLOCK_AGE_NS (NSEC_PER_SEC / 10)

struct trace_writer {
	struct record_sink sink;	/* first member: the writer is a sink */
	int fd;
	int error;			/* first -errno of writing; never reset */
	uint64_t written;		/* bytes written to the file */
	uint64_t records;
	uint64_t block_start_ns;
	struct trace_block *block;	/* followed by its payload */
	char message[128];
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

void trace_info__init(struct trace_info *info)
{
	struct utsname u;

	info->start_realtime_ns = now_ns(CLOCK_REALTIME);
	info->start_monotonic_ns = now_ns(CLOCK_MONOTONIC);
	if (!uname(&u))
		snprintf(info->release, sizeof(info->release), "%.63s",
			 u.release);
}

static int write_all(struct trace_writer *w, const void *data, size_t len)
{
	const char *p = data;

	while (len && !w->error) {
		ssize_t n = write(w->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			w->error = -errno;
			snprintf(w->message, sizeof(w->message),
				 "cannot write at byte %llu: %s",
				 (unsigned long long)w->written,
				 strerror(errno));
			break;
		}
		p += n;
		len -= n;
		w->written += n;
	}
	return w->error;
}

int trace_writer__flush(struct trace_writer *w)
{
	struct trace_block *b = w->block;

	if (!b->records || w->error)
		return w->error;
	b->hash = trace_block__hash(b, b + 1);
	write_all(w, b, sizeof(*b) + b->bytes);
	b->number++;
	b->bytes = 0;
	b->records = 0;
	return w->error;
}

static inline int append(struct trace_writer *w, const struct wire_hdr *rec)
{
	struct trace_block *b = w->block;
	void *end = (char *)(b + 1) + b->bytes;

	b->bytes += rec->size;
	b->records++;
	w->records += links__count(rec);
	memcpy(end, rec, rec->size);
	return 0;
}

/* Begins a block with this record. Writes the block before, if there is one. */
static __attribute__((noinline))
int begin_block(struct trace_writer *w, const struct wire_hdr *rec)
{
	if (trace_writer__flush(w))
		return w->error;
	w->block_start_ns = now_ns(CLOCK_MONOTONIC);
	return append(w, rec);
}

static int writer_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct trace_writer *w = (struct trace_writer *)sink;
	uint32_t bytes = w->block->bytes;

	if (!bytes || bytes + rec->size > TRACE_BLOCK_MAX || w->error)
		return begin_block(w, rec);
	return append(w, rec);
}

static int writer_tick(struct record_sink *sink)
{
	struct trace_writer *w = (struct trace_writer *)sink;

	if (w->block->records &&
	    now_ns(CLOCK_MONOTONIC) - w->block_start_ns >= BLOCK_AGE_NS)
		trace_writer__flush(w);
	return w->error;
}

int trace_writer__open_fd(struct trace_writer **out, int fd,
			  const struct trace_info *info)
{
	struct trace_header h = {
		.magic = TRACE_MAGIC,
		.byte_order = TRACE_BYTE_ORDER,
		.version = TRACE_VERSION,
		.wire_version = WIRE_VERSION,
		.semantics = info->semantics,
		.seed = info->seed,
		.start_realtime_ns = info->start_realtime_ns,
		.start_monotonic_ns = info->start_monotonic_ns,
	};
	struct trace_writer *w = xcalloc(1, sizeof(*w));
	int err;

	*out = NULL;
	w->fd = fd;
	w->sink.record = writer_record;
	w->sink.tick = writer_tick;
	w->sink.takes_links = true;
	w->block = xmalloc(sizeof(*w->block) + TRACE_BLOCK_MAX);
	*w->block = (struct trace_block){ .magic = TRACE_BLOCK_MAGIC };
	memcpy(h.release, info->release,
	       strnlen(info->release, sizeof(h.release) - 1));
	h.hash = trace_header__hash(&h);
	err = write_all(w, &h, sizeof(h));
	if (err)
		trace_writer__close(w);
	else
		*out = w;
	return err;
}

int trace_writer__open(struct trace_writer **out, const char *path,
		       const struct trace_info *info)
{
	int fd;

	*out = NULL;
	if (strcmp(path, "-"))
		fd = outpath__open_path(path);
	else if ((fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) < 0)
		fd = -errno;
	if (fd < 0)
		return fd;
	return trace_writer__open_fd(out, fd, info);
}

struct record_sink *trace_writer__sink(struct trace_writer *w)
{
	return &w->sink;
}

const char *trace_writer__error(const struct trace_writer *w)
{
	return w->message;
}

uint64_t trace_writer__bytes(const struct trace_writer *w)
{
	uint64_t buffered = w->block->records ?
			    sizeof(*w->block) + w->block->bytes : 0;

	return w->written + buffered;
}

uint64_t trace_writer__records(const struct trace_writer *w)
{
	return w->records;
}

int trace_writer__close(struct trace_writer *w)
{
	int err;

	if (!w)
		return 0;
	if (w->block)
		trace_writer__flush(w);
	err = w->error;
	/* With NFS or quotas, close() reports a full disk. */
	if (close(w->fd) && !err)
		err = -errno;
	free(w->block);
	free(w);
	return err;
}
