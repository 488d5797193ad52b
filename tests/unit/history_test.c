// SPDX-License-Identifier: GPL-2.0-only
/* Tests the text of a record as one line, and of a kernel stack below. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/model/history.h"
#include "loader/view/printer.h"
#include "loader/trace/record.h"

enum {
#define X(type, name, body, npids, ...) NPIDS_##type = npids,
	WIRE_TYPES(X)
#undef X
};

/* A record of any type, with room for two images. */
union line {
	struct wire_hdr hdr;
#define X(type, name, body, ...) struct wire_##body type;
	WIRE_TYPES(X)
#undef X
	char room[1024];
};

/* A record of a type, and the fields of its body that are not 0. */
#define RECORD(t, ...)								\
	{ .t = {								\
		.hdr = {							\
			.type = WIRE_##t, .cpu = 1, .ts_ns = 2000003000,	\
			.npids = NPIDS_##t, .levels = NPIDS_##t ? 4 : 0,	\
			.size = sizeof(((union line *)0)->t) +			\
				NPIDS_##t * WIRE_PID_SIZE(4),			\
		}, __VA_ARGS__							\
	} }

static const struct {
	union line rec;
	const char *text;
} lines[] = {
	{ RECORD(PUT_PID, .pid = 0xa0, .count = 2), "delayed_put_pid(0xa0), count 2" },
	{ RECORD(FLUSH_PID, .pid = 0xa0), "proc_flush_pid(0xa0)" },
	{ RECORD(FLUSH_PID, .pid = 0xa0, .inodes = 0xb0),
	  "proc_flush_pid(0xa0), inode 0xb0" },
	{ RECORD(SETNS_EXIT, .ret = -22), "setns_exit = -22, pid 0x0, own number 0" },
	{ RECORD(SETNS_EXIT, .inodes_left = 0xb0),
	  "setns_exit = 0, pid 0x0, own number 0, inode 0xb0 of the old one is left" },
	{ RECORD(STACK, .type = WIRE_FREE_PID), "stack of the next free_pid" },
	{ RECORD(PID_GONE, .pid = 0xa0), "pid_gone(0xa0), count 0" },
	{ RECORD(PID_GONE, .pid = 0xa0, .count = 1, .hashed = 1),
	  "pid_gone(0xa0), count 1, WITH TASKS" },
	{ RECORD(NS_NEW, .inum = 77, .parent = 66, .level = 1, .pid_allocated = 1U << 31),
	  "pidns_new(pid:[77]): in pid:[66], level 1, pid_allocated 0x80000000" },
	{ RECORD(NS_FREE, .inum = 77, .level = 1),
	  "pidns_free(pid:[77]): in pid:[0], level 1, pid_allocated 0x0" },
	{ RECORD(ZAP_ENTER, .inum = 77), "zap_enter(pid:[77])" },
	{ RECORD(ZAP_EXIT, .inum = 77), "zap_exit(pid:[77])" },
	{ RECORD(WAKE_PARENT, .parent = 0xb0, .real_parent = 0xc0),
	  "wake_up_parent(0xb0): real_parent 0xc0, own number 0" },
	{ RECORD(WAIT_CHILD, .pid = 7, .exit_state = 32, .waiter_ns = 66),
	  "wait_consider_task(child 7): exit_state 32, waited for in pid:[66]" },
	{ RECORD(WAIT_CHILD, .pid = 7, .ptrace = 1, .waiter_ns = 66),
	  "wait_consider_task(tracee 7): exit_state 0, waited for in pid:[66]" },
	{ RECORD(NOTIFY_PIDFD, .pid = 0xa0, .task_pid = 7, .exit_state = 16),
	  "notify_pidfd(7): pid 0xa0, exit_state 16" },
	{ RECORD(TIMER_LOCK, .pid = 0xa0, .ret = 0xb0, .pidtype = WIRE_TGID, .head = 1),
	  "timer_lock_sighand(TGID of 0xa0) = 0xb0, enqueued" },
	{ RECORD(SWEEP, .id = 3, .reason = WIRE_SWEEP_FINAL),
	  "sweep 3 begins, at the end" },
	{ RECORD(SWEEP, .id = 3, .tasks = 20, .phase = WIRE_SWEEP_END),
	  "sweep 3 ends, 20 threads" },
	{ RECORD(SWEEP_TASK, .id = 3, .task.pid = 7, .real_parent.pid = 1,
		  .exit_state = 32),
	  "sweep_task(7): real_parent 1, exit_state 32, sweep 3" },
	{ RECORD(EXIT, .exit_code = 9, .status = 9), "exit: own number 0, exit code 0x9" },
	{ RECORD(EXIT, .live = 2), "exit: own number 0, exit code 0x0, threads left: 2" },
	{ RECORD(RELEASE, .status = 0x700),
	  "release: own number 0, exit code 0x0, status of the process 0x700" },
	{ RECORD(RENAME, .task.pid = 7), "rename(7)" },
	{ RECORD(KILL, .task.pid = 7, .origin = WIRE_KILL_PRIV, .sender = 5),
	  "kill(7): SIGKILL, by the kernel" },
	{ RECORD(KILL, .task.pid = 7, .origin = WIRE_KILL_INFO, .code = -6, .sender = 5),
	  "kill(7): SIGKILL, by 5, code -6" },
	{ RECORD(ORPHAN, .real_parent.tgid = 1, .real_parent.task = 0xb0),
	  "orphan: own number 0, given to 1, task 0xb0" },
	{ RECORD(CGROUP_MOVE, .task = 0xb0, .cgroup = 77),
	  "cgroup_move(task 0xb0): to cgroup 77" },
};

