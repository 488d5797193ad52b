/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the runner and the guest's init say to each other; nothing else here.
 *
 * Result port, lines. Guest: "HELLO <release>", then, once it was given its
 * job (one JSON object on a line), lines of a tag, a space and the rest.
 * The last is V; the runner answers BYE when it has everything, and only then
 * does the guest power off: nothing is in flight when QEMU goes.
 *
 * Trace port, guest to host: the bytes of the trace file, then the trailer.
 */
#ifndef VMTEST_PROTOCOL_H
#define VMTEST_PROTOCOL_H

#define PORT_RESULT "vmtest.result"
#define PORT_TRACE "vmtest.trace"

#define HELLO "HELLO "
#define BYE "BYE"

/* Of the kernel's command line, and where it can be read back. */
#define MUTANT_PARAM "pidns_mutant"
#define MUTANT_FILE "/sys/module/kernel/parameters/" MUTANT_PARAM
#define MUTANT_NONE "none"

enum tag {
	TAG_KTAP = 'K',		/* a line of KTAP */
	TAG_OUTPUT = 'O',	/* of the user's command: a JSON string, a code
				   point below 256 for each byte */
	TAG_PROGRESS = 'P',	/* each second: "UPTIME COUNTER", the counter
				   moves only when tests move */
	TAG_LOG = 'E',		/* what the guest's own tools said */
	TAG_MUTANT = 'M',	/* the fault that the kernel was asked for by
				   MUTANT_PARAM, as it understood it; "-" where
				   it knows of none. Before the job. */
	TAG_RULE = 'R',		/* "I17 WHY", as soon as it is violated */
	TAG_COUNTS = 'G',	/* of a file that was compiled to count its lines:
				   its path, a space, and the .gcda file as a
				   string like that of an O line. At the end. */
	TAG_REPORT = 'T',	/* a line of pidnstrace's report, KTAP */
	TAG_VERIFY = 'S',	/* pidnstrace's report, JSON */
	TAG_VERDICT = 'V',	/* "PASS|FAIL|INCONCLUSIVE REASON" */
};

/* Ends the trace, so that its last byte is known to have come. */
#define TRACE_TRAILER "\nVMTEST-END-OF-TRACE\n"
#define TRACE_TRAILER_LEN (sizeof(TRACE_TRAILER) - 1)

#endif
