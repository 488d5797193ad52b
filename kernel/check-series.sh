#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-series.sh [--build] [SERIES...]: are the patches fit to be sent?
#
# Each must apply to the pristine source without fuzz, on top of those before
# it, and pass the tree's own checkpatch.pl --strict. With --build each must
# also compile where it stands (slow: one kernel a patch, less what ccache has).
#
# FILE_PATH_CHANGES is ignored: it asks with every new file whether MAINTAINERS
# has to change, and the entries there cover the directories concerned.

set -euo pipefail
shopt -s inherit_errexit

HERE=$(cd -- "${BASH_SOURCE%/*}" && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
JOBS=${JOBS:-$(nproc)}
SCRATCH=
TARGET=check
FRAGMENTS=base

. "$HERE/lib/common.sh"
. "$HERE/lib/source.sh"
. "$HERE/lib/image.sh"
. "$HERE/lib/series.sh"

VERSION=6.12
build=
[ "${1:-}" != --build ] || { build=1; shift; }
[ $# -gt 0 ] || set -- $(cd "$HERE/series" && ls)

need patch patch
need perl perl
for dir in downloads work; do
	make_dir "$CACHE/$dir"
done
source_find "$VERSION"
room "$CACHE/work" 2500
SCRATCH=$CACHE/work/check.$$
mkdir "$SCRATCH"
log=$SCRATCH/log
bad=0

for SERIES; do
	WHAT=$SERIES
	tree=$SCRATCH/tree
	[ -n "$(series_patches "$SERIES")" ] ||
		die $EXIT_USAGE "no patches in ${HERE##*/}/series/$SERIES"
	rm -rf -- "$tree"
	source_unpack "$tree" "$log"
	[ -z "$build" ] || configure "$tree" "$log"
	for file in $(series_patches "$SERIES"); do
		name=${file##*/}
		if ! patch -d "$tree" -p1 -F0 -f --no-backup-if-mismatch \
			<"$file" >"$log" 2>&1; then
			cat "$log"
			printf 'not ok - %s/%s does not apply\n' "$SERIES" "$name"
			bad=1
			break
		fi
		if grep -q 'with fuzz' "$log"; then
			printf 'not ok - %s/%s has fuzz\n' "$SERIES" "$name"
			bad=1
		fi
		if ! (cd "$tree" && scripts/checkpatch.pl --strict \
		      --no-summary --terse --ignore FILE_PATH_CHANGES \
		      "$file") >"$log" 2>/dev/null; then
			cat "$log"
			printf 'not ok - %s/%s: checkpatch\n' "$SERIES" "$name"
			bad=1
		fi
		[ -z "$build" ] ||
			kernel_make "$tree" "$log" "building with $name" vmlinux
		printf 'ok - %s/%s\n' "$SERIES" "$name"
	done
done
exit $bad
