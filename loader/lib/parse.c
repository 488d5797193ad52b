// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses times, sizes and numbers on the command line; rejects the signs, blanks and
 * trailing text that the C library accepts.
 */
#include "loader/lib/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define DAY_SECONDS (24 * 60 * 60)

int parse__seconds(const char *text, unsigned int *ms)
{
	double seconds;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	seconds = strtod(text, &end);
	if (*end || !(seconds <= DAY_SECONDS))
		return -EINVAL;
	*ms = seconds * 1000 + 0.5;
	return 0;
}

static int parse__number(const char *text, int base, uint64_t *value,
			 char **end)
{
	/* strtoull() accepts signs and blanks. */
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, end, base);
	return errno ? -EINVAL : 0;
}

int parse__size(const char *text, uint64_t *bytes)
{
	unsigned int shift = 0;
	uint64_t value;
	char *end;

	if (parse__number(text, 10, &value, &end))
		return -EINVAL;
	if (*end == 'K' || *end == 'k')
		shift = 10;
	else if (*end == 'M' || *end == 'm')
		shift = 20;
	if (end[shift ? 1 : 0] || value > UINT64_MAX >> shift)
		return -EINVAL;
	*bytes = value << shift;
	return 0;
}

int parse__u64(const char *text, uint64_t *value)
{
	int base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
	uint64_t v;
	char *end;

	if (parse__number(text, base, &v, &end) || *end)
		return -EINVAL;
	*value = v;
	return 0;
}
