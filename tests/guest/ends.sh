# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Compares what `pidnstrace trace' shows of the ends of processes, of their names and of
# orphans with what wait4() and /proc say. Run by the guest's sh; KTAP on stdout. Needs
# /tap.sh and /ends in the image.
echo 'KTAP version 1'
. /tap.sh
TRACE=pidnstrace

# shown NAME OPTION...: prints the recording into "$TMP/NAME"
shown()
{
	name=$1
	shift
	cp "$TMP/trace.said" "$TMP/$name.said"
	says "the recording is printed as $name" 0 '' \
		$TRACE replay --print "$@" "$TMP/trace"
	cp "$OUT" "$TMP/$name"
}

# once FILE PATTERN: checks that one line of FILE matches
once()
{
	[ "$(grep -c -- "$2" "$1")" -eq 1 ] && return
	echo "not once: $2" >>"$LOG"
	return 1
}

# all NAME TITLE KIND FUNCTION: calls FUNCTION FIELD... for what was said about KIND
all()
{
	cp "$TMP/$1" "$LOG"
	bad=0
	while read -r said; do
		# shellcheck disable=SC2086 # fields
		case $said in
		"$3 "*) $4 ${said#* } || bad=1 ;;
		esac
	done <"$TMP/$1.said"
	grep -q "^$3 " "$TMP/$1.said" || bad=1
	tap $bad "$2"
}

numbers='[0-9,]*'

# literal TEXT: prints it as a pattern
literal()
{
	echo "$1" | sed 's/[][]/\\&/g'
}

# A former name, or a thread, has no end of its own.
in_text()
{
	who="$1\\[$2$numbers\\]"
	once "$TMP/text" "\\[$2$numbers\\] \\(exit(\\|killed by\\)" || return
	shift 4
	once "$TMP/text" " $who $(literal "$*")\\(, last thread [0-9]*\\)\\?\$"
}

in_tree()
{
	name=$1 pid=$2
	shift 4
	once "$TMP/tree" "[[ ]${pid}[], ].* $name .*  $(literal "$*"), waited for"
}

json_status()
{
	echo "\"code\":$1,\"signal\":$2[,}]"
}

in_json()
{
	once "$TMP/json" "\"op\":\"exit\",\"comm\":\"$1\",\"pid\":$2,.*$(json_status "$3" "$4")" &&
		once "$TMP/json" "\"op\":\"wait\",.*\"child\":$2,\"child_comm\":\"$1\",.*$(json_status "$3" "$4")"
}

orphan_in_text()
{
	once "$TMP/text" " $1\\[$2$numbers\\] orphaned: given to $3\\[$4$numbers\\]\$"
}

orphan_in_json()
{
	once "$TMP/json" "\"op\":\"orphan\",.*\"child\":$2,\"child_comm\":\"$1\",.*\"parent\":$4,\"parent_comm\":\"$3\""
}

$TRACE trace -o "$TMP/text" -- /ends >"$TMP/text.said" 2>"$LOG"
rc=$?
cat "$TMP/text.said" "$TMP/text" >>"$LOG"
[ $rc -eq 0 ] && grep -q ^end "$TMP/text.said"
tap $? 'the processes end'
all text 'each end is printed once, as wait4() reported it' end in_text
all text 'each orphan is given to its parent in /proc' orphan orphan_in_text
cp "$TMP/text" "$LOG"
# leader_first, thread_last, thread_crash, with_core, two killed, an exec, two inits; the
# threads of group and of thread_alone; the one that changes its name
threads=$(grep -c ' thread exit$' "$TMP/text")
[ "$threads" -ge 11 ]
tap $? 'ends of threads have another wording'
[ "$(grep -c ' ends pid:.* killed by SIGKILL, sent by ends\[[0-9]*\]$' "$TMP/text")" -eq 3 ]
tap $? 'the end of a namespace names the sender of the SIGKILL'

$TRACE record -o "$TMP/trace" -- /ends >"$TMP/trace.said" 2>"$LOG"
tap $? 'they are recorded'
shown text
all text 'with the same ends' end in_text
shown tree --tree
all tree 'the same in the tree' end in_tree
shown json --format json
all json 'the same in JSON' end in_json
all json 'and its orphans' orphan orphan_in_json
cp "$TMP/json" "$LOG"
once "$LOG" '"op":"exit","comm":"no_memory",.*"sender":{"kind":"oom"}'
tap $? 'and the reason of a SIGKILL for want of memory'

# A process whose new name no other record shows
/ends rename "$TMP/go" &
pid=$!
$TRACE trace --tree -o "$TMP/tree" 2>"$LOG" &
tracer=$!
until grep -q __set_task_comm /sys/kernel/debug/tracing/enabled_functions; do
	sleep 0.1
done
sleep 2
: >"$TMP/go"
until [ -e "$TMP/go.done" ]; do
	sleep 0.1
done
kill -INT $tracer
wait $tracer
kill $pid
cp "$TMP/tree" "$LOG"
grep -q "^ *$pid .*new name" "$TMP/tree" && ! grep -q 'old name' "$TMP/tree"
tap $? 'the tree has the last name of a process'
tap_end
