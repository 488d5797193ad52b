// SPDX-License-Identifier: GPL-2.0-only
/*
 * report_tests.c - the result as a list of tests: KTAP and JUnit XML.
 *
 * Each rule is a test. What is not about one rule (loss, hooks, a trace cut
 * short) is a last test, "evidence", which fails unless the verdict is PASS
 * but for the rules: so a reader that knows tests only sees INCONCLUSIVE too.
 */
#include <stdlib.h>
#include <string.h>
#include "report.h"
#include "rules.h"

enum test { TEST_OK, TEST_FAILED, TEST_SKIPPED };

static enum test test_of(const struct judge_rule *r)
{
	switch (r->state) {
	case RULE_OK:
		return TEST_OK;
	case RULE_VIOLATED:
	case RULE_UNAVAILABLE:
		return TEST_FAILED;
	default:
		return TEST_SKIPPED;
	}
}

static bool has_evidence(const struct judge_result *r)
{
	size_t violated = 0;

	for (size_t i = 0; i < r->nrules; i++)
		violated += r->rules[i].state == RULE_VIOLATED;
	return r->nreasons == violated;
}

/* Each line of a text as a diagnostic of its own. */
static void diagnose(FILE *out, const char *text)
{
	while (text && *text) {
		int n = (int)strcspn(text, "\n");

		fprintf(out, "# %.*s\n", n, text);
		text += n + (text[n] == '\n');
	}
}

void report__ktap(const struct judge_result *r, FILE *out)
{
	fprintf(out, "KTAP version 1\n1..%zu\n", r->nrules + 1);
	for (size_t i = 0; i < r->nrules; i++) {
		const struct judge_rule *jr = &r->rules[i];
		enum test t = test_of(jr);

		if (t == TEST_FAILED)
			diagnose(out, jr->text ? jr->text :
				 rule_state__name(jr->state));
		fprintf(out, "%sok %zu %s", t == TEST_FAILED ? "not " : "",
			i + 1, jr->rule->id);
		if (t == TEST_SKIPPED)
			fprintf(out, " # SKIP %s", rule_state__name(jr->state));
		fputc('\n', out);
	}
	for (size_t i = 0; i < r->nreasons; i++)
		diagnose(out, r->reasons[i]);
	fprintf(out, "%sok %zu evidence\n", has_evidence(r) ? "" : "not ",
		r->nrules + 1);
}

/* XML 1.0 has no way to write most control characters. */
static void xml(FILE *out, const char *s)
{
	for (; s && *s; s++) {
		unsigned char c = *s;

		if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '&')
			fputs("&amp;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if ((c < 0x20 && c != '\n' && c != '\t') || c >= 0x7f)
			fputc('?', out);
		else
			fputc(c, out);
	}
}

static void xml_case(FILE *out, const char *name, const char *element,
		     const char *message, const char *text)
{
	fprintf(out, "    <testcase classname=\"pidnstrace\" name=\"%s\"",
		name);
	if (!element) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n      <%s message=\"", element);
	xml(out, message);
	fputs("\">", out);
	xml(out, text);
	fprintf(out, "</%s>\n    </testcase>\n", element);
}

static void xml_evidence(const struct judge_result *r, FILE *out)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if (has_evidence(r)) {
		xml_case(out, "evidence", NULL, NULL, NULL);
		return;
	}
	f = open_memstream(&text, &len);
	for (size_t i = 0; f && i < r->nreasons; i++)
		fprintf(f, "%s\n", r->reasons[i]);
	if (f)
		fclose(f);
	xml_case(out, "evidence", "failure", verdict__name(r->verdict), text);
	free(text);
}

void report__junit(const struct judge_result *r, FILE *out)
{
	static const char *const elements[] = {
		[TEST_OK] = NULL,
		[TEST_FAILED] = "failure",
		[TEST_SKIPPED] = "skipped",
	};
	size_t n[3] = { 0 };

	for (size_t i = 0; i < r->nrules; i++)
		n[test_of(&r->rules[i])]++;
	n[TEST_FAILED] += !has_evidence(r);
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		"  <testsuite name=\"pidnstrace verify\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
		r->nrules + 1, n[TEST_FAILED], n[TEST_SKIPPED]);
	for (size_t i = 0; i < r->nrules; i++) {
		const struct judge_rule *jr = &r->rules[i];

		xml_case(out, jr->rule->id, elements[test_of(jr)],
			 rule_state__name(jr->state), jr->text);
	}
	xml_evidence(r, out);
	fputs("  </testsuite>\n</testsuites>\n", out);
}
