// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU without a machine: takes QEMU's arguments and plays, on the channels that they
 * name, the guest that $FAKE_GUEST selects. Tests the runner with guests that no real
 * kernel would play on demand. Writes its pid to $FAKE_PIDFILE, if set.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

enum { CONSOLE, RESULT, TRACE, QMP, INPUT, CHANNELS };

static const char *const names[CHANNELS] = { "console", "result", "trace",
					     "qmp", "input" };
static int fd[CHANNELS] = { -1, -1, -1, -1, -1 };
static int under_kvm;

static void put(int channel, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd[channel], text, len);

		if (n <= 0)
			_exit(99);
		text += n;
		len -= (size_t)n;
	}
}

static void read_line(int channel, char *buf, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && read(fd[channel], buf + len, 1) == 1) {
		if (buf[len++] == '\n')
			break;
	}
	buf[len] = '\0';
}

static char settings[65536], job[65536];

static void end(const char *verdict);

/* --- snapshots --- */

static char ram[4096];		/* the file of the guest's memory, or "" */
static long ram_mib;
static int incoming;

/* Extracts the path from "exec:exec cat >PATH" or "exec:exec cat PATH". */
static void path_of(const char *line, char *path)
{
	const char *p = strstr(line, "cat ");

	if (!p || sscanf(p + 4 + (p[4] == '>'), " %4095[^\"]", path) != 1)
		_exit(95);
}

static void write_state(const char *line)
{
	char path[4096];
	FILE *f;

	path_of(line, path);
	f = fopen(path, "w");
	/* The settings received so far are the guest's state. */
	if (!f || fprintf(f, "a state\n%s", settings) < 0 || fclose(f))
		_exit(94);
}

/* Reads the state; returns false if the file was truncated. */
static int state_is_good(const char *line)
{
	char path[4096], text[16] = "";
	FILE *f;
	int good;

	path_of(line, path);
	f = fopen(path, "r");
	good = f && fgets(text, sizeof(text), f) &&
	       !strcmp(text, "a state\n") &&
	       fgets(settings, sizeof(settings), f);
	if (f)
		fclose(f);
	return good;
}

static void migration(const char *status)
{
	put(QMP, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"");
	put(QMP, status);
	put(QMP, "\"}}\r\n");
}

/* Tests for a failure mode of migration. */
static int migrates(const char *how)
{
	const char *way = getenv("FAKE_MIGRATE");

	return way && !strcmp(way, how);
}

