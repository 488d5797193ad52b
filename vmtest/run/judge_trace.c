// SPDX-License-Identifier: GPL-2.0-only
/* Runs "pidnstrace replay" on the trace that a guest sent before its death. */
#include "vmtest/run/judge_trace.h"

#include <string.h>
#include <unistd.h>

#include "vmtest/run/post_run.h"

/* Reads the KTAP of the rules, which a live guest would have sent. */
static void read_rules(struct run *r)
{
	char *path = xasprintf("%s/verify.ktap", r->files.dir.path), *text, *line;

	if (!read_file(path, &text, NULL)) {
		for (char *rest = text; (line = strsep(&rest, "\n"));)
			ktap__line(&r->seen.result.rules, line);
		free(text);
	}
	unlink(path);
	free(path);
}

static void read_judgement(struct run *r)
{
	char *path = xasprintf("%s/verify.json", r->files.dir.path), *text;
	char why[64];
	size_t len;

	if (read_file(path, &text, &len)) {
		capped_file__printf(&r->files.log, "vmtest: replay wrote no report\n");
	} else {
		if (verify_report__parse(&r->out.judged, text, len, why, sizeof(why)))
			capped_file__printf(&r->files.log, "vmtest: replay's report: %s\n",
				     why);
		free(text);
	}
	free(path);
	read_rules(r);
}

static void on_judged(struct run *r, int status)
{
	(void)status;
	read_judgement(r);
}

static void judge(struct run *r)
{
	char *trace = r->files.trace.path;
	char *report = xasprintf("json=%s/verify.json", r->files.dir.path);
	char *rules = xasprintf("ktap=%s/verify.ktap", r->files.dir.path);

	execl(r->spec.judge, r->spec.judge, "replay", trace, "--report", report,
	      "--report", rules, (char *)NULL);
}

/* Judges the trace on the host if the guest died before its own report. */
bool judge_trace__start(struct run *r, void (*done)(struct run *r))
{
	if (r->spec.boot_only || r->seen.result.verified || r->err ||
	    !r->files.trace.bytes || !r->spec.judge)
		return false;
	return post_run__start(r, judge, on_judged, done);
}
