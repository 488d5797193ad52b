#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# selftests.sh - `make selftests`, see docs/own-kernel.md. Each case must have the result
# of the configuration before, except for the differences in tests/selftests/
# expected-CONFIGURATION, and for a line in LINE/expected-CONFIGURATION; a listed
# difference that does not occur fails, too. Unsteady programs are repeated if
# they differ, and the best result of each case counts. A case that such a program
# skips, on either side, was not tested.
#
# The configurations are stock, join-off, join-on (the sysctl is 1), keep-off, which is
# compared to join-off, and keep-on (the sysctl is 2).
#
# Prints TAP. Leaves $O/selftests/CONFIGURATION.{ktap,cases} and differences. Exit status
# 0: all results are as expected.
. "${BASH_SOURCE%/*}/host.sh"
: "${LINE:=6.12}"
DIR=$O/selftests
LISTS=tests/selftests/$LINE
QUIET_S=900		# a program may be silent for its whole limit, under TCG
AGAIN=8			# number of times that an unsteady program is repeated

# cases RESULTS.JSON: prints "PROGRAM<tab>CASE<tab>RESULT", with CASE (program) for
# the exit. Numbers of four digits or more are pids and the like, and become N. A
# second case of the same name is NAME (2).
cases()
{
	jq -r 'def leaves: if (.tests // []) == [] then . else .tests[] | leaves end;
		.tests[] | select(.name == "selftests") | .tests[] |
		.name as $program | [$program, "(program)", .result],
		(.tests[]? | leaves | [$program, .name, .result]) | @tsv' "$1" |
		sed -E 's/\b[0-9]{4,}\b/N/g' |
		awk -F'\t' -v OFS='\t' '{
			n = ++seen[$1, $2]
			print $1, $2 (n > 1 ? " (" n ")" : ""), $3
		}'
}

