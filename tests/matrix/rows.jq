# SPDX-License-Identifier: GPL-2.0-only
#
# jq -rs -L tests/matrix --slurpfile rules RULES -f rows.jq ROW.json... - prints the
# rows of the tables in docs/kernels.md, each as "TABLE<tab>| CELL | ... |". RULES is
# the catalogue from `pidnstrace rules --format json`. A kernel that pidnstrace
# refuses is {kernel, release, refusal}, and its bugs are {kernel, release, bugs}. A
# row contains nothing that varies from run to run, except for the kernel's version,
# which page.sh does not compare.
include "states";

def cells(table; $list): "\(table)\t| \($list | join(" | ")) |";
def list: if length == 0 then "-" else join(", ") end;
def count($one; $many): if . == 1 then "1 \($one)" else "\(.) \($many)" end;

# Merges rows that differ only in the number of CPUs; cpus becomes a list.
def by_cpus(f):
	[group_by(f)[] | { row: .[0], cpus: (map(.cpus) | sort) }] |
	sort_by([.row.place, .cpus]);

# Merges the rows of models that differ in nothing else; models becomes a list.
def by_models(f):
	[group_by(f)[] | { row: .[0], place: (map(.place) | min),
		models: (sort_by(.place) | map(.preempt) |
			reduce .[] as $m ([]; if index($m) then . else . + [$m] end)) }] |
	sort_by(.place);

# [4, 5, 6, 9] as "I4 to I6, I9"
def ranges:
	reduce .[] as $n ([];
		if length > 0 and .[-1][1] == $n - 1 then .[-1][1] = $n
		else . + [[$n, $n]] end) |
	map(if .[0] == .[1] then "I\(.[0])"
	    elif .[0] + 1 == .[1] then "I\(.[0]), I\(.[1])"
	    else "I\(.[0]) to I\(.[1])" end) | list;

def in_state($state): to_entries | map(select(.value == $state) | .key[1:] | tonumber) | sort;

# Different numbers of passed tests become "61 or 62".
def numbers: sort | map(tostring) | join(" or ");

def model_names:
	map(select(.is_default)) as $default |
	(map(.models[]) | unique_by(.)) as $names |
	if $names == [] then "no choice (\($default[0].preempt // .[0].preempt))"
	else .[0].models | map(. as $name |
		if any($default[]; .preempt == $name) then "\(.) (default)" else . end) | list end;

def kernel_row:
	cells("kernels"; [.[0].kernel, .[0].release, model_names,
		(map(.cpus) | unique | map(tostring) | list),
		(map(select(.is_default) | .seeds) | max | tostring),
		(map(.lost) | add | tostring), (map(.false_alarms) | add | tostring),
		"traced and judged"]);

def refused_row: cells("kernels"; [.kernel, .release, "-", "-", "-", "-", "-", "refused: \(.refusal)"]);

def stories:
	(map_values(select(.)) | length) as $same |
	if $same == length then "\($same) as golden"
	else "not as golden: \(to_entries | map(select(.value | not) | .key) | list)" end;

def run_cells: [.preempt, .seeds, (.tests | numbers), (.skipped | numbers),
	.lost, .false_alarms, (.clients | stories)] | map(tostring);

def run_rows:
	by_cpus(run_cells)[] |
	(.row | run_cells) as $c |
	cells("runs"; [.row.kernel, $c[0], (.cpus | map(tostring) | list)] + $c[1:]);

def by_why: group_by(.why) | map("\(map(.name) | list): \(.[0].why)") |
	if . == [] then "-" else join("; ") end;

def absent: .hooks | map(select(.attached | not)) | by_why;

# Attached hooks that were hit in no guest.
def silent: .hooks | map(select(.attached and (.hit | not))) | by_why;

# A hook that was hit with any number of CPUs counts as hit.
def merge_hits:
	(map(.hooks[] | select(.hit) | .name) | unique) as $hit |
	map(.hooks |= map(.hit = IN(.name; $hit[])));

def hook_cells: [.copies, (.hooks | map(select(.attached)) | length), absent, silent] |
	map(tostring);

def hook_rows:
	[group_by(.preempt)[] | merge_hits[]] | by_models(hook_cells)[] |
	cells("hooks"; [.row.kernel, (.models | list)] + (.row | hook_cells));

# The hooks of each way, in the order of the hooks.
def way_cells:
	.hooks | map(select(.attached)) | reduce .[] as $h ({};
		.[$h.way] += ["\($h.name | sub("^[^:]*:"; ""))\(if $h.partial then " (may miss events)" else "" end)"]) |
	to_entries | map([.key, (.value | list)]);

def way_rows:
	by_models(way_cells)[] | . as $same |
	.row | way_cells[] | cells("ways"; [$same.row.kernel, ($same.models | list)] + .);

def bug_row: (.kernel) as $kernel |
	.bugs[] | cells("bugs"; [$kernel, .name, .shows]);

def rule_states:
	[.[].rules | to_entries[]] | group_by(.key) |
	map({ key: .[0].key, value: (map(.value) | worst_state) }) | from_entries;

def why_not:
	{ "not-applicable": "no promise of a mainline kernel",
	  "not-exercised": "nothing that they are about happened",
	  "unavailable": "this kernel does not give what they need",
	  "deselected": "not asked for" } as $why |
	rule_states as $states |
	[$why | to_entries[] | . as $w | $states | in_state($w.key) |
	 select(. != []) | "\(ranges): \($w.value)"] |
	if . == [] then "-" else join("; ") end;

def rule_rows:
	rule_states as $states |
	cells("rules"; [.[0].kernel,
		"\($states | in_state("ok") | length) of \($rules | length)",
		($states | in_state("ok") | ranges), why_not]);

# Models are in the order in which the kernel lists them.
def placed: map(. as $row | .place = ((.models // []) | index($row.preempt) // -1));

group_by(.kernel)[] |
(map(select(.bugs)) | .[] | bug_row),
(map(select(.bugs | not)) |
	if .[0].refusal then .[0] | refused_row
	else placed | kernel_row, run_rows, hook_rows, way_rows, rule_rows end)
