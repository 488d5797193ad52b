# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Chroots of other Debian releases, made by mmdebstrap from the machine's own mirror,
# with its key and its settings, and kept in $CACHE/chroots. The machine's apt
# configuration is only read. The caller sources common.sh, layout.sh and apt.sh.
#
# Limits: needs root and a Debian mirror. chroot_missing reports the reason.

CHROOT_DAYS=30		# an unused chroot is deleted after this time
ENTER=$(cd -- "${BASH_SOURCE[0]%/*}" && pwd)/enter.sh

# chroot_sources SUITE...: prints the lines for sources.list, or nothing if apt
# has no mirror of Debian
chroot_sources()
{
	local codename uri key suite

	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	read -r uri key < <(apt_release_source "$codename" 2>/dev/null) ||
		return 0
	for suite; do
		printf 'deb %s%s %s main\n' "${key:+[signed-by=$key] }" "$uri" \
			"$suite"
	done
}

# chroot_missing: prints why no chroot can be made, or nothing
chroot_missing()
{
	if [ "$(id -u)" -ne 0 ]; then
		echo "a chroot needs root"
	elif ! command -v mmdebstrap >/dev/null; then
		echo "mmdebstrap not found; $("$HERE/../deps.sh" --how mmdebstrap)"
	elif ! unshare --mount --pid --fork true 2>/dev/null; then
		echo "mount namespaces are not permitted here"
	elif [ -z "$(chroot_sources any)" ]; then
		echo "apt's sources do not name this machine's own Debian release"
	fi
}

# chroot_make "SUITE..." PACKAGE...: makes $CHROOT; mmdebstrap's mounts are in a
# private namespace
chroot_make()
{
	local new="$SCRATCH/root" settings="$SCRATCH/apt.conf"
	local -a suites sources

	read -ra suites <<<"$1"
	shift
	mapfile -t sources < <(chroot_sources "${suites[@]}")
	apt-config dump | grep -E '^Acquire::(Check-|https?::|ForceIP).*"[^"]' \
		>"$settings" || :
	run "making a chroot of Debian ${suites[*]}" "$CHROOT.log" \
		unshare --mount --pid --fork --kill-child --mount-proc \
		mmdebstrap --variant=apt --aptopt="$settings" \
		--aptopt='APT::Install-Recommends "false"' \
		--include="$(IFS=,; echo "$*")" \
		"${suites[0]}" "$new" "${sources[@]}" || return
	touch "$new/.complete"
	mv -T "$new" "$CHROOT"
	rm -f "$CHROOT.log"
}

# chroot_open NAME "SUITE..." PACKAGE...: sets CHROOT. Returns 1 if the chroot cannot
# be made; its log is beside it.
chroot_open()
{
	local name=$1 dir key

	key=$(printf '%s\n' "$@" | digest)
	CHROOT="$CACHE/chroots/$name-${key:0:16}"
	make_dir "$CACHE/chroots"
	for dir in "$CACHE/chroots"/*; do
		[ -z "$(find "$dir" -maxdepth 0 -mtime +$CHROOT_DAYS 2>/dev/null)" ] ||
			rm -rf --one-file-system -- "$dir"
	done
	make_once "$name-${key:0:16}" "$CHROOT/.complete" chroot_make "${@:2}" || return
	touch -- "$CHROOT"
}
