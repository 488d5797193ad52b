// SPDX-License-Identifier: GPL-2.0-only
/* Guests that differ in what their kernel prints: a panic, splats, or too much. */
#include "vmtest_fakeqemu.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

void panic(void)
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
	end_with("V PASS all is well\n");
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

static void console_flood(void)
{
	boot();
	for (;;)
		put(CONSOLE, "[    1.0] and so on and so on and so on\r\n");
}

/* Discards its console output. */
static void mute(void)
{
	channels[CONSOLE] = open("/dev/null", O_WRONLY);
	good();
}

/* Reports dropped console messages. */
static void gaps(void)
{
	early("[    0.5] ** 120 printk messages dropped **\r\n");
	good();
}

const struct fake_guest kernel_guests[] = {
	{ "panic", panic }, { "panic_at_boot", panic_at_boot },
	{ "late_panic", late_panic }, { "splat", splat }, { "allowed", allowed },
	{ "not_allowed", not_allowed }, { "warned", warned }, { "hang", hang },
	{ "console_flood", console_flood }, { "mute", mute }, { "gaps", gaps },
	{ NULL, NULL },
};
