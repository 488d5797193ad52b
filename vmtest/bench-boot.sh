#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-boot.sh VMTEST [TARGET [ROUNDS]]: measures how fast a guest starts
#
# Alternates between the candidates, so that all meet the same load: a bare QEMU
# command line that boots the target's kernel and initramfs to init; vmtest, from its
# start to init and to the first line of a test, with a booted and with a resumed
# guest; and, if installed, virtme-ng, which boots the same kernel on the host's file
# system and only runs "true", to its end.
# Prints the best of ROUNDS of each, and the ratios. A slow time is not a failure.

set -euo pipefail

vmtest=$1 target=${2:-join-6.12} rounds=${3:-5}
qemu=${QEMU:-qemu-system-x86_64}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Prints the seconds from the start of a bare QEMU to the kernel's message about init.
bare()
{
	local start=$EPOCHREALTIME line pid

	exec 3< <(exec "$qemu" -machine microvm,acpi=off -accel tcg -smp 2 \
		-m 512 -nodefaults -no-user-config -display none -no-reboot \
		-serial stdio -kernel "$kernel" -initrd "$initramfs" \
		-append 'console=ttyS0 panic=-1' </dev/null 2>/dev/null)
	pid=$!
	while read -r line <&3; do
		if [[ $line == *'Run /init as init process'* ]]; then
			awk "BEGIN { print $EPOCHREALTIME - $start }"
			break
		fi
	done
	kill -9 "$pid"
	exec 3<&-
}

# ours ARG...: prints "SECONDS-TO-INIT SECONDS-TO-TEST" of vmtest, from its start. For
# a saved guest, the first is the time until the guest woke up. Ignores the verdict.
ours()
{
	"$vmtest" --target "$target" --accel tcg --tests stress --ops 1 \
		--out "$tmp/out" "$@" >/dev/null 2>"$tmp/log" || true
	sed -n 's/.*"boot_seconds": \([0-9.]*\).*/\1/p;
		s/.*"test_seconds": \([0-9.]*\).*/\1/p' \
		"$tmp/out/summary.json" 2>/dev/null | paste -sd ' '
}

# Prints the seconds of a whole virtme-ng, which takes a bzImage or a vmlinux with PVH.
vng_true()
{
	local start=$EPOCHREALTIME

	timeout 120 vng --run "$kernel" --disable-kvm --cpus 2 --memory 512M \
		-- true </dev/null >"$tmp/vng.log" 2>&1 || return
	awk "BEGIN { print $EPOCHREALTIME - $start }"
}

# The first run fills the caches and shows which files are booted.
if [ -z "$(ours)" ]; then
	cat "$tmp/log" >&2
	exit 2
fi
read -r cmdline <"$tmp/out/$target-1/cmdline"
eval "words=($cmdline)"
for ((i = 0; i < ${#words[@]}; i++)); do
	case ${words[i]} in
	-kernel) kernel=${words[i + 1]} ;;
	-initrd) initramfs=${words[i + 1]} ;;
	esac
done

for ((i = 0; i < rounds; i++)); do
	bare >>"$tmp/bare"
	ours --no-snapshot >>"$tmp/cold"
	ours >>"$tmp/saved"
	! command -v vng >/dev/null || vng_true >>"$tmp/vng"
done

# best FILE [COLUMN]: prints the lowest number in the column
best() { cut -d ' ' -f "${2:-1}" "$1" | sort -n | head -n 1; }

base=$(best "$tmp/bare")
# row WHAT SECONDS: prints a line of the result
row()
{
	awk -v what="$1" -v s="$2" -v b="$base" 'BEGIN {
		printf "  %-40s %6.2f s   %5.2f x bare\n", what, s, s / b }'
}

printf '%s, TCG, best of %d\n' "$target" "$rounds"
row 'bare QEMU to init' "$base"
row 'vmtest, booted: to init' "$(best "$tmp/cold" 1)"
row 'vmtest, booted: to the first test' "$(best "$tmp/cold" 2)"
row 'vmtest, saved guest: until it woke up' "$(best "$tmp/saved" 1)"
row 'vmtest, saved guest: to the first test' "$(best "$tmp/saved" 2)"
if [ -s "$tmp/vng" ]; then
	row 'virtme-ng, from start to end of "true"' "$(best "$tmp/vng")"
elif [ -e "$tmp/vng.log" ]; then
	echo "  virtme-ng: does not run this kernel: $(tail -n 1 "$tmp/vng.log")"
else
	echo '  virtme-ng: not installed (pip install virtme-ng)'
fi
