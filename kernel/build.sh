#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh TARGET: build or fetch the kernel of a target, unless the cache has it
# build.sh --cached TARGET: print the cached image; status 1 if there is none
# build.sh --applies TARGET: check that the series of a target applies to
# KERNEL_SRC; if not, name the place and exit with status 1
# BZIMAGE=FILE build.sh [TARGET]: prepare a user's kernel image, once; TARGET, if
# given, must be of the image's version
#
# The last line on stdout is the path of the image. Beside the image are
# vmlinux.debug (with DWARF, if the kernel was built here), bzImage (if the ELF
# image does not boot), config, modules/*.ko with modules/order, target (a
# description, key=value) and inputs (everything the kernel was made from).
#
# Results are kept in $CACHE/kernels/KEY, where KEY is a hash of all inputs; an
# entry appears there complete or not at all. Work in progress is in
# $CACHE/work/KEY, under a lock: a second build of the same key waits for the
# first, builds of other keys do not. Kernels are compiled incrementally in
# $CACHE/trees: see lib/tree.sh.
#
# Environment: CACHE=DIR, KERNEL_SRC=DIR (a tree to use instead of Debian's
# linux-source), BZIMAGE=FILE (a kernel to use as it is; lib/layout.sh finds its
# config and modules), JOBS=N, TIMES=FILE (each stage appends a line: its
# seconds, its name). Exit status: 0, 1 if the work failed, 2 for bad arguments
# or a missing requirement.

set -euo pipefail
shopt -s inherit_errexit

# Variables of a calling make must not reach the kernel's make: with O=DIR the
# kernel's make would look for its configuration elsewhere.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES

HERE=$(cd -- "${BASH_SOURCE%/*}" && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
JOBS=${JOBS:-$(nproc)}
SCRATCH=

. "$HERE/lib/common.sh"
. "$HERE/lib/apt.sh"
. "$HERE/lib/source.sh"
. "$HERE/lib/image.sh"
. "$HERE/lib/layout.sh"
. "$HERE/lib/series.sh"
. "$HERE/lib/tree.sh"

targets()
{
	awk '!/^#/ && NF == 5' "$HERE/targets"
}

usage()
{
	printf 'usage: %s [--cached|--applies] TARGET\n' "${0##*/}"
	printf '       BZIMAGE=FILE %s [TARGET]\ntargets:\n' "${0##*/}"
	targets | awk '{ printf "  %-19s %-8s %s\n", $1, $5, $3 }'
	printf '%s\n' 'environment: CACHE=DIR KERNEL_SRC=DIR BZIMAGE=FILE JOBS=N'
}

# target_find NAME: sets TARGET KIND SERIES (or package) FRAGMENTS MODE, and
# VERSION if the name contains a version
target_find()
{
	local row

	row=$(targets | awk -v name="$1" '$1 == name')
	[ -n "$row" ] || {
		usage >&2
		die $EXIT_USAGE "no target $1 in ${HERE##*/}/targets"
	}
	read -r TARGET KIND SERIES FRAGMENTS MODE <<<"$row"
	VERSION=
	[[ ! $TARGET =~ [0-9]+\.[0-9]+ ]] || VERSION=${BASH_REMATCH[0]}
	[ "$KIND" != series ] || [ "$SERIES" = - ] ||
		[ -n "$(series_patches "$SERIES")" ] ||
		die $EXIT_USAGE "series $SERIES has no patches"
	MSG_PREFIX=$TARGET
}

# image_find [NAME]: sets the same variables for the kernel in BZIMAGE, which is
# named after its version. For a prepared kernel from the cache, prints the path
# and exits.
image_find()
{
	local name=${1:-}

	[ -z "${KERNEL_SRC:-}" ] ||
		die $EXIT_USAGE "BZIMAGE and KERNEL_SRC name two kernels:" \
			"unset one of them"
	[ -z "$name" ] || target_find "$name"
	image_check "$BZIMAGE"
	BZIMAGE=$(realpath -- "$BZIMAGE")
	TARGET=$(image_release "$BZIMAGE")
	[ -z "$name" ] || image_fits "$name" "$TARGET"
	if image_is_ready "${BZIMAGE%/*}"; then
		printf '%s\n' "$BZIMAGE"
		exit 0
	fi
	KIND=image SERIES=$BZIMAGE MODE=
}

# image_fits NAME RELEASE: refuses a target whose version differs from the image's
image_fits()
{
	[[ $1 =~ [0-9]+\.[0-9]+ ]] && version_is "$2" "${BASH_REMATCH[0]}" ||
		die $EXIT_USAGE "$BZIMAGE is Linux $2, which does not match" \
			"target $1: omit the target"
}

# image_is_ready DIR: tests that this script prepared the image in DIR
image_is_ready()
{
	[ -e "$1/target" ] && [ -e "$1/inputs" ] && [ -e "$1/config" ] &&
		[ -e "$1/modules/order" ]
}

# Sets INPUTS, a line for each thing the result depends on
target_inputs()
{
	case $KIND in
	series)
		[ -n "$VERSION" ] ||
			die $EXIT_USAGE "a series target needs a kernel" \
				"version in its name, such as join-6.12"
		source_find "$VERSION"
		INPUTS=$(series_inputs)
		;;
	tree)
		[ -n "${KERNEL_SRC:-}" ] ||
			die $EXIT_USAGE "target $TARGET needs your own kernel" \
				"tree: name it in KERNEL_SRC=DIR"
		source_find -
		INPUTS=$(series_inputs)
		;;
	package)
		[ -z "${KERNEL_SRC:-}" ] ||
			die $EXIT_USAGE "KERNEL_SRC does not apply to $TARGET," \
				"which is Debian's own kernel: for your tree" \
				"use target tree, or unset KERNEL_SRC"
		package_find
		INPUTS="package $APT_PACKAGE $APT_VERSION
