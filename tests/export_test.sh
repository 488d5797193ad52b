#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# shellcheck disable=SC2016 # filters of jq are in single quotes, and meant so
#
# Reads the output of `pidnstrace export' with other programs: a validator of JSON
# Schema and a reader of trace events (export_check.py) for perfetto, Python's csv
# module for csv, jq for json; all must find the same records. Perfetto's trace processor
# must find the same in pftrace as in perfetto. They must also refuse broken files, or
# their approval would prove nothing. FILES may name directories of
# runs, whose traces are exported as well.
. "${BASH_SOURCE%/*}/host.sh"
. tests/perfetto/engine.sh
export=("$O/pidnstrace" export --format)
SEEDS=$O/fuzz/seeds

# agrees FORMAT EXPORT JSON: tests that the export is in order, and agrees with the JSON
agrees()
{
	python3 tests/export_check.py "$@" >"$LOG" 2>&1
}

# same_in FILE: tests that Perfetto reads the same in the pftrace FILE as in $TMP/perfetto
same_in()
{
	node tests/perfetto/compare.mjs "$ENGINE" "$TMP/perfetto" "$1" >"$LOG" 2>&1
}

# make FORMAT TRACE: exports to $TMP/FORMAT
make()
{
	"${export[@]}" "$1" -o "$TMP/$1" "$2" 2>"$LOG"
}

