// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs slow work after the end of QEMU in a child, so that the loop can serve other runs:
 * "pidnstrace replay" on the trace that a guest sent before its death, and addr2line for
 * splat.txt.
 */
#include "vmtest/run/state.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/process.h"
#include "vmtest/triage/splat.h"

static void on_end(void *ctx)
{
	struct run *r = ctx;
	int status = child__reap(r->post.child);

	r->post.child = 0;
	r->post.ended(r, status);
	r->post.done(r);
}

static void run_child(struct run *r, void (*work)(struct run *r), pid_t parent)
{
	child__begin(parent, SIGKILL);
	dup2(r->files.log.fd, STDOUT_FILENO);
	dup2(r->files.log.fd, STDERR_FILENO);
	work(r);
	_exit(127);	/* the work is an exec that failed */
}

/*
 * Runs work(r) in a child, which prints to the log. At the child's end, calls
 * ended(r, wait status) and then done(r). Returns true if the child was started.
 */
static bool start(struct run *r, void (*work)(struct run *r),
		  void (*ended)(struct run *r, int status), void (*done)(struct run *r))
{
	pid_t parent = getpid();

	/* Removes the watch of an earlier child, which has been reaped. */
	loop__close(r->loop, &r->post.end);
	r->post.ended = ended;
	r->post.done = done;
	r->post.child = fork();
	if (r->post.child == 0)
		run_child(r, work, parent);
	if (r->post.child < 0)
		return false;
	if (loop__add_child(r->loop, &r->post.end, r->post.child, on_end, r)) {
		kill(r->post.child, SIGKILL);
		child__reap(r->post.child);
		r->post.child = 0;
		return false;
	}
	run__enter(r, RUN_JUDGE);
	return true;
}

/* Reads the KTAP of the rules, which a live guest would have sent. */
static void read_rules(struct run *r)
{
	auto_free char *path = xasprintf("%s/verify.ktap", r->files.dir.path), *text = NULL;
	char *rest, *line;

	if (!read_file(path, &text, NULL)) {
		for (rest = text; (line = strsep(&rest, "\n"));)
			ktap__line(&r->seen.result.rules, line);
	}
	unlink(path);
}

/* Reads what replay wrote. The wait status is not needed: a failure leaves no report. */
static void on_judged(struct run *r, int status)
{
	auto_free char *path = xasprintf("%s/verify.json", r->files.dir.path), *text = NULL;
	char why[64];
	size_t len;

	(void)status;
	if (read_file(path, &text, &len))
		run__log(r, "replay wrote no report");
	else if (verify_report__parse(&r->out.judged, text, len, why, sizeof(why)))
		run__log(r, "replay's report: %s", why);
	read_rules(r);
}

static void exec_replay(struct run *r)
{
	char *trace = r->files.trace.path;
	char *report = xasprintf("json=%s/verify.json", r->files.dir.path);
	char *rules = xasprintf("ktap=%s/verify.ktap", r->files.dir.path);

	execl(r->spec.judge, r->spec.judge, "replay", trace, "--report", report,
	      "--report", rules, (char *)NULL);
}

bool post_run__judge(struct run *r, void (*done)(struct run *r))
{
	if (r->spec.boot_only || r->seen.result.verified || r->err ||
	    !r->files.trace.bytes || !r->spec.judge)
		return false;
	return start(r, exec_replay, on_judged, done);
}

static void on_written(struct run *r, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status))
		run__fail(r, "splat.txt", -WEXITSTATUS(status));
	else if (status)	/* killed by events__timeout() */
		run__log(r, "splat.txt: addr2line took too long");
}

static void write_splat(struct run *r)
{
	_exit(-splat__write(r->files.dir.path, r->spec.image->path, r->seen.kernel_text,
			    r->spec.scanner, r->spec.allow));
}

bool post_run__symbolise(struct run *r, void (*done)(struct run *r))
{
	if (!r->seen.kernel_text || r->err ||
	    (!r->hang.dumped && !r->seen.console.count[CONSOLE_SPLAT] &&
	     !r->seen.console.count[CONSOLE_PANIC]))
		return false;
	return start(r, write_splat, on_written, done);
}
