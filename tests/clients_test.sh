#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# clients_test.sh [golden] - checks how container runtimes and similar programs use pid
# namespaces, as docs/clients.md describes it: each story must equal its golden file,
# and the effects of the gate the table in that page.
#
# Each client runs TIMES times (default 1) in each guest, with equal stories. Prints
# TAP; $O/clients has the traces, stories and gate.txt. With "golden" the golden files
# are rewritten.
. "${BASH_SOURCE%/*}/host.sh"
. tests/clients/stories.sh
: "${TIMES:=1}"
DIR=$O/clients

# configuration, and the directory of its run
CONFIGURATIONS='stock-6.12 stock/stock-6.12-1
stock-6.1 stock/stock-6.1-1
join-off off/join-6.12-1
join-on on/join-6.12-1
keep keep/keep-6.12-1'

# guests NAME GATE TARGET...: traces all clients in each target, below $DIR/NAME
guests()
{
	local name=$1 gate=$2 targets=() target
	shift 2
	for target; do
		targets+=(--target "$target")
	done
	# The output on stdout contains the archives, too
	"$O/vmtest/vmtest" --out "$DIR/$name" --jobs "$(nproc)" "${targets[@]}" \
		"${ADD[@]}" -- tests/clients/guest.sh "$gate" "$TIMES" \
		"${CLIENTS[@]}" >"$DIR/$name.log" 2>&1
}

# ran NAME RC JOINS: tests for a PASS, and that JOINS ("== 0") holds for each target
ran()
{
	grep -a '^vmtest: ' "$DIR/$1.log" >"$LOG"
	[ "$2" -eq 0 ] &&
		jq -e ".targets | all(.joins $3)" "$DIR/$1/summary.json" >>"$LOG"
}

# write_stories CONFIGURATION CLIENT: writes the story of each repetition
write_stories()
{
	local n
	for n in $(seq "$TIMES"); do
		write_story "$DIR/$1/$n/$2" 2>"$LOG" || return
	done
}

# compare CONFIGURATION CLIENT: compares each story with the golden one
compare()
{
	local n same=0
	: >"$LOG"
	for n in $(seq "$TIMES"); do
		diff -u "$(golden "$2" "$1")" "$DIR/$1/$n/$2.txt" >>"$LOG" 2>&1 &&
			same=$((same + 1))
	done
	echo "$same of $TIMES are the same" >>"$LOG"
	[ "$same" -eq "$TIMES" ]
}

# Prints the effects of the gate, from the stories of join-off, join-on and keep
gate_table()
{
	local c
	for c in "${CLIENTS[@]}"; do
		jq -nr --arg client "$c" --slurpfile off "$DIR/join-off/1/$c.json" \
			--slurpfile on "$DIR/join-on/1/$c.json" \
			--slurpfile keep "$DIR/keep/1/$c.json" \
			-f tests/clients/gate.jq || return
	done
}

# documented FILE: prints the rows of its table, without the reasons
documented()
{
	awk -F ' *[|] *' -v OFS='\t' '
		$1 == "" && NF == 9 && $2 != "client" && $2 !~ /^-+$/ {
			if ($8 == "")
				exit 1
			print $2, $3, $4, $5, $6, $7
		}' "$1"
}

