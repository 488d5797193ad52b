// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU without a machine: takes QEMU's arguments and plays, on the channels that they
 * name, the guest that $FAKE_GUEST selects. Tests the runner with guests that no real
 * kernel would play on demand. Writes its pid to $FAKE_PIDFILE, if set.
 */
#include "vmtest_fakeqemu.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"

int channels[CHANNELS] = { -1, -1, -1, -1, -1 };
bool incoming;
char settings[65536], job[65536];
char ram[4096];

static const char *const channel_names[CHANNELS] = {
	"console", "result", "trace", "qmp", "input",
};
static bool under_kvm;
static long ram_mib;

static const struct fake_guest *const tables[] = {
	verdict_guests, kernel_guests, command_guests, host_guests, mutant_guests,
};

void put(int channel, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(channels[channel], text, len);

		if (n <= 0)
			_exit(99);
		text += n;
		len -= (size_t)n;
	}
}

void read_line(int channel, char *buf, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && read(channels[channel], buf + len, 1) == 1) {
		if (buf[len++] == '\n')
			break;
	}
	buf[len] = '\0';
}

/* --- snapshots --- */

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

void migrate(void)
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

/* Returns whether this is the first guest of a test. */
static bool first_time(void)
{
	const char *name = getenv("FAKE_BOOTED");
	FILE *f = name && access(name, F_OK) ? fopen(name, "w") : NULL;

	return f && !fclose(f);
}

static void play_if(bool condition, const char *guest)
{
	if (condition)
		play(guest);
}

static void take_step(const struct fake_step *s)
{
	switch (s->kind) {
	case STEP_SEND:
		return put(s->channel, s->text);
	case STEP_CALL:
		return s->call();
	case STEP_EARLY:
		if (!incoming)
			put(CONSOLE, s->text);
		return;
	case STEP_TESTS:
		return tests(s->text);
	case STEP_REPORT:
		return report(s->text, s->violations);
	case STEP_END:
		return end_with(s->text);
	case STEP_PLAY:
		return play(s->text);
	case STEP_IF_KVM:
		return play_if(under_kvm, s->text);
	case STEP_IF_RESUMED:
		return play_if(incoming, s->text);
	case STEP_IF_FIRST:
		return play_if(first_time(), s->text);
	case STEP_IF_FIRST_RESUMED:
		return play_if(incoming && first_time(), s->text);
	}
}

void play(const char *guest)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (const struct fake_guest *g = tables[i]; g->name; g++) {
			if (strcmp(guest, g->name))
				continue;
			for (const struct fake_step *s = g->steps; s->kind; s++)
				take_step(s);
			exit(0);
		}
	}
	fprintf(stderr, "fakeqemu: no guest \"%s\"\n", guest);
	exit(97);
}

/* --- the command line --- */

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
		if (!strcmp(id, channel_names[i]))
			channels[i] = n;
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
			incoming = true;
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
	play(guest ? guest : "");
}
