/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol between the runner and the guest's init.
 *
 * Result port, lines. The guest sends "HELLO <release>", then lines of a tag, a
 * space and the rest. The runner answers with the settings, one JSON object on
 * a line: {"mode", "widen", "bare", "checks"}. The guest attaches its
 * observers, unless "bare" is set, and sends W. At this point the guest can be
 * saved, to be resumed for any job with these settings. The job is another such
 * line: {"seed", "time", "ops", "tests" or "cmd", ...}; the guest answers with
 * M. From HELLO on it also sends the records of its kernel's log, from the first one,
 * as L lines. Its last line is V. The runner answers BYE when it has received everything,
 * and the guest powers off only then: no data is in flight when QEMU ends.
 *
 * Trace port, guest to host: the bytes of the trace file, then the trailer.
 *
 * Input port, host to guest: the standard input of the job's command, if the
 * job has "input". A frame is a type, the length of the data in four bytes,
 * most significant first, and the data. Closing the port may discard data, so
 * the end is a frame as well.
 */
#ifndef VMTEST_WIRE_PROTOCOL_H
#define VMTEST_WIRE_PROTOCOL_H

#define PORT_RESULT "vmtest.result"
#define PORT_TRACE "vmtest.trace"
#define PORT_INPUT "vmtest.input"

#define INPUT_DATA 'D'
#define INPUT_END 'E'		/* end of the input */
#define INPUT_SIZE 'W'		/* rows and columns of the terminal, 16 bits
				   each, most significant first */
#define INPUT_HEAD 5
#define INPUT_FRAME_MAX 32768

#define HELLO "HELLO "
#define BYE "BYE"

/* The kernel parameter that selects a fault; its file can be written and read. */
#define MUTANT_PARAM "pidns_mutant"
#define MUTANT_FILE "/sys/module/kernel/parameters/" MUTANT_PARAM
#define MUTANT_NONE "none"
#define MUTANT_UNKNOWN "-"	/* reported by a kernel without the parameter */

enum tag {
	TAG_KTAP = 'K',		/* a line of KTAP */
	TAG_OUTPUT = 'O',	/* output of the user's command: a JSON string, a
				   code point below 256 for each byte */
	TAG_PROGRESS = 'P',	/* "UPTIME COUNTER" each second; the counter
				   moves only when tests move */
	TAG_LOG = 'E',		/* a message of the guest's own tools */
	TAG_KERNEL = 'L',	/* the first line of a record of /dev/kmsg, or "#
				   REASON" if the log cannot be read */
	TAG_WAITING = 'W',	/* the observers are attached; waits for the job */
	TAG_MUTANT = 'M',	/* the job has arrived; the rest is the fault set
				   in the kernel by MUTANT_PARAM or by the job,
				   read back from the kernel; MUTANT_UNKNOWN
				   if the kernel has no faults */
	TAG_RULE = 'R',		/* "I17 WHY", as soon as the rule is violated */
	TAG_COUNTS = 'G',	/* at the end, for each file compiled to count its
				   lines: its path, a space, and the .gcda file
				   as a string like that of an O line */
	TAG_REPORT = 'T',	/* a line of pidnstrace's report, KTAP */
	TAG_VERIFY = 'S',	/* pidnstrace's report, JSON */
	TAG_VERDICT = 'V',	/* "PASS|FAIL|INCONCLUSIVE REASON" */
};

/* The command "/init --tcg" tests the guest's CPUs for the faults of a TCG. */
#define TCG_FLAG "--tcg"
#define STALE_TEST "no CPU executes code that was overwritten"
#define CMPXCHG16B_TEST "the flags after cmpxchg16b are those of a CPU"

/* Ends the trace, so that the runner knows that all of the trace has arrived. */
#define TRACE_TRAILER "\nVMTEST-END-OF-TRACE\n"
#define TRACE_TRAILER_LEN (sizeof(TRACE_TRAILER) - 1)

#endif /* VMTEST_WIRE_PROTOCOL_H */
