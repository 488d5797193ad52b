// SPDX-License-Identifier: GPL-2.0-only
/* Guests that run a command or a shell, with or without the tracer. */
#include "vmtest_fakeqemu.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

static void read_all(char *buf, size_t size)
{
	while (size) {
		ssize_t n = read(channels[INPUT], buf, size);

		if (n <= 0)
			_exit(90);
		buf += n;
		size -= (size_t)n;
	}
}

/* Returns the type of the input port's next frame, with its data in buf. */
static char read_frame(char buf[INPUT_FRAME_MAX], size_t *len)
{
	char type;
	uint32_t n;

	read_all(&type, 1);
	read_all((char *)&n, sizeof(n));
	*len = ntohl(n);
	if (*len > INPUT_FRAME_MAX)
		_exit(89);
	read_all(buf, *len);
	return type;
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

/* Sends back the input, as cat does. */
static void echo_input(void)
{
	static char buf[INPUT_FRAME_MAX];
	size_t len;

	if (!strstr(job, "\"input\":true"))
		end_with("V FAIL there is no input\n");
	while (read_frame(buf, &len) != INPUT_END)
		put_bytes(buf, len);
}

/* Sends the length of the input. */
static void count_input(void)
{
	static char buf[INPUT_FRAME_MAX];
	size_t len, all = 0;
	char text[64];

	while (read_frame(buf, &len) != INPUT_END)
		all += len;
	snprintf(text, sizeof(text), "O \"%zu\\u000a\"\n", all);
	put(RESULT, text);
}

/* A shell: echoes its input; X exits, P panics, K kills, W warns. */
static void run_shell(void)
{
	static char buf[INPUT_FRAME_MAX];
	size_t len;

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
			put(CONSOLE, PANIC);
			sleep_for_ever();
		}
		if (len && buf[len - 1] == 'K')
			kill(getpid(), SIGKILL);
		if (len && buf[len - 1] == 'W')
			put(RESULT, "L 4,1,1500000,-;WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\n");
	}
}

/* The user is idle for longer than the limit, but init sends heartbeats. */
static void idle_for_3_s(void)
{
	for (int i = 0; i < 30; i++) {
		usleep(100000);
		put(RESULT, "P 1.0 5\n");
	}
}

/* A guest without the tracer, as its settings request. */
static void check_bare(void)
{
	if (!strstr(settings, "\"bare\":true"))
		end_with("V FAIL not bare\n");
}

#define EXIT_0 END("V PASS exit status 0\n")

const struct fake_guest command_guests[] = {
	{ "command", { BOOT,
		       SEND(RESULT, "O \"a\\u0000b\\u00ff\\u0001\\\"\\\\\\u000a\"\n"),
		       PASS_REPORT, EXIT_0 } },
	{ "echo", { BOOT, CALL(echo_input), PASS_REPORT, EXIT_0 } },
	/* A command that counts its input, and fails. */
	{ "count", { BOOT, CALL(count_input), PASS_REPORT,
		     END("V FAIL wc ended with exit status 1\n") } },
	{ "shell", { BOOT, CALL(run_shell) } },
	{ "idle_shell", { BOOT, CALL(idle_for_3_s),
			  END("V PASS the shell ended\n") } },
	/* Prints a line in two parts. */
	{ "slow_command", { BOOT, SEND(RESULT, "O \"half a line \"\n"), PAUSE,
			    SEND(RESULT, "O \"and the rest\\u000a\"\n"),
			    PASS_REPORT, EXIT_0 } },
	{ "bare", { BOOT, SEND(RESULT, "O \"hello\"\n"), CALL(check_bare),
		    END("V PASS cat ended with exit status 0\n") } },
	{ "bare_fails", { BOOT, END("V FAIL cat ended with exit status 1\n") } },
	{ NULL, { SLEEP } },
};
