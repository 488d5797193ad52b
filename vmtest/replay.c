// SPDX-License-Identifier: GPL-2.0-only
/* See live.h: "pidnstrace replay" on what a guest had sent when it died. */
#include "live.h"

#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* As the guest would have sent it. */
static void read_rules(struct run *r)
{
	char *path = xasprintf("%s/verify.ktap", r->dir.path), *text, *line;

	if (!read_file(path, &text, NULL)) {
		for (char *rest = text; (line = strsep(&rest, "\n"));)
			ktap__line(&r->result.rules, line);
		free(text);
	}
	unlink(path);
	free(path);
}

static void read_judgement(struct run *r)
{
	char *path = xasprintf("%s/verify.json", r->dir.path), *text;
	char why[64];
	size_t len;

	if (read_file(path, &text, &len)) {
		sink__printf(&r->log, "vmtest: replay left no report\n");
	} else {
		if (judged__parse(&r->out.judged, text, len, why, sizeof(why)))
			sink__printf(&r->log, "vmtest: replay's report: %s\n",
				     why);
		free(text);
	}
	free(path);
	read_rules(r);
}

static void on_judged(void *ctx, uint32_t events)
{
	struct run *r = ctx;

	(void)events;
	waitpid(r->judge, NULL, 0);
	r->judge = 0;
	read_judgement(r);
	r->judged(r);
}

static void judge_child(struct run *r, pid_t parent)
{
	char *trace = r->trace.path;
	char *report = xasprintf("json=%s/verify.json", r->dir.path);
	char *rules = xasprintf("ktap=%s/verify.ktap", r->dir.path);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(r->log.fd, STDOUT_FILENO);
	dup2(r->log.fd, STDERR_FILENO);
	execl(r->spec.judge, r->spec.judge, "replay", trace, "--report", report,
	      "--report", rules, (char *)NULL);
	_exit(127);
}

/* The guest died before it could judge: we judge what it saw until then. */
bool replay__start(struct run *r, void (*done)(struct run *r))
{
	pid_t parent = getpid();

	if (r->spec.boot_only || r->result.verified || r->err ||
	    !r->trace.bytes || !r->spec.judge)
		return false;
	r->judged = done;
	r->judge = fork();
	if (r->judge == 0)
		judge_child(r, parent);
	if (r->judge < 0)
		return false;
	r->judge_fd = (int)syscall(SYS_pidfd_open, r->judge, 0);
	if (r->judge_fd < 0 || loop__add(r->loop, &r->exit, r->judge_fd, EPOLLIN,
					 on_judged, r)) {
		kill(r->judge, SIGKILL);
		waitpid(r->judge, NULL, 0);
		r->judge = 0;
		return false;
	}
	live__enter(r, JUDGE);
	return true;
}
