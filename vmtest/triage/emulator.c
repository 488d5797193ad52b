// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out whether a fault of QEMU's emulator killed a kernel: a stale int3, or wrong
 * EFLAGS.
 *
 * int3. A kernel that dies at an int3 prints the code around it, in the line "Code:".
 * The kernel reads this code as data, from memory, so an emulator that executes an old
 * translation (vmtest/host/tcg.c) cannot fake the code. RIP points after the int3, so
 * the byte before the marked byte is the instruction that trapped: 0xcc means a fault of
 * the kernel, any other byte a fault of the emulator. As every oops has this line, no
 * live QEMU is needed, and a console can be judged later.
 *
 * Limits: without this line (the console was cut, or the kernel could not read its code)
 * the fault counts as the kernel's. Only the first report is examined, as later ones
 * may be consequences.
 *
 * EFLAGS. A QEMU whose cmpxchg16b computes wrong flags kills its guest with a register
 * dump in which reserved bits are wrong. vmtest/host/tcg.c explains the cause, and hides
 * the instruction from guests of such a QEMU; a QEMU that could not be probed may still
 * have the fault.
 */
#include "vmtest/triage/emulator.h"

#include <stdio.h>
#include <string.h>

#include "vmtest/triage/console.h"
#include "vmtest/triage/fault.h"
#include "vmtest/wire/eflags.h"

#define RIP "RIP: 0010:"
#define CODE "Code: "
#define INT3 0xcc

/* Linux 6.10 and later print the first form, earlier kernels the second. */
static bool is_int3(const char *text)
{
	return !strncmp(text, "Oops: int3:", 11) || !strncmp(text, "int3:", 5);
}

/* Returns the byte before the marked byte, <90>, or -1 if there is none. */
static int byte_before_mark(const char *code)
{
	const char *mark = strchr(code, '<');
	unsigned int byte;
	char space;

	if (!mark || mark - code < 4 || mark[-4] != ' ' ||
	    sscanf(mark - 3, "%2x%c", &byte, &space) != 2 || space != ' ')
		return -1;
	return (int)byte;
}

/* Returns the place of the int3, one byte before RIP; free it. */
static char *place_of(const char *rip)
{
	char *frame = fault__frame(rip), *function, *place;
	unsigned int off = 0;

	if (!frame)
		return xstrdup("an unknown function");
	function = fault__function(frame);
	sscanf(frame + strcspn(frame, "+"), "+0x%x", &off);
	place = xasprintf("%s+0x%x", function, off ? off - 1 : 0);
	free(function);
	free(frame);
	return place;
}

struct search {
	const struct scanner *scanner;
	const struct allow *allow;
	bool found;		/* the report of the int3 has begun */
	bool ended;
	char *rip;
	char *place;		/* the answer, or NULL */
};

static void take_line(void *ctx, char *line)
{
	struct search *s = ctx;
	const char *text = console__skip_stamp(line);
	int byte;

	if (s->ended)
		return;
	if (!s->found) {
		s->found = is_int3(text);
		s->ended = !s->found &&
			   console__classify(line, s->scanner, s->allow) >
				   CONSOLE_ALLOWED;
		return;
	}
	if (!s->rip && !strncmp(text, RIP, strlen(RIP))) {
		s->rip = xstrdup(text);
	} else if (s->rip && !strncmp(text, CODE, strlen(CODE))) {
		byte = byte_before_mark(text);
		if (byte >= 0 && byte != INT3)
			s->place = place_of(s->rip);
		s->ended = true;
	}
}

char *int3__not_in_memory(const char *console, const struct scanner *scanner,
			  const struct allow *allow)
{
	struct search s = { .scanner = scanner, .allow = allow };

	console_lines__each(console, take_line, &s);
	free(s.rip);
	return s.place;
}

bool flags__impossible(const char *console, uint32_t *flags)
{
	const char *at = strstr(console, "EFLAGS: ");
	unsigned int value;

	if (!at || sscanf(at, "EFLAGS: %8x", &value) != 1)
		return false;
	*flags = value;
	return !(value & EFLAGS_ALWAYS_SET) || value & EFLAGS_ALWAYS_CLEAR;
}
