// SPDX-License-Identifier: GPL-2.0-only
/* Calls the writer of the chosen format. A stream without any event is not written. */
#include "results/write.h"

#include <errno.h>

int results__write(const struct events *ev, const char *name,
		   enum results_format format, FILE *out)
{
	int err = 0;

	if (!ev->n)
		return -ENODATA;
	switch (format) {
	case RESULTS_KTAP:
		write__ktap(ev, out);
		break;
	case RESULTS_JUNIT:
		write__junit(ev, name, out);
		break;
	case RESULTS_JSON:
		err = write__json(ev, name, out);
		break;
	}
	return !err && ferror(out) ? -EIO : err;
}
