// SPDX-License-Identifier: GPL-2.0-only
/* Collects findings without duplicates, and matches them against catchers. */
#include "vmtest/triage/finding.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/escape.h"
#include "vmtest/lib/util.h"

/* A broken kernel may fail all tests, and print warnings without end. */
#define FINDINGS_MAX 1000

static const struct {
	const char *word;
	bool text;		/* a colon and a text may follow */
	bool needs_text;	/* an empty text is refused */
} kinds[FINDING_NR] = {
	[FINDING_RULE] = { "rule", false, false },
	[FINDING_TEST] = { "test", true, true },
	[FINDING_SPLAT] = { "splat", true, false },
	[FINDING_PANIC] = { "panic", true, false },
	[FINDING_HANG] = { "hang", false, false },
};

const struct finding *findings__add(struct findings *f, enum finding_kind kind,
				    const char *text, double at_s)
{
	auto_free char *line = escape__line(text);

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind == kind && !strcmp(f->v[i].text, line))
			return NULL;
	}
	if (f->n == FINDINGS_MAX)
		return NULL;
	f->v = xrealloc(f->v, (f->n + 1) * sizeof(*f->v));
	f->v[f->n] = (struct finding){ kind, xstrdup(line), at_s };
	return &f->v[f->n++];
}

void findings__join(struct findings *f, const struct findings *from,
		    double later_s)
{
	for (size_t i = 0; i < from->n; i++)
		findings__add(f, from->v[i].kind, from->v[i].text,
			      from->v[i].at_s + later_s);
}

void findings__retain(struct findings *f,
		      bool (*keep)(void *ctx, const struct finding *f), void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (keep(ctx, &f->v[i]))
			f->v[n++] = f->v[i];
		else
			free(f->v[i].text);
	}
	f->n = n;
}

void findings__free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].text);
	free(f->v);
	memset(f, 0, sizeof(*f));
}

char *finding__name(const struct finding *f)
{
	if (f->kind == FINDING_RULE)
		return xstrdup(f->text);
	if (!kinds[f->kind].text)
		return xstrdup(kinds[f->kind].word);
	return xasprintf("%s: %s", kinds[f->kind].word, f->text);
}

static bool is_rule(const char *word)
{
	return word[0] == 'I' && isdigit((unsigned char)word[1]) &&
	       !word[1 + strspn(word + 1, "0123456789")];
}

static int parse(struct catcher *c, const char *word)
{
	size_t n = strcspn(word, ":"), len;
	const char *text = word[n] ? word + n + 1 : "";

	if (is_rule(word)) {
		*c = (struct catcher){ .kind = FINDING_RULE, .text = xstrdup(word) };
		return 0;
	}
	if (!strcmp(word, CATCHER_ANY)) {
		*c = (struct catcher){ .kind = FINDING_NR, .text = xstrdup(""), .any = true };
		return 0;
	}
	for (int k = FINDING_TEST; k < FINDING_NR; k++) {
		if (strlen(kinds[k].word) != n ||
		    strncmp(kinds[k].word, word, n))
			continue;
		if (*text ? !kinds[k].text : word[n] || kinds[k].needs_text)
			return -EINVAL;
		*c = (struct catcher){ .kind = (enum finding_kind)k, .text = xstrdup(text) };
		len = strlen(c->text);
		if (k == FINDING_TEST && c->text[len - 1] == '*') {
			c->text[len - 1] = '\0';
			c->prefix = true;
		}
		return 0;
	}
	return -EINVAL;
}

int catchers__add(struct catchers *cs, const char *word)
{
	struct catcher c;

	if (parse(&c, word))
		return -EINVAL;
	cs->v = xrealloc(cs->v, (cs->n + 1) * sizeof(*cs->v));
	cs->v[cs->n++] = c;
	return 0;
}

void catchers__free(struct catchers *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		free(cs->v[i].text);
	free(cs->v);
	memset(cs, 0, sizeof(*cs));
}

char *catcher__name(const struct catcher *c)
{
	const struct finding f = { c->kind, c->text, 0 };
	auto_free char *name = NULL;

	if (c->any)
		return xstrdup(CATCHER_ANY);
	name = finding__name(&f);
	return xasprintf("%s%s", name, c->prefix ? "*" : "");
}

bool catcher__names_fault(const struct catcher *c)
{
	return !c->any && (c->kind == FINDING_RULE || c->kind == FINDING_TEST ||
			   (c->kind == FINDING_SPLAT && *c->text));
}

bool catchers__take_any(const struct catchers *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (cs->v[i].any)
			return true;
	}
	return false;
}

static bool fits(const struct catcher *c, const struct finding *f)
{
	if (c->any)
		return true;
	if (c->kind != f->kind)
		return false;
	switch (f->kind) {
	case FINDING_RULE:
		return !strcmp(c->text, f->text);
	case FINDING_TEST:
		return c->prefix ? !strncmp(c->text, f->text, strlen(c->text)) :
				   !strcmp(c->text, f->text);
	default:
		return strstr(f->text, c->text) != NULL;
	}
}

bool catchers__fit(const struct catchers *cs, const struct finding *f)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (fits(&cs->v[i], f))
			return true;
	}
	return false;
}
