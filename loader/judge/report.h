/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the judge's result, for people (text) and for programs (json, ktap, junit).
 * report__check() checks an option before the run; report__write() writes the report.
 */
#ifndef LOADER_JUDGE_REPORT_H
#define LOADER_JUDGE_REPORT_H

#include <stddef.h>
#include <stdio.h>
#include "loader/judge/judge.h"

/*
 * Checks spec: "FORMAT=FILE", or "FORMAT" for stdout.
 * Formats: text, json, ktap, junit. FILE "-" is stdout.
 * Returns 0, or -EINVAL with the reason and the known formats in err.
 */
int report__check(const char *spec, char *err, size_t errlen);

/*
 * Writes one report. A file appears complete or not at all (written under another
 * name and renamed; devices and fifos are written directly).
 * Returns 0, or a negative errno with a message in err.
 */
int report__write(const struct judge_result *res, const char *spec, char *err,
		  size_t errlen);

/* Writers of the single formats. ferror(out) shows a stream error. */
void report__text(const struct judge_result *res, FILE *out);
void report__json(const struct judge_result *res, FILE *out);
void report__ktap(const struct judge_result *res, FILE *out);
void report__junit(const struct judge_result *res, FILE *out);

#endif /* LOADER_JUDGE_REPORT_H */
