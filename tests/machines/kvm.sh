#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kvm.sh OUT - `make check-kvm`: tests vmtest under KVM, on any machine. vmtest boots
# Debian's generic kernel in a QEMU whose TCG emulates AMD's SVM, and a second vmtest
# runs in that guest, under KVM: the probe, guests that are booted, saved and resumed,
# stock, and a whole run on join (kvm-guest.sh).
#
# The outer guest has one CPU: with one thread for two, QEMU does not run the second
# while the first is in a nested guest. The emulated CPU may lock up, so a guest that
# ends without a verdict on its tests is retried once. Prints the table of vmtest; exit
# status 0 if all passed.
set -euo pipefail
shopt -s inherit_errexit
OUT=$1
. "${BASH_SOURCE%/*}/begin.sh" check-kvm
MEMORY=5120		# MiB: the project, two kernels, and two guests
TIMEOUT=300		# seconds without progress, in the guest
TRIES=2

# Programs that vmtest and build.sh call, besides busybox; vmtest packs their libraries.
TOOLS=(od dd sed grep awk sort tr stat realpath sha256sum flock readelf find cut
	head tail date mktemp nproc dirname basename wc cat setpriv rm mv mkdir
	qemu-system-x86_64)
# Firmware that QEMU reads for a microvm.
FIRMWARE=(bios-microvm.bin bios-256k.bin linuxboot_dma.bin linuxboot.bin
	pvh.bin kvmvapic.bin qboot.rom)
MODULES=(virt/lib/irqbypass drivers/crypto/ccp/ccp arch/x86/kvm/kvm
	arch/x86/kvm/kvm-amd)

# add_modules: appends KVM's modules to ADD, uncompressed
add_modules()
{
	local module file

	mkdir -p "$SCRATCH/modules"
	for module in "${MODULES[@]}"; do
		for file in "$GENERIC"/{usr/,}lib/modules/*/kernel/"$module".ko*; do
			[ -e "$file" ] || continue
			case $file in
			*.xz)	xz -dc "$file" ;;
			*.zst)	zstd -qdc "$file" ;;
			*)	cat "$file" ;;
			esac >"$SCRATCH/modules/${module##*/}.ko"
			ADD+=(--add "$SCRATCH/modules/${module##*/}.ko:/modules/${module##*/}.ko")
		done
	done
}

add_qemu()
{
	local name dir

	for name in "${TOOLS[@]}"; do
		ADD+=(--add "$(command -v "$name"):/usr/bin/$name")
	done
	ADD+=(--add "$(command -v bash):/bin/bash")
	# The guest runs the vmtest in project.tar; this one brings its libraries.
	ADD+=(--add "$O/vmtest/vmtest:/usr/bin/vmtest")
	for name in "${FIRMWARE[@]}"; do
		for dir in /usr/share/qemu /usr/share/seabios /usr/share/qboot; do
			[ ! -e "$dir/$name" ] || {
				ADD+=(--add "$dir/$name:/usr/share/qemu/$name")
				break
			}
		done
	done
	for name in /usr/lib/*/qemu/accel-{tcg,kvm}-x86_64.so; do
		[ ! -e "$name" ] || ADD+=(--add "$name")
	done
}

# pack_kernels: packs the kernels join and stock from build.sh, without debug symbols
pack_kernels()
{
	local name image

	mkdir "$SCRATCH/kernels"
	for name in join-6.12 stock-6.12; do
		image=$(kernel/build.sh $name)
		cp -a -- "${image%/*}" "$SCRATCH/kernels/$name"
		rm -f -- "$SCRATCH/kernels/$name/vmlinux.debug"
	done
	tar -C "$SCRATCH/kernels" -cf "$SCRATCH/kernels.tar" .
}

ADD=()
GENERIC=$(tests/machines/generic.sh linux-image-amd64)
add_modules
add_qemu
pack_kernels
tar -cf "$SCRATCH/project.tar" --exclude='*.[od]' deps.sh deps.txt kernel vmtest \
	tests/mutants "$O/vmtest/vmtest" "$O/pidnstrace" "$O/guest"
for ((try = 1; try <= TRIES; try++)); do
	rc=0
	QEMU=tests/machines/qemu-svm.sh "$O/vmtest/vmtest" --accel tcg --cpus 1 \
		--kernel "$GENERIC"/boot/vmlinuz-* --bare --ktap --no-snapshot \
		--memory $MEMORY --timeout $((TIMEOUT * 2)) --out "$OUT" \
		--add "$SCRATCH/project.tar:/project.tar" \
		--add "$SCRATCH/kernels.tar:/kernels.tar" \
		--add tests/machines/kvm-guest.sh:/check --add tests/tap.sh:/tap.sh "${ADD[@]}" \
		-- /bin/bash /check $TIMEOUT || rc=$?
	[ $rc -ne 0 ] && [ $rc -ne 1 ] || break
	say "the guest ended without a verdict on its tests (try $try of $TRIES)"
done
result=FAIL
[ $rc -ne 0 ] || result=PASS
record "$(this_machine)" "$(qemu-system-x86_64 --version | qemu_version)" \
	'KVM on an emulated SVM' 'probe, boot, save, resume, stock, a whole run on join' $result
exit $rc
