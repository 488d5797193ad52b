#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# series.sh open VERSION DIR: make DIR a git tree of Linux VERSION, with a branch for
# each series, on top of the branch of its base series, or of "base"
# series.sh save DIR: write the commits of these branches to kernel/series/VERSION
#
# kernel/series.md describes how to change a series, and how to port a series to
# another version. "save" writes the same bytes for the same commits, so an
# unchanged series has no diff.
#
# Environment: CACHE=DIR. Exit status: 0, 1 if the work failed, 2 for bad arguments.

set -euo pipefail
shopt -s inherit_errexit

HERE=$(cd -- "${BASH_SOURCE%/*}" && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
SCRATCH=

. "$HERE/lib/common.sh"
. "$HERE/lib/layout.sh"
. "$HERE/lib/apt.sh"
. "$HERE/lib/source.sh"
. "$HERE/lib/image.sh"
. "$HERE/lib/series.sh"

MSG_PREFIX=series
IDENTITY=(-c user.name='pidns-vmtest developers'
	-c user.email=pidns-vmtest@localhost -c gc.auto=0)

# tree_git WORD...: runs git in the tree, without the user's git configuration
tree_git()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
		git "${IDENTITY[@]}" -C "$DIR" "$@"
}

# series_of VERSION: prints the series of VERSION, each after its base
series_of()
{
	local name

	for name in "$HERE/series/$1"/*; do
		name=${name##*/}
		printf '%s %s\n' "$(series_list "$name" | tr -cd , | wc -c)" "$name"
	done | sort -n | cut -d ' ' -f 2
}

# series_base NAME: prints the branch on which the branch of NAME is based
series_base()
{
	local list

	list=$(series_list "$1")
	list=${list%"$1"} list=${list%,}
	printf '%s\n' "${list##*,}" | sed 's/^$/base/'
}

series_open()
{
	local name

	[ ! -e "$DIR" ] || die $EXIT_USAGE "$DIR already exists"
	[ -d "$HERE/series/$VERSION" ] ||
		die $EXIT_USAGE "no series for Linux $VERSION; the versions" \
			"are $(cd "$HERE/series" && echo *)"
	for name in downloads locks; do
		make_dir "$CACHE/$name"
	done
	source_find "$VERSION"
	need_space "$(dirname -- "$DIR")" 4000
	scratch
	source_unpack "$DIR" "$SCRATCH/log"
	# Debian's rule in .gitignore suits Debian's repository, and would hide new files
	sed -i '\,^/\*$,d' "$DIR/.gitignore"
	tree_git init -q -b base
	must_run "committing the source" "$SCRATCH/log" env GIT_DIR="$DIR/.git" \
		GIT_WORK_TREE="$DIR" git add -A -f "$DIR"
	tree_git commit -q -m "Linux $VERSION"
	tree_git config pidns.version "$VERSION"
	for name in $(series_of "$VERSION"); do
		tree_git checkout -q -b "$name" "$(series_base "$name")"
		# shellcheck disable=SC2046 # one word for each patch
		tree_git am -q $(series_patches "$name") ||
			die $EXIT_FAILED "$name does not apply: see $DIR"
	done
	say "branches $(series_of "$VERSION" | tr '\n' ' ')in $DIR"
}

# Adds the licence below "---" of each patch; git am drops that line, and the diffstat.
series_save()
{
	local name to file

	VERSION=$(tree_git config pidns.version) ||
		die $EXIT_USAGE "$DIR was not made by ${0##*/} open"
	for name in $(series_of "$VERSION"); do
		to="$HERE/series/$VERSION/$name"
		rm -f -- "$to"/0*-*.patch
		tree_git format-patch -q -o "$to" --zero-commit --no-signature \
			--abbrev=12 --no-renames --stat=72 \
			"$(series_base "$name")..$name"
		for file in "$to"/*.patch; do
			sed -i '0,/^---$/s//---\nSPDX-License-Identifier: GPL-2.0-only\n/' \
				"$file"
		done
		say "$name: $(find "$to" -name '*.patch' | wc -l) patches"
	done
}

case "${1:-} $#" in
"open 3")	VERSION=$2 DIR=$(realpath -m -- "$3"); series_open ;;
"save 2")	DIR=$(realpath -- "$2"); series_save ;;
*)		sed -n '4,/^$/s/^# \{0,1\}//p' "$0" >&2; exit $EXIT_USAGE ;;
esac
