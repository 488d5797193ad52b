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
	/* Reports dropped console messages. */
	{ "gaps", { EARLY("[    0.5] ** 120 printk messages dropped **\r\n"),
		    PLAY("good") } },
	{ NULL, { SLEEP } },
};
