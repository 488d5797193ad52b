/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the runner and the guest's init say to each other; nothing else here.
 *
 * Result port, lines. Guest: "HELLO <release>"; then lines of a tag, a space
 * and the rest. The runner answers with the settings, one JSON object on a line:
 * {"mode", "widen", "bare", "checks"}, and the guest has everything attached that
 * watches it, unless "bare" says that nothing does, and says W. There a guest can be saved, to be resumed for any job
 * with these settings. The job is another such line: {"seed", "time", "ops",
 * "tests" or "cmd", ...}; M is the answer. The last line is V; the runner answers
 * BYE when it has everything, and only then does the guest power off: nothing
 * is in flight when QEMU goes.
 *
 * Trace port, guest to host: the bytes of the trace file, then the trailer.
 *
 * Input port, host to guest: the standard input of the job's command, if the
 * job says "input", in frames of a type, the length of what follows as four
 * bytes, most significant first, and so many bytes. A port that is closed says
 * nothing of its data, so the end is a frame as well.
 */
#ifndef VMTEST_PROTOCOL_H
#define VMTEST_PROTOCOL_H

#define PORT_RESULT "vmtest.result"
#define PORT_TRACE "vmtest.trace"
#define PORT_INPUT "vmtest.input"

#define INPUT_DATA 'D'
#define INPUT_END 'E'		/* no more of them */
#define INPUT_SIZE 'W'		/* of the terminal: rows, columns, 16 bits each,
				   in the same order */
#define INPUT_HEAD 5
#define INPUT_FRAME_MAX 32768

#define HELLO "HELLO "
#define BYE "BYE"

/* Of the kernel's command line, and where it can be written and read back. */
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
	TAG_WAITING = 'W',	/* for the job; all is attached */
	TAG_MUTANT = 'M',	/* the job has come; and the fault that the kernel
				   was asked for, by MUTANT_PARAM or by the job,
				   as it understood it; "-" where it knows of
				   none */
	TAG_RULE = 'R',		/* "I17 WHY", as soon as it is violated */
	TAG_COUNTS = 'G',	/* of a file that was compiled to count its lines:
				   its path, a space, and the .gcda file as a
				   string like that of an O line. At the end. */
	TAG_REPORT = 'T',	/* a line of pidnstrace's report, KTAP */
	TAG_VERIFY = 'S',	/* pidnstrace's report, JSON */
	TAG_VERDICT = 'V',	/* "PASS|FAIL|INCONCLUSIVE REASON" */
};

/* Has the guest's init test, as a command, whether its CPUs run stale code. */
#define STALE_FLAG "--stale-code"
#define STALE_TEST "no CPU executes code that was overwritten"

/* Ends the trace, so that its last byte is known to have come. */
#define TRACE_TRAILER "\nVMTEST-END-OF-TRACE\n"
#define TRACE_TRAILER_LEN (sizeof(TRACE_TRAILER) - 1)

#endif
