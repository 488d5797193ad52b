// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a stream made of hard cases, or the events of a KTAP file, to
 * DIR/results.{ktap,xml,json}, for other programs to read (tests/results_test.sh). The
 * usage is results_make DIR [KTAP].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/ktap_read.h"

static const char *const odd_names[] = {
	"plain", "two  blanks", "a # hash, # SKIP that is none",
	"<tag attr=\"x\"> & 'quotes' ]]>", "back\\slash \\x41",
	"\001control\033[31m\177 and \t tab", "UTF-8: \303\244 \342\202\254 \360\237\220\247",
	"no UTF-8: \377 \300\200 \355\240\200 \364\220\200\200", "\302\205 a C1 \357\277\277",
	"- dash", "\342\200\250line\342\200\251par", "  blanks around  ", "ok 7 like a result", "1..9 like a plan",
	"12 monkeys", "# Subtest: no", "KTAP version 1", "a\nnew line", "",
};

static void add_odd(struct events *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(odd_names); i++) {
		enum test_result result = (enum test_result)(i % 3);

		events__begin(ev, odd_names[i]);
		events__diag(ev, odd_names[i]);
		events__diag(ev, "Subtest: not a head");
		events__end(ev, NULL, result, odd_names[i]);
	}
}

static void add_long(struct events *ev, size_t len)
{
	char *name = malloc(len + 1);

	memset(name, 'x', len);
	name[len] = '\0';
	events__begin(ev, name);
	events__diag(ev, name);
	events__end(ev, NULL, TEST_OK, NULL);
	free(name);
}

static void add_hostile(struct events *ev)
{
	events__host(ev, "<\"ho&st\033\xff");
	events__diag(ev, "of all");
	events__begin(ev, "odd");
	events__diag(ev, "before the first");
	add_odd(ev);
	events__diag(ev, "behind the last");
	events__end(ev, NULL, TEST_OK, NULL);
	events__begin(ev, "long");
	add_long(ev, 5000);
	add_long(ev, 3 * 65536);
	events__end(ev, NULL, TEST_OK, NULL);
	/* A test with the name of its parent. */
	events__begin(ev, "twice");
	events__test(ev, "twice", TEST_OK, NULL);
	events__test(ev, "other", TEST_OK, NULL);
	events__end(ev, NULL, TEST_OK, NULL);
	events__begin(ev, "empty");
	events__end(ev, NULL, TEST_OK, NULL);
	events__begin(ev, "skipped");
	events__test(ev, "a", TEST_SKIP, NULL);
	events__end(ev, NULL, TEST_SKIP, "all # of it");
	events__begin(ev, "failed, though its tests did not");
	events__test(ev, "a", TEST_OK, NULL);
	events__end(ev, NULL, TEST_NOT_OK, "signal 11");
	/* Five levels deep, then the program is gone. */
	for (int i = 0; i < 5; i++)
		events__begin(ev, i == 3 ? NULL : "deep");
	events__test(ev, "the last one seen", TEST_OK, NULL);
	events__begin(ev, "never ends");
}

static int read_ktap(struct ktap *k, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!f) {
		perror(path);
		return 2;
	}
	while ((n = getline(&line, &cap, f)) > 0) {
		line[n - (line[n - 1] == '\n')] = '\0';
		ktap__line(k, line);
	}
	free(line);
	fclose(f);
	ktap__finish(k);
	return 0;
}

static int write_file(const struct events *ev, const char *dir,
		      const char *ending, enum results_format format)
{
	char path[4096];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "%s/results.%s", dir, ending);
	f = fopen(path, "we");
	if (!f) {
		perror(path);
		return 2;
	}
	err = results__write(ev, "the <whole>", format, f);
	return fclose(f) || err ? 2 : 0;
}

int main(int argc, char **argv)
{
	struct ktap k = { 0 };
	int err = 0;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: %s DIR [KTAP]\n", argv[0]);
		return 2;
	}
	if (argc == 3)
		err = read_ktap(&k, argv[2]);
	else
		add_hostile(&k.events);
	events__finish(&k.events);
	err = write_file(&k.events, argv[1], "ktap", RESULTS_KTAP) || err;
	err = write_file(&k.events, argv[1], "xml", RESULTS_JUNIT) || err;
	err = write_file(&k.events, argv[1], "json", RESULTS_JSON) || err;
	ktap__free(&k);
	return err;
}
