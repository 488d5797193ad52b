#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# layers_test.sh - checks that includes and calls run downwards in loader/ and vmtest/,
# by the compiler's dependency files and by the objects; and that a planted include,
# call, circle and folder are found.
. "${BASH_SOURCE%/*}/host.sh"

# layers ROOMS OBJECTS
layers()
{
	python3 tests/layers.py "$1" "$2" >"$LOG" 2>&1
}

# compile ROOM/FILE TEXT: into the planted program
compile()
{
	mkdir -p "$TMP/plant/${1%/*}" "$TMP/obj/${1%/*}"
	printf '%s\n' "$2" >"$TMP/plant/$1.c"
	gcc -iquote "$TMP" -MMD -c "$TMP/plant/$1.c" -o "$TMP/obj/$1.o" 2>"$LOG"
}

# finds NAME TEXT: the planted program has just this fault
finds()
{
	! layers "$TMP/plant/rooms" "$TMP/obj" && grep -qF -- "$2" "$LOG" &&
		[ "$(wc -l <"$LOG")" -eq 1 ]
	tap $? "$1"
}

layers loader/rooms "$B/loader"
tap $? 'pidnstrace: includes and calls run downwards, without circles'
layers vmtest/rooms "$B/vmtest/obj"
tap $? 'vmtest: includes and calls run downwards, without circles'

mkdir -p "$TMP/plant/low" "$TMP/plant/high"
printf 'low\tbelow\nhigh\tabove\n' >"$TMP/plant/rooms"
echo 'int high(void);' >"$TMP/plant/high/high.h"
compile low/one 'int one(void) { return 1; }'
compile high/high 'int one(void); int high(void) { return one(); }'
check 'a call downwards is none of them' layers "$TMP/plant/rooms" "$TMP/obj"
compile low/two '#include "plant/high/high.h"
int two(void) { return 2; }'
finds 'an include that runs up is found' 'low/two.c includes'
compile low/two 'int high(void); int two(void) { return high(); }'
finds 'a call that runs up is found' 'low/two.c calls high/high.c'
compile low/two 'int three(void); int two(void) { return three(); }'
compile low/three 'int two(void); int three(void) { return two(); }'
finds 'a circle of calls is found' 'a circle of calls: low/three.c, low/two.c'
compile low/three 'int three(void) { return 3; }'
mkdir "$TMP/plant/cellar"
touch "$TMP/plant/cellar/four.c"
finds 'a folder without a room is found' 'cellar is not in'
tap_end
