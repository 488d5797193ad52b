// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that the work for a trace grows with its length: twice the records take about
 * twice the work, in each part that reads traces. A trace may come from a stranger, and
 * a large one from an honest kernel.
 *
 * The parts are compiled with -fsanitize-coverage=trace-pc, and a count of the executed
 * blocks of code is the work. So the result is the same on any machine at any load. What
 * libc does is not counted; the length of the output is.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "loader/export/export.h"
#include "loader/judge/judge.h"
#include "loader/judge/report.h"
#include "loader/page/page.h"
#include "loader/trace/record.h"
#include "loader/view/printer.h"
#include "test.h"

/* Large enough that a quadratic part exceeds all others. */
#define RECORDS 6000
/* More work than twice, in percent: tables grow by powers of two. */
#define SLACK 130

#define TASK(n) (0xffff888000000000ull + 0x2000 * (n))
#define PID(n) (0xffff888100000000ull + 0x80 * (n))
#define SIGNAL(n) (0xffff888200000000ull + 0x400 * (n))
#define NS(n) (0xffff888300000000ull + 0x100 * (n))
#define INUM(n) (4026531836u + (n))

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

/* --- records --- */

struct play {
	struct record_sink *sink;
	union {
		struct wire_hdr hdr;
		struct wire_named named;
		struct wire_pidns ns;
		struct wire_fork fork;
		struct wire_exec exec;
		struct wire_exit ending;
		struct wire_release release;
		struct wire_sweep sweep;
		struct wire_sweep_task visit;
		struct wire_setns_enter enter;
		struct wire_setns_exit exit;
		struct wire_change_pid change;
		struct wire_stack stack;
		struct wire_alloc_pid alloc;
		struct wire_put_pid put;
		struct wire_meta_sym sym;
		struct wire_meta_hook hook;
		struct wire_meta_command command;
		struct wire_meta_end end;
		char bytes[2048];
	} r;
	uint64_t records;
	uint32_t seq, sweeps, cpus;
};

/* Begins a record of a type, made by task @by, with images of @levels levels. */
static void begin(struct play *p, enum wire_type type, unsigned int by,
		  unsigned int npids, unsigned int levels)
{
	memset(&p->r, 0, sizeof(p->r));
	p->r.hdr = (struct wire_hdr){
		.type = type,
		.size = record__body_size(type) + npids * WIRE_PID_SIZE(levels),
		.npids = npids,
		.levels = levels,
		.ts_ns = 1000 * ++p->records,
		.current_task = TASK(by),
		.current_start = by,
	};
}

static void emit(struct play *p)
{
	if (p->r.hdr.type < WIRE_META)
		p->r.hdr.seq = p->seq++;
	assert_int_equal(record__check(&p->r.hdr, p->r.hdr.size), p->r.hdr.size);
	assert_int_equal(record_sink__record(p->sink, &p->r.hdr), 0);
}

static void set_task(struct wire_task *t, unsigned int n, unsigned int tgid)
{
	*t = (struct wire_task){
		.task = TASK(n), .start = n, .thread_pid = PID(n),
		.pids = { PID(n), PID(tgid), PID(tgid), PID(tgid) },
		.signal = SIGNAL(tgid), .pid = n, .tgid = tgid, .nr_threads = 1,
		.active_ns = INUM(0), .children_ns = INUM(0),
		.state = n == tgid ? WIRE_T_LEADER : 0, .comm = "task",
	};
}

static void set_images(struct play *p, unsigned int n, unsigned int ns)
{
	for (unsigned int i = 0; i < p->r.hdr.npids; i++) {
		struct wire_pid *pid = (void *)record__pid(&p->r.hdr, i);

		pid->address = PID(n);
		pid->level = p->r.hdr.levels - 1;
		pid->upid[0] = (struct wire_upid){ .nr = n, .ns = INUM(ns) };
	}
}

static void emit_task(struct play *p, struct wire_task *t, unsigned int n,
		      unsigned int tgid)
{
	set_task(t, n, tgid);
	set_images(p, n, 0);
	emit(p);
}

static void fork_of(struct play *p, unsigned int n, unsigned int tgid)
{
	begin(p, WIRE_FORK, 1, 1, 1);
	p->r.fork.parent = p->r.fork.real_parent = TASK(1);
	emit_task(p, &p->r.fork.task, n, tgid);
}

