# SPDX-License-Identifier: GPL-2.0-only
#
# edit_table.jq - formats edit.json as a table for people.

def right($n): tostring | if length < $n then " " * ($n - length) + . else . end;
def left($n): tostring | if length < $n then . + " " * ($n - length) else . end;
def tenths: . * 10 | round | "\(. / 10 | floor).\(. % 10)";
def seconds: if . == null then "-" else "\(tenths) s" end;
def times: if . == null then "" else "\(tenths) x" end;

{
	read: "read the tree, bring the mirror up to date",
	make: "make: compile, link, BTF",
	keep: "strip and keep the kernel",
	boot: "boot to the first test; vng: run `true`",
	tests: "\(.tests_ok) tests under all rules, verdict",
	whole: "from the edit to the verdict"
} as $names |
"\(.source), a line of \(.file) changed; \(.cpus) CPUs, no KVM, the middle of \(.rounds)",
("  " + ("step" | left(44)) + ("ours" | right(9)) + ("vng" | right(9)) +
	("vng/ours" | right(11))),
(.steps[] | "  " + ($names[.step] | left(44)) + (.ours | seconds | right(9)) +
	(.vng | seconds | right(9)) + (.ratio | times | right(11))),
("  " + ("first build and run, not counted" | left(44)) +
	(.first_build.ours | seconds | right(9)) +
	(.first_build.vng | seconds | right(9))),
"all rounds: ours \(.range.ours.least | tenths) to \(.range.ours.greatest | tenths) s" +
	(if .range.vng then ", vng \(.range.vng.least | tenths) to \(.range.vng.greatest | tenths) s" else "" end),
"goal: at most \(.goal.seconds) s: " + (if .goal.met then "met" else "not met" end),
if .vng.measured then
	"vng: \(.vng.version) of Debian \(.vng.suite), \(.vng.compiler);",
	"  config: \(.vng.config)"
else "vng: not measured: \(.vng.reason)" end
