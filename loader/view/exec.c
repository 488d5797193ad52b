// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the path and the arguments of an exec from its record, and prints them in the
 * order of strace, with the escapes of lib/escape.h.
 *
 * Bad at: a path that fills its room exactly, which looks like one that is cut off.
 */
#include "loader/view/exec.h"

#include <string.h>

#include "lib/escape.h"

/* Returns how many bytes of arguments the record has. */
static size_t args_len(const struct wire_exec *r)
{
	return r->args_size < sizeof(r->args) ? r->args_size : sizeof(r->args);
}

bool exec_arg__next(const struct wire_exec *r, struct exec_arg *arg)
{
	size_t end = args_len(r), pos = arg->next;

	if (pos >= end)
		return false;
	arg->bytes = r->args + pos;
	arg->len = strnlen(arg->bytes, end - pos);
	arg->cut = pos + arg->len == end;
	arg->next = pos + arg->len + 1;
	return true;
}

bool exec__path_is_cut(const struct wire_exec *r)
{
	return strnlen(r->path, sizeof(r->path)) >= sizeof(r->path) - 1;
}

bool exec__args_are_cut(const struct wire_exec *r)
{
	return r->args_size > sizeof(r->args);
}

/* @len: at most WIRE_ARGS_LEN, which is not less than WIRE_PATH_LEN */
static void put_quoted(FILE *out, const char *bytes, size_t len)
{
	char text[ESCAPED_SIZE(WIRE_ARGS_LEN)];

	escape__quoted(text, bytes, len);
	fputs(text, out);
}

static void print_args(const struct wire_exec *r, FILE *out)
{
	struct exec_arg arg = { .next = 0 };
	const char *between = "";

	fputc('[', out);
	for (; exec_arg__next(r, &arg); between = ", ") {
		fputs(between, out);
		put_quoted(out, arg.bytes, arg.len);
		if (arg.cut)
			fputs("...", out);
	}
	if (exec__args_are_cut(r) && !arg.cut)
		fprintf(out, "%s...", between);
	fputc(']', out);
}

void exec__print(const struct wire_exec *r, FILE *out)
{
	fputc('(', out);
	put_quoted(out, r->path, strnlen(r->path, sizeof(r->path)));
	fprintf(out, "%s, ", exec__path_is_cut(r) ? "..." : "");
	if (r->args_size)
		print_args(r, out);
	else
		fputc('?', out);
	fputc(')', out);
}

void exec__add(const struct wire_hdr *rec, FILE *out)
{
	if (rec->type != WIRE_EXEC)
		return;
	fputc(' ', out);
	exec__print((const void *)rec, out);
}
