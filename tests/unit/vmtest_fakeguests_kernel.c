// SPDX-License-Identifier: GPL-2.0-only
/* Guests that differ in what their kernel prints: a panic, splats, or too much. */
#include "vmtest_fakeqemu.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

static void answer_sysrq(void)
{
	char key, text[128];

	put(QMP, "{\"return\": {}}\r\n");
	if (read(channels[CONSOLE], &key, 1) != 1)
		_exit(96);
	snprintf(text, sizeof(text),
		 "[    9.0] sysrq: Show what %c asks for\r\n[    9.0]  busy+0x1/0x2\r\n",
		 key);
	put(CONSOLE, text);
}

/* As silence, but QEMU itself is alive, and the kernel takes interrupts. */
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

static void flood_console(void)
{
	for (;;)
		put(CONSOLE, "[    1.0] and so on and so on and so on\r\n");
}

static void mute(void)
{
	channels[CONSOLE] = open("/dev/null", O_WRONLY);
}

static void send_job_and_settings(void)
{
	put(RESULT, "E ");
	put(RESULT, job);
	put(RESULT, "E ");
	put(RESULT, settings);
}

/* The panic is a program's: init lives on. */
static void live_on(void)
{
	for (int i = 0; i < 25; i++) {
		usleep(100000);
		put(RESULT, "P 1.0 5\n");
	}
}

#define ON_CONSOLE(text) SEND(CONSOLE, "[    1.500000] " text "\r\n")
#define IN_LOG(priority, text) SEND(RESULT, "L " priority ",1,1500000,-;" text "\n")
/* The line that init writes to both at the end. */
#define END_MARK \
	SEND(CONSOLE, "[    2.000000] the end\r\n"), \
	SEND(RESULT, "L 14,2,2000000,-;the end\n")
#define WARNED "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1"

#define RACE(functions) "[    0.5] BUG: KCSAN: data-race in " functions "\r\n"

const struct fake_guest kernel_guests[] = {
	{ "panic", { BOOT, SEND(TRACE, "a trace that ends in the mid"),
		     SEND(CONSOLE, PANIC), SLEEP } },
	{ "panic_at_boot", {
		SEND(CONSOLE, "[    0.5] Kernel panic - not syncing: VFS\r\n") } },
	{ "late_panic", {
		BOOT, TESTS(THIRD_OK), PASS_REPORT,
		SEND(TRACE, TRACE_TRAILER), SEND(RESULT, WELL),
		SEND(CONSOLE, "[    9.5] Kernel panic - not syncing: at the end") } },
	{ "splat", { EARLY(WARNING), PLAY("good") } },
	{ "splat_and_rule", {
		BOOT, SEND(CONSOLE, WARNING), TESTS(THIRD_OK),
		REPORT("FAIL", "[{\"rule\":\"I17\",\"count\":3},{\"rule\":\"I40\",\"count\":1}]"),
		END("V FAIL because\n") } },
	/* The rule that the kernel reports nothing. */
	{ "splat_alone", {
		BOOT, SEND(CONSOLE, WARNING), TESTS(THIRD_OK),
		REPORT("FAIL", "[{\"rule\":\"I40\",\"count\":1}]"),
		END("V FAIL because\n") } },
	/* A program has begun a line when the kernel prints its own. */
	{ "glued", { EARLY("Loading 57% [    1.500000] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n"),
		     PLAY("good") } },
	{ "allowed", { EARLY(RACE("a / b")), BOOT,
		       CALL(send_job_and_settings), PASSES } },
	{ "not_allowed", { EARLY(RACE("a / b")), EARLY(RACE("a / change_pid")),
			   PLAY("good") } },
	/* KASAN's report, and the panic that panic_on_warn makes of it. */
	{ "warned", {
		BOOT,
		SEND(CONSOLE, "[    1.4] BUG: KASAN: slab-use-after-free in fake+0x1/0x2\r\n"
			      "[    1.5] Kernel panic - not syncing: KASAN: panic_on_warn set ...\r\n"),
		SLEEP } },
	{ "hang", { CALL(hang) } },
	{ "console_flood", { BOOT, CALL(flood_console) } },
	/* Discards its console output. */
	{ "mute", { CALL(mute), PLAY("good") } },
	/* The loglevel keeps the warning off the console. */
	{ "hidden", { BOOT, IN_LOG("4", WARNED), PASSES } },
	{ "in_both", { BOOT, ON_CONSOLE(WARNED), IN_LOG("4", WARNED), END_MARK, PASSES } },
	/* A program writes to /dev/kmsg, which is the facility 1, or to /dev/console. */
	{ "users_warning", { BOOT, ON_CONSOLE(WARNED), IN_LOG("12", WARNED), END_MARK,
			     PASSES } },
	{ "users_panic", { BOOT, ON_CONSOLE("Kernel panic - not syncing: no"),
			   IN_LOG("8", "Kernel panic - not syncing: no"), CALL(live_on),
			   END_MARK, PASSES } },
	{ "users_console", { BOOT, SEND(CONSOLE, "a[99999.000000] " WARNED "\r\n"),
			     IN_LOG("6", "fine"), END_MARK, PASSES } },
	/* After the log's end, the console counts. */
	{ "late_warning", { BOOT, IN_LOG("6", "fine"), END_MARK, ON_CONSOLE(WARNED),
			    PASSES } },
	{ "log_gap", { BOOT, SEND(RESULT, "L 6,8,1,-;fine\n"), PASSES } },
	/* In a gap, the console is what is known. */
	{ "gap_warning", { BOOT, ON_CONSOLE(WARNED), SEND(RESULT, "L 6,8,1,-;fine\n"),
			   PASSES } },
	{ "no_log", { BOOT, SEND(RESULT, "L # /dev/kmsg: Operation not permitted\n"),
		      PASSES } },
	{ "garbage_log", { BOOT, SEND(RESULT, "L 6,fine\n"), PASSES } },
	{ "dropped", { BOOT, SEND(CONSOLE, "** 120 printk messages dropped **\r\n"),
		       IN_LOG("6", "fine"), END_MARK, PASSES } },
	/* Reports dropped console messages. */
	{ "gaps", { EARLY("[    0.5] ** 120 printk messages dropped **\r\n"),
		    PLAY("good") } },
	{ NULL, { SLEEP } },
};
