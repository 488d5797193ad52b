// SPDX-License-Identifier: GPL-2.0-only
/* Compares the files of a replay with the recorded ones. */
#include "vmtest/replay/compare.h"

#include <stdlib.h>
#include <string.h>

#include "vmtest/lib/util.h"

int compare__files(const char *a, const char *b, const char *tail,
		   struct difference *d)
{
	size_t na, nb, n = tail ? strlen(tail) : 0, at = 0;
	char *ta = NULL, *tb = NULL;
	int err;

	err = read_file(a, &ta, &na);
	if (!err)
		err = read_file(b, &tb, &nb);
	if (!err) {
		if (n && nb >= n && !memcmp(tb + nb - n, tail, n))
			nb -= n;
		while (at < na && at < nb && ta[at] == tb[at])
			at++;
		*d = (struct difference){ .a_bytes = na, .b_bytes = nb,
					  .same = at == na && at == nb,
					  .at = at };
	}
	free(ta);
	free(tb);
	return err;
}