static void reads_as(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct wire_hdr *rec = &lines[i].rec.hdr;
		struct model_event e;
		char *text, want[256];
		size_t len;
		FILE *f;

		assert_int_equal(record__check(rec, sizeof(lines[i].rec)),
				 rec->size);
		f = open_memstream(&text, &len);
		model_event__set(&e, rec, 5);
		model_event__print(&e, f);
		fclose(f);
		snprintf(want, sizeof(want), "#5 2.000003 cpu1 %s",
			 lines[i].text);
		/* a short text is compared as a prefix */
		if (strncmp(text, want, strlen(want)))
			fail_msg("\"%s\", not \"%s\"", text, want);
		free(text);
	}
}

/* Every kernel record type has a name. */
static void all_have_names(void **state)
{
	(void)state;
	for (int t = 0; t < WIRE_KERNEL_TYPES; t++)
		assert_string_not_equal(record__name(t), "?");
}

static char *print_stack(enum print_format format)
{
	struct print_opts opts = { .format = format, .what = PRINT_ALL };
	const union line r = RECORD(STACK, .type = WIRE_FREE_PID,
				    .stack = { 0xffffffff81000010, 0xffffffff81000020 });
	struct wire_meta_sym sym = {
		.hdr = { .type = WIRE_META_SYM, .size = sizeof(sym) },
		.address = 0xffffffff81000010, .name = "put_nsset+0x10",
	};
	struct printer *p;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	p = printer__new(f, &opts);
	assert_int_equal(record_sink__record(printer__sink(p), &sym.hdr), 0);
	assert_int_equal(record_sink__record(printer__sink(p), &r.hdr), 0);
	assert_int_equal(printer__finish(p), 0);
	printer__free(p);
	fclose(f);
	return text;
}

static void a_stack_is_shown(void **state)
{
	char *text = print_stack(PRINT_TEXT);

	(void)state;
	assert_non_null(strstr(text, "stack of the next free_pid\n"
				     "    put_nsset+0x10\n"
				     "    0xffffffff81000020\n"));
	free(text);
	text = print_stack(PRINT_JSON);
	assert_non_null(strstr(text, "\"stack\":[\"put_nsset+0x10\","
				     "\"0xffffffff81000020\"]"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as),
		cmocka_unit_test(all_have_names),
		cmocka_unit_test(a_stack_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