# compare BEFORE AFTER LIST: prints each difference and its entry in LIST, a line
# each; fails if a difference is not listed, or a listed one does not occur. LIST:
# "PROGRAM | CASE | BEFORE | AFTER | REASON", # starts a comment.
compare()
{
	awk -v list="$3" '
	function field(s)
	{
		gsub(/^[ \t]+|[ \t]+$/, "", s)
		return s
	}
	function bad(what)
	{
		print "BAD: " what
		failed = 1
	}
	BEGIN {
		while ((got = (getline line < list)) > 0) {
			if (line ~ /^[ \t]*(#|$)/)
				continue
			if (split(line, f, "|") != 5 || field(f[5]) == "") {
				bad("not a line of a list: " line)
				continue
			}
			key = field(f[1]) "\t" field(f[2])
			want[key] = field(f[3]) " -> " field(f[4])
			why[key] = field(f[5])
		}
		if (got < 0)
			bad("cannot read " list)
		FS = "\t"
	}
	FNR == 1 { file++ }
	file == 1 { before[$1 "\t" $2] = $3; all[$1 "\t" $2] }
	file == 2 { after[$1 "\t" $2] = $3; all[$1 "\t" $2] }
	END {
		if (file != 2)
			bad("no cases at all")
		for (key in all) {
			a = key in before ? before[key] : "absent"
			b = key in after ? after[key] : "absent"
			if (a == b)
				continue
			if (want[key] == a " -> " b)
				print "expected: " key ": " a " -> " b ": " why[key]
			else
				bad("unexplained: " key ": " a " -> " b)
			met[key]
		}
		for (key in want)
			if (want[key] != "" && !(key in met))
				bad("no longer so: " key ": " want[key])
		exit failed
	}' "$1" "$2"
}

# guest OUT TARGET ARG...: runs the selftests in a guest, writes OUT.cases
guest()
{
	local out=$1 target=$2 rc=0 add=() file

	shift 2
	# Without pku, as under TCG: the result of proc-empty-vm depends on the keys
	[ "$target" != "stock-$LINE" ] || add+=(--append nopku)
	# All programs are added: some are not on the list, but executed by others.
	while read -r file; do
		add+=(--add "$MADE/$file:/selftests/$file")
	done < <(cd "$MADE" && find bin -type f -executable)
	"$O/vmtest/vmtest" --target "$target" --out "$out" --timeout $QUIET_S \
		--add "$MADE/list:/selftests/list" "${add[@]}" \
		--ktap -- "$O/guest/selftests" "$@" /selftests >"$LOG" 2>&1 || rc=$?
	echo "exit status $rc" >>"$LOG"
	# Failed tests (1) and lost events (3) are left to the comparison
	[ "$rc" -eq 0 ] || [ "$rc" -eq 1 ] || [ "$rc" -eq 3 ] || return 1
	jq -e '.targets[0].violations == []' "$out/summary.json" >>"$LOG" || return 1
	cases "$out/$target-1/results.json" >"$out.cases"
}

declare -A called	# the target and the arguments of each run

# run NAME JOINS TARGET ARG...: runs all selftests, writes $DIR/NAME.cases. JOINS is
# the expected number of joins: "== 0", or "> 0".
run()
{
	local name=$1 joins=$2 begin=$SECONDS

	shift 2
	called[$name]=$*
	guest "$DIR/run-$name" "$@" || return 1
	jq -e ".targets[0].joins $joins" "$DIR/run-$name/summary.json" >>"$LOG" ||
		return 1
	cp "$DIR/run-$name/$1-1/results.ktap" "$DIR/$name.ktap"
	mv "$DIR/run-$name.cases" "$DIR/$name.cases"
	[ "$(grep -c '(program)' "$DIR/$name.cases")" -eq \
		"$(wc -l <"$MADE/list")" ] || {
		echo "not all programs have a result" >>"$LOG"
		return 1
	}
	awk -F'\t' -v name="$name" -v s=$((SECONDS - begin)) '
		$2 == "(program)" { p++; next }
		{ n[$3]++ }
		END {
			printf "# %s: %d programs; cases: %d ok, %d not ok, %d skipped; %d s\n",
				name, p, n["ok"], n["not ok"], n["skip"], s
		}' "$DIR/$name.cases"
}

# merge ONE OTHER: prints the cases of both files, each with its better result
merge()
{
	awk -F'\t' -v OFS='\t' '
	BEGIN { rank["not ok"] = 1; rank["skip"] = 2; rank["ok"] = 3 }
	{
		key = $1 OFS $2
		if (!(key in best))
			order[++n] = key
		if (rank[$3] > rank[best[key]])
			best[key] = $3
	}
	END {
		for (i = 1; i <= n; i++)
			print order[i], best[order[i]]
	}' "$1" "$2"
}

# again NAME PROGRAM: repeats a program of run NAME and merges its results
again()
{
	# shellcheck disable=SC2086 # words
	guest "$DIR/again-$1" ${called[$1]} --only "${2/: //}" &&
		merge "$DIR/$1.cases" "$DIR/again-$1.cases" >"$TMP/cases" &&
		mv "$TMP/cases" "$DIR/$1.cases"
}

# unsteady: prints the names of the programs that are listed as unsteady
unsteady()
{
	[ -e "$LISTS/unsteady" ] || return 0
	awk -F '[ \t]*[|][ \t]*' '!/^#/ && $2 != "" { print $1 }' "$LISTS/unsteady"
}

# tested ONE OTHER: the cases of ONE that no unsteady program skipped, on either side
tested()
{
	awk -F'\t' '
	step == 1 { unsteady[$0]; next }
	step == 2 { if ($1 in unsteady && $3 == "skip") skipped[$1, $2]; next }
	!(($1, $2) in skipped)' step=1 <(unsteady) step=2 "$1" "$2" step=3 "$1"
}

# differing: the unsteady programs that differ, by the log
differing()
{
	sed -n 's/^BAD: unexplained: \([^\t]*\)\t.*/\1/p' "$LOG" | sort -u |
		grep -xFf <(unsteady)
}

# expected CONFIGURATION: prints the list of its expected differences
expected()
{
	cat "tests/selftests/expected-$1"
	[ ! -e "$LISTS/expected-$1" ] || cat "$LISTS/expected-$1"
}

# judge BEFORE AFTER: compares by AFTER's list, repeating unsteady programs
judge()
{
	local rc program programs left=$AGAIN

	while :; do
		rc=0
		tested "$DIR/$1.cases" "$DIR/$2.cases" >"$TMP/before"
		tested "$DIR/$2.cases" "$DIR/$1.cases" >"$TMP/after"
		compare "$TMP/before" "$TMP/after" <(expected "$2") >"$LOG" || rc=$?
		mapfile -t programs < <(differing)
		if [ ${#programs[@]} -eq 0 ] || [ $((left--)) -eq 0 ]; then
			break
		fi
		for program in "${programs[@]}"; do
			echo "# $program is run again on $1 and $2"
			if ! again "$1" "$program" || ! again "$2" "$program"; then
				echo "# $program could not be run again"
				left=0
			fi
		done
	done
	{
		echo "== $2 against $1"
		sort "$LOG"
	} >>"$DIR/differences"
	grep '^BAD' "$LOG" | sed 's/^/# /'
	return $rc
}

# fires NAME LIST STATUS: checks that the comparison ends with STATUS
fires()
{
	local name=$1 list=$2 rc=0

	printf '%b' "$list" >"$TMP/list"
	compare "$TMP/before" "$TMP/after" "$TMP/list" >"$LOG" 2>&1 || rc=$?
	check "$name" [ "$rc" -eq "$3" ]
}
printf 's: p\ta\tok\ns: p\tb\tok\n' >"$TMP/before"
printf 's: p\ta\tok\ns: p\tb\tnot ok\ns: p\tc\tok\n' >"$TMP/after"
both='s: p | b | ok | not ok | because\ns: p | c | absent | ok | new\n'
fires 'listed differences are no failure' "# why\n\n$both" 0
fires 'a difference that is not listed is one' 's: p | b | ok | not ok | because\n' 1
fires 'one that came out in another way is one' "${both/not ok/skip}" 1
fires 'one that is listed and is not there is one' "${both}s: p | a | ok | skip | x\n" 1
fires 'one without a reason is one' "${both/because/}" 1
printf '' >"$TMP/after"
fires 'no result at all is one' "$both" 1
printf 's: p\ta\tok\ns: p\tb\tskip\n' >"$TMP/one"
printf 's: p\ta\tnot ok\ns: p\tb\tok\n' >"$TMP/two"
merge "$TMP/one" "$TMP/two" >"$TMP/before"
printf 's: p\ta\tok\ns: p\tb\tok\n' >"$TMP/after"
fires 'the better result of two runs counts' '' 0
printf 's: p\ta\tok\ns: p\tb\tnot ok\n' >"$TMP/after"
fires 'who never comes to it differs' '' 1

# ... and no more than that
LISTS=$TMP
printf '# why\ns: p | because\n' >"$TMP/unsteady"
printf 's: p\ta\tok\ns: p\tb\tok\ns: q\tc\tok\n' >"$TMP/one"
printf 's: p\ta\tskip\ns: p\tb\tok\ns: q\tc\tskip\n' >"$TMP/two"
[ "$(tested "$TMP/one" "$TMP/two")" = "$(printf 's: p\tb\tok\ns: q\tc\tok')" ]
tap $? 'what an unsteady program skips was not tested'
printf 'BAD: unexplained: s: p\tb\tok\nBAD: unexplained: s: q\tc\tok\n' >"$LOG"
[ "$(differing)" = 's: p' ]
tap $? 'an unsteady program is run again where it differs, and no other'
LISTS=tests/selftests/$LINE

MADE=$(kernel/selftests.sh "$LINE")
check 'the selftests are built' [ -s "${MADE:-/nonexistent}/list" ]
rm -rf "$DIR"
mkdir -p "$DIR"
run stock '== 0' "stock-$LINE"
tap $? 'they run to the end on stock'
# The series' own selftest enables the sysctl, so joins happen with 0, too.
run join-off '> 0' "join-$LINE" --join 0
tap $? 'they run to the end on join, switched off, and no rule is violated'
run join-on '> 0' "join-$LINE" --join 1
tap $? 'they run to the end on join, switched on, and no rule is violated'
judge stock join-off
tap $? 'switched off, each comes out as on stock, but for what is listed'
judge join-off join-on
tap $? 'switched on, each comes out as switched off, but for what is listed'
run keep-off '> 0' "keep-$LINE" --join 0
tap $? 'they run to the end on keep, switched off, and no rule is violated'
run keep-on '> 0' "keep-$LINE" --join 2
tap $? 'they run to the end on keep, with 2, and no rule is violated'
judge join-off keep-off
tap $? 'on keep, switched off, each comes out as on join, but for what is listed'
judge keep-off keep-on
tap $? 'on keep, with 2, each comes out as switched off, but for what is listed'

tap_end
