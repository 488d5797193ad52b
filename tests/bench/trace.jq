# SPDX-License-Identifier: GPL-2.0-only
#
# trace.jq - converts $results, lines "ROUND TRACER OP N MIN MEDIAN KERNEL ALL", and
# the parts of record's cost on stdin, to one object: costs of the first round, goals,
# and the difference between the rounds.
#
# "all" includes the tracer's own process, "kernel" does not: see
# tests/guest/bench_ops.c. Added costs are relative to "none" for the same operation.

def rows: split("\n") | map(select(. != "") | split(" "));
def round1: . * 10 | round / 10;

[$results | rows[] | {
	round: .[0] | tonumber, tracer: .[1], op: .[2], n: .[3] | tonumber,
	kernel: .[6] | tonumber, all: .[7] | tonumber
}] as $cells |
# cost of one operation, and the cost added by a tracer
def cell($tracer; $op):
	first($cells[] | select(.round == 1 and .tracer == $tracer and .op == $op));
def added($tracer; $op; $what):
	cell($tracer; $op)[$what] - cell("none"; $op)[$what] | round1;

# record's or verify's added cost, against a multiple of another tracer's
def goal($text; $who; $op; $factor; $other):
	{ goal: $text, op: $op } + ([["all", "kernel"][] as $what |
		added($who; $op; $what) as $added |
		(added($other; $op; $what) * $factor | round1) as $most |
		{ ($what): { added: $added, most: $most, met: ($added <= $most) } }] | add);

{
	version: 1,
	target: $target,
	unit: "guest instructions an operation",
	results: [$cells[] | select(.round == 1) |
		. as $c | del(.round) + {
			added: { all: added($c.tracer; $c.op; "all"),
				 kernel: added($c.tracer; $c.op; "kernel") }
		}],
	goals: [
		(("setns", "fork", "setpgid") as $op |
		 goal("record: a fifth of bpftrace"; "record"; $op; 1 / 5; "bpftrace")),
		(("setns", "fork") as $op |
		 goal("record: a twentieth of strace"; "record"; $op; 1 / 20; "strace")),
		(("setns", "fork", "setpgid") as $op |
		 goal("record: three times empty programs"; "record"; $op; 3; "floor")),
		(("setns", "fork", "setpgid") as $op |
		 goal("verify: twice record"; "verify"; $op; 2; "record")),
		# half a percent: the periodic scan of all tasks
		(cell("none"; "getppid") as $none |
		 { goal: "record: nothing to other calls", op: "getppid" } +
		 ([["all", "kernel"][] as $what |
			added("record"; "getppid"; $what) as $added |
			($none[$what] / 200 | round1) as $most |
			{ ($what): { added: $added, most: $most,
				     met: ($added <= $most) } }] | add))
	] | map(select(.all)),
	# the largest difference of a cell between rounds
	apart_percent: ([["all", "kernel"][] as $what |
		{ ($what): ([$cells | group_by([.tracer, .op])[] | map(.[$what]) |
			100 * (max - min) / max] | max * 1000 | round / 1000) }] | add),
	rounds: ([$cells[].round] | max),
	parts: [rows[] | {
		of: .[0], op: .[1], part: .[2],
		times: .[3] | tonumber, each: .[4] | tonumber }]
}
