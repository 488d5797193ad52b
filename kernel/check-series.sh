#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-series.sh [--build] [VERSION/SERIES...]: check that the patches can be sent
#
# Each patch must apply to the pristine source without fuzz, on top of those
# before it, and pass the tree's own checkpatch.pl --strict. kernel/targets
# names the base of a series; the patches of the base are not checked a second
# time. With --build each patch must also compile in its place (slow: one kernel
# per patch, less what ccache has), and the last patch of a series also without
# each of the options in WITHOUT.
#
# UNKNOWN_COMMIT_ID is ignored, since the source has no git history, and so is
# FILE_PATH_CHANGES: for every new file checkpatch asks whether MAINTAINERS has
# to change, but the entries there cover the directories concerned.

set -euo pipefail
shopt -s inherit_errexit

HERE=$(cd -- "${BASH_SOURCE%/*}" && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
JOBS=${JOBS:-$(nproc)}
SCRATCH=
# kernel_make and configure read these
# shellcheck disable=SC2034
TARGET=check FRAGMENTS=base

. "$HERE/lib/common.sh"
. "$HERE/lib/layout.sh"
. "$HERE/lib/apt.sh"
. "$HERE/lib/source.sh"
. "$HERE/lib/image.sh"
. "$HERE/lib/series.sh"

# The series has code under each of these options, and other code without it.
# PROC_SYSCTL selects SYSCTL, so goes first.
WITHOUT=(PID_NS POSIX_TIMERS "PROC_SYSCTL SYSCTL")

build=
[ "${1:-}" != --build ] || { build=1; shift; }
[ $# -gt 0 ] || {
	mapfile -t all < <(cd "$HERE/series" && printf '%s\n' */*)
	set -- "${all[@]}"
}

need patch
need perl
for dir in downloads work locks trees; do
	make_dir "$CACHE/$dir"
done
need_space "$CACHE/work" 2500
SCRATCH=$CACHE/work/check.$$
mkdir "$SCRATCH"
log=$SCRATCH/log
bad=0

series_apply()
{
	patch -d "$tree" -p1 -F0 -f --no-backup-if-mismatch <"$1" >"$log" 2>&1
}

# Unpacks the files the patches change and those that make checkpatch recognize
# a kernel tree: a few seconds instead of minutes and two gigabytes. --build needs all.
unpack_some()
{
	local tree=$1 top

	if [ -n "$build" ] || [ -n "${KERNEL_SRC:-}" ]; then
		source_unpack "$tree" "$log"
		return
	fi
	mkdir -p "$tree"/{Documentation,arch,include,drivers,fs,init,ipc,kernel,lib}
	top=${SOURCE_TAR##*/}
	top=${top%%.tar*}
	{
		printf '%s\n' COPYING CREDITS Kbuild MAINTAINERS Makefile README \
			scripts Documentation/dev-tools/checkpatch.rst
		series_patches "$list" | xargs -r sed -n 's,^--- a/,,p'
	} | LC_ALL=C sort -u | sed "s,^,$top/," >"$SCRATCH/list"
	# The tarball lacks a file that an earlier patch of the series adds
	run "unpacking" "$log" tar -C "$tree" --strip-components=1 \
		-xf "$SOURCE_TAR" -T "$SCRATCH/list" || :
}

# build_without TREE LOG OPTION...: compiles the tree with the options off
build_without()
{
	local tree=$1 log=$2 option

	shift 2
	for option; do
		"$tree/scripts/config" --file "$tree/.config" -d "$option" -e EXPERT
	done
	kernel_make "$tree" "$log" "configuring without $option" olddefconfig
	! grep -q "^CONFIG_$option=" "$tree/.config" ||
		die $EXIT_FAILED "CONFIG_$option cannot be switched off"
	kernel_make "$tree" "$log" "building without $option" vmlinux
	cp "$SCRATCH/kept" "$tree/.config"
}

for name; do
	# shellcheck disable=SC2034 # the prefix of messages
	MSG_PREFIX=$name
	VERSION=${name%/*} SERIES=${name#*/}
	tree=$SCRATCH/tree
	source_find "$VERSION"
	[ -n "$(series_patches "$SERIES")" ] ||
		die $EXIT_USAGE "no patches in ${HERE##*/}/series/$MSG_PREFIX"
	list=$(series_list "$SERIES")
	[ -n "$list" ] ||
		die $EXIT_USAGE "no target for $VERSION in" \
			"${HERE##*/}/targets ends with this series"
	rm -rf -- "$tree"
	unpack_some "$tree"
	base=${list%"$SERIES"}
	for file in $(series_patches "${base:--}"); do
		series_apply "$file" || {
			cat "$log"
			die $EXIT_FAILED "${file##*/} of $base does not apply"
		}
	done
	if [ -n "$build" ]; then
		config_wanted >"$SCRATCH/config"
		configure "$tree" "$log" "$SCRATCH/config"
	fi
	for file in $(series_patches "$SERIES"); do
		patch=${file##*/}
		ok=ok
		if ! series_apply "$file"; then
			cat "$log"
			printf 'not ok - %s/%s does not apply\n' "$MSG_PREFIX" "$patch"
			bad=1
			break
		fi
		if ! (cd "$tree" && scripts/checkpatch.pl --strict \
		      --no-summary --terse \
		      --ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID \
		      "$file") >"$log" 2>/dev/null; then
			cat "$log"
			ok='not ok' bad=1
		fi
		[ -z "$build" ] ||
			kernel_make "$tree" "$log" "building with $patch" vmlinux
		printf '%s - %s/%s\n' "$ok" "$MSG_PREFIX" "$patch"
	done
	if [ -n "$build" ]; then
		cp "$tree/.config" "$SCRATCH/kept"
		for option in "${WITHOUT[@]}"; do
			# shellcheck disable=SC2086 # words
			build_without "$tree" "$log" $option
			printf 'ok - %s without %s\n' "$MSG_PREFIX" "${option##* }"
		done
	fi
done
exit $bad
