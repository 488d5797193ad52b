// SPDX-License-Identifier: GPL-2.0-only
/* Adds QEMU's arguments for -icount, and controls such a guest over QMP. */
#include "vmtest/vm/icount.h"

#include <jansson.h>
#include <string.h>

#include "vmtest/wire/icount_channels.h"

const char *const icount_files[3] = {
	ICOUNT_CONSOLE, ICOUNT_RESULT, ICOUNT_TRACE,
};

/*
 * The guest uses the PIT instead of the local APIC's timer, whose calibration
 * loop causes an event in each round: nine tenths of a recording, and two thirds
 * of the time of its replay.
 */
const char icount_params[] = "nolapic_timer";

static const char *const machine[] = {
	/*
	 * kvmvapic is off: its reset waits for the vCPU, which waits for the
	 * lock that QEMU 7.2 holds while loading a snapshot to run backwards.
	 */
	"-global", "apic-common.vapic=off",
	/* The RTC, too, follows the guest's clock. */
	"-rtc", "base=2026-01-01T00:00:00,clock=vm",
	/*
	 * This drive has QEMU's snapshots of the machine and nothing else, in
	 * a nameless file. A replay needs the devices of the recording, so the
	 * drive is present even if no replay runs backwards.
	 */
	"-drive", "file=null-co://,if=none,format=raw,snapshot=on,id=snapshots",
	"-chardev", "file,id=console,path=" ICOUNT_CONSOLE,
	"-chardev", "file,id=result,path=" ICOUNT_RESULT,
	"-chardev", "file,id=trace,path=" ICOUNT_TRACE,
	"-serial", "chardev:console",
};

void icount__machine(struct strv *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(machine); i++)
		strv__add(a, machine[i]);
	strv__pair(a, "-device", "isa-serial,index=%d,chardev=result", UART_RESULT);
	strv__pair(a, "-device", "isa-serial,index=%d,irq=%d,chardev=trace", UART_TRACE,
		   UART_TRACE_IRQ);
}

void icount__mode(struct strv *a, enum icount mode, unsigned int shift,
		  uint64_t seed)
{
	strv__add(a, "-icount");
	if (mode == ICOUNT_RECORD) {
		strv__addf(a, "shift=%d,rr=record,rrfile=" ICOUNT_LOG,
			   ICOUNT_SHIFT);
	} else {
		/* A guest that sleeps wakes up at once: time skips the sleep. */
		strv__addf(a, "shift=%u,sleep=off", shift);
	}
	strv__pair(a, "-seed", "%llu", (unsigned long long)seed);
	/*
	 * QEMU stops before the first instruction: a replay under gdb needs
	 * this, and hangs if only the replay has -S (docs/replay.md).
	 */
	strv__add(a, "-S");
	strv__add(a, "-no-shutdown");
}

/* Sends QEMU the next command, one at a time. */
static void go_on(struct icount_qmp *q)
{
	if (q->qmp->asked || !q->ending)
		return;
	if (!q->known && !q->counted) {
		q->counted = true;
		qmp__ask(q->qmp, QMP_EXECUTE("query-replay"));
	} else {
		qmp__ask(q->qmp, QMP_EXECUTE("quit"));
	}
}

static void on_reply(void *ctx, const json_t *ret, const char *error)
{
	const json_t *count = json_object_get(ret, "icount");
	struct icount_qmp *q = ctx;

	(void)error;
	if (json_is_integer(count)) {
		q->instructions = (uint64_t)json_integer_value(count);
		q->known = true;
	}
	go_on(q);
}

static void on_event(void *ctx, const char *name, const json_t *data)
{
	(void)data;
	if (!strcmp(name, "SHUTDOWN"))
		icount_qmp__end(ctx);
}

void icount_qmp__start(struct icount_qmp *q, struct qmp *qmp)
{
	q->qmp = qmp;
	qmp__listen(qmp, on_reply, on_event, q);
	qmp__ask(qmp, QMP_EXECUTE("cont"));
}

void icount_qmp__end(struct icount_qmp *q)
{
	if (q->ending)
		return;
	q->ending = true;
	go_on(q);
}
