// SPDX-License-Identifier: GPL-2.0-only
/* Guests that run a command or a shell, with or without the tracer. */
#include "vmtest_fakeqemu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

static void command(void)
{
	boot();
	put(RESULT, "O \"a\\u0000b\\u00ff\\u0001\\\"\\\\\\u000a\"\n");
	report("PASS", "[]");
	end_with("V PASS exit status 0\n");
}

/* Returns the type of the input port's next frame, with its data in buf. */
static char read_frame(char buf[INPUT_FRAME_MAX], size_t *len)
{
	unsigned char head[INPUT_HEAD];
	size_t got = 0;

	while (got < sizeof(head)) {
		ssize_t n = read(channels[INPUT], head + got, sizeof(head) - got);

		if (n <= 0)
			_exit(90);
		got += (size_t)n;
	}
	*len = (size_t)head[1] << 24 | (size_t)head[2] << 16 |
	       (size_t)head[3] << 8 | head[4];
	if (*len > INPUT_FRAME_MAX)
		_exit(89);
	for (got = 0; got < *len;) {
		ssize_t n = read(channels[INPUT], buf + got, *len - got);

		if (n <= 0)
			_exit(90);
		got += (size_t)n;
	}
	return (char)head[0];
}

static void put_bytes(const char *buf, size_t len)
{
	char text[8];

	put(RESULT, "O \"");
	for (size_t i = 0; i < len; i++) {
		snprintf(text, sizeof(text), "\\u%04x",
			 (unsigned int)(unsigned char)buf[i]);
		put(RESULT, text);
	}
	put(RESULT, "\"\n");
}

/* A guest that runs cat on its input. */
static void echo(void)
{
	static char buf[INPUT_FRAME_MAX];
	size_t len;

	boot();
	if (!strstr(job, "\"input\":true"))
		end_with("V FAIL there is no input\n");
	while (read_frame(buf, &len) != INPUT_END)
		put_bytes(buf, len);
	report("PASS", "[]");
	end_with("V PASS exit status 0\n");
}

/* A command that counts its input, and fails. */
static void count(void)
{
	static char buf[INPUT_FRAME_MAX];
	size_t len, all = 0;
	char text[64];

	boot();
	while (read_frame(buf, &len) != INPUT_END)
		all += len;
	snprintf(text, sizeof(text), "O \"%zu\\u000a\"\n", all);
	put(RESULT, text);
	report("PASS", "[]");
	end_with("V FAIL wc ended with exit status 1\n");
}

/* A shell: echoes its input; X exits, P panics, K kills, W warns. */
static void shell(void)
{
	static char buf[INPUT_FRAME_MAX];
	size_t len;

	boot();
	put(RESULT, "O \"job ");
	put(RESULT, strstr(job, "\"rows\":33") ? "33 rows\"\n" : "no rows\"\n");
	for (;;) {
		switch (read_frame(buf, &len)) {
		case INPUT_SIZE:
			put(RESULT, "O \"size \"\n");
			put_bytes(buf, len);
			continue;
		case INPUT_END:
			end_with("V PASS the shell ended\n");
		}
		put_bytes(buf, len);
		if (len && buf[len - 1] == 'X')
			end_with("V PASS the shell ended\n");
		if (len && buf[len - 1] == 'P') {
			put(CONSOLE, "[    1.5] Kernel panic - not syncing: fake\r\n");
			sleep_for_ever();
		}
		if (len && buf[len - 1] == 'K')
			kill(getpid(), SIGKILL);
		if (len && buf[len - 1] == 'W')
			put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	}
}

/* The user is idle for longer than the limit, but init sends heartbeats. */
static void idle_shell(void)
{
	boot();
	for (int i = 0; i < 30; i++) {
		usleep(100000);
		put(RESULT, "P 1.0 5\n");
	}
	end_with("V PASS the shell ended\n");
}

/* Prints a line in two parts. */
static void slow_command(void)
{
	boot();
	put(RESULT, "O \"half a line \"\n");
	usleep(atoi(getenv("FAKE_STEP_MS")) * 1000);
	put(RESULT, "O \"and the rest\\u000a\"\n");
	report("PASS", "[]");
	end_with("V PASS exit status 0\n");
}

/* A guest without the tracer, as its settings request. */
static void bare(void)
{
	boot();
	put(RESULT, "O \"hello\"\n");
	end_with(strstr(settings, "\"bare\":true") ?
	    "V PASS cat ended with exit status 0\n" : "V FAIL not bare\n");
}

static void bare_fails(void)
{
	boot();
	end_with("V FAIL cat ended with exit status 1\n");
}

const struct fake_guest command_guests[] = {
	{ "command", command }, { "echo", echo }, { "count", count },
	{ "shell", shell }, { "idle_shell", idle_shell },
	{ "slow_command", slow_command }, { "bare", bare },
	{ "bare_fails", bare_fails },
	{ NULL, NULL },
};
