// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake QEMU that records and replays without a machine: its guest writes to the files
 * that the arguments name, and it speaks the part of QMP that the runner uses. $FAKE_RR
 * selects a failure:
 *
 *   differs	a replay has a different byte in its trace
 *   short	a replay ends early
 *   stuck	a replay hangs, with incomplete output
 *   endless	a replay hangs, with complete output
 *   silent	a recorded guest goes silent, but QEMU quits on request
 *   deaf		a recorded guest goes silent, and QEMU ignores QMP
 *   fails	the guest fails with seed 3
 *
 * $FAKE_VERSION is the version that it reports.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

static const char *how = "";
static int qmp = -1;
static unsigned long long seed;

static int is(const char *what)
{
	return !strcmp(how, what);
}

static void append(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_APPEND | O_CREAT, 0666);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(99);
	close(fd);
}

static void say(const char *text)
{
	if (qmp >= 0 && write(qmp, text, strlen(text)) < 0)
		_exit(98);
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* Waits until the word arrives; for ever if deaf. */
static void wait_for(const char *word)
{
	char buf[4096];
	size_t len = 0;

	for (;;) {
		ssize_t n = read(qmp, buf + len, sizeof(buf) - 1 - len);

		if (n <= 0)
			_exit(97);
		len += (size_t)n;
		buf[len] = '\0';
		if (!is("deaf") && strstr(buf, word))
			return;
		if (len > sizeof(buf) / 2)
			len = 0;
	}
}

static void end(const char *verdict)
{
	append("trace", TRACE_TRAILER);
	append("result", verdict);
}

static void play(int replaying)
{
	append("console", "[    0.000000] Linux version 6.12.0-fake\r\n");
	append("result", "HELLO 6.12.0-fake\n");
	append("result", "L 6,0,0,-;a record\n");
	if (!replaying && (is("silent") || is("deaf")))
		return;
	append("trace", replaying && is("differs") ? "0123x56789" : "0123456789");
	if (replaying && is("short"))
		_exit(0);
	if (replaying && is("stuck"))
		sleep_for_ever();
	append("result", "K KTAP version 1\nK 1..1\nK ok 1 semantics\n"
	       "S {\"verdict\":\"PASS\",\"reasons\":[],\"events\":1,\"lost\":{},\"joins\":1,\"rewrites\":4,\"violations\":[]}\n");
	if (is("fails") && seed == 3)
		end("V FAIL because of the seed\n");
	else
		end("V PASS all is well\n");
	if (replaying && is("endless"))
		sleep_for_ever();
}

static void record(const char *log)
{
	/* Sends one answer for each command, as QEMU does. */
	wait_for("qmp_capabilities");
	say("{\"return\": {}}\r\n");
	wait_for("cont");
	say("{\"return\": {}}\r\n");
	if (log)
		append(log, "a recording");
	play(0);
	if (!is("silent") && !is("deaf"))
		say("{\"event\": \"SHUTDOWN\"}\r\n");
	wait_for("query-replay");
	say("{\"return\": {\"icount\": 123456, \"mode\": \"record\"}}\r\n");
	wait_for("quit");
	say("{\"return\": {}}\r\n");
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *version = getenv("FAKE_VERSION"), *rr = NULL;
	const char *pidfile = getenv("FAKE_PIDFILE");
	char log[64] = "";

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts(version ? version : "fake QEMU 1\nof nobody");
		return 0;
	}
	if (getenv("FAKE_RR"))
		how = getenv("FAKE_RR");
	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-icount"))
			rr = argv[i + 1];
		if (!strcmp(argv[i], "-seed"))
			seed = strtoull(argv[i + 1], NULL, 10);
		if (!strcmp(argv[i], "-chardev"))
			sscanf(argv[i + 1], "socket,id=qmp,fd=%d", &qmp);
	}
	if (pidfile) {
		FILE *f = fopen(pidfile, "w");

		if (f) {
			fprintf(f, "%d\n", (int)getpid());
			fclose(f);
		}
	}
	if (!rr)
		return 96;
	if (!strstr(rr, "rr=replay")) {
		if (strstr(rr, "rrfile="))
			sscanf(strstr(rr, "rrfile="), "rrfile=%63[^,]", log);
		record(*log ? log : NULL);
	}
	play(1);
	return 0;
}
