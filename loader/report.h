/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - a judge's result for people and for programs.
 */
#ifndef LOADER_REPORT_H
#define LOADER_REPORT_H

#include <stddef.h>
#include <stdio.h>
#include "judge.h"

/*
 * Is spec, "FORMAT=FILE" or "FORMAT" (then stdout), one report__write() takes?
 * Formats: text, json, ktap, junit. FILE "-" is stdout.
 * 0, or -EINVAL with the reason and the known formats in err.
 */
int report__check(const char *spec, char *err, size_t errlen);

/*
 * Writes one report. A file appears complete or not at all (it is written
 * beside its place and renamed; devices and fifos are written directly).
 * 0 or a negative errno with words in err.
 */
int report__write(const struct judge_result *res, const char *spec, char *err,
		  size_t errlen);

/* The single formats. A stream error shows in ferror(out). */
void report__text(const struct judge_result *res, FILE *out);
void report__json(const struct judge_result *res, FILE *out);
void report__ktap(const struct judge_result *res, FILE *out);
void report__junit(const struct judge_result *res, FILE *out);

#endif /* LOADER_REPORT_H */
