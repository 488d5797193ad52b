#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-boot.sh VMTEST [TARGET [ROUNDS]]: how fast a guest starts
#
# In one go and alternating, so that both meet the same load: a bare QEMU
# command line that boots the target's kernel and initramfs to its init, and
# vmtest, from its start to init and to the first line of a test. Prints the
# best of ROUNDS of each, and the ratios. A measurement: it never fails on time.

set -euo pipefail

vmtest=$1 target=${2:-join-6.12} rounds=${3:-5}
qemu=${QEMU:-qemu-system-x86_64}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Seconds from the start of a bare QEMU to the kernel's last word before init.
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

# "SECONDS-TO-INIT SECONDS-TO-TEST" of vmtest, from its start. Its verdict is
# no matter here.
ours()
{
	"$vmtest" --target "$target" --accel tcg --tests semantics \
		--out "$tmp/out" >/dev/null 2>"$tmp/log" || true
	sed -n 's/.*"boot_seconds": \([0-9.]*\).*/\1/p;
		s/.*"test_seconds": \([0-9.]*\).*/\1/p' \
		"$tmp/out/summary.json" 2>/dev/null | paste -sd ' '
}

# The first fills the caches and tells which files are booted.
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
	ours >>"$tmp/ours"
done

best() { sort -n "$1" | head -n 1; }
to_init=$(cut -d ' ' -f 1 "$tmp/ours" | sort -n | head -n 1)
to_test=$(cut -d ' ' -f 2 "$tmp/ours" | sort -n | head -n 1)
b=$(best "$tmp/bare")
awk -v t="$target" -v n="$rounds" -v b="$b" -v i="$to_init" -v f="$to_test" 'BEGIN {
	printf "%s, TCG, best of %d\n", t, n
	printf "  bare QEMU to init             %6.2f s\n", b
	printf "  vmtest start to init          %6.2f s   %.2f x bare\n", i, i / b
	printf "  vmtest start to first test    %6.2f s   %.2f x bare\n", f, f / b
}'
