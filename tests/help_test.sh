#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that `make help` and the README have every variable that the makefiles take
# from a user, and vmtest's man page those of vmtest. The names are read from the
# makefiles: no list is kept here. Checks that make without a goal builds the programs,
# and that each command of pidnstrace has -h.
. "${BASH_SOURCE%/*}/host.sh"

mapfile -t makefiles < <(debian/files.sh | tr '\0' '\n' | grep -E '(^Makefile|\.mk)$')

# assigned FILE...: prints the variables that a makefile itself sets
assigned()
{
	sed -nE 's/^(export |override )?([A-Za-z_0-9]+) *(:|\+)?= .*/\2/p
		s/^(export |override )?([A-Za-z_0-9]+) *(:|\+)?=$/\2/p
		s/^[^ 	:]+( [^ 	:]+)*: (export )?([A-Z_]+) (:|\+)?= .*/\3/p
		s/^define ([A-Za-z_]+).*/\1/p' "$@"
}

# Prints variables with a default, and those used without being set
variables()
{
	sed -nE 's/^(export )?([A-Za-z_]+) *\?=.*/\2/p' "$@"
	grep -ohE '\$\([A-Z][A-Z_0-9]*\)' "$@" | tr -d '$()' | sort -u |
		comm -23 - <(assigned "${makefiles[@]}" | sort -u) |
		grep -vxE 'MAKE|MAKEFILE_LIST|MAKECMDGOALS|CURDIR|PWD|HOME|XDG_CACHE_HOME|.*_OBJ|.*_SRC|.*_PARTS|.*_LIBS'
	sed -nE 's/^export ([A-Z_]+( [A-Z_]+)*)$/\1/p' "$@" | tr ' ' '\n'
}

# lacks TEXT NAME...: true if the file TEXT lacks a name; LOG lists the names
lacks()
{
	local text=$1 name bad=0

	shift
	[ $# -gt 0 ] || return 0
	for name; do
		grep -qE "(^|[^A-Za-z_])$name([^A-Za-z_]|\$)" "$text" && continue
		echo "$name is not in $text" >>"$LOG"
		bad=1
	done
	return $((1 - bad))
}

# named NAME TEXT VARIABLE...: checks that TEXT names each of the variables
named()
{
	local name=$1

	shift
	: >"$LOG"
	[ $# -gt 3 ] && ! lacks "$@"
	tap $? "$name"
}

make --no-print-directory DEPS=none help >"$TMP/all" 2>"$LOG"
tap $? 'make help'
sed -n '/^Variables/,$p' "$TMP/all" >"$TMP/help"
mapfile -t all < <(variables "${makefiles[@]}" | sort -u)
named 'make help has every variable of the makefiles' "$TMP/help" "${all[@]}"
mapfile -t documented < <(sed -n 's/^  \([A-Za-z]\)/\1/p' "$TMP/help" |
	grep -oE '[A-Z][A-Z_]*=' | tr -d = | sort -u)
named 'the README has those of make help' README.md "${documented[@]}"
mapfile -t own < <(variables Makefile kernel/kernel.mk vmtest/vmtest.mk | sort -u |
	grep -vx 'EXTRA_.*')
named 'vmtest(1) has those of the runner, the kernels and all' docs/vmtest.1 \
	"${own[@]}" JOBS QEMU

make --no-print-directory DEPS=none help 2>"$LOG" | head -n 1 >"$TMP/first"
[ ! -s "$LOG" ] && [ -s "$TMP/first" ]
tap $? 'make help | head -n 1 is quiet'

# An included makefile has rules, too, and may come before that of "all".
make --no-print-directory -n O="$TMP/fresh" >"$OUT" 2>"$LOG"
grep -q "LD.*$TMP/fresh/pidnstrace" "$OUT" && grep -q "LD.*$TMP/fresh/vmtest" "$OUT"
tap $? 'make without a goal builds the programs'

# short [COMMAND]: checks that -h prints what --help does
short()
{
	"$PIDNSTRACE" "$@" --help >"$OUT" 2>"$LOG" && "$PIDNSTRACE" "$@" -h 2>>"$LOG" |
		cmp - "$OUT" >>"$LOG"
}

mapfile -t commands < <("$PIDNSTRACE" --help | awk '/^  [a-z]/ { print $1 }')
for command in "${commands[@]}"; do
	check "pidnstrace $command -h" short "$command"
done
[ "${#commands[@]}" -gt 6 ]
tap $? 'which are all commands'
check 'pidnstrace -h' short
for option in -h --version; do
	says "a full output of $option is named" 2 'output: No space left on device' \
		bash -c '"$0" "$1" >/dev/full' "$PIDNSTRACE" "$option"
done

# shows WORD...: checks that --version prints the words
shows()
{
	"$PIDNSTRACE" --version >"$OUT" 2>"$LOG" && grep -qwF -- "$*" "$OUT"
}

libbpf=$(pkg-config --modversion libbpf)
check '--version has the version of libbpf' shows "libbpf v${libbpf%.*}"
check 'and of the compiler' shows "gcc $(gcc -dumpfullversion)"
check 'and of the records' shows "records of version $(sed -n \
	's/#define WIRE_VERSION[^0-9]*//p' bpf/wire.h)"
check 'and of the files' shows "trace files of version $(sed -n \
	's/#define TRACE_VERSION[^0-9]*//p' loader/trace/trace_format.h)"

tap_end
