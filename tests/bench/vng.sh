# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# virtme-ng from Debian's next release, in a chroot, as a comparison for
# edit.sh: a compiler of the same version as here, a newer QEMU, newer tools.
#
# mmdebstrap makes the chroot from the machine's own mirror, with its key and
# its settings; the chroot is kept in $CACHE/chroots. The machine's apt is only
# read.
#
# Limits: needs root and a Debian mirror. vng_missing reports the reason.

VNG_SUITE=testing
VNG_DAYS=30		# an unused chroot is deleted after this time
VNG_PACKAGES=(virtme-ng virtiofsd qemu-system-x86 udev systemd-sysv mount
	iproute2 procps kmod make flex bison bc libc6-dev libelf-dev libssl-dev
	pahole ccache cpio lz4 perl python3)
VNG_LIMIT=300		# seconds until a guest counts as hung
VNG_CC="gcc-$(gcc -dumpversion | cut -d. -f1)"
VNG_ROOT=
VNG_MAKE=(CC="$VNG_CC" HOSTCC="$VNG_CC")	# through ccache, see chroot.sh

# vng_source: prints the line for sources.list, or nothing if apt has no mirror
# of Debian
vng_source()
{
	local codename uri key

	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	read -r uri key < <(apt_release_source "$codename" 2>/dev/null) ||
		return 0
	printf 'deb %s%s %s main\n' "${key:+[signed-by=$key] }" "$uri" "$VNG_SUITE"
}

# vng_missing: prints why there can be no chroot; nothing if there can be one
vng_missing()
{
	if [ "$(id -u)" -ne 0 ]; then
		echo "a chroot needs root"
	elif ! command -v mmdebstrap >/dev/null; then
		echo "mmdebstrap not found: apt-get install mmdebstrap"
	elif ! unshare --mount --pid --fork true 2>/dev/null; then
		echo "mount namespaces are not permitted here"
	elif [ -z "$(vng_source)" ]; then
		echo "apt's sources do not name this machine's own Debian release"
	fi
}

# vng_make: makes the chroot; mmdebstrap's mounts are in a private namespace
vng_make()
{
	local new="$SCRATCH/root" settings="$SCRATCH/apt.conf"

	apt-config dump | grep -E '^Acquire::(Check-|https?::|ForceIP).*"[^"]' \
		>"$settings" || :
	run "making a chroot of Debian $VNG_SUITE" "$VNG_ROOT.log" \
		unshare --mount --pid --fork --kill-child --mount-proc \
		mmdebstrap --variant=apt --aptopt="$settings" \
		--aptopt='APT::Install-Recommends "false"' \
		--include="$(IFS=,; echo "${VNG_PACKAGES[*]},$VNG_CC")" \
		"$VNG_SUITE" "$new" "$(vng_source)" || return
	mv -T "$new" "$VNG_ROOT"
	rm -f "$VNG_ROOT.log"
}

# vng_open: sets VNG_ROOT. Returns 1 if the chroot cannot be made; its log is
# beside it.
vng_open()
{
	local dir key

	key=$(printf '%s\n' "$VNG_SUITE" "${VNG_PACKAGES[@]}" "$VNG_CC" | digest)
	VNG_ROOT="$CACHE/chroots/vng-${key:0:16}"
	make_dir "$CACHE/chroots"
	for dir in "$CACHE"/chroots/vng-*; do
		[ -z "$(find "$dir" -maxdepth 0 -mtime +$VNG_DAYS 2>/dev/null)" ] ||
			rm -rf --one-file-system -- "$dir"
	done
	once "vng-${key:0:16}" "$VNG_ROOT/usr/bin/vng" vng_make || return
	touch -- "$VNG_ROOT"
}

# vng_run STAGE LOG TREE COMMAND...: runs a command in the chroot
vng_run()
{
	run "$1" "$2" timeout -k 5 "$VNG_LIMIT" "$BENCH/chroot.sh" "$VNG_ROOT" \
		"$3" "$CACHE/ccache" "${@:4}"
}

# vng_build STAGE LOG TREE
vng_build()
{
	VNG_LIMIT=7200 vng_run "$1" "$2" "$3" vng --build "${VNG_MAKE[@]}"
}

# vng_configure LOG TREE: the options of our kernels, on top of as few of
# virtme-ng's own as possible
vng_configure()
{
	cat "$BENCH/../../kernel/config/base.config" "$BENCH/vng.config" \
		>"$2/.bench.config"
	vng_run "virtme-configkernel" "$1" "$2" virtme-configkernel \
		--allnoconfig --custom .bench.config "${VNG_MAKE[@]}"
}

# vng_boot LOG TREE
vng_boot()
{
	vng_run "vng -- true" "$1" "$2" vng --run . --disable-kvm --cpus 2 \
		--memory 512M -- true
}
