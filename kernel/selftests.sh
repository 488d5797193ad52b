#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# selftests.sh VERSION: build the kernel selftests of Linux VERSION, once
#
# The last line on stdout is a directory with bin/SUITE/PROGRAM (static), list
# ("SUITE PROGRAM SECONDS", the limit of kselftest's own runner),
# tools/testing/kunit/ (the tree's KTAP parser, which must be at that path) and
# inputs (everything the result was made from). The source is VERSION with
# SERIES applied: each series has a selftest of its own.
#
# The result is kept in $CACHE/selftests/KEY, as build.sh keeps kernels.
# Environment: CACHE=DIR, KERNEL_SRC=DIR, JOBS=N. Exit status: as build.sh.

set -euo pipefail
shopt -s inherit_errexit

HERE=$(cd -- "${BASH_SOURCE%/*}" && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
JOBS=${JOBS:-$(nproc)}
SCRATCH=
TARGET=selftests
SERIES=join,keep
# Each entry lists the possible places of a suite; - marks an optional suite.
SUITES=(pidfd pid_namespace "nsfs filesystems/nsfs" "namespaces -" clone3 proc)

# No kernel is compiled: these directories are most of the tree, and neither the tests
# nor the patches need them
UNNEEDED=(drivers/{accel,clk,crypto,gpu,iio,infiniband,media,mfd,mmc,mtd,phy,pinctrl}
	drivers/{platform,scsi,soc,staging,usb,video} sound net samples)
SETTINGS_SECONDS=45	# default of kselftest/runner.sh, without timeout= in "settings"

. "$HERE/lib/common.sh"
. "$HERE/lib/layout.sh"
. "$HERE/lib/apt.sh"
. "$HERE/lib/source.sh"
. "$HERE/lib/series.sh"

MSG_PREFIX=$TARGET

inputs()
{
	local file

	printf 'source %s\n' "$SOURCE_ID"
	series_patches "$SERIES" | while read -r file; do
		printf 'patch %s %s\n' "${file##*/}" "$(digest <"$file")"
	done
	printf 'suites %s\n' "${SUITES[*]}"
	printf 'gcc %s\n' "$(gcc --version | head -n 1)"
	printf 'script %s\n' "$(digest <"$HERE/selftests.sh")"
}

# Raises the timeout, which is meant for hangs: a guest under TCG is slower than 30 s
raise_limits()
{
	sed -i 's/^\(#define TEST_TIMEOUT_DEFAULT\) 30$/\1 120/' \
		"$1/tools/testing/selftests/kselftest_harness.h"
	grep -q '^#define TEST_TIMEOUT_DEFAULT 120$' \
		"$1/tools/testing/selftests/kselftest_harness.h" ||
		die $EXIT_FAILED "cannot find the time limit in kselftest_harness.h"
}

# suite_make SRC OUT LOG SUITE: builds its programs into OUT, appends them to the list
suite_make()
{
	local dir="$1/tools/testing/selftests/$4" out="$2/bin/$4" seconds name names

	mkdir -p "$out"
	must_run "building $4" "$3" env LDFLAGS=-static \
		make -C "$dir" -j"$JOBS" ARCH=x86_64 OUTPUT="$out"
	seconds=$(sed -n 's/^timeout=//p' "$dir/settings" 2>/dev/null || :)
	# shellcheck disable=SC2016 # for make
	names=$(make -s --no-print-directory -C "$dir" ARCH=x86_64 OUTPUT="$out" \
		--eval='programs: ; @echo $(notdir $(TEST_GEN_PROGS))' programs) &&
		[ -n "$names" ] || die $EXIT_FAILED "cannot list the programs of suite $4"
	find "$out" -type f -executable -exec strip {} +
	for name in $names; do
		printf '%s %s %s\n' "$4" "$name" "${seconds:-$SETTINGS_SECONDS}"
	done >>"$2/list"
}

# suite_find SRC PLACE...: prints the first place that exists, or - if listed
suite_find()
{
	local src=$1 place

	shift
	for place; do
		if [ -d "$src/tools/testing/selftests/$place" ] || [ "$place" = - ]; then
			printf '%s\n' "$place"
			return
		fi
	done
	die $EXIT_FAILED "no selftests in $*"
}

selftests_make()
{
	local work="$CACHE/work/$KEY" start=$SECONDS suite

	need_space "$CACHE" 1500
	rm -rf -- "$work"
	mkdir -p "$work/out"
	source_unpack "$work/src" "$work/log" "${UNNEEDED[@]}"
	patch_tree "$work/src" "$work/log"
	raise_limits "$work/src"
	must_run "installing headers" "$work/log" \
		make -C "$work/src" -j"$JOBS" ARCH=x86_64 headers
	for suite in "${SUITES[@]}"; do
		# shellcheck disable=SC2086 # words
		suite=$(suite_find "$work/src" $suite)
		[ "$suite" = - ] || suite_make "$work/src" "$work/out" "$work/log" "$suite"
	done
	[ -s "$work/out/list" ] || die $EXIT_FAILED "no test was built"
	mkdir -p "$work/out/tools/testing"
	cp -r "$work/src/tools/testing/kunit" "$work/out/tools/testing/"
	inputs >"$work/out/inputs"
	rm -rf -- "$RESULT"
	mv -T "$work/out" "$RESULT"
	rm -rf -- "$work"
	say "built in $(duration $((SECONDS - start)))"
}

[ $# -eq 1 ] || { sed -n '3,/^$/s/^# \{0,1\}//p' "$0" >&2; exit $EXIT_USAGE; }
VERSION=$1
need sha256sum
need gcc
need make
need patch
need rsync
need flock
for dir in downloads selftests work locks; do
	make_dir "$CACHE/$dir"
done
source_find "$VERSION"
KEY=$TARGET-$(inputs | digest | cut -c1-16)
RESULT=$CACHE/selftests/$KEY
make_once "$KEY" "$RESULT/inputs" selftests_make
printf '%s\n' "$RESULT"
