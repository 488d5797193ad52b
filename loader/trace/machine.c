// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and shows the name and the clocks of a machine. A machine is recognised by the
 * id that its kernel draws at each boot: a guest has another one than its host.
 *
 * Bad at: a clock that is set, or a machine that is suspended, during the run. The wall
 * clock is computed from one reading at the start.
 */
#include "loader/trace/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "lib/memory.h"
#include "loader/lib/buf.h"
#include "loader/lib/json_text.h"

#define NSEC_PER_SEC 1000000000ull
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void read_boot_id(char *id, size_t size)
{
	FILE *f = fopen(BOOT_ID_FILE, "re");

	*id = '\0';
	if (!f)
		return;
	if (fgets(id, (int)size, f))
		id[strcspn(id, "\n")] = '\0';
	fclose(f);
}

void machine__fill(struct wire_meta_machine *m)
{
	struct utsname u;

	m->monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	m->realtime_ns = clock_ns(CLOCK_REALTIME);
	m->boottime_ns = clock_ns(CLOCK_BOOTTIME);
	read_boot_id(m->boot_id, sizeof(m->boot_id));
	if (uname(&u))
		return;
	snprintf(m->node, sizeof(m->node), "%.63s", u.nodename);
	snprintf(m->release, sizeof(m->release), "%.63s", u.release);
}

bool machine__is_here(const struct wire_meta_machine *m)
{
	char id[sizeof(m->boot_id)];

	read_boot_id(id, sizeof(id));
	return *id && !strncmp(id, m->boot_id, sizeof(id));
}

const char *machine__text(const struct wire_meta_machine *m, char *text)
{
	struct buf b = { 0 };

	buf__escaped(&b, m->node, sizeof(m->node));
	buf__lit(&b, ", Linux ");
	buf__escaped(&b, m->release, sizeof(m->release));
	buf__str(&b, machine__is_here(m) ? ", this machine" :
		 ", another machine or an earlier boot");
	buf__char(&b, '\0');
	snprintf(text, MACHINE_TEXT, "%s", b.bytes);
	buf__free(&b);
	return text;
}

uint64_t machine__wall(const struct wire_meta_machine *m, uint64_t monotonic_ns)
{
	return monotonic_ns + (m->realtime_ns - m->monotonic_ns);
}

json_t *machine__json(const struct wire_meta_machine *m)
{
	char wall[WALL_TEXT];

	return json_pack("{s:o, s:o, s:o, s:b, s:s, s:f, s:f}",
		"node", json_text__of_bytes(m->node, sizeof(m->node)),
		"release", json_text__of_bytes(m->release, sizeof(m->release)),
		"boot_id", json_text__of_bytes(m->boot_id, sizeof(m->boot_id)),
		"here", machine__is_here(m),
		"wall", wall__utc(m->realtime_ns, wall),
		"monotonic", (double)m->monotonic_ns / NSEC_PER_SEC,
		"boottime", (double)m->boottime_ns / NSEC_PER_SEC);
}

static const char *wall_text(const struct tm *tm, const char *format,
			     uint64_t ns, const char *zone, char *text)
{
	size_t n = tm ? strftime(text, WALL_TEXT, format, tm) : 0;

	snprintf(text + n, WALL_TEXT - n, n ? ".%06u%s" : "?",
		 (unsigned int)(ns / 1000 % 1000000), zone);
	return text;
}

const char *wall__utc(uint64_t realtime_ns, char text[WALL_TEXT])
{
	time_t seconds = (time_t)(realtime_ns / NSEC_PER_SEC);
	struct tm tm;

	return wall_text(gmtime_r(&seconds, &tm), "%Y-%m-%dT%H:%M:%S",
			 realtime_ns, "Z", text);
}

const char *wall__local(uint64_t realtime_ns, char text[WALL_TEXT])
{
	time_t seconds = (time_t)(realtime_ns / NSEC_PER_SEC);
	struct tm tm;

	return wall_text(localtime_r(&seconds, &tm), "%Y-%m-%d %H:%M:%S",
			 realtime_ns, "", text);
}
