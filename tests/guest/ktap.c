// SPDX-License-Identifier: GPL-2.0-only
/* Writes KTAP and flushes each line. Format: Documentation/dev-tools/ktap.rst. */
#include "ktap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void ktap__begin(struct ktap *k, FILE *out, unsigned int planned)
{
	memset(k, 0, sizeof(*k));
	k->out = out;
	k->planned = planned;
	fprintf(out, "KTAP version 1\n1..%u\n", planned);
	fflush(out);
}

/* Number of results written so far. */
static unsigned int done(const struct ktap *k)
{
	return k->ok + k->not_ok + k->skipped;
}

void ktap__ok(struct ktap *k, const char *name)
{
	k->ok++;
	fprintf(k->out, "ok %u %s\n", done(k), name);
	fflush(k->out);
}

void ktap__not_ok(struct ktap *k, const char *name)
{
	k->not_ok++;
	fprintf(k->out, "not ok %u %s\n", done(k), name);
	fflush(k->out);
}

void ktap__skip(struct ktap *k, const char *name, const char *why)
{
	k->skipped++;
	fprintf(k->out, "ok %u %s # SKIP %s\n", done(k), name, why);
	fflush(k->out);
}

void ktap__note(struct ktap *k, const char *fmt, ...)
{
	char *text = NULL, *line, *next;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text) {
		fputs("# (no memory for a diagnostic)\n", k->out);
		return;
	}
	for (line = text; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		fprintf(k->out, "# %s\n", line);
	}
	fflush(k->out);
	free(text);
}

int ktap__end(struct ktap *k)
{
	if (done(k) != k->planned)
		ktap__note(k, "planned %u results, wrote %u", k->planned,
			   done(k));
	ktap__note(k, "Totals: pass:%u fail:%u skip:%u", k->ok, k->not_ok,
		   k->skipped);
	return done(k) != k->planned || k->not_ok || !k->ok;
}
