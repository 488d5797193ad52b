#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage_test.sh - checks tests/coverage/coverage.py with small inputs: the lines that
# a series adds, the counts of gcov, the reasons and the verdict. A gcov that prints
# prepared documents takes the place of the real one, except in the last tests.
. "${BASH_SOURCE%/*}/host.sh"
GOLDEN=tests/golden/coverage
COVERAGE=(python3 tests/coverage/coverage.py --series "$TMP/series" --kernel "$TMP/kernel"
	--reasons "$TMP/reasons" --out "$TMP/out")
NOT_PATCH='no patch that I understand'
NOT_JSON='a.gcda: not what gcov --json-format prints: '
NOT_REASON='FILE FUNCTION: TEXT is wanted, then an indented reason'
NOT_COUNTS="$TMP/run/counts: no line of counts: "
UNUSED='an excuse for a line that is executed, or not there: '

# line NR COUNT FUNCTION [PART]: a line of a document; PART is true if gcov saw a block
# of it that was not executed
line()
{
	printf '{"line_number":%d,"count":%d,"function_name":"%s","unexecuted_block":%s}' \
		"$1" "$2" "$3" "${4:-false}"
}

# document FILE LINE...
document()
{
	local file=$1 IFS=,

	shift
	printf '{"files":[{"file":"%s","lines":[%s]}]}\n' "$file" "$*"
}

# a_c LINE...: the counts of kernel/a.c, beside those of its line 13
a_c()
{
	document kernel/a.c "$(line 13 4 one)" "$@" >"$TMP/gcov/kernel/a.gcda"
}

# counts FILE...: the counts of a run, of these objects; the bytes are those of a header
counts()
{
	printf '/build/%s.gcda "adcgVERSSTMP"\n' "$@"
}

# fresh: a good run, without reasons, on a kernel that was built from the series
fresh()
{
	rm -rf "${TMP:?}"/{series,kernel,run,gcov,out}
	mkdir -p "$TMP"/{bin,run,gcov/kernel} "$TMP"/kernel/gcov/{kernel,include/linux}
	cp -r $GOLDEN/series "$TMP"
	: >"$TMP/reasons"
	yes '' | head -n 50 | sed '2s/^/#include <c.h>/; 3s/^/#include <d.h>/
		13s/^/\tif (x)/; 14s/^/\t\treturn 1;/; 45s/^/\tdo_y();/' \
		>"$TMP/kernel/gcov/kernel/a.c"
	sed -n '/i(void)/,/^+}/s/^+//p' $GOLDEN/series/0002-two.patch \
		>"$TMP/kernel/gcov/include/linux/i.h"
	printf 'oncgVERSSTMP' | tee "$TMP"/kernel/gcov/kernel/{a,b}.gcno >/dev/null
	counts kernel/a >"$TMP/run/counts"
	a_c "$(line 14 1 one)" "$(line 45 9 two)"
}

# states [FILE]: the state of each line of FILE in the report, and the problems
states()
{
	awk -v file="${1:-kernel/a.c}" '/^$/ { on = 0 } on; $0 == file { on = 1 }' \
		"$TMP/out/report.txt" |
		sed -nE 's/^ *(-|[0-9]+|(#####|=====) (part)?) +([0-9]+): .*/\4:\1/p
			s/^ *because: (.*)/(\1)/p' | tr -d ' ' | tr '\n' ' '
	jq -r '.totals.problems' "$TMP/out/summary.json"
}

# run RUN...: the exit status is in RC
run()
{
	RC=0
	rm -rf "$TMP/out"
	"${COVERAGE[@]}" "$@" >"$OUT" 2>"$LOG" || RC=$?
	cat "$OUT" >>"$LOG"
}

# judged NAME STATUS STATES TEXT [FILE]: checks what a run prints, and the states of FILE
judged()
{
	run "$TMP/run"
	echo "status $RC: $(states "${5:-}")" >>"$LOG"
	grep -qF -- "$4" "$LOG" && grep -qxF "status $2: $3" "$LOG"
	tap $? "$1"
}

