# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A kernel made here: source, patches, configuration, compilation. Each stage
# leaves a stamp in the work directory, so that an interrupted build goes on
# where it was; inside the last one make does the same.
#
# Everything in this file can change the result, so it is part of the key.

WORK_MB=4500		# source, objects and the linked image with DWARF

# series_patches LIST: of one series, or of several, comma separated, each on
# top of those before it; in order, "-" has none
series_patches()
{
	local name

	[ "$1" != - ] || return 0
	for name in ${1//,/ }; do
		find "$HERE/series/$name" \
			-name '[0-9][0-9][0-9][0-9]-*.patch' | LC_ALL=C sort
	done
}

# series_touches LIST SUFFIX: the files of the kernel that the patches change
series_touches()
{
	series_patches "$1" | xargs -r sed -n "s|^+++ b/\(.*\.$2\)\$|\1|p" |
		grep -v '^tools/' | LC_ALL=C sort -u || :
}

# series_compiles SRC: the .c files of a tree whose objects have code of the
# patches in them: those they change, and those that make tracepoints of the
# headers of events they change.
series_compiles()
{
	local src=$1 file

	series_touches "$SERIES" c
	for file in $(series_touches "$SERIES" h); do
		[[ $file == include/trace/events/* ]] || continue
		(cd "$src" && grep -lR --include='*.c' \
			"^#include <${file#include/}>" kernel mm fs block net \
			drivers | xargs -r grep -l '^#define CREATE_TRACE_POINTS')
	done
}

# CONFIG_GCOV_KERNEL alone counts nothing. What has code of the series is
# counted, and the rest of the kernel as fast as ever: words for make.
# gcov_words SRC
gcov_words()
{
	case ,$FRAGMENTS, in
	*,gcov,*)
		series_compiles "$1" | LC_ALL=C sort -u |
			sed 's|.*/||; s|\(.*\)\.c$|GCOV_PROFILE_\1.o=y|'
		;;
	esac
}

# gcov_keep SRC OUT: what gcov(1) needs of the tree, as in the tree, below
# OUT/gcov: sources, headers they are blamed on, and .gcno. Touched files that
# this configuration does not compile have none.
gcov_keep()
{
	local src=$1 out=$2 file

	mkdir "$out/gcov"
	for file in $(series_compiles "$src" | LC_ALL=C sort -u); do
		(cd "$src" && find . -path "./${file%.c}.gcno" -o -path "./$file" |
			cpio --quiet -pdm "$out/gcov")
	done
	(cd "$src" && series_touches "$SERIES" h |
		cpio --quiet -pdm "$out/gcov")
}

# fragment_files LIST
fragment_files()
{
	local name

	for name in ${1//,/ }; do
		[ "$name" != - ] || continue
		[ -r "$HERE/config/$name.config" ] ||
			die $EXIT_USAGE "no fragment $HERE/config/$name.config"
		printf '%s\n' "$HERE/config/$name.config"
	done
}

compiler()
{
	command -v ccache >/dev/null && printf 'ccache gcc' || printf 'gcc'
}

# make is called with the same words each time, or it would start over.
# Paths are relative and names of the machine left out: two trees that differ
# in one file share the cached objects of all others.
kernel_make()
{
	local dir=$1 log=$2 stage=$3

	shift 3
	must_run "$stage" "$log" env \
		CCACHE_DIR="$CACHE/ccache" CCACHE_NOHASHDIR=1 \
		CCACHE_MAXSIZE=5G LC_ALL=C \
		make -C "$dir" -j"$JOBS" CC="$(compiler)" \
		HOSTCC="$(compiler)" ARCH=x86_64 LOCALVERSION="-$TARGET" \
		KBUILD_BUILD_TIMESTAMP=1970-01-01 KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_USER=pidns-vmtest KBUILD_BUILD_HOST=localhost "$@"
}

# Everything the image depends on, one line each
series_inputs()
{
	local file

	printf 'source %s\n' "$SOURCE_ID"
	printf 'release %s\n' "$TARGET"
	series_patches "$SERIES" | while read -r file; do
		printf 'patch %s %s\n' "${file##*/}" "$(digest <"$file")"
	done
	fragment_files "$FRAGMENTS" | while read -r file; do
		printf 'config %s %s\n' "${file##*/}" "$(digest <"$file")"
	done
	printf 'gcc %s\n' "$(gcc --version | head -n 1)"
	printf 'ld %s\n' "$(ld --version | head -n 1)"
	printf 'pahole %s\n' "$(pahole --version)"
	printf 'script %s\n' "$(digest <"$HERE/lib/series.sh")"
}

# patch_tree DIR LOG: by patch(1), since the tree may be no git tree. A tree of
# the user's may have the series already: then its last patch can be undone.
patch_tree()
{
	local dir=$1 log=$2 file last

	last=$(series_patches "$SERIES" | tail -n 1)
	if [ -n "${KERNEL_SRC:-}" ] && [ -n "$last" ] &&
	   patch -d "$dir" -p1 -R -F0 -s -f --dry-run <"$last" >"$log" 2>&1; then
		say "$KERNEL_SRC has series $SERIES already, taken as it is"
		return
	fi
	series_patches "$SERIES" | while read -r file; do
		patch -d "$dir" -p1 -F0 -f --no-backup-if-mismatch \
			<"$file" >"$log" 2>&1 || {
			cat "$log" >&2
			die $EXIT_FAILED "${file##*/} of series $SERIES does" \
				"not apply to ${KERNEL_SRC:-$SOURCE_TAR}"
		}
	done
}

# configure DIR LOG
configure()
{
	local dir=$1 log=$2 wanted="$1/../wanted.config" missing

	# The last word on an option counts, as in the .config it is appended to
	fragment_files "$FRAGMENTS" | xargs -r cat | awk '
		/^CONFIG_[A-Z0-9_a-z]+=/ { split($0, a, "="); key = a[1] }
		/^# CONFIG_[A-Z0-9_a-z]+ is not set/ { key = $2 }
		key != "" { last[key] = $0; key = "" }
		END { for (key in last) print last[key] }' |
		LC_ALL=C sort >"$wanted"
	kernel_make "$dir" "$log" "configuring" tinyconfig
	cat "$wanted" >>"$dir/.config"
	kernel_make "$dir" "$log" "configuring" olddefconfig
	missing=$(awk '
		FNR == NR { have[$0] = 1; if ($1 != "#") { split($0, a, "="); set[a[1]] = 1 } next }
		/^#/ ? ($2 in set) : !($0 in have) { print "  " $0 }' \
		"$dir/.config" "$wanted")
	[ -z "$missing" ] || {
		printf '%s\n' "$missing" >&2
		die $EXIT_FAILED "these options of $FRAGMENTS did not survive" \
			"olddefconfig: something they depend on is missing"
	}
}

# series_build WORK OUT
series_build()
{
	local work=$1 out=$2 src="$1/src" log="$1/log"
	local -a words

	need gcc gcc
	need make make
	need flex flex
	need bison bison
	need bc bc
	need patch patch
	need pahole dwarves
	room "$work" $WORK_MB

	if [ ! -e "$src" ]; then
		rm -rf -- "$src.tmp"
		source_unpack "$src.tmp" "$log"
		patch_tree "$src.tmp" "$log"
		mv "$src.tmp" "$src"
	fi
	if [ ! -e "$work/configured" ]; then
		configure "$src" "$log"
		: >"$work/configured"
	fi
	mapfile -t words < <(gcov_words "$src")
	kernel_make "$src" "$log" "building" "${words[@]}" vmlinux

	image_check "$src/vmlinux" "$TARGET"
	strip -s -o "$out/vmlinux" "$src/vmlinux"
	cp "$src/vmlinux" "$out/vmlinux.debug"
	cp "$src/.config" "$out/config"
	mkdir "$out/modules"
	: >"$out/modules/order"
	[ ${#words[@]} -eq 0 ] || gcov_keep "$src" "$out"
}
