# SPDX-License-Identifier: GPL-2.0-only
#
# jq -nr --arg client C --slurpfile off STORY --slurpfile on STORY --slurpfile keep STORY
#	-f gate.jq
#
# What kernel.setns_pid_join = 1 and 2 change for a client, from its stories (story.jq)
# with the gate at 0, 1 and 2: a row for each step, its columns separated by tabs:
# client, step, outcome, setns() that failed or joined, exit status; and the outcome and
# another exit status with the gate at 2.

# Of the lines that match: who called, and the call, each once
def calls($match):
	[.alone[] | select(test($match)) |
		capture("^ *(?<who>.*)\\[[0-9,]+\\] (?<call>setns\\(.*\\) = (-1 E[A-Z]+|[0-9]+))") |
		"\(.who): \(.call)"] | unique | join("; ");

# The outcome, and the calls that decided it
def outcome($was):
	calls("setns\\(.* = -1 ") as $refused |
	calls("joined: pid") as $joined |
	if [.alone, .status, .said] == ($was | [.alone, .status, .said]) then ["works", "-"]
	elif $joined != "" then ["joins", $joined]
	elif $refused != "" then ["refused", $refused]
	else ["differs", "-"] end;

def status($was): if .status == $was.status then "\(.status)" else "\(.status) instead of \($was.status)" end;

($off[0] | map({ (.name): . }) | add) as $before |
($keep[0] | map({ (.name): . }) | add) as $kept |
$on[0][] |
$before[.name] as $was |
$kept[.name] as $second |
[
	$client, .name, outcome($was)[], status($was),
	($second | outcome($was)[0] + if .status == $was.status then "" else ", \(status($was))" end)
] | @tsv
