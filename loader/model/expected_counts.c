// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a file of expected counts. An unknown key is counted and skipped; a repeated
 * key, or a file without a root, is an error.
 */
#include "loader/model/expected_counts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[EXPECT_NKEYS] = {
#define X(e, s, t) [EXPECT_##e] = s,
	EXPECT_KEYS(X)
#undef X
};

const char *expected_counts__key_name(enum expect_key key)
{
	return keys[key];
}

/* Parses a decimal number at *s and moves *s past it. */
static int parse_number(char **s, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)**s))
		return -EBADMSG;
	errno = 0;
	*out = strtoull(*s, &end, 10);
	*s = end;
	return errno ? -EBADMSG : 0;
}

static int parse_range(char *s, uint64_t *min, uint64_t *max)
{
	if (parse_number(&s, min))
		return -EBADMSG;
	*max = *min;
	if (!strncmp(s, "..", 2)) {
		s += 2;
		if (parse_number(&s, max))
			return -EBADMSG;
	}
	return *s || *max < *min ? -EBADMSG : 0;
}

static int take_key(struct expected_counts *e, const char *key, uint64_t min,
		    uint64_t max)
{
	if (!strcmp(key, "root")) {
		if (e->root || !min || max != min || min > INT32_MAX)
			return -EBADMSG;
		e->root = (int32_t)min;
		return 0;
	}
	for (int k = 0; k < EXPECT_NKEYS; k++) {
		if (strcmp(key, keys[k]))
			continue;
		if (e->key[k].present)
			return -EBADMSG;
		e->key[k].present = 1;
		e->key[k].min = min;
		e->key[k].max = max;
		return 0;
	}
	if (!e->unknown++)
		snprintf(e->first_unknown, sizeof(e->first_unknown), "%s", key);
	return 0;
}

static int take_line(struct expected_counts *e, char *line)
{
	char *value;
	uint64_t min, max;

	line[strcspn(line, "#\n")] = '\0';
	for (size_t n = strlen(line);
	     n && isspace((unsigned char)line[n - 1]); n--)
		line[n - 1] = '\0';
	if (!*line)
		return 0;
	value = strchr(line, '=');
	if (!value)
		return -EBADMSG;
	*value++ = '\0';
	if (parse_range(value, &min, &max))
		return -EBADMSG;
	return take_key(e, line, min, max);
}

int expected_counts__load(struct expected_counts *e, const char *path, char *err, size_t errlen)
{
	FILE *f = fopen(path, "re");
	unsigned int n = 0;
	char *line = NULL;
	size_t size = 0;
	int ret = 0;

	memset(e, 0, sizeof(*e));
	if (!f) {
		ret = -errno;
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		return ret;
	}
	while (!ret && getline(&line, &size, f) >= 0) {
		n++;
		ret = take_line(e, line);
	}
	if (ret) {
		snprintf(err, errlen, "%s:%u: neither \"key=N\" nor \"key=MIN..MAX\", or a repeated key",
			 path, n);
	} else if (ferror(f)) {
		ret = -EIO;
		snprintf(err, errlen, "%s: cannot read", path);
	} else if (!e->root) {
		ret = -EBADMSG;
		snprintf(err, errlen, "%s: has no line root=PID", path);
	}
	free(line);
	fclose(f);
	return ret;
}
