# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Where a kernel's source comes from: Debian's linux-source package, or a tree
# of the user's. Sets SOURCE_ID, which changes when the source does, and fills
# a directory with it.

SOURCE_TAR=
SOURCE_ID=

# deb_download PACKAGE DIR: the archive, without installing anything
deb_download()
{
	local log="$CACHE/downloads/$1.log"

	command -v apt-get >/dev/null ||
		die $EXIT_USAGE "$1 comes from a Debian archive, and this is no" \
			"Debian: use KERNEL_SRC=DIR or BZIMAGE=FILE"
	make_dir "$2"
	if ! run "downloading $1" "$log" env -C "$2" apt-get download "$1"; then
		if [ "$(id -u)" -eq 0 ]; then
			run "apt-get update" "$log" apt-get update || :
			run "downloading $1" "$log" \
				env -C "$2" apt-get download "$1"
		else
			false
		fi
	fi || {
		tail -n 3 "$log" >&2
		die $EXIT_USAGE "cannot download $1: run 'apt-get update' as root"
	}
}

source_from_package()
{
	local version=$1 name="linux-source-$1" dir

	SOURCE_TAR="/usr/src/$name.tar.xz"
	[ -r "$SOURCE_TAR" ] || SOURCE_TAR="$CACHE/downloads/$name.tar.xz"
	if [ ! -r "$SOURCE_TAR" ]; then
		room "$CACHE" 500
		SCRATCH="$CACHE/downloads/$name.$$"
		deb_download "$name" "$SCRATCH"
		must_run "unpacking $name" "$CACHE/downloads/$name.log" \
			dpkg-deb -x "$SCRATCH"/"$name"_*.deb "$SCRATCH"
		mv -f "$SCRATCH/usr/src/$name.tar.xz" "$SOURCE_TAR"
		rm -rf -- "$SCRATCH"
		SCRATCH=
	fi
	SOURCE_ID="tar $(digest_file "$SOURCE_TAR")"
}

# What a build leaves in a tree; mrproper removes the rest from the copy.
TREE_JUNK=(-name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '*.cmd' -o
	   -name '.tmp_*' -o -name 'vmlinux*' -o -name 'bzImage' -o
	   -name '.git' -o -name '.config*' -o -name 'System.map' -o
	   -path ./include/generated -o -path ./include/config -o
	   -path './arch/*/include/generated')

tree_is_git()
{
	[ "$(git -C "$1" rev-parse --show-toplevel 2>/dev/null)" = \
		"$(realpath "$1")" ]
}

tree_files()
{
	if tree_is_git "$1"; then
		git -C "$1" ls-files -z --cached --others --exclude-standard |
			(cd "$1" && xargs -0 ls -d --zero -- 2>/dev/null || :)
	else
		(cd "$1" && find . \( "${TREE_JUNK[@]}" \) -prune -o \
			\( -type f -o -type l \) -print0)
	fi
}

source_from_tree()
{
	local dir=$1

	[ -f "$dir/Kbuild" ] && [ -f "$dir/kernel/pid_namespace.c" ] ||
		die $EXIT_USAGE "KERNEL_SRC=$dir is no kernel tree"
	say "reading $dir"
	SOURCE_ID="tree $(tree_files "$dir" | LC_ALL=C sort -z |
		(cd "$dir" && xargs -0 sha256sum -- 2>/dev/null || :) | digest)"
}

# source_find VERSION: sets SOURCE_ID
source_find()
{
	if [ -n "${KERNEL_SRC:-}" ]; then
		source_from_tree "$KERNEL_SRC"
	else
		source_from_package "$1"
	fi
}

# source_unpack DIR LOG [DIR-NAME...]: without the directories so named
source_unpack()
{
	local -a without

	mkdir -p "$1"
	if [ -n "${KERNEL_SRC:-}" ]; then
		tree_files "$KERNEL_SRC" >"$1.list"
		must_run "copying the source" "$2" bash -c \
			'set -o pipefail; tar -C "$1" --null --no-recursion \
			 -T "$3" -cf - | tar -C "$2" -xf -' \
			copy "$KERNEL_SRC" "$1" "$1.list"
		rm -f "$1.list"
		must_run "cleaning the copy" "$2" make -C "$1" mrproper
	else
		# A fifth of it all, and only one driver includes it
		without=("${@/#/--exclude=*/}")
		must_run "unpacking the source" "$2" tar -C "$1" \
			--exclude='*/drivers/gpu/drm/amd/include' \
			"${without[@]:2}" \
			--strip-components=1 -xf "$SOURCE_TAR"
	fi
}
