# SPDX-License-Identifier: GPL-2.0-only
#
# A row of the matrix, from the files of its guests: see row.sh for the variables. The
# faults are sentences, one for each unacceptable result.
include "states";

# "none voluntary (full)" as {names, active}
def models:
	[splits(" +") | select(. != "")] |
	{ names: map(gsub("[()]"; "")), active: (map(select(startswith("("))) | first) } |
	if .active then .active |= .[1:-1] else . end;

# the runs of a summary.json, possibly none
def runs: (.targets // []) | map(.results[]);

def lost: map(.lost) | add // 0;
def alarms: map(.violations[].count) | add // 0;

# Checks the results themselves: a PASS verdict alone is not trusted.
def run_faults($what):
	.[] | "\($what), seed \(.seed)" as $run |
	(select(.verdict != "PASS") | "\($run): \(.verdict): \(.reason)"),
	(select(.lost != 0) | "\($run): \(.lost) records lost"),
	(.violations[] | "\($run): \(.rule) violated \(.count) times, a false alarm"),
	(select(.tests.not_ok != 0) | "\($run): \(.tests.not_ok) tests failed");

def rule_states:
	[.[].rules[]] | group_by(.id) |
	map({ key: .[0].id, value: (map(.state) | worst_state) }) | from_entries;

# Hooks by name: the probe has each hook's attachment; a hit in any guest counts.
def hooks($probe; $verdicts):
	($verdicts | [.[].hooks[] | select(.hits > 0) | .name] | unique) as $hit |
	($probe.hooks // []) | map({ name, attached, why, way, partial,
		hit: (.fired or IN(.name; $hit[])) });

($models | models) as $models |
($clients | runs) as $client_runs | ($tests | runs) as $test_runs |
[$stories | splits("\n") | select(. != "") | split(" ") | { key: .[0], value: (.[1] == "true") }] as $same |
{
	kernel: $kernel, release: $release, cpus: $cpus,
	preempt: (if $preempt != "-" then $preempt
		  else $models.active // $probe.preemption // "unknown" end),
	is_default: ($preempt == "-"),
	models: $models.names,
	seeds: ($test_runs | length),
	tests: ($test_runs | map(.tests.ok) | unique),
	skipped: ($test_runs | map(.tests.skip) | unique),
	events: ($test_runs | map(.events) | add // 0),
	lost: ($test_runs + $client_runs | lost),
	false_alarms: ($test_runs + $client_runs | alarms),
	copies: $probe.copies, preemption: $probe.preemption,
	tasklist_lock: $probe.tasklist_lock, stacks: $probe.stacks,
	hooks: hooks($probe; $verdicts),
	rules: ($verdicts | rule_states),
	clients: ($same | from_entries),
	faults: [
		(select($probe == null) | "pidnstrace probe gave no answer"),
		(select(($test_runs | length) != $seeds) |
			"\($test_runs | length) runs, not \($seeds)"),
		(select(($verdicts | length) != $seeds) |
			"\($verdicts | length) reports of verify, not \($seeds)"),
		(select($client_runs | length != 1) | "no run of the clients"),
		($test_runs | run_faults("tests")),
		($client_runs | run_faults("clients")),
		(select($same == []) | "no stories of the clients"),
		($same[] | select(.value | not) |
			"the story of \(.key) is not the golden one"),
		(select($seen_cpus != "\($cpus)") |
			"the guest has \($seen_cpus) CPUs, not \($cpus)"),
		(select($preempt != "-" and $models.active != $preempt) |
			"preempt=\($preempt) was not taken: \($models.active)"),
		(select($probe.preemption | . != "rt" and $models.active and
			. != $models.active) |
			"pidnstrace takes preempt=\($models.active) for \($probe.preemption)")
	]
}
