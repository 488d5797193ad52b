#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# style_test.sh - checks the form of the sources: the length of functions and files, the
# words of comments and messages, the names of include guards, and that a .c file includes
# its own header first. Then checks that each check finds a planted fault.
. "${BASH_SOURCE%/*}/host.sh"
FILES=$PWD/debian/files.sh
CODE='^(loader|vmtest|bpf|results|lib|kernel/lib)/|^kernel/[^/]*\.sh$'

# files REGEX: prints the project's files whose paths match, without foreign and generated
# texts
files()
{
	"$FILES" | tr '\0' '\n' | grep -vE '^(tests/(golden|data)|kernel/series)/|^COPYING$' | grep -E -- "$1"
}

# Prints the functions of more than 60 lines, braces included
long_functions()
{
	files '\.[ch]$' | xargs awk '
		FNR == 1 { begin = 0 }
		/^\{/ { begin = FNR }
		/^\}/ && begin {
			if (FNR - begin >= 60)
				print FILENAME ":" begin ": a function of " FNR - begin + 1 " lines"
			begin = 0
		}'
}

# Prints the text files of more than 600 lines
long_files()
{
	files . | xargs grep -HIc '' | awk -F: '$2 > 600 { print $1 ": " $2 " lines" }'
}

# Prints comments that begin without a noun
comments()
{
	files "$CODE|^tests/" | xargs grep -HnIE \
		'/\* ?[Oo]f |/\* (Who|What|That|One|It|Whose|Those|Its|Nobody) '
}

# Prints lines with one of the words in the pattern: report, show and return are better.
# In tests, scripts count whole, but in C only the comments: titles of the guest's tests
# are compared elsewhere.
words()
{
	files "$CODE|^tests/.*\.sh$" | grep -v '/style_test\.sh$' |
		xargs grep -HnIE '\b(told|tells?)\b'
	files '^tests/' | xargs grep -HnIE '^\s*(/?\*|#|//)(.*[^@])?\b(told|tells?)\b'
}

# Prints headers whose include guard is not named after their path. The .h files in
# tests/bench have no guards: they are inputs of other programs.
guards()
{
	local file guard

	files '\.h$' | grep -v '^tests/bench/' | while read -r file; do
		guard=$(tr 'a-z/.-' 'A-Z___' <<<"$file")
		[ "$(grep -m1 '^#ifndef' "$file")" = "#ifndef $guard" ] ||
			echo "$file: the include guard is not $guard"
	done
}

# Prints .c files whose first include is not their own header, if they have one
own_headers()
{
	local file name

	files '\.c$' | while read -r file; do
		name=$(basename "$file" .c).h
		[ ! -e "${file%.c}.h" ] ||
			grep -m1 '^#include' "$file" | grep -qE "^#include \"(.*/)?$name\"$" ||
			echo "$file: the first include is not $name"
	done
}

# Prints lines of the programs that may print what comes from outside as it is: the comm of
# a task without a function that escapes it, and text on stderr that is no message (an
# escaped copy is called line). The guest's own programs print to the guest's console.
raw_text()
{
	files '^(loader|vmtest)/.*\.c$' | grep -v '^vmtest/guest/' >"$TMP/sources"
	grep '^loader/' "$TMP/sources" | xargs -r grep -HnE '(->|\.)comm\b' |
		grep -vE '\b(comm__text|json_comm|put_comm|put_process|buf__json|buf__name|buf__escaped|memcpy|strncmp|fnmatch|fits_name|lane__exec|lane__rename)\(|[^=!<>]= [^=]*comm\b|comm\[got'
	xargs -r grep -HnE '(fprintf\(stderr|dprintf\((STDERR_FILENO|2)), .*%s' <"$TMP/sources" |
		grep -v ', line);$'
	xargs -r grep -HnE '"[^"]*%\.\*s[^"]*".*_LEN|_LEN, [a-z>.-]*->(comm|name)\b' <"$TMP/sources"
}

# Prints the files that are no text, such as core dumps; inputs of the fuzzer may be binary.
binaries()
{
	files . | grep -v '^tests/fuzz/corpus/' | xargs -r grep -laP '\x00' |
		sed 's/$/: not a text/'
}

# none NAME CHECK: checks that CHECK prints nothing about the sources
none()
{
	"$2" >"$LOG" 2>&1
	check "$1" [ ! -s "$LOG" ]
}

# finds NAME CHECK COUNT FILE TEXT: checks that CHECK prints COUNT lines, each about FILE,
# in a tree of FILE with TEXT and a faultless loader/bad.h
finds()
{
	rm -rf "$TMP/plant"
	mkdir -p "$TMP/plant/loader" "$TMP/plant/${4%/*}"
	echo '#ifndef LOADER_BAD_H' >"$TMP/plant/loader/bad.h"
	printf '%b' "$5" >"$TMP/plant/$4"
	(cd "$TMP/plant" && "$2") >"$LOG" 2>&1
	[ "$(wc -l <"$LOG")" -eq "$3" ] && ! grep -v "^$4:" "$LOG"
	tap $? "$1"
}

# lines N: prints N lines
lines()
{
	yes '	;' | head -n "$1"
}

none 'no function has more than 60 lines' long_functions
none 'no file has more than 600 lines' long_files
none 'comments begin with a noun' comments
none 'messages and comments have plain words' words
none 'include guards are named after their paths' guards
none 'each file includes its own header first' own_headers
none 'text from outside is not printed raw' raw_text
none 'no file is binary' binaries

finds 'a function of 61 lines is found' long_functions 1 loader/bad.c "{\n$(lines 59)\n}\n"
finds 'one of 60 lines is none' long_functions 0 loader/bad.c "{\n$(lines 58)\n}\n"
finds 'a file of 601 lines is found' long_files 1 docs/bad.1 "$(lines 601)\n"
finds 'one of 600 lines is none' long_files 0 docs/bad.1 "$(lines 600)\n"
finds 'comments without a noun are found' comments 2 bpf/bad.h \
	'/\0052 of x */\n/\0052 That x */\n'
finds 'other words are found in a message' words 1 kernel/bad.sh 'echo "x tells y"\n'
finds 'in the title of a script' words 1 tests/bad.sh "tap 0 'x is told'\n"
finds 'and in the comments of a test' words 1 tests/bad.c '\ttold();\n\t * is told\n'
finds 'an include guard of another path is found' guards 1 loader/bad.h '#ifndef BAD_H\n'
finds 'another header before its own is found' own_headers 1 loader/bad.c \
	'#include <err.h>\n#include "loader/bad.h"\n'
finds 'the raw name of a task is found' raw_text 1 loader/bad.c \
	'\tfprintf(out, "%s[%d] x\\n",\n\t\tt->comm, t->pid);\n\tcomm__text(t->comm, text);\n'
finds 'and raw text on stderr' raw_text 1 vmtest/bad.c '\tfprintf(stderr, "x: %s\\n", path);\n'
finds 'a core dump is found' binaries 1 bpf/core '\0177ELF\00\n'
tap_end
