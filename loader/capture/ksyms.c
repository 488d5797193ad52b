// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds names for kernel addresses in /proc/kallsyms.
 *
 * Only text symbols are kept, sorted by address, with the names in one pool. Reading
 * the 250,000 symbols of a distribution's kernel takes a fraction of a second and some
 * 10 MB, so the file is read at the first stack seen, not at the start.
 *
 * Bad at: an address in a module that was loaded after the reading. The address gets
 * the name of the symbol before it plus a large offset.
 */
#include "loader/capture/ksyms.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

struct ksym {
	uint64_t address;
	uint32_t name;		/* offset into the pool */
};

struct ksyms {
	struct ksym *syms;
	size_t count, room;
	char *pool;
	size_t used, pool_room;
	bool restricted;	/* every address was zero so far */
};

static void ksyms__add(struct ksyms *s, uint64_t address, const char *name,
		      size_t len)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 1 << 14;
		s->syms = xrealloc(s->syms, s->room * sizeof(*s->syms));
	}
	if (s->used + len + 1 > s->pool_room) {
		s->pool_room = (s->pool_room ? s->pool_room * 2 : 1 << 18) + len;
		s->pool = xrealloc(s->pool, s->pool_room);
	}
	s->syms[s->count++] = (struct ksym) { address, s->used };
	memcpy(s->pool + s->used, name, len);
	s->pool[s->used + len] = '\0';
	s->used += len + 1;
}

/* Parses "ffffffff81000000 T _text"; a module's symbol has "\t[name]" after it. */
static int ksyms__add_line(struct ksyms *s, const char *line)
{
	const char *name;
	uint64_t address;
	char *end, type;

	if (!isxdigit((unsigned char)*line))
		return -EINVAL;
	errno = 0;
	address = strtoull(line, &end, 16);
	if (errno || end[0] != ' ' || !end[1] || end[2] != ' ')
		return -EINVAL;
	type = end[1];
	name = end + 3;
	if (!*name || *name == '\n')
		return -EINVAL;
	if (address)
		s->restricted = false;
	if (!address || !strchr("tTwW", type))
		return 0;
	ksyms__add(s, address, name, strcspn(name, "\t\n"));
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct ksym *l = a, *r = b;

	if (l->address != r->address)
		return l->address < r->address ? -1 : 1;
	return l->name < r->name ? -1 : l->name > r->name;
}

struct ksyms *ksyms__read(FILE *file)
{
	struct ksyms *s = xcalloc(1, sizeof(*s));
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	s->restricted = true;
	while (!err && getline(&line, &room, file) > 0)
		err = ksyms__add_line(s, line);
	if (!err && ferror(file))
		err = -EIO;
	if (!err && s->restricted)
		err = -EPERM;
	free(line);
	if (err) {
		ksyms__free(s);
		errno = -err;
		return NULL;
	}
	qsort(s->syms, s->count, sizeof(*s->syms), by_address);
	return s;
}

void ksyms__free(struct ksyms *s)
{
	if (!s)
		return;
	free(s->syms);
	free(s->pool);
	free(s);
}

size_t ksyms__count(const struct ksyms *s)
{
	return s->count;
}

int ksyms__name(const struct ksyms *s, uint64_t address, char *name,
		size_t size)
{
	size_t low = 0, high = s->count;

	/* the first symbol above @address is at high */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->syms[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!high)
		return -ENOENT;
	/* if several symbols have this address, take the first */
	for (high--; high && s->syms[high - 1].address ==
			     s->syms[high].address; high--)
		;
	snprintf(name, size, "%s+0x%" PRIx64, s->pool + s->syms[high].name,
		 address - s->syms[high].address);
	return 0;
}
