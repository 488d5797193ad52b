// SPDX-License-Identifier: GPL-2.0-only
/* Has a table of hostile bytes, and the forms that a text takes in the formats. */
#include "hostile.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/memory.h"

const struct hostile hostile[] = {
	{ "ordinary", "kworker/0:1zq", NULL, NULL },
	{ "UTF-8", "h\303\251 \346\227\245zq", NULL, NULL },
	{ "title of the window", "\033]0;zq\007", "\\x1b]0;zq\\x07", "\"\\x1b]0;zq\\x07\"" },
	{ "C1 control", "\302\2332Jzq", "\\xc2\\x9b2Jzq", NULL },
	{ "C1 byte", "\2332Jzq", "\\x9b2Jzq", NULL },
	{ "bidi override", "zq\342\200\256txt", "zq\\xe2\\x80\\xaetxt", NULL },
	{ "bidi isolate", "zq\342\201\247txt", "zq\\xe2\\x81\\xa7txt", NULL },
	{ "no width", "z\342\200\213q", "z\\xe2\\x80\\x8bq", NULL },
	{ "line separator", "z\342\200\250q", "z\\xe2\\x80\\xa8q", NULL },
	{ "another line", "zq\nPASS", "zq\\x0aPASS", NULL },
	{ "carriage return", "zq\r0.1 init", "zq\\x0d0.1 init", NULL },
	{ "tab", "\t=zq", "\\x09=zq", "\"\\x09=zq\"" },
	{ "not UTF-8", "zq\377\300\201", "zq\\xff\\xc0\\x81", NULL },
	{ "half a character", "zq\303", "zq\\xc3", NULL },
	{ "backslash", "zq\\x1b", "zq\\x5cx1b", NULL },
	{ "our syntax", "sh[1] = zq", NULL, "\"sh[1] = zq\"" },
	{ "our columns", "zq  joined", NULL, "\"zq  joined\"" },
	{ "our calls", "exit(0zq)", NULL, "\"exit(0zq)\"" },
	{ "our losses", "--- lost: zq", NULL, "\"--- lost: zq\"" },
	{ "quotes", "z\"q'", NULL, "\"z\\x22q'\"" },
	{ "formula =", "=zq!A1", NULL, "\"=zq!A1\"" },
	{ "formula +", "+zq!A1", NULL, NULL },
	{ "formula -", "-zq!A1", NULL, NULL },
	{ "formula @", "@zq!A1", NULL, NULL },
	{ "wide formula", "\357\274\235zq!A1", NULL, NULL },
	{ "apostrophe", "'=zq", NULL, "\"'=zq\"" },
	{ "other separator", "zq;=A1", NULL, "\"zq;=A1\"" },
	{ "two cells", "zq,=A1", NULL, "\"zq,=A1\"" },
	{ "markup", "</script><zq>&", NULL, NULL },
	{ "CDATA", "]]><!--zq", NULL, "\"]]><!--zq\"" },
	{ "TAP", "zq # SKIP", NULL, NULL },
};

const size_t hostile_count = ARRAY_SIZE(hostile);

const char *hostile__text(const struct hostile *h)
{
	return h->text ? h->text : h->bytes;
}

const char *hostile__line(const struct hostile *h)
{
	return strchr(h->bytes, '\\') ? hostile__text(h) : h->bytes;
}

const char *hostile__name(const struct hostile *h)
{
	return h->quoted ? h->quoted : hostile__text(h);
}

/* --- the forms of a text in the formats --- */

char *hostile__quoted(const struct hostile *h)
{
	char *text = text__replace_all(xstrdup(hostile__text(h)), "\"", "\\x22");
	char *quoted = xasprintf("\"%s\"", text);

	free(text);
	return quoted;
}

char *form__plain(const char *text)
{
	return xstrdup(text);
}

/* Returns the text with each byte of from replaced by its text of to. */
static char *replace_bytes(const char *text, const char *from, const char *const to[])
{
	size_t len;
	char *out;
	FILE *f = xmemstream(&out, &len);

	for (; *text; text++) {
		const char *at = strchr(from, *text);

		if (at)
			fputs(to[at - from], f);
		else
			fputc(*text, f);
	}
	fclose(f);
	return out;
}

char *form__json(const char *text)
{
	return replace_bytes(text, "\"\\", (const char *const[]){ "\\\"", "\\\\" });
}

char *form__xml(const char *text)
{
	return replace_bytes(text, "<>&\"", (const char *const[]){
		"&lt;", "&gt;", "&amp;", "&quot;" });
}

/* Inside a quoted cell. */
char *form__csv(const char *text)
{
	return replace_bytes(text, ";\"", (const char *const[]){ "\\x3b", "\"\"" });
}

char *form__cell(const char *text)
{
	char *inside = form__csv(text), *out;
	bool formula = strchr("=+-@'", *text) || !strncmp(text, "\357\274\235", 3);
	const char *quote = strpbrk(text, ",\"") ? "\"" : "";

	out = xasprintf("%s%s%s%s", quote, formula ? "'" : "", inside, quote);
	free(inside);
	return out;
}

char *text__replace_all(char *text, const char *from, const char *to)
{
	size_t len;
	char *out, *at, *rest = text;
	FILE *f = xmemstream(&out, &len);

	while ((at = strstr(rest, from))) {
		fwrite(rest, 1, at - rest, f);
		fputs(to, f);
		rest = at + strlen(from);
	}
	fputs(rest, f);
	fclose(f);
	free(text);
	return out;
}

