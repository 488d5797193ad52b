// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names a call that failed to make a process or a namespace, and its arguments, in
 * strace's words.
 */
#include "loader/view/failed.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

#include "lib/array.h"
#include "loader/trace/names.h"

/* The numbers of the calls in 64-bit and in 32-bit system calls. */
static const struct {
	__u32 nr, compat;
	const char *name;
} calls[] = {
	{ 56, 120, "clone" },
	{ 57, 2, "fork" },
	{ 58, 190, "vfork" },
	{ 272, 310, "unshare" },
	{ 435, 435, "clone3" },
};

bool type__is_call_failed(unsigned int type)
{
	return type == WIRE_CLONE_FAILED || type == WIRE_CLONE3_FAILED ||
	       type == WIRE_UNSHARE_FAILED;
}

bool record__failed(const struct wire_hdr *rec)
{
	return type__is_call_failed(rec->type) ||
	       (rec->type == WIRE_SETNS_EXIT &&
		((const struct wire_setns_exit *)rec)->ret < 0);
}

const char *failed__system_call(const struct wire_call_failed *r)
{
	bool compat = r->facts & WIRE_FAILED_COMPAT;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (r->call == (compat ? calls[i].compat : calls[i].nr))
			return calls[i].name;
	return "clone";	/* kernel_clone() for another call */
}

static bool is_fork(const struct wire_call_failed *r)
{
	const __u64 tids = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
			   CLONE_PARENT_SETTID;

	return !(r->flags & ~tids) && r->exit_signal == SIGCHLD;
}

const char *failed__name(const struct wire_call_failed *r)
{
	const char *name = failed__system_call(r);

	return !strcmp(name, "clone") && is_fork(r) ? "fork" : name;
}

unsigned int failed__asked(const struct wire_call_failed *r)
{
	if (r->facts & WIRE_FAILED_NO_TIDS)
		return 0;
	return r->set_tid_size < WIRE_ASKED ? r->set_tid_size : WIRE_ASKED;
}

static void put_signal(uint64_t signal, FILE *out)
{
	const char *name = signal < _NSIG ? sigabbrev_np((int)signal) : NULL;

	if (name)
		fprintf(out, "SIG%s", name);
	else
		fprintf(out, "%llu", (unsigned long long)signal);
}

static void put_flags(const struct wire_call_failed *r, FILE *out)
{
	char text[CLONE_FLAGS_TEXT];

	fputs(clone_flags__text(r->flags, text, sizeof(text)), out);
}

static void put_clone(const struct wire_call_failed *r, FILE *out)
{
	fputs("(flags=", out);
	if (r->flags || !r->exit_signal)
		put_flags(r, out);
	if (r->exit_signal) {
		fputs(r->flags ? "|" : "", out);
		put_signal(r->exit_signal, out);
	}
	fputc(')', out);
}

static void put_clone3(const struct wire_call_failed *r, FILE *out)
{
	unsigned int n = failed__asked(r);

	if (r->facts & WIRE_FAILED_NO_ARGS) {
		fputs("(?)", out);
		return;
	}
	fputs("({flags=", out);
	put_flags(r, out);
	if (r->exit_signal) {
		fputs(", exit_signal=", out);
		put_signal(r->exit_signal, out);
	}
	if (r->facts & WIRE_FAILED_NO_TIDS)
		fputs(", set_tid=?", out);
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "%s%d", i ? ", " : ", set_tid=[", r->asked[i].nr);
	if (n)
		fputs(r->set_tid_size > n ? ", ...]" : "]", out);
	fputs("})", out);
}

void failed__put_call(const struct wire_call_failed *r, FILE *out)
{
	const char *name = failed__name(r);

	fputs(name, out);
	if (!strcmp(name, "clone")) {
		put_clone(r, out);
	} else if (!strcmp(name, "clone3")) {
		put_clone3(r, out);
	} else if (!strcmp(name, "unshare")) {
		fputc('(', out);
		put_flags(r, out);
		fputc(')', out);
	}
}