# refuses NAME TEXT: the program ends with status 2 and TEXT, without a file in out
refuses()
{
	run "$TMP/run"
	[ "$RC" -eq 2 ] && grep -qF -- "$2" "$LOG" && [ "$(ls "$TMP/out")" = '' ]
	tap $? "$1"
}

# same FILE...: each is as in the golden files
same()
{
	local file

	for file; do
		check "${file##*/} is as expected" diff "$GOLDEN/${file##*/}" "$file"
	done
}

mkdir "$TMP/bin"
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1 $2" = "--json-format --stdout" ] || exit 9
cp "$3" %s/seen && cat "%s/gcov/$3"\n' "$TMP" "$TMP" >"$TMP/bin/gcov"
chmod +x "$TMP/bin/gcov"
OLD_PATH=$PATH
PATH=$TMP/bin:$PATH

# The lines that the series adds: later patches move them.
fresh
judged 'all lines are executed' 0 '2:- 3:- 13:4 14:1 15:- 45:9 0' 'all of them'
! grep -qE 'error|message.c|tools|Makefile' "$LOG" "$TMP/out/report.txt"
tap $? 'files of the message, of tools/ and without C are ignored'
tail -n +2 "$TMP/out/report.txt" | grep -oE '[0-9]+: .*' | head -n 6 >"$TMP/lines"
diff "$TMP/lines" - >"$LOG" <<'END'
2: #include <c.h>
3: #include <d.h>
13: 	if (x)
14: 		return 1;
15: 
45: 	do_y();
END
tap $? 'the lines are those of the last patch'

fresh
mkdir "$TMP/based"
mv "$TMP"/series/0002-*.patch "$TMP/based/0001-two.patch"
COVERAGE+=(--series "$TMP/series,$TMP/based")
judged 'all lines of two series are executed' 0 '2:- 3:- 13:4 14:1 15:- 45:9 0' 'all of them'
rm -r "$TMP/based"
refuses 'a second series that is not there' "$TMP/based: no patches there"
COVERAGE=("${COVERAGE[@]::${#COVERAGE[@]}-2}")

while IFS=: read -r nr name text; do
	fresh
	printf '%b' "+++ b/a.c\n$text" >"$TMP/series/0003-broken.patch"
	refuses "a hunk $name" "0003-broken.patch:$nr: $NOT_PATCH"
