# SPDX-License-Identifier: GPL-2.0-only
#
# edit_figures.jq - makes edit.json from the rounds of edit.sh: the median round of
# each side, and the range of all rounds.

def middle: sort_by(.whole) | .[length / 2 | floor];
def rounded: . * 100 | round / 100;
def range: map(.whole) | { least: (min | rounded), greatest: (max | rounded) };

($ours | middle) as $o | ($vng | middle) as $v |
def step($name): $o[$name] as $a | (try $v[$name] catch null) as $b |
	{ step: $name, ours: (if $a then $a | rounded else null end),
	  vng: (if $b then $b | rounded else null end),
	  ratio: (if $a and $b then $b / $a | rounded else null end) };
{
	version: 1, unit: "seconds", source: $source, cpus: ([$cpus, 2] | min),
	accel: "tcg", file: "kernel/pid.c", tests: "semantics",
	tests_ok: $o.count, rounds: ($ours | length),
	first_build: { ours: ($our_first | rounded),
		vng: (if $vng_first then $vng_first | rounded else null end) },
	steps: [("read", "make", "keep", "boot", "tests", "whole") | step(.)],
	range: { ours: ($ours | range),
		vng: (if $v then $vng | range else null end) },
	goal: { seconds: $goal, met: ($o.whole <= $goal) },
	vng: (if $reason != "" then { measured: false, reason: $reason } else
		{ measured: true, version: $vng_version, suite: $suite,
		  compiler: $compiler,
		  config: "virtme-configkernel --allnoconfig, kernel/config/base.config, tests/bench/vng.config" }
		end)
}
