// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes untrusted bytes as a string literal of C: printable ASCII as it is, the rest as
 * the short escapes of C or in octal. An octal escape has three digits only where a
 * digit follows, as in strace.
 */
#include "loader/lib/quote.h"

#include <string.h>

static const char letters[] = "\t\n\v\f\r\"\\";
static const char names[] = "tnvfr\"\\";

static void put_byte(FILE *out, unsigned char c, unsigned char next)
{
	const char *letter = c ? strchr(letters, c) : NULL;

	if (letter)
		fprintf(out, "\\%c", names[letter - letters]);
	else if (c >= ' ' && c < 0x7f)
		fputc(c, out);
	else
		fprintf(out, next >= '0' && next <= '9' ? "\\%03o" : "\\%o", c);
}

void quote__put(FILE *out, const char *bytes, size_t len)
{
	fputc('"', out);
	for (size_t i = 0; i < len; i++)
		put_byte(out, bytes[i], i + 1 < len ? bytes[i + 1] : 0);
	fputc('"', out);
}