static void task_exit(struct play *p, unsigned int n)
{
	begin(p, WIRE_EXIT, n, 1, 1);
	emit_task(p, &p->r.ending.task, n, n);
}

static void release(struct play *p, unsigned int by, unsigned int n)
{
	begin(p, WIRE_RELEASE, by, 0, 0);
	p->r.release.task = TASK(n);
	p->r.release.start = n;
	p->r.release.thread_pid = PID(n);
	p->r.release.signal = SIGNAL(n);
	p->r.release.pid = p->r.release.tgid = p->r.release.nr = n;
	p->r.release.leader = 1;
	emit(p);
}

static void exec(struct play *p, unsigned int n)
{
	begin(p, WIRE_EXEC, n, 1, 1);
	p->r.exec.old_pid = n;
	emit_task(p, &p->r.exec.task, n, n);
}

static void ns_new(struct play *p, unsigned int n, unsigned int inum, unsigned int parent)
{
	begin(p, WIRE_NS_NEW, 1, 0, 0);
	p->r.ns.ns = NS(n);
	p->r.ns.inum = INUM(inum);
	p->r.ns.parent = INUM(parent);
	p->r.ns.level = 1;
	emit(p);
}

static void number(struct play *p, enum wire_type type, unsigned int n, unsigned int ns)
{
	begin(p, type, 1, 1, 1);
	if (type == WIRE_ALLOC_PID) {
		p->r.alloc.ret = PID(n);
		p->r.alloc.ns = INUM(ns);
	}
	set_images(p, n, ns);
	emit(p);
}

/* A sweep that visits the loader alone. */
static void sweep(struct play *p, enum wire_sweep_reason reason)
{
	p->sweeps++;
	for (int phase = WIRE_SWEEP_BEGIN; phase <= WIRE_SWEEP_END; phase++) {
		begin(p, WIRE_SWEEP, 1, 0, 0);
		p->r.sweep.id = p->sweeps;
		p->r.sweep.phase = phase;
		p->r.sweep.reason = reason;
		p->r.sweep.tasks = phase;
		emit(p);
		if (phase == WIRE_SWEEP_END)
			break;
		begin(p, WIRE_SWEEP_TASK, 1, 1, 1);
		p->r.visit.id = p->sweeps;
		emit_task(p, &p->r.visit.task, 1, 1);
	}
}

/* --- the shapes of traces: each has about @n records --- */

static void play_nested(struct play *p, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		ns_new(p, i, i, i - 1);
}

/* Tasks whose outer namespace has many above it. */
static void play_nested_tasks(struct play *p, unsigned int n)
{
	play_nested(p, n / 2);
	for (unsigned int i = 2; i < n / 2; i++) {
		struct wire_pid *pid;

		begin(p, WIRE_FORK, 1, 1, 2);
		set_task(&p->r.fork.task, i, i);
		pid = (void *)record__pid(&p->r.hdr, 0);
		pid->address = PID(i);
		pid->level = 1;
		pid->upid[0] = (struct wire_upid){ .nr = i, .ns = INUM(n / 2 - 1) };
		pid->upid[1] = (struct wire_upid){ .nr = 1, .ns = INUM(n + i) };
		emit(p);
	}
}

static void play_wide(struct play *p, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		ns_new(p, i, i, 0);
}

static void play_one_inum(struct play *p, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		ns_new(p, i, 1, 0);
}

static void play_sweeps_of_namespaces(struct play *p, unsigned int n)
{
	for (unsigned int i = 1; i < n / 2; i++)
		ns_new(p, i, i, 0);
	for (unsigned int i = 0; i < n / 6; i++)
		sweep(p, i % 2 ? WIRE_SWEEP_START : WIRE_SWEEP_FINAL);
}

static void play_sweeps_of_tasks(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n / 2; i++)
		fork_of(p, i, i);
	for (unsigned int i = 0; i < n / 6; i++)
		sweep(p, WIRE_SWEEP_PERIOD);
}

static void play_threads(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n; i++)
		fork_of(p, i, 2);
}

/* Many live processes, before many that end. */
static void play_ended(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n / 2; i++)
		fork_of(p, i, i);
	for (unsigned int i = n / 2; i < n / 2 + n / 6; i++) {
		fork_of(p, i, i);
		task_exit(p, i);
		release(p, 1, i);
	}
}

