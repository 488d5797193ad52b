// SPDX-License-Identifier: GPL-2.0-only
/* Parses the lines of the result port by their tags. */
#include "vmtest/run/result_port.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "vmtest/lib/util.h"
#include "vmtest/wire/protocol.h"

#define GARBAGE_SHOWN 32	/* bytes of a line in a reason */

static enum result_line garbage(struct result_port *r, const char *line, size_t len,
				const char *what)
{
	char shown[ESCAPED_SIZE(GARBAGE_SHOWN)];

	escape__bytes(shown, line, len < GARBAGE_SHOWN ? len : GARBAGE_SHOWN);
	if (!r->garbage++)
		snprintf(r->first_garbage, sizeof(r->first_garbage),
			 "%s: \"%s\"", what, shown);
	return RESULT_GARBAGE;
}

static enum result_line take_progress(struct result_port *r, const char *line,
				      size_t len, const char *rest)
{
	const char *space = strchr(rest, ' ');
	uint64_t counter;
	bool moved;

	if (!space || parse_u64(space + 1, 0, UINT64_MAX, &counter))
		return garbage(r, line, len, "not a progress line");
	moved = !r->counter_known || counter != r->counter;
	r->counter = counter;
	r->counter_known = true;
	return moved ? RESULT_PROGRESS : RESULT_HEARTBEAT;
}

static enum result_line take_verify(struct result_port *r, const char *line,
				    size_t len, const char *rest,
				    size_t rest_len)
{
	char why[64];

	if (r->verified)
		return garbage(r, line, len, "a second report");
	if (verify_report__parse(&r->judged, rest, rest_len, why, sizeof(why)))
		return garbage(r, line, len, why);
	r->verified = true;
	return RESULT_VERIFY;
}

static enum result_line take_verdict(struct result_port *r, char *line, size_t len,
				     char *rest)
{
	size_t word = strcspn(rest, " ");
	char name[16];

	if (r->ended)
		return garbage(r, line, len, "a second verdict");
	snprintf(name, sizeof(name), "%.*s", (int)word, rest);
	if (word >= sizeof(name) || verdict__parse(name, &r->verdict) ||
	    (r->verdict != VERDICT_PASS && r->verdict != VERDICT_FAIL &&
	     r->verdict != VERDICT_INCONCLUSIVE))
		return garbage(r, line, len, "not a verdict");
	r->reason = xstrdup(rest[word] ? rest + word + 1 : "");
	r->ended = true;
	return RESULT_ENDED;
}

/* A code point below 256 takes one or two bytes in UTF-8. */
bool result_port__decode(char *text, size_t *len)
{
	json_t *s = json_loadb(text, *len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
			       NULL);
	const unsigned char *u = (const unsigned char *)json_string_value(s);
	size_t n = json_string_length(s), out = 0;
	bool good = json_is_string(s);

	for (size_t i = 0; good && i < n; i++) {
		unsigned int c = u[i];

		if (c >= 0x80) {
			good = (c & 0xfc) == 0xc0 && i + 1 < n;
			if (good)
				c = (c & 3) << 6 | (u[++i] & 0x3f);
		}
		text[out++] = (char)c;
	}
	json_decref(s);
	*len = out;
	return good;
}

enum result_line result_port__line(struct result_port *r, char *line, size_t len,
			      char **rest, size_t *rest_len)
{
	*rest = line;
	*rest_len = len;
	if (!r->release) {
		if (strncmp(line, HELLO, strlen(HELLO)))
			return garbage(r, line, len, "not a HELLO line");
		r->release = xstrdup(line + strlen(HELLO));
		return RESULT_HELLO;
	}
	if (len < 2 || line[1] != ' ')
		return garbage(r, line, len, "no tag");
	*rest = line + 2;
	*rest_len = len - 2;
	switch (line[0]) {
	case TAG_KTAP:
		ktap__line(&r->ktap, *rest);
		return RESULT_KTAP;
	case TAG_REPORT:
		ktap__line(&r->rules, *rest);
		return RESULT_REPORT;
	case TAG_OUTPUT:
		if (!result_port__decode(*rest, rest_len))
			return garbage(r, line, len, "not a JSON string");
		return RESULT_OUTPUT;
	case TAG_LOG:
		return RESULT_LOG;
	case TAG_KERNEL:
		return RESULT_KERNEL;
	case TAG_RULE:
		return RESULT_RULE;
	case TAG_WAITING:
		return RESULT_WAITING;
	case TAG_MUTANT:
		if (r->mutant)
			return garbage(r, line, len, "a second mutant");
		r->mutant = xstrdup(*rest);
		return RESULT_MUTANT;
	case TAG_PROGRESS:
		return take_progress(r, line, len, *rest);
	case TAG_COUNTS:
		return RESULT_COUNTS;
	case TAG_VERIFY:
		return take_verify(r, line, len, *rest, *rest_len);
	case TAG_VERDICT:
		return take_verdict(r, line, len, *rest);
	}
	return garbage(r, line, len, "unknown tag");
}

enum result_line result_port__refuse(struct result_port *r, const char *line, size_t len)
{
	return garbage(r, line, len, "not a record of the kernel's log");
}

void result_port__free(struct result_port *r)
{
	ktap__free(&r->ktap);
	ktap__free(&r->rules);
	free(r->release);
	free(r->mutant);
	free(r->reason);
	verify_report__free(&r->judged);
	memset(r, 0, sizeof(*r));
}