script $(image_script)"
		;;
	image)
		INPUTS="image $(digest_file "$BZIMAGE")
$(layout_inputs "$BZIMAGE" "$TARGET")
script $(image_script)"
		;;
	*)
		die $EXIT_USAGE "unknown kind $KIND in ${HERE##*/}/targets"
		;;
	esac
}

# package_find: finds the package of the version in the target's name. For a
# name without a version, such as stock-rc, takes the version that the suite has.
package_find()
{
	local suite=${SERIES%%/*} name=${SERIES#*/}

	if [ -n "$VERSION" ]; then
		apt_find "$suite" "$VERSION" \
			"${name/linux-image-/linux-image-$VERSION-}" "$name" \
			"${name/linux-image-/linux-image-$VERSION.*-}"
	else
		apt_needed "$suite"
		apt_suite "$suite"
		apt_first "$suite" any "$name" ||
			die $EXIT_USAGE "no package $name in $suite"
	fi
}

image_script()
{
	cat "$HERE/lib/image.sh" "$HERE/lib/layout.sh" | digest
}

target_describe()
{
	case $KIND in
	image|tree)	MODE=$(image_mode "$1/vmlinux") ;;
	esac
	printf 'target=%s\nkind=%s\nwhat=%s\nmode=%s\nkey=%s\n' \
		"$TARGET" "$KIND" "$SERIES" "$MODE" "$KEY"
	printf 'release=%s\n' "$(banner "$1/vmlinux")"
}

# An unpacked kernel is a few times the size of its bzImage; an ELF only shrinks.
image_room()
{
	local size factor=8

	size=$(stat -Lc %s -- "$BZIMAGE")
	! is_elf "$BZIMAGE" || factor=1
	need_space "$1" $((size * factor / 1048576 + 20))
}

target_make()
{
	local work="$CACHE/work/$KEY" start=$SECONDS

	make_dir "$work"
	rm -rf -- "$work/out"
	mkdir "$work/out"
	case $KIND in
	series|tree)	series_build "$work/out" ;;
	package)	image_from_package "$APT_SUITE" "$APT_PACKAGE" \
			"$work/out" ;;
	image)
		image_room "$work"
		image_from_file "$BZIMAGE" "$work/out"
		;;
	esac
	target_describe "$work/out" >"$work/out/target"
	printf '%s\n' "$INPUTS" >"$work/out/inputs"
	rm -rf -- "$RESULT"
	mv -T "$work/out" "$RESULT"
	rm -rf -- "$work"
	prune_work
	say "built in $(duration $((SECONDS - start)))"
}

# Deletes work on this target that was begun with other inputs and was abandoned
prune_work()
{
	local dir key

	for dir in "$CACHE/work/$TARGET"-????????????????; do
		[ -d "$dir" ] || continue
		key=${dir##*/}
		(flock -n 8 && rm -rf -- "$dir") 8>"$CACHE/locks/$key" || :
	done
	for dir in "$CACHE"/work/tmp.*; do
		[ -d "/proc/${dir##*.}" ] || rm -rf -- "$dir"
	done
}

# Checks that the series applies. Only the files that the series changes are copied.
target_applies()
{
	local path next

	[ "$KIND" = series ] ||
		die $EXIT_USAGE "target $TARGET has no series to apply"
	[ -n "${KERNEL_SRC:-}" ] ||
		die $EXIT_USAGE "--applies needs KERNEL_SRC=DIR"
	! series_there "$SERIES" "$KERNEL_SRC" || return 0
	scratch
	next=$SCRATCH/next
	mkdir -p "$next"
	while IFS= read -r path; do
		[ -e "$KERNEL_SRC/$path" ] || continue
		mkdir -p -- "$next/$(dirname -- "$path")"
		cp -- "$KERNEL_SRC/$path" "$next/$path"
	done < <(series_paths "$SERIES")
	series_apply_to "$SERIES" "$next" "$next.log" ||
		series_refused "$SERIES" "$next.log"
}

TASK=build
case ${1:-} in
-h|--help)	usage; exit 0 ;;
--list)		targets | awk '{ print $1 }'; exit 0 ;;
--cached|--applies)
		TASK=${1#--}; shift ;;
esac
[ $# -eq 1 ] || [ $# -eq 0 ] && [ -n "${1:-}${BZIMAGE:-}" ] ||
	{ usage >&2; exit $EXIT_USAGE; }

need sha256sum
need readelf
need flock
if [ -n "${BZIMAGE:-}" ]; then
	image_find "${1:-}"
else
	target_find "$1"
fi
for dir in downloads kernels work locks trees; do
	make_dir "$CACHE/$dir"
done
if [ "$TASK" = applies ]; then
	target_applies
	exit
fi
need_space "$CACHE" 20
target_inputs
lap "reading the source"
KEY=$TARGET-$(printf '%s\n' "$INPUTS" | digest | cut -c1-16)
RESULT=$CACHE/kernels/$KEY

[ "$TASK" = build ] || [ -e "$RESULT/target" ] || exit $EXIT_FAILED
make_once "$KEY" "$RESULT/target" target_make
lap "keeping the kernel"
if [ -e "$RESULT/bzImage" ]; then
	printf '%s\n' "$RESULT/bzImage"
else
	printf '%s\n' "$RESULT/vmlinux"
fi
