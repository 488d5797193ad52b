// SPDX-License-Identifier: GPL-2.0-only
/* Prints the records of a simulated machine. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#include "loader/view/printer.h"
#include "test.h"

void machine__begin(struct machine *m)
{
	struct print_opts opts = {};

	m->file = open_memstream(&m->text, &m->len);
	m->printer = printer__new(m->file, &opts);
	m->gen = gen__new(printer__sink(m->printer), 256);
	gen__begin(m->gen, 0);
	m->me = gen__fork(m->gen, m->gen->init);
	gen__exec(m->gen, m->me, "me");
}

void machine__end(struct machine *m, const char *expected)
{
	size_t len = strlen(expected);

	assert_int_equal(m->gen->error, 0);
	assert_int_equal(fflush(m->file), 0);
	if (m->len <= len || strncmp(m->text + m->len - len - 1, expected, len))
		fail_msg("\"%s\" is not the end of: %s", expected, m->text);
	printer__free(m->printer);
	gen__free(m->gen);
	fclose(m->file);
	free(m->text);
}
