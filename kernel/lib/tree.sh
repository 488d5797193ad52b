# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Trees to build in, kept in the cache: $CACHE/trees/SOURCE/FRAGMENTS, with a +
# for each comma. A tree has the source, with one series applied, and the
# objects.
#
# A file in a tree is written only if its contents change, so a kernel that
# differs from the tree's last one by a series or an edited file costs only the
# recompilation of the difference. Kernels of the same source and configuration
# are built one after the other in one tree.
#
#   src/       the source with the series applied, and the objects
#   pristine/  the original files that the series has changed in src/
#   touched    the paths of the files that the series has changed or added
#   have       PATH, x or -, HASH: the source that src/ and pristine/ hold
#   config     the requested configuration
#   built      the series with which a kernel was last built
#   used       an empty file with the time of the last use
#
# Unused trees are deleted after a while, see trees_prune.

TREE=
TREES_KEEP=4		# most recently used trees to keep
TREES_DAYS=7
TREE_MB=2600		# source, objects and the linked image with DWARF

# Takes the lock of the tree for FRAGMENTS, sets TREE. gcc would take a comma in
# the path for its own in -Wp,-MMD,PATH.
tree_open()
{
	local name=${FRAGMENTS//,/+}

	TREE="$CACHE/trees/$SOURCE_NAME/$name"
	exec 8>"$CACHE/locks/$SOURCE_NAME.$name"
	if ! flock -n 8; then
		say "waiting for another build in $TREE"
		flock 8
	fi
	# Whoever had the lock may have removed the tree.
	make_dir "$TREE"
	[ -e "$TREE/built" ] || need_space "$TREE" $TREE_MB
	: >"$TREE/used"
}

tree_close()
{
	exec 8>&-
}

# tree_file PATH: prints the pristine file for PATH, if there is one
tree_file()
{
	if [ -e "$TREE/pristine/$1" ] || [ -L "$TREE/pristine/$1" ]; then
		printf '%s\n' "$TREE/pristine/$1"
	elif ! grep -qsxF -- "$1" "$TREE/touched"; then
		printf '%s\n' "$TREE/src/$1"
	fi
}

# tree_put PATH [FILE]: copies FILE to PATH in src/, or removes PATH. A file
# with unchanged contents keeps its mtime, so make keeps its objects.
tree_put()
{
	local to="$TREE/src/$1"

	if [ -z "${2:-}" ] || ! [ -e "$2" ]; then
		rm -f -- "$to"
	elif ! cmp -s -- "$2" "$to"; then
		mkdir -p -- "${to%/*}"
		cp -p -- "$2" "$to.new"
		touch -- "$to.new"
		mv -f -- "$to.new" "$to"
	fi
}

# Brings src/ up to date with KERNEL_SRC. The files in "touched" go to pristine/
# instead, and reach src/ when the series is applied.
tree_sync_list()
{
	local want="$TREE/want" new="$TREE/new" old="$TREE/old" path

	tree_contents >"$want"
	[ -e "$TREE/have" ] || : >"$TREE/have"
	LC_ALL=C comm -13 "$TREE/have" "$want" | cut -f1 >"$new"
	LC_ALL=C comm -23 "$TREE/have" "$want" | cut -f1 |
		LC_ALL=C comm -23 - <(cut -f1 "$want" | LC_ALL=C sort) >"$old"
	while IFS= read -r path; do
		rm -f -- "$TREE/pristine/$path"
		grep -qsxF -- "$path" "$TREE/touched" ||
			rm -f -- "$TREE/src/$path"
	done <"$old"
	[ ! -s "$new" ] || tree_sync_new "$new"
	mv "$want" "$TREE/have"
	rm -f "$new" "$old"
}

# tree_sync_new LIST: copies new and changed files to src/ or pristine/
tree_sync_new()
{
	local to dir

	touch "$TREE/touched"
	mkdir -p "$TREE/src" "$TREE/pristine"
	grep -vxFf "$TREE/touched" "$1" >"$1.src" || :
	grep -xFf "$TREE/touched" "$1" >"$1.pristine" || :
	for to in src pristine; do
		[ -s "$1.$to" ] || continue
		tree_copy "$KERNEL_SRC" "$1.$to" "$TREE/$to" "$TREE/log"
	done
	rm -f "$1".{src,pristine}
}

# Brings src/ up to date with the source.
tree_sync()
{
	local try

	if [ -z "${KERNEL_SRC:-}" ]; then
		[ ! -d "$TREE/src" ] || return 0
		rm -rf -- "$TREE/src.new"
		source_unpack "$TREE/src.new" "$TREE/log"
		mv "$TREE/src.new" "$TREE/src"
		return
	fi
	for try in 1 2 3; do
		tree_sync_list
		tree_unchanged && return
		say "$KERNEL_SRC changed while it was read, reading it again"
		source_from_tree "$KERNEL_SRC"
	done
	die $EXIT_FAILED "$KERNEL_SRC keeps changing: build when no edits are made"
}

# Checks that the user's tree still matches the list. The copy of a file edited
# meanwhile may be half old, half new.
tree_unchanged()
{
	cut -f1 "$SOURCE_LIST" | tree_stat "$KERNEL_SRC" |
		cmp -s - <(cut -f1,2 "$SOURCE_LIST")
}

# tree_next SERIES DIR: applies the series to a copy, in DIR, of the files that
# the series changes; their paths, a line each, are in DIR.touched. Returns 1 if
# the series does not apply; the output of patch(1) is in DIR.log.
tree_next()
{
	local next=$2 file path from

	rm -rf -- "$next"
	mkdir -p "$next"
	series_paths "$1" >"$next.touched"
	while IFS= read -r path; do
		from=$(tree_file "$path")
		[ -n "$from" ] && [ -e "$from" ] || continue
		mkdir -p -- "$next/$(dirname -- "$path")"
		cp -- "$from" "$next/$path"
	done <"$next.touched"
	series_apply_to "$1" "$next" "$next.log"
}

# tree_patch SERIES: makes src/ the source with SERIES, or without any ("-")
tree_patch()
{
	local next="$TREE/next" path file

	touch "$TREE/touched"
	tree_next "$1" "$next" || series_refused "$1" "$next.log"
	# The originals are kept before any of the files is written.
	while IFS= read -r path; do
		file="$TREE/src/$path"
		if ! grep -qxF -- "$path" "$TREE/touched" && [ -e "$file" ]; then
			mkdir -p -- "$(dirname -- "$TREE/pristine/$path")"
			cp -p -- "$file" "$TREE/pristine/$path"
		fi
	done <"$next.touched"
	LC_ALL=C sort -u "$TREE/touched" "$next.touched" >"$TREE/touched.all"
	cp "$TREE/touched.all" "$TREE/touched"
	while IFS= read -r path; do
		if grep -qxF -- "$path" "$next.touched"; then
			tree_put "$path" "$next/$path"
		else
			tree_put "$path" "$TREE/pristine/$path"
			rm -f -- "$TREE/pristine/$path"
		fi
	done <"$TREE/touched.all"
	mv "$next.touched" "$TREE/touched"
	rm -rf -- "$next" "$next.log" "$TREE/touched.all"
}

# Configures, unless src/ has the requested configuration
tree_configure()
{
	config_wanted >"$TREE/config.new"
	if ! cmp -s "$TREE/config.new" "$TREE/config" ||
	   ! [ -e "$TREE/src/.config" ]; then
		rm -f "$TREE/config"
		configure "$TREE/src" "$TREE/log" "$TREE/config.new"
		mv "$TREE/config.new" "$TREE/config"
	fi
	rm -f "$TREE/config.new"
}

# Deletes unused trees: all but the most recently used, and the old ones
trees_prune()
{
	local used tree n=0 now

	now=$(date +%s)
	while read -r used tree; do
		tree=${tree%/used}
		n=$((n + 1))
		[ "$n" -gt $TREES_KEEP ] ||
			[ "${used%.*}" -lt $((now - TREES_DAYS * 86400)) ] ||
			continue
		tree_delete "$tree"
	done < <(find "$CACHE/trees" -mindepth 3 -maxdepth 3 -name used \
		-printf '%T@ %p\n' | sort -rn)
	lists_prune
}

# Deletes the lists of trees that no longer exist
lists_prune()
{
	local list source

	for list in "$CACHE"/trees/*/source; do
		[ -e "$list" ] || continue
		source=$(cat "$list")
		[ -e "$source" ] || rm -rf -- "${list%/source}"
	done
}

# tree_delete DIR: deletes it unless a build is using it
tree_delete()
{
	local name=${1##*/} source=${1%/*}

	source=${source##*/}
	(flock -n 6 || exit 0
	rm -rf -- "$1") 6>"$CACHE/locks/$source.$name"
}
