// SPDX-License-Identifier: GPL-2.0-only
/* Makes a trace file in memory, and reads it back record by record. */
#include "trace_file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int keep(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct keeper *k = (struct keeper *)sink;

	if (k->fail_after >= 0 && !k->fail_after--)
		return -ECANCELED;
	if (k->len + rec->size > k->size) {
		k->size = (k->len + rec->size) * 2;
		k->bytes = realloc(k->bytes, k->size);
		assert_non_null(k->bytes);
	}
	memcpy(k->bytes + k->len, rec, rec->size);
	k->len += rec->size;
	k->records++;
	return 0;
}

struct keeper keeper(void)
{
	return (struct keeper){ .sink.record = keep, .fail_after = -1 };
}

const struct trace_info trace_info = {
	.semantics = SEMANTICS_JOIN,
	.seed = 42,
	.start_realtime_ns = 1111,
	.start_monotonic_ns = 2222,
	.release = "6.12.0-test",
};

static int memory = -1;
char trace_path[64];

int trace_file__make(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memory = memfd_create("trace", MFD_CLOEXEC);
	snprintf(trace_path, sizeof(trace_path), "/proc/self/fd/%d", memory);
	return memory < 0;
}

int trace_file__remove(void **state)
{
	(void)state;
	return close(memory);
}

int trace_file__read(struct keeper *k, char *err, size_t errlen)
{
	struct record_sink *sink = &k->sink;
	uint64_t before = k->records;
	struct trace_reader *r;
	int ret;

	err[0] = '\0';
	ret = trace_reader__open(&r, trace_path, err, errlen);
	if (ret) {
		assert_null(r);
		return ret;
	}
	ret = trace_reader__run(r, &sink, 1);
	snprintf(err, errlen, "%s", trace_reader__error(r));
	assert_int_equal(trace_reader__records(r), k->records - before);
	trace_reader__close(r);
	return ret;
}