done <<'END'
2:without numbers:@@ -x +1 @@\n
3:with a line of no kind:@@ -1 +1 @@\n?\n
3:that is too short:@@ -1,2 +1,2 @@\n a\n
4:with an old line too many:@@ -1 +1,2 @@\n-a\n-b\n+c\n+d\n
4:with a new line too many:@@ -1,2 +1 @@\n+a\n+b\n-c\n-d\n
4:before the last one:@@ -9 +9 @@\n a\n@@ -1 +1 @@\n a\n
END
fresh
rm "$TMP"/series/*.patch
refuses 'a series without patches' "$TMP/series: no patches there"

# The counts of gcov.
fresh
counts kernel/a kernel/b >"$TMP/run/counts"
document ./include/linux/i.h "$(line 3 0 f true)" "$(line 3 2 g)" "$(line 5 0 f)" \
	>"$TMP/gcov/kernel/a.gcda"
document include/linux/i.h "$(line 3 5 f true)" "$(line 4 1 f true)" "$(line 5 0 g)" \
	>"$TMP/gcov/kernel/b.gcda"
judged 'counts are added up: inlined functions, and headers of several objects' 1 \
	'1:- 2:- 3:7 4:#####part 5:##### 6:- 1' \
	'not all executed: include/linux/i.h:4: f: k();' include/linux/i.h
grep -qxF 'not executed: include/linux/i.h:5: f: return l();' "$LOG"
tap $? 'a line belongs to the first function that contains it'

while IFS=% read -r name json text; do
	fresh
	echo "$json" >"$TMP/gcov/kernel/a.gcda"
	refuses "gcov prints $name" "$NOT_JSON$text"
done <<'END'
half a document%{%Expecting property name
no files%{}%no files with lines
a file without lines%{"files":[{}]}%no files with lines
a line 0%{"files":[{"file":"a.c","lines":[{"line_number":0,"count":1}]}]}%no files with lines
END
fresh
rm "$TMP/gcov/kernel/a.gcda"
refuses 'gcov fails' 'kernel/a.gcda: it failed'

# The verdict.
fresh
a_c "$(line 14 0 one true)" "$(line 45 9 two)"
judged 'a line that was not executed' 1 '2:- 3:- 13:4 14:##### 15:- 45:9 0' \
	'not executed: kernel/a.c:14: one: return 1;'
a_c "$(line 14 3 one true)" "$(line 45 9 two)"
judged 'a line that was executed in part' 1 '2:- 3:- 13:4 14:#####part 15:- 45:9 0' \
	'not all executed: kernel/a.c:14: one: return 1;'
: >"$TMP/run/counts"
judged 'no counts: no line is missing, and still the result is bad' 1 \
	'2:- 3:- 13:- 14:- 15:- 45:- 1' 'kernel/a.c: no run has counted its lines'
document kernel/a.c >"$TMP/gcov/kernel/a.gcda"
counts kernel/a >"$TMP/run/counts"
judged 'a file without code: no line was executed' 1 '2:- 3:- 13:- 14:- 15:- 45:- 0' ''

# The reasons.
fresh
printf '# why not\n\nkernel/a.c one: return 1; \n\tbecause\n\tso\n' >"$TMP/reasons"
a_c "$(line 14 0 one true)" "$(line 45 9 two)"
judged 'a line with a reason' 0 '2:- 3:- 13:4 14:===== (becauseso) 15:- 45:9 0' ''
a_c "$(line 14 3 one true)" "$(line 45 9 two)"
judged 'a line executed in part, with a reason' 0 \
	'2:- 3:- 13:4 14:=====part (becauseso) 15:- 45:9 0' ''
a_c "$(line 14 0 three)" "$(line 45 9 two)"
judged 'a reason for another function' 1 '2:- 3:- 13:4 14:##### 15:- 45:9 1' \
	"$TMP/reasons:3: ${UNUSED}kernel/a.c one: return 1;"
a_c "$(line 14 1 one)" "$(line 45 9 two)"
judged 'a reason for a line that was executed' 1 '2:- 3:- 13:4 14:1 15:- 45:9 1' \
	"$TMP/reasons:3: ${UNUSED}kernel/a.c one: return 1;"
printf 'kernel/a.c one: return 7;\n\tx\n' >"$TMP/reasons"
judged 'a reason for a line that is not there' 1 '2:- 3:- 13:4 14:1 15:- 45:9 1' \
	"$TMP/reasons:1: ${UNUSED}kernel/a.c one: return 7;"

while IFS=% read -r name reasons text; do
	fresh
	printf '%b' "$reasons" >"$TMP/reasons"
	refuses "$name" "$TMP/reasons:$text"
done <<END
an entry without a reason%kernel/a.c one: x\n%1: there is no reason behind it
a reason without an entry%#\n\tindented\n%2: $NOT_REASON
an entry without a function%kernel/a.c\n\tx\n%1: $NOT_REASON
END

# The bytes of a .gcda file, and its notes.
fresh
printf 'adcgVERSSTMP\0\377\n' >"$TMP/want"
for text in '\u0000\u00ff\n' '\u0000ÿ\n'; do
	echo "/build/kernel/a.gcda \"adcgVERSSTMP$text\"" >"$TMP/run/counts"
	rm -f "$TMP/seen"
	judged "bytes in a string: $text" 0 '2:- 3:- 13:4 14:1 15:- 45:9 0' ''
	check "gcov reads the bytes of $text" cmp "$TMP/seen" "$TMP/want"
done
for text in '"\u0100"' 7 '"a' ''; do
	echo "x/y.gcda $text" >"$TMP/run/counts"
	refuses "no string of bytes, but ${text:-nothing}" "${NOT_COUNTS}x/y.gcda"
done
echo 'x/y.gcno "a"' >"$TMP/run/counts"
refuses 'no .gcda file' "${NOT_COUNTS}x/y.gcno"
fresh
printf 'oncgVERSOLD!' >"$TMP/kernel/gcov/kernel/a.gcno"
judged 'counts of another compilation are ignored' 1 '2:- 3:- 13:- 14:- 15:- 45:- 1' ''
fresh
rm "$TMP/run/counts"
refuses 'a run without counts' "$TMP/run/counts: No such file or directory; was the kernel"

# The source that the counts belong to.
fresh
sed -i '14s/1/2/' "$TMP/kernel/gcov/kernel/a.c"
refuses 'another line in the source' \
	"$TMP/kernel/gcov/kernel/a.c:14: not what the series has there"
grep -qF "$TMP/kernel was not built from $TMP/series as it is now" "$LOG" &&
	[ "$(wc -l <"$LOG")" -eq 2 ]
tap $? 'only this line differs'
fresh
sed -i '45,$d' "$TMP/kernel/gcov/kernel/a.c"
truncate -s -1 "$TMP/kernel/gcov/kernel/a.c"
refuses 'a source that is too short' 'was not built from'
fresh
rm "$TMP/kernel/gcov/include/linux/i.h"
refuses 'no source' "$TMP/kernel/gcov/include/linux/i.h: not there"

# The whole of the output, and the command line.
fresh
cp $GOLDEN/reasons "$TMP/reasons"
cp -r "$TMP/run" "$TMP/run2"
counts kernel/b >"$TMP/run2/counts"
a_c "$(line 14 3 one true)" "$(line 45 0 two)"
document ./include/linux/i.h "$(line 3 8 i)" "$(line 4 0 i)" "$(line 5 12345678901 i)" \
	>"$TMP/gcov/kernel/b.gcda"
run "$TMP/run" "$TMP/run2"
check 'two runs' [ "$RC" -eq 1 ]
sed -i "s|$TMP/||" "$TMP/out/summary.json"
same "$OUT" "$TMP/out/report.txt" "$TMP/out/summary.json"
rm -rf "$TMP/out"
says 'options between the runs' 1 'all of them' "${COVERAGE[@]:0:2}" "$TMP/run" \
	"${COVERAGE[@]:2}" "$TMP/run2"
says 'no run' 2 'all four options and a run are needed' "${COVERAGE[@]}"
says 'three options' 2 'all four options and a run are needed' "${COVERAGE[@]:0:8}" "$TMP/run"
says 'help' 0 'Exit status: 0 all lines are executed' "${COVERAGE[@]}" --help

# A real compiler, and a real gcov.
PATH=$OLD_PATH
fresh
mkdir -p "$TMP/real/dir"
cat >"$TMP/real/dir/r.c" <<'END'
static int twice(int n)
{
	return 2 * n;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		argc = twice(argc);
	return argc - 1;
}
END
(cd "$TMP/real" && gcc --coverage -c dir/r.c -o dir/r.o && gcc --coverage dir/r.o -o r && ./r)
cp -r "$TMP/real/dir" "$TMP/kernel/gcov"
rm "$TMP"/series/*
{
	echo '+++ b/dir/r.c'
	echo '@@ -0,0 +1,12 @@'
	sed 's/^/+/' "$TMP/real/dir/r.c"
} >"$TMP/series/0001-r.patch"
python3 - "$TMP/real/dir/r.gcda" >"$TMP/run/counts" <<'END'
import json, sys
print("/build/dir/r.gcda", json.dumps(open(sys.argv[1], "rb").read().decode("latin-1")))
END
says 'lines of a real program' 1 'not executed: dir/r.c:10: main: argc = twice(argc);' \
	"${COVERAGE[@]}" "$TMP/run"
[ "$(states dir/r.c | grep -o ' 1*[139]:[^ ]*' | tr -d '\n')" = ' 3:##### 9:1 11:1' ]
tap $? 'the states of its lines'
tap_end