make_golden()
{
	local client configuration file
	mkdir -p $GOLDEN
	rm -f $GOLDEN/*.txt
	for client in "${CLIENTS[@]}"; do
		cp "$DIR/stock-6.12/1/$client.txt" "$GOLDEN/$client.txt"
		while read -r configuration _; do
			file=$DIR/$configuration/1/$client.txt
			cmp -s "$file" "$GOLDEN/$client.txt" ||
				cp "$file" "$GOLDEN/$client.$configuration.txt"
		done <<<"$CONFIGURATIONS"
	done
}

# --- each check detects its fault ---

# changed JQ CLIENT: writes the story of the client's trace on stock-6.12, after JQ
# has changed the trace, to $OUT; fails if JQ changes nothing
changed()
{
	local from=$DIR/stock-6.12/1/$2
	jq -c . "$from.trace" >"$TMP/as-it-is"
	jq -c "$1" "$from.trace" >"$TMP/it.trace"
	cp "$from.steps" "$TMP/it.steps"
	{ story "$TMP/it" | text; } >"$OUT" 2>"$LOG"
	! cmp -s "$TMP/as-it-is" "$TMP/it.trace"
}

# fires NAME JQ: checks that nsenter's story changes
fires()
{
	changed "$2" nsenter && [ -s "$OUT" ] &&
		! diff -u "$DIR/stock-6.12/1/nsenter.txt" "$OUT" >>"$LOG"
	tap $? "$1"
}

# refuses NAME TEXT JQ: checks that there is no story, but the message TEXT
refuses()
{
	changed "$3" nsenter && [ ! -s "$OUT" ] && grep -q "$2" "$LOG"
	tap $? "$1"
}

# keeps NAME JQ: checks that an irrelevant change is not visible; runc has threads
keeps()
{
	changed "$2" runc && diff -u "$DIR/stock-6.12/1/runc.txt" "$OUT" >>"$LOG"
	tap $? "$1"
}

stories_check
stories_add
rm -rf "$DIR"
mkdir -p "$DIR"

guests stock off stock-6.12 stock-6.1
ran stock $? '== 0'
tap $? 'the clients run to the end on stock, nobody joins, and no rule is violated'
guests off off join-6.12 &
guests on on join-6.12
on=$?
wait $!
guests keep keep keep-6.12
keep=$?
ran off $? '== 0'
tap $? 'so they do on join with the gate off'
check 'with the gate on some join, and no rule is violated' ran on $on '> 0'
check 'with the gate at 2 more of them do' ran keep $keep \
	"> $(jq '.targets[0].joins' "$DIR/on/summary.json")"

while read -r configuration run; do
	stories_unpack "$DIR/$run/output" "$DIR/$configuration" >"$LOG" 2>&1
	tap $? "$configuration: the traces are there"
	for client in "${CLIENTS[@]}"; do
		write_stories "$configuration" "$client"
		tap $? "$configuration: they have a story of $client"
	done
done <<<"$CONFIGURATIONS"
gate_table >"$DIR/gate.txt" 2>"$LOG"
tap $? 'the effects of the gate are listed'
if [ "${1:-}" = golden ]; then
	[ "$FAILED" -eq 0 ] && make_golden
	exit
fi

while read -r configuration _; do
	for client in "${CLIENTS[@]}"; do
		compare "$configuration" "$client"
		tap $? "$configuration: the story of $client is the golden one"
	done
done <<<"$CONFIGURATIONS"
check 'join with the gate off has no golden files of its own' not ls $GOLDEN/*.join-off.txt
documented docs/clients.md | diff -u - "$DIR/gate.txt" >"$LOG"
tap $? 'the table in docs/clients.md is what was seen'

sed '0,/EPERM/s/EPERM/EBUSY/' docs/clients.md >"$TMP/wrong.md"
! documented "$TMP/wrong.md" | diff -u - "$DIR/gate.txt" >"$LOG"
tap $? 'a table with another errno is found out'
fires 'who entered is missed' 'select(.op != "setns")'
fires 'another fd is seen' 'if .op == "setns" then .fd += 1 else . end'
fires 'an error is seen' 'if .op == "setns" then .ret = -1 else . end'
fires 'another exit status is seen' 'if .op == "exit" then .code += 1 else . end'
fires 'another one who reaps is seen' \
	'if .op == "wait" and .child_numbers[1] then .tgid = 1 else . end'
fires 'one that nobody reaped is seen' 'select(.op != "wait")'
fires 'another level is seen' \
	'if .op == "fork" then .child_numbers = .child_numbers[:1] else . end'
refuses 'a trace with a lost record has no story' '[1-9][0-9]* records were lost' \
	'if .op == "setns" then ., { op: "lost", records: 1 } else . end'
refuses 'nor has one with an operation that is not known' 'not known: new' \
	'if .op == "setns" then ., { op: "new" } else . end'
fires 'a join is seen' 'if .op == "setns" then .moved = true else . end'
keeps 'times do not matter' '.time += 1'
keeps 'nor do threads' 'select(.thread != true and .op != "thread_exit")'
keeps 'nor does which thread it was' 'if .op == "fork" then .pid += 100000 else . end'

tap_end
