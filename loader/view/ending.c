// SPDX-License-Identifier: GPL-2.0-only
/* Formats the status of a process that has ended, in the words of strace. */
#include <signal.h>

#include "loader/view/printer_parts.h"

#define KERNEL_SIGRTMIN	32	/* libc's SIGRTMIN is larger */

/* Formats "SIGKILL", "SIGRT_1". libc has no names of real-time signals. */
static void signal__text(int signal, char *text, size_t size)
{
	if (signal == SIGIO)
		snprintf(text, size, "SIGIO");	/* libc has SIGPOLL */
	else if (sigabbrev_np(signal))
		snprintf(text, size, "SIG%s", sigabbrev_np(signal));
	else if (signal == KERNEL_SIGRTMIN)
		snprintf(text, size, "SIGRTMIN");
	else
		snprintf(text, size, "SIGRT_%d", signal - KERNEL_SIGRTMIN);
}

const char *ending__text(int32_t status, char text[ENDING_TEXT])
{
	char name[16];

	if (!(status & 0x7f)) {
		snprintf(text, ENDING_TEXT, "exit(%d)", status >> 8 & 0xff);
		return text;
	}
	signal__text(status & 0x7f, name, sizeof(name));
	snprintf(text, ENDING_TEXT, "killed by %s%s", name,
		 status & 0x80 ? " (core dumped)" : "");
	return text;
}

void put_exit_code(FILE *out, int32_t exit_code)
{
	char text[ENDING_TEXT];

	fputs(ending__text(exit_code, text), out);
}

const char *killer_kind__name(enum killer_kind kind)
{
	static const char *const names[] = {
		[KILLER_PROCESS] = "process", [KILLER_KERNEL] = "kernel",
		[KILLER_OOM] = "oom", [KILLER_ZAP] = "namespace",
	};

	return names[kind];
}
