# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# virtme-ng from Debian's next release, in a chroot, as a comparison for edit.sh: a
# compiler of the same version as here, a newer QEMU, newer tools.
#
# Limits: as ../machines/chroot.sh, which the caller sources, too.

VNG_SUITE=testing
VNG_PACKAGES=(virtme-ng virtiofsd qemu-system-x86 udev systemd-sysv mount
	iproute2 procps kmod make flex bison bc libc6-dev libelf-dev libssl-dev
	pahole ccache cpio lz4 perl python3)
VNG_LIMIT=300		# seconds until a guest counts as hung
VNG_CC="gcc-$(gcc -dumpversion | cut -d. -f1)"
VNG_MAKE=(CC="$VNG_CC" HOSTCC="$VNG_CC")	# through ccache, see enter.sh

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
	cat "$BENCH/../../kernel/config/base.config" "$BENCH/vng.config" \
		>"$2/.bench.config"
	vng_run "virtme-configkernel" "$1" "$2" virtme-configkernel \
		--allnoconfig --custom .bench.config "${VNG_MAKE[@]}"
}

# vng_boot LOG TREE: boots the kernel and runs `true`
vng_boot()
{
	vng_run "vng -- true" "$1" "$2" vng --run . --disable-kvm --cpus 2 \
		--memory 512M -- true
}