# lines TRACE: jq must read each line, and find as many kernel records as replay counts
lines()
{
	local have want

	have=$(jq -n 'reduce (inputs | .hdr.type // 256) as $t
		(0; . + if $t < 256 then 1 else 0 end)' "$TMP/json" 2>"$LOG") ||
		return 1
	want=$("$O/pidnstrace" replay "$1" 2>>"$LOG" |
		sed -n 's/^events *\([0-9]*\),.*/\1/p')
	echo "$have records, replay has $want" >>"$LOG"
	[ -n "$want" ] && [ "$have" = "$want" ]
}

# each_format TRACE: checks each format of the trace
each_format()
{
	make json "$1" && lines "$1" &&
		make perfetto "$1" && agrees perfetto "$TMP/perfetto" "$TMP/json" &&
		make pftrace "$1" && same_in "$TMP/pftrace" &&
		make csv "$1" && agrees csv "$TMP/csv" "$TMP/json"
}

perfetto_engine || {
	echo "Perfetto's trace processor is needed to read .pftrace files" >&2
	exit 2
}

for scene in join container_armed seed inum_other reuse_armed exec_by_thread clone_newpid \
		refusal_lost timers; do
	check "scene $scene: all formats are in order, and agree" \
		each_format "$SEEDS/scene_$scene"
done
for dir in ${FILES:-}; do
	[ -e "$dir/trace.bin" ] || continue
	for format in json perfetto pftrace csv; do
		check "${dir%/}: is exported as $format" make "$format" "$dir/trace.bin"
	done
	lines "$dir/trace.bin"
	tap $? "${dir%/}: jq reads the json, and counts as replay does"
	for format in perfetto csv; do
		check "${dir%/}: the $format is in order, and agrees with the json" \
			agrees "$format" "$TMP/$format" "$TMP/json"
	done
	check "${dir%/}: Perfetto reads the same in pftrace" same_in "$TMP/pftrace"
done

# --- broken files are refused ---

trace=$SEEDS/scene_join
for format in json perfetto pftrace csv; do
	make "$format" "$trace" || exit 2
done

# refused NAME FORMAT EXPECT FILTER...: breaks the export with FILTER, which must then be
# refused, with the words EXPECT
refused()
{
	"${@:4}" <"$TMP/$2" >"$TMP/broken" 2>"$LOG"
	! agrees "$2" "$TMP/broken" "$TMP/json" && grep -qF -- "$3" "$LOG"
	tap $? "refused: $1"
}

# event NAME EXPECT FILTER: breaks .traceEvents with a jq filter, expects a refusal
event()
{
	jq -c ".traceEvents |= ($3)" "$TMP/perfetto" >"$TMP/changed" 2>"$LOG" &&
		! cmp -s <(jq -c . "$TMP/perfetto") "$TMP/changed"
	tap $? "broken: $1"
	refused "$1" perfetto "$2" cat "$TMP/changed"
}

# nth CONDITION CHANGE: prints a filter that changes the first event ($i) to match
first='(map(%s) | index(true)) as $i |'
nth()
{
	# shellcheck disable=SC2059
	printf "$first %s" "$1" "$2"
}

refused 'half of it' perfetto 'broken:' head -c 900
event 'a slice that does not end' 'open slices at the end' \
	"$(nth '.ph == "E"' 'del(.[$i])')"
event 'an end of no slice' 'ends no slice' \
	"$(nth '.ph == "B"' 'del(.[$i])')"
event 'an event without a time' "'ts' is a required property" \
	"$(nth '.ph == "B"' 'del(.[$i].ts)')"
event 'a time before the start' 'less than the minimum' \
	"$(nth '.ph == "B"' '.[$i].ts = -1')"
event 'a time that goes back' 'goes back in time' \
	"$(nth '.ph == "s"' '.[$i].ts += 1e6')"
event 'an unknown kind of event' "'Q' is not one of" \
	"$(nth '.ph == "i"' '.[$i].ph = "Q"')"
event 'an instant without a scope' "'s' is a required property" \
	"$(nth '.ph == "i"' 'del(.[$i].s)')"
event 'a process by its name' 'is not of type' \
	"$(nth '.ph == "i"' '.[$i].pid = "init"')"
event 'a thread number 0' 'less than the minimum' \
	"$(nth '.ph == "B"' '.[$i].tid = 0')"
event 'a field of nobody' 'was unexpected' \
	"$(nth '.ph == "B"' '.[$i].color = 1')"
event 'a flow without an end' 'does not end' \
	"$(nth '.ph == "f"' 'del(.[$i])')"
event 'a flow without a beginning' 'ends and did not begin' \
	"$(nth '.ph == "s"' 'del(.[$i])')"
event 'two flows with one number' 'begins twice' \
	"$(nth '.ph == "s"' '.[:$i+1] + .[$i:]')"
event 'a fork without its flow' 'forks' \
	'map(select(.cat != "fork"))'
event 'a join without its flow' 'joins' \
	'map(select(.cat != "join"))'
event 'a process without a name' 'without a name' \
	"$(nth '.name == "process_name"' 'del(.[$i])')"
event 'a thread without a name' 'without a name' \
	"$(nth '.name == "thread_name"' 'del(.[$i])')"
event 'one process for two namespaces' 'no process for the namespaces' \
	'map(if .name == "process_name" then .args.name = "pid:[1] level 0" else . end)'
event 'two processes for one namespace' 'processes for' \
	"$(nth '.name == "process_name"' '.[:1] + [.[$i] | .pid = 999] + .[1:]')"
event 'a process and a thread with one number' 'with the same number' \
	'map(if .tid then .tid = 1 else . end)'
event 'fewer than no tasks' 'less than the minimum' \
	"$(nth '.ph == "C"' '.[$i].args.live = -1')"
refused 'a unit that is none' perfetto "'h' is not one of" \
	sed 's/"displayTimeUnit":"ns"/"displayTimeUnit":"h"/'

refused 'a row without a column' csv 'columns, the head' sed '4s/,[^,]*,/,/'
refused 'a table without a row' csv 'has index' sed '4d'
refused 'a table without the last row' csv 'no row for record' sed '$d'
refused 'a pid that is another' csv 'has task_pid' \
	sed 's/,fork,\([^,]*\),\([0-9]*\),/,fork,\1,9\2,/'
refused 'lines that end in LF' csv 'the last line' sed 's/$//; s/\r$//'
refused 'a quote that does not end' csv 'broken:' sed 's/,alloc_pid,/,"alloc_pid,/'

# packet NAME HOW: breaks a packet, expects that the comparison fails
packet()
{
	python3 tests/perfetto/break.py "$2" <"$TMP/pftrace" >"$TMP/broken" 2>"$LOG"
	tap $? "broken: $1"
	check "noticed: $1" not same_in "$TMP/broken"
}

packet 'a slice without a beginning' begin
packet 'a slice without an end' end
packet 'an instant too few' instant
packet 'a counter without a value' counter
packet 'an event a nanosecond later' time
packet 'a slice with a different name' name
packet 'a different argument' argument
packet 'an arrow without a beginning' flow_out
packet 'an arrow without an end' flow_in
packet 'a process without a description' process
packet 'a thread without a description' thread
packet 'a clock that is not known' clocks
head -c -1 "$TMP/pftrace" >"$TMP/broken"
check 'noticed: a pftrace without its last byte' not same_in "$TMP/broken"
: >"$TMP/broken"
check 'noticed: an empty pftrace' not same_in "$TMP/broken"

cp "$TMP/json" "$TMP/whole"
sed -i '5d' "$TMP/json"
check 'refused: json without a line' not agrees csv "$TMP/csv" "$TMP/json"
sed '50s/}$//' "$TMP/whole" >"$TMP/json"
check 'refused: json with half a line' not lines "$trace"
grep -v '"record":"fork"' "$TMP/whole" >"$TMP/json"
check 'refused: json with fewer records than there are' not lines "$trace"

# --- truncated traces, and outputs that fail ---

big=$TMP/trace
size=$(stat -c %s "$trace")
head -c $((size - 1)) "$trace" >"$big"
for format in json perfetto pftrace csv; do
	says "a trace that is cut short, as $format" 3 'cut short in a block' \
		"${export[@]}" "$format" -o "$TMP/cut.$format" "$big"
done
jq -e '.metadata.cut | startswith("cut short")' "$TMP/cut.perfetto" \
	>"$LOG" 2>&1
tap $? 'and what came before is whole'
mv "$TMP/cut.perfetto" "$TMP/perfetto"
check 'Perfetto reads the same in both' same_in "$TMP/cut.pftrace"
grep -qF 'trace cut short' "$TMP/cut.pftrace"
tap $? 'and the end of the trace is an event'
# The second trace is not a valid block of the first, whose records are all exported.
cat "$trace" "$trace" >"$big"
make json "$trace"
cp "$TMP/json" "$TMP/whole"
says 'a trace that goes on as another' 3 'not a block' \
	"${export[@]}" json -o "$TMP/json" "$big"
check 'and all before that is exported' cmp "$TMP/json" "$TMP/whole"
says 'a full disk' 2 'cannot write /dev/full: No space left on device' \
	"${export[@]}" json -o /dev/full "$trace"
says 'a full disk as stdout' 2 'cannot write to stdout: No space left on device' \
	bash -c '"$@" >/dev/full' - "${export[@]}" csv "$trace"
# More output than a pipe holds, so export cannot finish before the reader exits
says 'a reader that goes away' 2 'cannot write to stdout: Broken pipe' \
	bash -c '"$@" | head -c 10 >/dev/null; exit "${PIPESTATUS[0]}"' - \
	"${export[@]}" json "$(ls -S "$SEEDS"/* | head -n 1)"
says 'an unknown format' 2 'not one of perfetto, pftrace, json, csv' \
	"${export[@]}" svg "$trace"
says 'binary data for a terminal' 2 'is a terminal' \
	script -qec "$(printf '%q ' "${export[@]}" pftrace "$trace")" /dev/null
says 'a trace from stdin' 0 '"record":"meta_end"' \
	bash -c '"$@" - <"$0"' "$trace" "${export[@]}" json
echo old >"$TMP/limited"
says 'a file that may not grow' 2 'limited: File too large' \
	bash -c 'trap "" XFSZ; ulimit -f 8; "$@"' - \
	"${export[@]}" json -o "$TMP/limited" "$trace"
check 'and the one that was there is, and no other' [ "$(cat "$TMP"/limited*)" = old ]

tap_end
