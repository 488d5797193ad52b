#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# edit.sh VMTEST OUT [ROUNDS]: measures the seconds from an edit in a kernel tree to a
# verdict, for vmtest and, in comparison, for virtme-ng; writes OUT/edit.txt (also to
# stdout) and OUT/edit.json
#
# Each of the two first builds and runs Debian's unpacked source; this time is shown, but
# not counted. Then, ROUNDS times (default 3), a line of kernel/pid.c is changed, and the
# time until the verdict is measured for both in turn; the median round is shown. Each
# change is new: neither ccache nor the cache of kernels has it. The rounds use two CPUs
# and no KVM. The exit status does not depend on the times.
#
# virtme-ng comes from Debian's next release, in a chroot with a newer QEMU and newer
# tools. It builds the same source with a compiler of the same version, then boots and
# runs `true`. Without virtme-ng, only vmtest is measured; chroot.sh has the reasons.
set -euo pipefail
shopt -s inherit_errexit

VMTEST=$(realpath -- "$1") OUT=$2 ROUNDS=${3:-3}
BENCH=$(cd -- "${BASH_SOURCE%/*}" && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
HERE=$BENCH/../../kernel		# for the sourced files
SCRATCH=
GOAL=60			# seconds from the edit to the verdict
DISK_MB=${DISK_MB:-9000}	# three trees, two of them with objects
VNG_SUITE=testing
VNG_PACKAGES=(virtme-ng virtiofsd qemu-system-x86 udev systemd-sysv mount
	iproute2 procps kmod make flex bison bc libc6-dev libelf-dev libssl-dev
	pahole ccache cpio lz4 perl python3)
VNG_LIMIT=300		# seconds until a guest counts as hung
VNG_CC="gcc-$(gcc -dumpversion | cut -d. -f1)"
VNG_MAKE=(CC="$VNG_CC" HOSTCC="$VNG_CC")	# through ccache, see enter.sh
unset KERNEL_SRC BZIMAGE TIMES MAKEFLAGS MFLAGS MAKEOVERRIDES

# shellcheck source=../../kernel/lib/common.sh
. "$HERE/lib/common.sh"
# shellcheck source=../../kernel/lib/source.sh
. "$HERE/lib/source.sh"
# shellcheck source=../../kernel/lib/layout.sh
. "$HERE/lib/layout.sh"
# shellcheck source=../../kernel/lib/apt.sh
. "$HERE/lib/apt.sh"
# shellcheck source=../machines/chroot.sh
. "$BENCH/../machines/chroot.sh"
MSG_PREFIX=bench-edit

# now: prints the time in microseconds
now()
{
	printf '%s\n' "${EPOCHREALTIME//[!0-9]/}"
}

# since START: prints the seconds since now() printed START
since()
{
	awk -v us=$(($(now) - $1)) 'BEGIN { printf "%.3f\n", us / 1e6 }'
}

# Makes a private cache, deleted afterwards, with shared objects and downloads.
private_cache()
{
	mkdir -p "$SCRATCH/cache" "$CACHE/ccache" "$CACHE/downloads"
	ln -s "$CACHE/ccache" "$CACHE/downloads" "$SCRATCH/cache/"
}

# edit_tree DIR: replaces the first test in put_pid() by CHANGE
edit_tree()
{
	local file="$1/kernel/pid.c"

	cp "$file" "$SCRATCH/before"
	sed -i '/^void put_pid(/,/^}/ s/if (!pid.*)$/'"$CHANGE/" "$file"
	! cmp -s "$file" "$SCRATCH/before" ||
		die "$EXIT_FAILED" "no line of put_pid() to change in kernel/pid.c"
}

# our_round STAGE: builds and tests the tree with vmtest; sets TOOK
our_round()
{
	local start

	rm -f "$SCRATCH/times"
	start=$(now)
	must_run "$1" "$OUT/ours.log" env CACHE="$SCRATCH/cache" \
		KERNEL_SRC="$SCRATCH/ours" TIMES="$SCRATCH/times" "$VMTEST" \
		--target tree --tests semantics --accel tcg --out "$SCRATCH/out"
	TOOK=$(since "$start")
}

# our_steps: prints the steps of the last round, as JSON. test_seconds counts from the
# start of vmtest, but leaves out the building of the kernel.
our_steps()
{
	local steps

	steps=$(awk '
		$2 == "building" { make += $1; made = 1; next }
		made { keep += $1 }
		!made { read += $1 }
		END { printf "{\"read\":%f,\"make\":%f,\"keep\":%f}", read, make, keep }' \
		"$SCRATCH/times")
	jq -c --argjson steps "$steps" --argjson whole "$TOOK" '
		.targets[0] | .results[0].test_seconds as $boot | $steps +
		{ boot: $boot, whole: $whole, count: .tests.ok,
		  tests: ($whole - $boot - ($steps | add)) }' \
		"$SCRATCH/out/summary.json"
}

# vng_open: sets CHROOT. Returns 1 if the chroot cannot be made; its log is beside it.
vng_open()
{
	chroot_open vng "$VNG_SUITE" "${VNG_PACKAGES[@]}" "$VNG_CC"
}

# vng_run STAGE LOG TREE COMMAND...: runs a command in the chroot
vng_run()
{
	run "$1" "$2" timeout -k 5 "$VNG_LIMIT" "$ENTER" "$CHROOT" \
		--bind "$3" /src --bind "$CACHE/ccache" /ccache \
		CCACHE_DIR=/ccache "${@:4}"
}

# vng_build STAGE LOG TREE: builds the kernel in the chroot
vng_build()
{
	VNG_LIMIT=7200 vng_run "$1" "$2" "$3" vng --build "${VNG_MAKE[@]}"
}

# vng_configure LOG TREE: applies the options of our kernels, on top of as few of
# virtme-ng's own as possible
vng_configure()
{
	cat "$HERE/config/base.config" "$BENCH/vng.config" >"$2/.bench.config"
	vng_run "virtme-configkernel" "$1" "$2" virtme-configkernel \
		--allnoconfig --custom .bench.config "${VNG_MAKE[@]}"
}

# vng_boot LOG TREE: boots the kernel and runs `true`
vng_boot()
{
	vng_run "vng -- true" "$1" "$2" vng --run . --disable-kvm --cpus 2 \
		--memory 512M -- true
}

# vng_failed WHAT LOG: the measurement continues without virtme-ng. LOG may be empty, as
# when VNG_LIMIT ended a guest without output.
vng_failed()
{
	NOT_MEASURED="$1 failed: $(tr -d '\r\0' <"$2" | grep . | tail -n 1 || :)"
	say "virtme-ng: $NOT_MEASURED"
	tail -n 30 "$2" >&2
}

# vng_begin: makes the chroot and the tree of virtme-ng, then builds and boots once
vng_begin()
{
	local start log="$OUT/vng.log"

	NOT_MEASURED=$(chroot_missing)
	[ -z "$NOT_MEASURED" ] || return 0
	vng_open ||
		{ vng_failed mmdebstrap "$CHROOT.log"; return; }
	must_run "copying the source" "$SCRATCH/log" \
		cp -a "$SCRATCH/ours" "$SCRATCH/vng"
	start=$(now)
	vng_configure "$log" "$SCRATCH/vng" ||
		{ vng_failed virtme-configkernel "$log"; return; }
	vng_build "vng --build, the first" "$log" "$SCRATCH/vng" ||
		{ vng_failed "vng --build" "$log"; return; }
	vng_boot "$log" "$SCRATCH/vng" ||
		{ vng_failed "vng -- true" "$log"; return; }
	VNG_FIRST=$(since "$start")
	VNG_VERSION=$(chroot "$CHROOT" vng --version)
}

# vng_round: builds and boots the tree with virtme-ng; adds the times to vng.rounds
vng_round()
{
	local start make boot log="$OUT/vng.log"

	start=$(now)
	vng_build "vng --build" "$log" "$SCRATCH/vng" ||
		{ vng_failed "vng --build" "$log"; return; }
	make=$(since "$start")
	start=$(now)
	vng_boot "$log" "$SCRATCH/vng" ||
		{ vng_failed "vng -- true" "$log"; return; }
	boot=$(since "$start")
	jq -nc --argjson make "$make" --argjson boot "$boot" \
		'{ make: $make, boot: $boot, whole: ($make + $boot) }' \
		>>"$SCRATCH/vng.rounds"
}

# take_cpus: restricts this process to two of its CPUs
take_cpus()
{
	local two

	two=$(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' |
		awk -F- '{ for (i = $1; i <= $NF && n < 2; i++)
			printf "%s%d", n++ ? "," : "", i }')
	taskset -cp "$two" $$ >/dev/null
}

# round N: edits the trees, and measures both
round()
{
	CHANGE="if (!pid || WARN_ON_ONCE(pid->level == $(($(date +%s) + $1))))"
	edit_tree "$SCRATCH/ours"
	[ -n "$NOT_MEASURED" ] || edit_tree "$SCRATCH/vng"
	our_round "round $1 of $ROUNDS"
	our_steps >>"$SCRATCH/ours.rounds"
	[ -n "$NOT_MEASURED" ] || vng_round
}

report()
{
	# If a round of virtme-ng failed, its earlier rounds are not shown either.
	[ -z "$NOT_MEASURED" ] || : >"$SCRATCH/vng.rounds"
	jq -n --slurpfile ours "$SCRATCH/ours.rounds" \
		--slurpfile vng "$SCRATCH/vng.rounds" \
		--argjson goal "$GOAL" --argjson cpus "$(nproc)" \
		--argjson our_first "$OUR_FIRST" \
		--argjson vng_first "${VNG_FIRST:-null}" \
		--arg reason "$NOT_MEASURED" --arg vng_version "$VNG_VERSION" \
		--arg suite "$VNG_SUITE" --arg compiler "$VNG_CC" \
		--arg source "${SOURCE_TAR##*/}" \
		-f "$BENCH/edit_figures.jq" >"$OUT/edit.json"
	jq -r -f "$BENCH/edit_table.jq" "$OUT/edit.json" | tee "$OUT/edit.txt"
}

# bash parses all of main() first, so the script may be edited while it runs.
main()
{
	local dir n

	need jq
	mkdir -p -- "$OUT"
	OUT=$(realpath -- "$OUT")
	for dir in downloads work locks; do
		make_dir "$CACHE/$dir"
	done
	need_space "$CACHE" $DISK_MB
	scratch
	private_cache
	source_from_package 6.12
	mkdir "$SCRATCH/ours"
	must_run "unpacking the source" "$SCRATCH/log" \
		tar -C "$SCRATCH/ours" --strip-components=1 -xf "$SOURCE_TAR"
	VNG_FIRST='' VNG_VERSION=''
	vng_begin
	our_round "the first build"
	OUR_FIRST=$TOOK
	take_cpus
	: >"$SCRATCH/vng.rounds"
	for ((n = 1; n <= ROUNDS; n++)); do
		round "$n"
	done
	report
}

main
exit 0
