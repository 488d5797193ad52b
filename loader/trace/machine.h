/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Describes the traced machine and its clocks, by its META_MACHINE record: the times of
 * records are those of a CLOCK_MONOTONIC, which counts from the boot of that machine.
 */
#ifndef LOADER_TRACE_MACHINE_H
#define LOADER_TRACE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "bpf/wire.h"

/* Fills all but the header from this machine. */
void machine__fill(struct wire_meta_machine *m);

/* Returns whether the record is of this machine, since its present boot. */
bool machine__is_here(const struct wire_meta_machine *m);

#define MACHINE_TEXT 800

/*
 * Returns "node, Linux 6.12.48, this machine", or for a record of another machine or of
 * an earlier boot "..., another machine or an earlier boot". @text has MACHINE_TEXT bytes.
 */
const char *machine__text(const struct wire_meta_machine *m, char *text);

/* Returns the time of the machine's CLOCK_REALTIME at a time of its CLOCK_MONOTONIC. */
uint64_t machine__wall(const struct wire_meta_machine *m, uint64_t monotonic_ns);

/*
 * Returns a JSON object, which the caller owns: node, release, boot_id, here, and the
 * readings of its clocks, wall in text, monotonic and boottime in seconds.
 */
struct json_t *machine__json(const struct wire_meta_machine *m);

#define WALL_TEXT 64

/* Return "2026-11-30T16:26:46.123456Z", and the same in local time, with a blank. */
const char *wall__utc(uint64_t realtime_ns, char text[WALL_TEXT]);
const char *wall__local(uint64_t realtime_ns, char text[WALL_TEXT]);

#endif /* LOADER_TRACE_MACHINE_H */
