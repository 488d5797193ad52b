// SPDX-License-Identifier: GPL-2.0-only
/* Parses the stacks of sysrq on the console, and QEMU's registers. */
#include "vmtest/triage/hang_site.h"

#include <stdio.h>
#include <string.h>

#include "vmtest/triage/console.h"
#include "vmtest/triage/fault.h"

#define CPUS_MAX 64

/* The stack being read. */
struct stack {
	char *whose;
	int cpu;		/* -1: the stack of a task */
	char *first;		/* frame to report; at first one that waits */
	bool rip;		/* first is from the line with RIP */
};

struct search {
	struct strv *out;
	const struct scanner *s;
	struct stack at;
	bool known[CPUS_MAX];
	bool on;		/* between "sysrq: Show" and "Show State" */
};

static void end_stack(struct search *w)
{
	if (w->at.whose && w->at.first) {
		const char *colon = strrchr(w->at.first, ':');
		auto_free char *line = xasprintf("%s: %s", w->at.whose,
						 colon ? colon + 1 : w->at.first);

		/* sysrq prints a task twice if it also prints workqueues. */
		if (!strv__has(w->out, line))
			strv__add(w->out, line);
		if (w->at.cpu >= 0)
			w->known[w->at.cpu] = true;
	}
	free(w->at.whose);
	free(w->at.first);
	memset(&w->at, 0, sizeof(w->at));
}

static void begin_stack(struct search *w, char *whose, int cpu)
{
	end_stack(w);
	w->at.whose = whose;
	w->at.cpu = cpu;
}

static bool is_rip(const char *frame)
{
	return !strncmp(frame, "RIP:", 4);
}

/* Reports the first function of a stack that does more than wait. */
static void take_frame(struct search *w, const char *text)
{
	auto_free char *frame = NULL, *function = NULL;

	if (!w->at.whose || *text == '?')
		return;
	frame = fault__frame(text);
	if (!frame)
		return;
	function = fault__function(frame);
	if (scanner__names_fault(w->s, function)) {
		free(w->at.first);
		w->at.first = xstrdup(frame);
		end_stack(w);
	} else if (!w->at.first || (!w->at.rip && is_rip(frame))) {
		free(w->at.first);
		w->at.first = xstrdup(frame);
		w->at.rip = is_rip(frame);
	}
}

static void take_line(void *ctx, char *line)
{
	struct search *w = ctx;
	const char *text = console__skip_stamp(line);
	char name[64], state;
	int cpu, pid;

	if (console__is_dump(text)) {
		end_stack(w);
		w->on = true;
		/* Ignores the last dump, of all tasks, blocked or not. */
		if (strstr(text, "Show State"))
			w->on = false;
	} else if (!w->on) {
		return;
	} else if (sscanf(text, "sysrq: CPU%d:", &cpu) == 1 ||
		   sscanf(text, "NMI backtrace for cpu %d", &cpu) == 1 ||
		   (w->at.whose == NULL &&
		    sscanf(text, "CPU: %d ", &cpu) == 1)) {
		if (cpu >= 0 && cpu < CPUS_MAX && !w->known[cpu])
			begin_stack(w, xasprintf("CPU %d", cpu), cpu);
	} else if (sscanf(text, "task:%63s state:%c", name, &state) == 2) {
		const char *p = strstr(text, "pid:");

		pid = p ? atoi(p + 4) : 0;
		begin_stack(w, xasprintf("blocked %s[%d]", name, pid), -1);
	} else {
		take_frame(w, text);
	}
}

static void from_console(struct search *w, const char *console)
{
	console_lines__each(console, take_line, w);
	end_stack(w);
}

/* Takes each "CPU#1" and the "RIP=..." after it. */
static void from_registers(struct search *w, const char *registers)
{
	const char *p = registers;

	while ((p = strstr(p, "CPU#"))) {
		int cpu = atoi(p + 4);
		const char *next = strstr(p + 4, "CPU#");
		const char *rip = strstr(p, "RIP=");

		if (rip && (!next || rip < next) && cpu >= 0 &&
		    cpu < CPUS_MAX && !w->known[cpu])
			strv__addf(w->out, "CPU %d: 0x%.16s", cpu, rip + 4);
		p += 4;
	}
}

void hang_site__find(struct strv *out, const char *console, const char *registers,
		 const struct scanner *s)
{
	struct search w = { .out = out, .s = s };

	if (console)
		from_console(&w, console);
	if (registers)
		from_registers(&w, registers);
}
