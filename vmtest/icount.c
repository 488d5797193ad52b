// SPDX-License-Identifier: GPL-2.0-only
/* See icount.h. */
#include "icount.h"

#include <jansson.h>
#include <string.h>

#include "recorded.h"

const char *const icount_files[3] = {
	ICOUNT_CONSOLE, ICOUNT_RESULT, ICOUNT_TRACE,
};

/*
 * The PIT instead of the local APIC's timer: that one is calibrated by a loop
 * in which each round is an event, nine tenths of a recording and two thirds
 * of the time that it takes to replay it.
 */
const char icount_params[] = "nolapic_timer";

static const char *const machine[] = {
	/*
	 * Without kvmvapic: its reset waits for the vCPU, which waits for the
	 * lock that QEMU 7.2 holds while it loads a snapshot to go backwards.
	 */
	"-global", "apic-common.vapic=off",
	/* The date is that of the guest's clock as well. */
	"-rtc", "base=2026-01-01T00:00:00,clock=vm",
	/*
	 * Where QEMU keeps snapshots of the machine; nothing else is on it,
	 * and the file has no name. A replay needs what was there when it was
	 * recorded, so it is there even where nobody goes backwards.
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
	strv__add(a, "-device");
	strv__addf(a, "isa-serial,index=%d,chardev=result", UART_RESULT);
	strv__add(a, "-device");
	strv__addf(a, "isa-serial,index=%d,irq=%d,chardev=trace", UART_TRACE,
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
		/* A guest that sleeps is woken at once. */
		strv__addf(a, "shift=%u,sleep=off", shift);
	}
	strv__add(a, "-seed");
	strv__addf(a, "%llu", (unsigned long long)seed);
	/* Stopped before the first instruction, as a debugger needs it. */
	strv__add(a, "-S");
	strv__add(a, "-no-shutdown");
}

#define EXECUTE(name) "{\"execute\":\"" name "\"}"

/* QEMU is asked for one thing after the other. */
static void go_on(struct icount_qmp *q)
{
	if (q->qmp->asked || !q->ending)
		return;
	if (!q->known && !q->counted) {
		q->counted = true;
		qmp__ask(q->qmp, EXECUTE("query-replay"));
	} else {
		qmp__ask(q->qmp, EXECUTE("quit"));
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
	qmp__ask(qmp, EXECUTE("cont"));
}

void icount_qmp__end(struct icount_qmp *q)
{
	if (q->ending)
		return;
	q->ending = true;
	go_on(q);
}
