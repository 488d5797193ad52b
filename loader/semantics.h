/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * semantics.h - by which kernel's promises a setns is judged.
 */
#ifndef LOADER_SEMANTICS_H
#define LOADER_SEMANTICS_H

/* Stored in trace files: numbers are part of the format. */
enum semantics {
	SEMANTICS_AUTO,		/* each window by the knob it saw */
	SEMANTICS_MAINLINE,	/* setns never moves the caller */
	SEMANTICS_JOIN,		/* as auto, and the kernel has the knob */
	SEMANTICS_SEED,		/* no knob, every setns on a pidns moves */
	SEMANTICS_COUNT,
};

/* "auto", "mainline", ...; "?" for a number that is none. */
const char *semantics__name(enum semantics s);

/* 0 and *out, or -EINVAL. */
int semantics__parse(const char *text, enum semantics *out);

#endif /* LOADER_SEMANTICS_H */
