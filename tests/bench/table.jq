# SPDX-License-Identifier: GPL-2.0-only
#
# table.jq - formats trace.json for people.

def right($n): tostring | if length < $n then " " * ($n - length) + . else . end;
def left($n): tostring | if length < $n then . + " " * ($n - length) else . end;
# one decimal below 1000, none above
def figure: if fabs < 1000 then (. * 10 | round / 10) else round end;
def ratio($a; $b): if $b > 0 and $a > 0 then
	"\($a / $b * 100 | round / 100) x" else "-" end;

. as $all |
def record($op): first(.results[] | select(.tracer == "record" and .op == $op)).added;
"\(.target), one CPU, \(.unit)",
(("setns", "fork", "setpgid", "getppid") as $op |
	"",
	($op | left(10)) + ("all" | right(12)) + ("added" | right(12)) +
		("to record" | right(12)) + ("in kernel" | right(12)) +
		("added" | right(12)) + ("to record" | right(12)),
	(.results[] | select(.op == $op) |
		("  " + .tracer | left(10)) + (.all | figure | right(12)) +
		(.added.all | figure | right(12)) +
		(ratio(.added.all; ($all | record($op)).all) | right(12)) +
		(.kernel | figure | right(12)) + (.added.kernel | figure | right(12)) +
		(ratio(.added.kernel; ($all | record($op)).kernel) | right(12)))),
"",
"all: with the tracer's own process, until it has read all; in kernel: without.",
"bpftrace, ftrace and record write the same facts of the same hooks, as far as they can",
"(tests/bench/trace.bt.h, kprobes.h); bpftrace has a buffer in which nothing is lost.",
"strace traces no setpgid: what it adds to that, and to getppid, it adds to any call.",
"Of a fork, up to a thousand depend on what ran before in the same guest.",
"",
("goal (added)" | left(38)) + ("all" | right(12)) + ("at most" | right(12)) +
	("" | right(9)) + ("in kernel" | right(12)) + ("at most" | right(12)),
(.goals[] | (.goal | left(36)) + (.op | right(8)) + " " +
	([.all, .kernel | (.added | figure | right(10)) + (.most | figure | right(10)) +
	  (if .met then "      met" else "  not met" end)] | add)),
"",
"\(.rounds) rounds, apart by at most \(.apart_percent.all) % (all), \(.apart_percent.kernel) % (in kernel)",
"",
"what record consists of, an operation",
(.parts[] | select(.of == "record") |
	"  \(.op | left(10))\(.part | left(26))\(.times | right(6)) records of \(.each) bytes"),
"",
"its programs, with some 70 of bpf_stats each time",
(.parts[] | select(.of == "stats") |
	"  \(.op | left(10))\(.part | left(26))\(.times | right(6)) times \(.each) instructions")