/* Namespaces and numbers of the command that are left at the end. */
static void play_left(struct play *p, unsigned int n)
{
	begin(p, WIRE_META_COMMAND, 0, 0, 0);
	p->r.command.pid = 1;
	p->r.command.ns = INUM(0);
	emit(p);
	begin(p, WIRE_META_HOOK, 0, 0, 0);
	p->r.hook.hook = WIRE_HOOK_PID_GONE;
	emit(p);
	fork_of(p, 1, 1);
	for (unsigned int i = 1; i < n / 4; i++)
		ns_new(p, i, i, 0);
	for (unsigned int i = 2; i < n / 4; i++) {
		number(p, WIRE_ALLOC_PID, i, n + i);
		number(p, WIRE_FREE_PID, i, n + i);
		begin(p, WIRE_PUT_PID, 1, 0, 0);
		p->r.put.pid = PID(i);
		p->r.put.count = 2;
		emit(p);
	}
	task_exit(p, 1);
	release(p, 0, 1);
	for (int i = 0; i < 3; i++)
		sweep(p, WIRE_SWEEP_FINAL);
}

static void play_execs(struct play *p, unsigned int n)
{
	fork_of(p, 1, 1);
	for (unsigned int i = 1; i < n; i++)
		exec(p, 1);
}

static void play_inside_setns(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n; i++) {
		begin(p, WIRE_SETNS_ENTER, i, 1, 1);
		emit_task(p, &p->r.enter.task, i, i);
	}
}

static void play_setns(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n / 2; i++) {
		begin(p, WIRE_SETNS_ENTER, i, 1, 1);
		emit_task(p, &p->r.enter.task, i, i);
		begin(p, WIRE_SETNS_EXIT, i, 1, 1);
		p->r.exit.ret = i % 2 ? 0 : -1;
		emit_task(p, &p->r.exit.task, i + i % 3, i);
	}
}

static void play_symbols(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n / 2; i++) {
		begin(p, WIRE_META_SYM, 0, 0, 0);
		p->r.sym.address = TASK(i);
		snprintf(p->r.sym.name, sizeof(p->r.sym.name), "f%u", i);
		emit(p);
		begin(p, WIRE_STACK, i, 0, 0);
		p->r.stack.type = WIRE_CHANGE_PID;
		for (int s = 0; s < WIRE_STACK_DEPTH; s++)
			p->r.stack.stack[s] = TASK(i);
		emit(p);
		begin(p, WIRE_CHANGE_PID, i, 2, 1);
		p->r.change.pidtype = i % WIRE_PIDTYPES;
		emit_task(p, &p->r.change.task, i, i);
	}
}

static void play_gaps(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n; i++) {
		fork_of(p, i, i);
		p->seq++;
	}
}

static void play_late(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n / 2; i++) {
		fork_of(p, i, i);
		p->seq++;
	}
	p->seq = 1;
	for (unsigned int i = 2; i < n / 2; i++) {
		fork_of(p, n + i, n + i);
		p->seq++;
	}
}

static void play_numbers(struct play *p, unsigned int n)
{
	for (unsigned int i = 2; i < n / 2; i++) {
		number(p, WIRE_ALLOC_PID, i, i);
		number(p, WIRE_FREE_PID, i / 2, i);
	}
}

static const struct shape {
	const char *name;
	void (*play)(struct play *p, unsigned int n);
} shapes[] = {
	{ "nested namespaces", play_nested },
	{ "tasks in nested namespaces", play_nested_tasks },
	{ "many namespaces", play_wide },
	{ "namespaces with one inum", play_one_inum },
	{ "namespaces, and sweeps", play_sweeps_of_namespaces },
	{ "tasks, and sweeps", play_sweeps_of_tasks },
	{ "threads", play_threads },
	{ "tasks that live and that end", play_ended },
	{ "namespaces and numbers that are left", play_left },
	{ "execs", play_execs },
	{ "tasks inside setns", play_inside_setns },
	{ "setns", play_setns },
	{ "stacks and symbols", play_symbols },
	{ "numbers", play_numbers },
	{ "gaps", play_gaps },
	{ "late records", play_late },
};

static void play(const struct shape *shape, unsigned int n, struct record_sink *sink)
{
	struct play p = { .sink = sink };

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		begin(&p, WIRE_META_HOOK, 0, 0, 0);
		p.r.hook.hook = h;
		emit(&p);
	}
	shape->play(&p, n);
	begin(&p, WIRE_META_END, 0, 0, 0);
	p.r.end.records = p.seq;
	emit(&p);
}

/* --- the parts that read traces --- */

