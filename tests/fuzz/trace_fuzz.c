// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements libFuzzer's target. Reads any bytes as a trace file and judges the trace
 * twice, by all rules. Then writes what pidnstrace can write of the trace: the output
 * that the seed in the trace's header selects, or all outputs and a check of the judge's
 * memory if the seed is 0.
 *
 * A crash is not the only failure. The fuzzer counts records itself, without the judge,
 * and checks that
 * - the verdict is PASS only if the trace has its end and no record is missing;
 * - every other verdict has reasons, and a second judge returns the same result;
 * - the judge's memory stays within a limit if the same records are repeated;
 * - all outputs are of a limited length, those in JSON can be parsed, and text has no
 *   escape sequences of a traced program (outputs.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <sanitizer/allocator_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/judge/judge.h"
#include "loader/rules/rules.h"
#include "loader/trace/trace.h"
#include "outputs.h"
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory that a record may cost: a task with its history, or an open window. */
#define BYTES_A_RECORD 8192
/* Memory that any judge may use: the empty judge, and tables of limited size. */
#define BYTES_AT_ALL (4 << 20)
/* Memory that a repeated record may add: the judge stores suspected violations. */
#define BYTES_A_REPEAT 64

/* The judge's memory is checked for one input of this number. */
#define GROWTH_SHARE 16

static struct judge *new_judge(enum semantics semantics)
{
	struct judge_opts opts = { .semantics = semantics, .seed = 1 };
	char err[256];
	struct judge *j;

	CHECK(!judge__new(&j, &opts, err, sizeof(err)), "%s", err);
	return j;
}

static void check_verdict(const struct judge_result *r, const struct stream *s,
			  bool damaged)
{
	bool violated = false, unsure = false, unavailable = false;

	CHECK(r->events == s->kernel);
	for (size_t i = 0; i < r->nrules; i++) {
		const struct judge_rule *rule = &r->rules[i];

		violated |= rule->state == RULE_VIOLATED;
		unavailable |= rule->state == RULE_UNAVAILABLE;
		unsure |= rule->unsure != 0;
		CHECK((rule->state == RULE_VIOLATED) == (rule->violations != 0));
		CHECK(!rule->violations || rule->text, "%s", rule->rule->id);
	}
	CHECK((r->verdict == VERDICT_FAIL) == violated);
	CHECK((r->verdict == VERDICT_PASS) == !r->nreasons);
	if (r->verdict != VERDICT_PASS)
		return;
	CHECK(!damaged);
	CHECK(s->ends, "PASS without the trace's end");
	CHECK(s->end_records == s->kernel, "PASS, but records are missing");
	CHECK(s->kernel, "PASS of nothing");
	CHECK(!s->lost, "PASS, though records were lost");
	CHECK(stream_complete(s), "PASS, though numbers are missing");
	CHECK(!unsure && !unavailable);
}

static void check_same(const struct judge_result *a,
		       const struct judge_result *b)
{
	CHECK(a->verdict == b->verdict);
	CHECK(a->nreasons == b->nreasons);
	for (size_t i = 0; i < a->nreasons; i++)
		CHECK(!strcmp(a->reasons[i], b->reasons[i]), "%s\n%s",
		      a->reasons[i], b->reasons[i]);
	for (size_t i = 0; i < a->nrules; i++) {
		const struct judge_rule *x = &a->rules[i], *y = &b->rules[i];

		CHECK(x->state == y->state && x->checked == y->checked &&
		      x->violations == y->violations && x->unsure == y->unsure,
		      "%s", x->rule->id);
		CHECK(!x->text == !y->text &&
		      (!x->text || !strcmp(x->text, y->text)), "%s\n%s",
		      x->text, y->text);
	}
}

/* Repeats the stream, as in an endless run, and checks that memory stays limited. */
static void check_growth(const struct stream *s, enum semantics semantics)
{
	size_t before = __sanitizer_get_current_allocated_bytes(), once, more;
	struct judge *j = new_judge(semantics);

	feed(judge__sink(j), s);
	feed(judge__sink(j), s);
	once = __sanitizer_get_current_allocated_bytes() - before;
	CHECK(once < BYTES_AT_ALL + BYTES_A_RECORD * s->n,
	      "%zu bytes for %zu records", once, s->n);
	for (int i = 0; i < 4; i++)
		feed(judge__sink(j), s);
	more = __sanitizer_get_current_allocated_bytes() - before;
	CHECK(more <= once + (16 << 10) + BYTES_A_REPEAT * 4 * s->n,
	      "%zu bytes, then %zu after repeating the %zu records", once, more,
	      s->n);
	judge__free(j);
}

static struct trace_reader *open_bytes(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct trace_reader *r;
	char path[64], err[512] = "";
	int ret;

	if (fd < 0)
		fd = memfd_create("trace", MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, 0) &&
	      pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = trace_reader__open(&r, path, err, sizeof(err));
	CHECK(!ret == !!r && !ret == !*err, "%d %s", ret, err);
	CHECK(!ret || ret == -ENOMSG || ret == -EPROTO || ret == -EBADMSG,
	      "%d %s", ret, err);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream s = stream_new();
	const struct judge_result *first, *second;
	struct record_sink *sinks[2] = { &s.sink };
	struct trace_reader *r = open_bytes(data, size);
	enum semantics semantics;
	struct judge *a, *b;
	uint64_t which;
	int ret;

	if (!r)
		return 0;
	semantics = trace_reader__info(r)->semantics;
	a = new_judge(semantics);
	b = new_judge(semantics);
	sinks[1] = judge__sink(a);
	ret = trace_reader__run(r, sinks, 2);
	CHECK(!ret || ret == -EBADMSG, "%d %s", ret, trace_reader__error(r));
	CHECK(!ret == !*trace_reader__error(r));
	/* A record of four links is delivered as four, of 288 bytes in place of 104. */
	CHECK(trace_reader__records(r) == s.n && s.bytes <= 3 * size);
	feed(judge__sink(b), &s);
	if (ret) {
		judge__reason(a, "%s", trace_reader__error(r));
		judge__reason(b, "%s", trace_reader__error(r));
	}
	first = judge__finish(a);
	second = judge__finish(b);
	check_verdict(first, &s, ret);
	check_same(first, second);
	which = trace_reader__info(r)->seed;
	if (!which || which % GROWTH_SHARE == 0)
		check_growth(&s, semantics);
	outputs__check(&(struct input){
		.stream = &s, .result = first, .new_judge = new_judge,
		.info = trace_reader__info(r),
	}, which);
	judge__free(a);
	judge__free(b);
	trace_reader__close(r);
	stream_free(&s);
	return 0;
}
