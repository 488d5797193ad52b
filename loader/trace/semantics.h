/* SPDX-License-Identifier: GPL-2.0-only */
/* Defines the kernel semantics by which a setns is judged. */
#ifndef LOADER_TRACE_SEMANTICS_H
#define LOADER_TRACE_SEMANTICS_H

/* Trace files store these numbers: part of the format. */
enum semantics {
	SEMANTICS_AUTO,		/* each window by the recorded knob */
	SEMANTICS_MAINLINE,	/* setns never moves the caller */
	SEMANTICS_JOIN,		/* like auto; the kernel must have the knob */
	SEMANTICS_SEED,		/* no knob: every setns to a pidns moves */
	SEMANTICS_KEEP,		/* like join; the knob has the value 2, too */
	SEMANTICS_COUNT,
};

/* Returns "auto", "mainline", ...; "?" for an invalid number. */
const char *semantics__name(enum semantics s);

/* Returns 0 and sets *out, or returns -EINVAL. */
int semantics__parse(const char *text, enum semantics *out);

#endif /* LOADER_TRACE_SEMANTICS_H */