static struct judge *new_judge(void)
{
	const struct judge_opts opts = { .semantics = SEMANTICS_JOIN, .expect = true };
	struct judge *j;
	char why[256];

	assert_int_equal(judge__new(&j, &opts, why, sizeof(why)), 0);
	return j;
}

/* Makes the judge add up what the program with pid 1, and all below it, did. */
static const char *expected(void)
{
	static char path[64];
	int fd = memfd_create("expected", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "root=1\n", 7), 7);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static void read_judge(const struct shape *s, unsigned int n, FILE *out)
{
	static const char *expect;
	struct judge *j = new_judge();
	const struct judge_result *result;

	play(s, n, judge__sink(j));
	if (!expect)
		expect = expected();
	judge__expect(j, expect);
	result = judge__finish(j);
	report__text(result, out);
	report__json(result, out);
	report__junit(result, out);
	report__ktap(result, out);
	judge__free(j);
}

static void print(const struct shape *s, unsigned int n, FILE *out,
		  const struct print_opts *opts)
{
	struct printer *p = printer__new(out, opts);

	play(s, n, printer__sink(p));
	assert_int_equal(printer__finish(p), 0);
	printer__free(p);
}

static void read_text(const struct shape *s, unsigned int n, FILE *out)
{
	print(s, n, out, &(struct print_opts){ .what = PRINT_DEFAULT, .everyone = true });
}

static void read_json(const struct shape *s, unsigned int n, FILE *out)
{
	print(s, n, out, &(struct print_opts){
		.what = PRINT_ALL, .everyone = true, .format = PRINT_JSON });
}

static void read_tree(const struct shape *s, unsigned int n, FILE *out)
{
	print(s, n, out, &(struct print_opts){
		.what = PRINT_DEFAULT, .everyone = true,
		.views = PRINT_TREE | PRINT_SUMMARY });
}

static void export(const struct shape *s, unsigned int n, FILE *out, const char *format)
{
	const struct trace_info info = {};
	struct exporter *x = exporter__new(out, export_format__find(format), &info);

	play(s, n, exporter__sink(x));
	assert_int_equal(exporter__finish(x, NULL), 0);
	exporter__free(x);
}

static void read_perfetto(const struct shape *s, unsigned int n, FILE *out)
{
	export(s, n, out, "perfetto");
}

static void read_csv(const struct shape *s, unsigned int n, FILE *out)
{
	export(s, n, out, "csv");
}

static void read_page(const struct shape *s, unsigned int n, FILE *out)
{
	const struct page_opts opts = { .title = "", .file = "", .everything = true };
	struct page *p = page__new(&opts, &(struct trace_info){});
	struct judge *j = new_judge();

	play(s, n, page__sink(p));
	assert_int_equal(page__finish(p), 0);
	page__write_json(p, judge__finish(j), out);
	page__free(p);
	judge__free(j);
}

static const struct reader {
	const char *name;
	void (*read)(const struct shape *s, unsigned int n, FILE *out);
} readers[] = {
	{ "judge", read_judge }, { "text", read_text }, { "json", read_json },
	{ "tree", read_tree }, { "perfetto", read_perfetto }, { "csv", read_csv },
	{ "page", read_page },
};

struct work {
	uint64_t blocks;
	size_t bytes;
};

static struct work measure(const struct reader *reader, const struct shape *shape,
			   unsigned int n)
{
	struct work work;
	char *text;
	FILE *out = xmemstream(&text, &work.bytes);

	blocks = 0;
	reader->read(shape, n, out);
	work.blocks = blocks;
	fclose(out);
	free(text);
	return work;
}

static void test_scale(void **state)
{
	const struct shape *shape = *state;
	bool failed = false;

	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		struct work once = measure(&readers[i], shape, RECORDS);
		struct work twice = measure(&readers[i], shape, 2 * RECORDS);
		bool more = twice.blocks * 100 > once.blocks * 2 * SLACK ||
			    twice.bytes * 100 > once.bytes * 2 * SLACK;

		print_message("%s%s: %.2f times the work, %.2f times the bytes, %" PRIu64
			      " blocks a record\n", more ? "NOT LINEAR: " : "",
			      readers[i].name, (double)twice.blocks / once.blocks,
			      (double)twice.bytes / once.bytes,
			      twice.blocks / (2 * RECORDS));
		failed |= more;
	}
	assert_false(failed);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(shapes)];

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		tests[i] = ROW_TEST(test_scale, &shapes[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