/* Serves QMP until the guest is saved and QEMU quits, or until the guest continues. */
static void migrate(void)
{
	char line[8192];

	put(QMP, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
	for (;;) {
		read_line(QMP, line, sizeof(line));
		if (!*line)
			_exit(93);
		if (strstr(line, "migrate-set-capabilities") &&
		    migrates("refused")) {
			put(QMP, "{\"error\": {\"desc\": \"no x-ignore-shared here\"}}\r\n");
			continue;
		}
		put(QMP, "{\"return\": {}}\r\n");
		if (strstr(line, "\"migrate-incoming\"")) {
			if (!state_is_good(line)) {
				fprintf(stderr, "fakeqemu: load of migration failed\n");
				_exit(1);
			}
			migration("completed");
		} else if (strstr(line, "\"migrate\"")) {
			if (migrates("no room"))
				kill(getpid(), SIGBUS);
			if (migrates("slow"))
				pause();
			write_state(line);
			migration("completed");
		} else if (strstr(line, "\"quit\"")) {
			_exit(0);
		} else if (strstr(line, "\"cont\"")) {
			if (migrates("dies"))
				_exit(91);
			if (migrates("sleeps"))
				pause();
			return;
		}
	}
}

/* --- guests --- */

/* Prints console output of the boot: a resumed guest is past that point. */
static void early(const char *text)
{
	if (!incoming)
		put(CONSOLE, text);
}

/* $FAKE_TCG lists TCG's faults; "?": the first test for a fault was skipped. */
static void tcg_tests(void)
{
	const char *faults = getenv("FAKE_TCG");
	int stale, cmpxchg16b;

	faults = faults ? faults : "?";
	stale = !!strstr(faults, "stale-code");
	cmpxchg16b = !!strstr(faults, "cmpxchg16b");
	put(RESULT, "M -\nK KTAP version 1\nK 1..1\n");
	put(RESULT, "K   KTAP version 1\nK   # Subtest: init\nK   1..2\nK   ");
	put(RESULT, stale ? "not ok" : "ok");
	put(RESULT, " 1 " STALE_TEST);
	put(RESULT, *faults == '?' ? " # SKIP one CPU\nK   " : "\nK   ");
	put(RESULT, cmpxchg16b ? "not ok" : "ok");
	put(RESULT, " 2 " CMPXCHG16B_TEST "\nK ");
	put(RESULT, stale || cmpxchg16b ? "not ok 1 init\n" : "ok 1 init\n");
	end(stale || cmpxchg16b ? "V FAIL 1 of 1 test programs failed\n" :
				  "V PASS 0 of 1 test programs failed\n");
}

/* Boots until the job has arrived, or resumes from there. */
static void take_job(void)
{
	if (incoming) {
		migrate();
	} else {
		put(CONSOLE, "[    0.000000] Linux version 6.12.0-fake\r\n");
		put(RESULT, "HELLO 6.12.0-fake\n");
		read_line(RESULT, settings, sizeof(settings));
		if (!strstr(settings, "\"mode\":"))
			put(RESULT, "V FAIL the settings are none\n");
		put(RESULT, "W for the job\n");
		if (*ram)
			migrate();
	}
	read_line(RESULT, job, sizeof(job));
	if (!strstr(job, "\"seed\":") || !strstr(job, "\"time\":"))
		put(RESULT, "V FAIL the job is not one\n");
	if (strstr(job, "\"" TCG_FLAG "\""))
		tcg_tests();
}

static void boot(void)
{
	take_job();
	put(RESULT, "M -\n");
}

static void tests(const char *last)
{
	put(RESULT, "K KTAP version 1\nK 1..1\nP 1.0 1\n");
	put(RESULT, "K   KTAP version 1\nK   # Subtest: semantics\n");
	put(RESULT, "K   1..3\nK   ok 1 first\n");
	put(RESULT, "K   ok 2 second # SKIP not here\nE a remark\n");
	put(RESULT, last);
	put(RESULT, "K ok 1 semantics\nP 2.0 7\n");
}

static void report(const char *verdict, const char *violations)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "S {\"verdict\":\"%s\",\"reasons\":[\"because\"],\"events\":100,\"lost\":{\"ring\":1,\"map\":2,\"missed\":3},\"joins\":10,\"rewrites\":40,\"violations\":%s}\n",
		 verdict, violations);
	put(RESULT, text);
}

