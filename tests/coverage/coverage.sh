#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage.sh RUN... - checks which lines of the series these vmtest runs have
# executed, on the kernel that counts them. If lines are missing, runs the races test
# up to three more times, and adds its counts: a race may not have been hit. Exit
# status: as coverage.py.
#
# coverage.sh --target - prints the target of that kernel: the one with both series, join
# and keep, if there is one for the line of kernels.
set -eu
shopt -s inherit_errexit
: "${O:=build}"
line=${LINE:-6.12}
target=join-$line-gcov
series=kernel/series/$line/join
if grep -q "^keep-$line-gcov " kernel/targets; then
	target=keep-$line-gcov
	series+=,kernel/series/$line/keep
fi
tries=3

if [ "${1:-}" = --target ]; then
	printf '%s\n' "$target"
	exit
fi

image=$(kernel/build.sh "$target" | tail -n 1)

judge()
{
	python3 tests/coverage/coverage.py --series "$series" \
		--kernel "${image%/*}" --reasons tests/coverage/reasons \
		--out "$O/coverage" "$@"
}

rm -rf "$O"/coverage/races
while :; do
	status=0
	judge "$@" || status=$?
	if [ $status != 1 ] || [ $tries = 0 ]; then
		exit $status
	fi
	tries=$((tries - 1))
	out=$O/coverage/races/$tries
	"$O/vmtest/vmtest" --target "$target" --tests races --out "$out"
	set -- "$@" "$out"/*-1/
done
