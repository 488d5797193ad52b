// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at the kernel's switches for programs on functions. While one is off, the
 * programs stay attached, but are not called, and nothing counts what they miss.
 *
 * Limit: a switch that is off between two looks only is not noticed.
 */
#include "loader/capture/switches.h"

#include <fcntl.h>
#include <unistd.h>

static const struct {
	const char *path;
	unsigned int ways;
} table[SWITCHES] = {
	{ "/proc/sys/kernel/ftrace_enabled", WAYS_FTRACE },
	{ "/sys/kernel/debug/kprobes/enabled", 1U << WAY_KPROBE },
};

void switches__open(struct switches *s)
{
	s->off = 0;
	for (int i = 0; i < SWITCHES; i++)
		s->fd[i] = open(table[i].path, O_RDONLY | O_CLOEXEC);
}

void switches__look(struct switches *s)
{
	char value;

	for (int i = 0; i < SWITCHES; i++) {
		if (s->fd[i] >= 0 && pread(s->fd[i], &value, 1, 0) == 1 && value == '0')
			s->off |= table[i].ways;
	}
}

bool switches__was_off(const struct switches *s, enum way way)
{
	return s->off & 1U << way;
}

void switches__close(struct switches *s)
{
	for (int i = 0; i < SWITCHES; i++) {
		if (s->fd[i] >= 0)
			close(s->fd[i]);
		s->fd[i] = -1;
	}
}

bool switches__ftrace_is_off(void)
{
	struct switches s;
	bool off;

	switches__open(&s);
	switches__look(&s);
	off = switches__was_off(&s, WAY_TRAMPOLINE);
	switches__close(&s);
	return off;
}
