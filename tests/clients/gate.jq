# SPDX-License-Identifier: GPL-2.0-only
#
# jq -nr --arg client C --slurpfile off STORY --slurpfile on STORY -f gate.jq
#
# What kernel.setns_pid_join = 1 changes for a client, from its stories (story.jq)
# with the gate off and on: a row for each step, its columns separated by tabs:
# client, step, outcome, setns() that failed or joined, exit status.

# Of the lines that match: who called, and the call, each once
def calls($match):
	[.alone[] | select(test($match)) |
		capture("^ *(?<who>.*)\\[[0-9,]+\\] (?<call>setns\\(.*\\) = (-1 E[A-Z]+|[0-9]+))") |
		"\(.who): \(.call)"] | unique | join("; ");

($off[0] | map({ (.name): . }) | add) as $before |
$on[0][] |
$before[.name] as $was |
calls("setns\\(.* = -1 ") as $refused |
calls("joined: pid") as $joined |
[
	$client, .name,
	if [.alone, .status, .said] == ($was | [.alone, .status, .said]) then "works", "-"
	elif $joined != "" then "joins", $joined
	elif $refused != "" then "refused", $refused
	else "differs", "-" end,
	if .status == $was.status then "\(.status)"
	else "\(.status) instead of \($was.status)" end
] | @tsv