static void end(const char *verdict)
{
	char bye[64];

	put(TRACE, TRACE_TRAILER);
	put(RESULT, verdict);
	read_line(RESULT, bye, sizeof(bye));
	_exit(strcmp(bye, "BYE\n") ? 98 : 0);
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static void good(void)
{
	boot();
	tests("K   ok 3 third\n");
	put(TRACE, "0123456789");
	put(RESULT, "G a/b.gcda \"\\u00ff\"\n");
	put(RESULT, "T KTAP version 1\nT 1..2\nT ok 1 I17\nT ok 2 evidence\n");
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static void violation(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("FAIL", "[{\"rule\":\"I17\",\"count\":3},{\"rule\":\"I3\",\"count\":1}]");
	end("V FAIL because\n");
}

static void not_ok(void)
{
	boot();
	tests("K   not ok 3 third\n");
	report("PASS", "[]");
	/* Contradicts the report: the runner must believe the worse of the two. */
	end("V PASS all is well\n");
}

static void inconclusive(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("INCONCLUSIVE", "[]");
	end("V INCONCLUSIVE hook x was not hit\n");
}

static void command(void)
{
	boot();
	put(RESULT, "O \"a\\u0000b\\u00ff\\u0001\\\"\\\\\\u000a\"\n");
	report("PASS", "[]");
	end("V PASS exit status 0\n");
}

/* Returns the type of the input port's next frame, with its data in buf. */
static char read_frame(char buf[INPUT_FRAME_MAX], size_t *len)
{
	unsigned char head[INPUT_HEAD];
	size_t got = 0;

	while (got < sizeof(head)) {
		ssize_t n = read(fd[INPUT], head + got, sizeof(head) - got);

		if (n <= 0)
			_exit(90);
		got += (size_t)n;
	}
	*len = (size_t)head[1] << 24 | (size_t)head[2] << 16 |
	       (size_t)head[3] << 8 | head[4];
	if (*len > INPUT_FRAME_MAX)
		_exit(89);
	for (got = 0; got < *len;) {
		ssize_t n = read(fd[INPUT], buf + got, *len - got);

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
		end("V FAIL there is no input\n");
	while (read_frame(buf, &len) != INPUT_END)
		put_bytes(buf, len);
	report("PASS", "[]");
	end("V PASS exit status 0\n");
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
	end("V FAIL wc ended with exit status 1\n");
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
			end("V PASS the shell ended\n");
		}
		put_bytes(buf, len);
		if (len && buf[len - 1] == 'X')
			end("V PASS the shell ended\n");
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
	end("V PASS the shell ended\n");
}

static void no_verdict(void)
{
	boot();
	tests("K   ok 3 third\n");
}

static void garbage_verdict(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V MAYBE who knows\n");
}

static void half_line(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V PASS all is w");
}

static void garbage(void)
{
	boot();
	tests("K   ok 3 third\n");
	put(RESULT, "\x01\xff\x80garbage\nS {\"verdict\":\nO no string\n\n");
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static void no_trailer(void)
{
	char bye[64];

	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, "the rest is still on its w");
	put(RESULT, "V PASS all is well\n");
	read_line(RESULT, bye, sizeof(bye));
}

static void no_power_off(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V PASS all is well\n");
	sleep_for_ever();
}

static void no_report(void)
{
	boot();
	tests("K   ok 3 third\n");
	end("V PASS all is well\n");
}

/* A guest without the tracer, as its settings request. */
static void bare(void)
{
	boot();
	put(RESULT, "O \"hello\"\n");
	end(strstr(settings, "\"bare\":true") ?
	    "V PASS cat ended with exit status 0\n" : "V FAIL not bare\n");
}

static void bare_fails(void)
{
	boot();
	end("V FAIL cat ended with exit status 1\n");
}

static void no_tests(void)
{
	boot();
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static void panic(void)
{
	boot();
	put(TRACE, "a trace that ends in the mid");
	put(CONSOLE, "[    1.5] Kernel panic - not syncing: fake\r\n");
	sleep_for_ever();
}

static void panic_at_boot(void)
{
	put(CONSOLE, "[    0.5] Kernel panic - not syncing: VFS\r\n");
}

static void late_panic(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V PASS all is well\n");
	put(CONSOLE, "[    9.5] Kernel panic - not syncing: at the end");
}

static void splat(void)
{
	early("[    0.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	good();
}

static void allowed(void)
{
	early("[    0.5] BUG: KCSAN: data-race in a / b\r\n");
	boot();
	put(RESULT, "E ");
	put(RESULT, job);
	put(RESULT, "E ");
	put(RESULT, settings);
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static void not_allowed(void)
{
	early("[    0.5] BUG: KCSAN: data-race in a / b\r\n");
	early("[    0.6] BUG: KCSAN: data-race in a / change_pid\r\n");
	good();
}

/* KASAN's report, and the panic that panic_on_warn makes of it. */
static void warned(void)
{
	boot();
	put(CONSOLE, "[    1.4] BUG: KASAN: slab-use-after-free in fake+0x1/0x2\r\n");
	put(CONSOLE, "[    1.5] Kernel panic - not syncing: KASAN: panic_on_warn set ...\r\n");
	sleep_for_ever();
}

static void silence(void)
{
	boot();
	sleep_for_ever();
}

static void answer_sysrq(void)
{
	char key, text[128];

	put(QMP, "{\"return\": {}}\r\n");
	if (read(fd[CONSOLE], &key, 1) != 1)
		_exit(96);
	snprintf(text, sizeof(text),
		 "[    9.0] sysrq: Show what %c asks for\r\n[    9.0]  busy+0x1/0x2\r\n",
		 key);
	put(CONSOLE, text);
}

/* As silence(), but QEMU itself is alive, and the kernel takes interrupts. */
static void hang(void)
{
	char line[512];

	put(QMP, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
	boot();
	for (;;) {
		read_line(QMP, line, sizeof(line));
		if (!*line)
			return;
		if (strstr(line, "\"info registers -a\""))
			put(QMP, "{\"return\": \"CPU#0\\r\\nRIP=ffffffff81000000\\r\\n\"}\r\n");
		else if (strstr(line, "\"chardev-send-break\"") &&
			 strstr(line, "\"id\":\"console\""))
			answer_sysrq();
		else if (strstr(line, "\"qmp_capabilities\""))
			put(QMP, "{\"return\": {}}\r\n");
		else
			put(QMP, "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no\"}}\r\n");
	}
}

static void heartbeat_only(void)
{
	boot();
	put(RESULT, "P 1.0 5\n");
	for (;;) {
		usleep(100000);
		put(RESULT, "P 1.0 5\n");
	}
}

static void dead_at_boot(void)
{
	sleep_for_ever();
}

static void console_flood(void)
{
	boot();
	for (;;)
		put(CONSOLE, "[    1.0] and so on and so on and so on\r\n");
}

static void endless_line(void)
{
	static char block[65537];

	memset(block, 'K', sizeof(block) - 1);
	boot();
	for (;;)
		put(RESULT, block);
}

static void killed(void)
{
	char block[1001];

	memset(block, 't', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	boot();
	tests("K   ok 3 third\n");
	for (int i = 0; i < 100; i++)
		put(TRACE, block);
	put(RESULT, "K # last words\n");
	kill(getpid(), SIGKILL);
}

static void exit_3(void)
{
	fprintf(stderr, "fakeqemu: will not do that\n");
	_exit(3);
}

static void big_trace(void)
{
	char block[65537];

	memset(block, 't', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	boot();
	for (int i = 0; i < 64; i++)
		put(TRACE, block);
	good();
}

/* Sends invalid bytes, and half of a valid message, on each channel. */
static void garbage_on_all(void)
{
	static const char bytes[] = "\xff\xfe\x80\x1b[2J\x07{\"QMP\": [";

	boot();
	put(CONSOLE, bytes);
	put(CONSOLE, "\r\n[    1.0] half a li");
	put(TRACE, bytes);
	put(QMP, bytes);
	put(QMP, "\r\n{\"return\": {}}\r\n{\"event\": 7}\r\nnull\r\n[]\r\n{\"ret");
	tests("K   ok 3 third\n");
	put(RESULT, "K   ok 4 fo");
}

/* Discards its console output. */
static void mute(void)
{
	fd[CONSOLE] = open("/dev/null", O_WRONLY);
	good();
}

/* Reports dropped console messages. */
static void gaps(void)
{
	early("[    0.5] ** 120 printk messages dropped **\r\n");
	good();
}

/* Is killed after its first test. */
static void killed_in_tests(void)
{
	boot();
	put(RESULT, "K KTAP version 1\nK 1..3\nK ok 1 first\n");
	kill(getpid(), SIGKILL);
}

/* Each step is late, but within the limit. */
static void slow(void)
{
	int ms = atoi(getenv("FAKE_STEP_MS"));

	boot();
	put(RESULT, "K KTAP version 1\nK 1..4\n");
	for (int i = 1; i <= 4; i++) {
		char line[32];

		usleep(ms * 1000);
		snprintf(line, sizeof(line), "K ok %d step\n", i);
		put(RESULT, line);
	}
	usleep(ms * 1000);
	report("PASS", "[]");
	usleep(ms * 1000);
	end("V PASS all is well\n");
}

/* Several findings, then a pause. */
static void seen(void)
{
	boot();
	put(RESULT, "K KTAP version 1\nK 1..1\nP 1.0 1\n");
	put(RESULT, "K   KTAP version 1\nK   # Subtest: semantics\nK   1..2\n");
	put(RESULT, "K   ok 1 first\nK   not ok 2 second\n");
	put(RESULT, "R I17 the numbers differ\nR I3 so do others\n");
	usleep(atoi(getenv("FAKE_STEP_MS")) * 1000);
	put(RESULT, "K not ok 1 semantics\nP 2.0 7\n");
	report("FAIL", "[{\"rule\":\"I17\",\"count\":3,\"statement\":\"They are all the new struct pid.\"},{\"rule\":\"I3\",\"count\":1}]");
	end("V FAIL because\n");
}

/* Prints a line in two parts. */
static void slow_command(void)
{
	boot();
	put(RESULT, "O \"half a line \"\n");
	usleep(atoi(getenv("FAKE_STEP_MS")) * 1000);
	put(RESULT, "O \"and the rest\\u000a\"\n");
	report("PASS", "[]");
	end("V PASS exit status 0\n");
}

/* Makes progress without end. */
static void endless(void)
{
	boot();
	for (long i = 1;; i++) {
		char line[64];

		usleep(50000);
		snprintf(line, sizeof(line), "P %ld.0 %ld\n", i, i);
		put(RESULT, line);
	}
}

static void kvm_hang(void)
{
	if (under_kvm)
		sleep_for_ever();
	good();
}

/* A slow machine: silent for longer than the KVM probe waits. */
static void kvm_slow(void)
{
	if (under_kvm) {
		put(CONSOLE, "[    0.0] Linux version\r\n");
		sleep(11);
	}
	good();
}

static void kvm_abort(void)
{
	if (under_kvm)
		abort();
	good();
}

/* --- kernels with faults, named after their mutants --- */

static char mutant[64];		/* from the job */

/* Starts the tests of a kernel that reports the fault "is". */
static void has_mutant(const char *is)
{
	put(RESULT, "M ");
	put(RESULT, is);
	put(RESULT, "\nK KTAP version 1\nK 1..1\nP 1.0 1\n");
}

/* Reports the rule at once, and then nothing: the runner must not wait for more. */
static void by_rule(void)
{
	has_mutant(mutant);
	put(TRACE, "a trace that ends in the mid");
	put(RESULT, "R I17 the numbers differ\n");
	sleep_for_ever();
}

/* Fails a test whose name has a comma and a colon, after another failed test. */
static void by_test(void)
{
	has_mutant(mutant);
	put(RESULT, "K   KTAP version 1\nK   1..3\nK   not ok 1 not this one\n");
	put(RESULT, "K   not ok 2 refused: a thread, or more: EUSERS\n");
	sleep_for_ever();
}

static void by_splat(void)
{
	has_mutant(mutant);
	put(CONSOLE, "[    1.5] BUG: sleeping function called from invalid context at fs/dcache.c:1\r\n");
	sleep_for_ever();
}

static void by_end_of_trace(void)
{
	has_mutant(mutant);
	tests("K   ok 3 third\n");
	report("FAIL", "[{\"rule\":\"I38\",\"count\":1}]");
	end("V FAIL because\n");
}

static void missed(void)
{
	has_mutant(mutant);
	tests("K   not ok 3 third\n");
	report("FAIL", "[{\"rule\":\"I3\",\"count\":1}]");
	end("V FAIL because\n");
}

static void ignored(void)
{
	has_mutant("none");
	put(RESULT, "R I17 it must not come to this\n");
	sleep_for_ever();
}

static void crash(void)
{
	has_mutant(mutant);
	put(CONSOLE, "[    1.5] Kernel panic - not syncing: fake\r\n");
	sleep_for_ever();
}

static void hangs(void)
{
	has_mutant(mutant);
	sleep_for_ever();
}

/* Panics before the rule is reported if resumed, warns if booted. */
static void panics_resumed(void)
{
	if (incoming)
		crash();
	has_mutant(mutant);
	put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	put(RESULT, "R I17 it was lent\n");
	sleep_for_ever();
}

/* Caught with the third seed, or with widening. */
static void race(void)
{
	has_mutant(mutant);
	if (strstr(job, "\"seed\":3,") || strstr(settings, "\"widen\":true"))
		put(RESULT, "R I34 too late\n");
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static void healthy(void)
{
	has_mutant("none");
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static const struct {
	const char *name;
	void (*play)(void);
} mutants[] = {
	{ "by-rule", by_rule }, { "by-test", by_test },
	{ "by-splat", by_splat }, { "by-end", by_end_of_trace },
	{ "missed", missed }, { "ignored", ignored },
	{ "crash", crash }, { "crash-known", crash },
	{ "panics-resumed", panics_resumed },
	{ "hangs", hangs }, { "hangs-known", hangs },
	{ "race", race }, { "none", healthy }, { "boots-late", by_rule },
};

static void play_mutant(void)
{
	const char *asked;

	take_job();
	asked = strstr(job, "\"mutant\":\"");
	if (asked)
		sscanf(asked, "\"mutant\":\"%63[^\"]", mutant);
	for (size_t i = 0; i < sizeof(mutants) / sizeof(*mutants); i++) {
		if (!strcmp(mutant, mutants[i].name))
			mutants[i].play();
	}
	fprintf(stderr, "fakeqemu: no mutant \"%s\"\n", mutant);
	_exit(97);
}

/* Returns 1 for the first guest of a test. */
static int first_time(void)
{
	const char *name = getenv("FAKE_BOOTED");
	FILE *f = name && access(name, F_OK) ? fopen(name, "w") : NULL;

	if (!f)
		return 0;
	fclose(f);
	return 1;
}

/* Panics before its init at the first start only. */
static void boots_late(void)
{
	if (first_time()) {
		put(CONSOLE, "[    0.1] Kernel panic - not syncing: IO-APIC + timer doesn't work!\r\n");
		_exit(0);
	}
	play_mutant();
}

static void boots_never(void)
{
	put(CONSOLE, "[    0.1] Kernel panic - not syncing: no init\r\n");
}

/* The kernel's report of an int3; byte is the one before the mark. */
static void trap(const char *byte)
{
	boot();
	put(CONSOLE, "[    1.5] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n");
	put(CONSOLE, "[    1.5] RIP: 0010:fake+0x86/0x580\r\n");
	put(CONSOLE, "[    1.5] Code: b3 b0 00 00 00 ");
	put(CONSOLE, byte);
	put(CONSOLE, " <14> 02 00 00 48\r\n");
	put(CONSOLE, "[    1.6] Kernel panic - not syncing: Fatal exception\r\n");
	sleep_for_ever();
}

static void int3_of_emulator(void)
{
	trap("e9");
}

static void int3_of_emulator_once(void)
{
	if (incoming && first_time())
		trap("e9");
	good();
}

/* A resumed guest has a double fault, with a pointer's bits in the flags. */
static void flags_of_emulator_once(void)
{
	if (!incoming || !first_time())
		good();
	boot();
	put(CONSOLE, "[    1.5] Oops: double fault: 0000 [#1] SMP NOPTI\r\n");
	put(CONSOLE, "[    1.5] RSP: 0018:ffffc900025737c0 EFLAGS: 044b4b02\r\n");
	put(CONSOLE, "[    1.6] Kernel panic - not syncing: Fatal exception\r\n");
	sleep_for_ever();
}

static void int3_of_kernel(void)
{
	trap("cc");
}

/* The host stopped a vCPU during timer calibration: the guest would hang. */
static void no_timer(void)
{
	put(CONSOLE, "[    0.5] APIC frequency too slow, disabling apic timer\r\n");
	sleep_for_ever();
}

static void no_timer_once(void)
{
	if (first_time())
		no_timer();
	good();
}

/* Panics if resumed, not if booted. */
static void panic_resumed(void)
{
	if (incoming)
		panic();
	good();
}

static void splat_resumed(void)
{
	if (!incoming)
		good();
	boot();
	put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end("V PASS all is well\n");
}

static void killed_resumed(void)
{
	if (incoming)
		killed();
	good();
}

/* The same fault: a panic if resumed, a warning and a violation if booted. */
static void panic_then_splat(void)
{
	if (incoming)
		panic();
	put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	violation();
}

static const struct {
	const char *name;
	void (*play)(void);
} guests[] = {
	{ "panic_then_splat", panic_then_splat },
	{ "no_timer", no_timer }, { "no_timer_once", no_timer_once },
	{ "int3_of_emulator", int3_of_emulator },
	{ "int3_of_emulator_once", int3_of_emulator_once },
	{ "int3_of_kernel", int3_of_kernel },
	{ "flags_of_emulator_once", flags_of_emulator_once },
	{ "panic_resumed", panic_resumed },
	{ "splat_resumed", splat_resumed },
	{ "killed_resumed", killed_resumed },
	{ "good", good }, { "violation", violation }, { "not_ok", not_ok },
	{ "inconclusive", inconclusive }, { "command", command },
	{ "echo", echo }, { "count", count }, { "shell", shell },
	{ "idle_shell", idle_shell },
	{ "no_verdict", no_verdict }, { "garbage_verdict", garbage_verdict },
	{ "half_line", half_line }, { "garbage", garbage },
	{ "no_trailer", no_trailer }, { "no_power_off", no_power_off },
	{ "no_report", no_report }, { "no_tests", no_tests },
	{ "bare", bare }, { "bare_fails", bare_fails },
	{ "panic", panic }, { "panic_at_boot", panic_at_boot },
	{ "late_panic", late_panic }, { "splat", splat },
	{ "allowed", allowed }, { "not_allowed", not_allowed },
	{ "warned", warned },
	{ "silence", silence }, { "hang", hang },
	{ "heartbeat_only", heartbeat_only },
	{ "dead_at_boot", dead_at_boot }, { "console_flood", console_flood },
	{ "endless_line", endless_line }, { "killed", killed },
	{ "exit_3", exit_3 }, { "big_trace", big_trace },
	{ "kvm_abort", kvm_abort }, { "kvm_hang", kvm_hang },
	{ "kvm_slow", kvm_slow },
	{ "garbage_on_all", garbage_on_all }, { "slow", slow },
	{ "endless", endless }, { "seen", seen }, { "slow_command", slow_command }, { "mute", mute }, { "gaps", gaps },
	{ "killed_in_tests", killed_in_tests }, { "mutants", play_mutant },
	{ "boots_late", boots_late }, { "boots_never", boots_never },
};

static void take_ram(const char *arg)
{
	if (sscanf(arg, "memory-backend-file,id=ram,size=%ldM,mem-path=%4095[^,]",
		   &ram_mib, ram) != 2)
		*ram = '\0';
}

/* Creates the memory file, as QEMU does. */
static void make_ram(void)
{
	int file = open(ram, O_RDWR | O_CREAT, 0600);

	if (file < 0 || ftruncate(file, ram_mib << 20))
		_exit(92);
	close(file);
}

static void take_chardev(const char *arg)
{
	char id[32];
	int n;

	if (sscanf(arg, "socket,id=%31[^,],fd=%d", id, &n) != 2)
		return;
	for (int i = 0; i < CHANNELS; i++) {
		if (!strcmp(id, names[i]))
			fd[i] = n;
	}
}

int main(int argc, char **argv)
{
	const char *guest = getenv("FAKE_GUEST");
	const char *pidfile = getenv("FAKE_PIDFILE");

	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-chardev"))
			take_chardev(argv[i + 1]);
		if (!strcmp(argv[i], "-accel"))
			under_kvm = !strncmp(argv[i + 1], "kvm", 3);
		if (!strcmp(argv[i], "-object"))
			take_ram(argv[i + 1]);
		if (!strcmp(argv[i], "-incoming"))
			incoming = 1;
	}
	if (*ram)
		make_ram();
	if (pidfile) {
		FILE *f = fopen(pidfile, "w");

		if (f) {
			fprintf(f, "%d\n", (int)getpid());
			fclose(f);
		}
	}
	for (size_t i = 0; guest && i < sizeof(guests) / sizeof(*guests); i++) {
		if (!strcmp(guest, guests[i].name)) {
			guests[i].play();
			return 0;
		}
	}
	fprintf(stderr, "fakeqemu: no guest \"%s\"\n", guest ? guest : "");
	return 97;
}
