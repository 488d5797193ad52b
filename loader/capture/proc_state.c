// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the state of a process from /proc/PID/stat, and from /proc/PID/wchan the function
 * of the kernel in which it sleeps.
 *
 * Bad at: processes with threads. Only the leader is described.
 */
#include "loader/capture/proc_state.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads up to @len - 1 bytes of /proc/PID/NAME, and ends them by a NUL. */
static bool read_file(int32_t pid, const char *name, char *text, size_t len)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, len - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* Returns the letter after the name, which is in parentheses and may have any in it. */
static char state_letter(int32_t pid)
{
	char stat[512], *end;

	if (!read_file(pid, "stat", stat, sizeof(stat)))
		return '\0';
	end = strrchr(stat, ')');
	return end && end[1] == ' ' ? end[2] : '\0';
}

static const char *verb(char letter)
{
	switch (letter) {
	case 'R':
		return "runs";
	case 'S':
	case 'I':
		return "sleeps";
	case 'D':
		return "is blocked";
	case 'T':
		return "is stopped";
	case 't':
		return "is stopped by its tracer";
	case 'Z':
		return "is a zombie";
	}
	return "";
}

void proc_state__describe(int32_t pid, char *text, size_t len)
{
	char letter = pid ? state_letter(pid) : '\0', wchan[64] = "";

	if (letter == 'S' || letter == 'D')
		read_file(pid, "wchan", wchan, sizeof(wchan));
	if (!strcmp(wchan, "0"))
		wchan[0] = '\0';
	snprintf(text, len, "%s%s%s", verb(letter), *wchan ? " in " : "", wchan);
}
