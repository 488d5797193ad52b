// SPDX-License-Identifier: GPL-2.0-only
/* Buffers partial input until a newline completes the line. */
#include "vmtest/lib/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmtest/lib/util.h"

int lines__feed(struct lines *l, const char *buf, size_t len, lines_fn *fn,
		void *ctx)
{
	while (len) {
		const char *nl = memchr(buf, '\n', len);
		size_t part = nl ? (size_t)(nl - buf) : len;

		if (l->max && l->len + part > l->max)
			return -EMSGSIZE;
		if (l->len + part + 1 > l->cap) {
			l->cap = (l->len + part + 1) * 2;
			l->buf = xrealloc(l->buf, l->cap);
		}
		memcpy(l->buf + l->len, buf, part);
		l->len += part;
		if (!nl)
			return 0;
		l->buf[l->len] = '\0';
		fn(ctx, l->buf, l->len);
		l->len = 0;
		buf += part + 1;
		len -= part + 1;
	}
	return 0;
}

void lines__free(struct lines *l)
{
	free(l->buf);
	memset(l, 0, sizeof(*l));
}
