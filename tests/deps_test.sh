#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs deps.sh in roots of other distributions: a PATH without apt and dpkg, and their
# /etc/os-release. Only missing needs are named, with the packages of that
# distribution; an outdated program counts as missing.
. "${BASH_SOURCE%/*}/host.sh"
unset CLANG OS_RELEASE

# root NAME...: fills $TMP/bin with all commands in PATH but NAME...
root()
{
	local dirs dir path name

	rm -rf "$TMP/bin"
	mkdir "$TMP/bin"
	IFS=: read -ra dirs <<<"$PATH"
	for dir in "${dirs[@]}"; do
		for path in "$dir"/*; do
			name=${path##*/}
			[[ " $* " == *" $name "* ]] ||
				ln -s "$path" "$TMP/bin/$name" 2>/dev/null
		done
	done
}

# names NAME STATUS LINE DISTRIBUTION COMMAND...: runs COMMAND in that root; it must
# end with STATUS, and print a line that matches LINE
names()
{
	local name=$1 status=$2 line=$3 rc=0

	timeout -k 5 60 env PATH="$TMP/bin" OS_RELEASE="$TMP/$4" "${@:5}" \
		>"$LOG" 2>&1 </dev/null || rc=$?
	[ "$rc" -eq "$status" ] || echo "exit status $rc, not $status" >>"$LOG"
	[ "$rc" -eq "$status" ] && grep -qE -- "$line" "$LOG"
	tap $? "$name"
}

APT="apt apt-get apt-cache apt-config dpkg dpkg-query dpkg-deb dpkg-buildpackage"
CLANGS=$(compgen -c clang | sort -u | tr '\n' ' ')
printf 'ID=fedora\n' >"$TMP/fedora"
printf 'ID=rocky\nID_LIKE="rhel centos fedora"\n' >"$TMP/rocky"
printf 'ID=manjaro\nID_LIKE=arch\n' >"$TMP/manjaro"
printf 'ID=ubuntu\nID_LIKE=debian\n' >"$TMP/ubuntu"
printf 'ID=gentoo\n' >"$TMP/gentoo"

root $APT bison jq
names 'Fedora: its packages' 2 'as root: dnf install jq bison$' \
	fedora ./deps.sh trace vmtest
names 'what is there is not named' 2 '^missing: jq, bison$' \
	fedora ./deps.sh trace vmtest
names 'a group asks for its own needs only' 2 'as root: dnf install jq$' \
	fedora ./deps.sh trace
names 'a distribution after Fedora' 2 'as root: dnf install jq$' \
	rocky ./deps.sh trace
names 'one after Arch' 2 'as root: pacman -S --needed jq bison$' \
	manjaro ./deps.sh trace vmtest
names 'an unknown one: the packages of each' 2 \
	'bison  *bison  *bison  *bison  *bison' gentoo ./deps.sh vmtest
names 'Ubuntu without apt: the same' 2 'need  *Debian  *Ubuntu  *Fedora  *Arch' \
	ubuntu ./deps.sh vmtest
names 'make names them before it builds' 2 'as root: dnf install jq$' \
	fedora make O="$TMP/o" pidnstrace
names 'a script that lacks one names it' 0 'as root: dnf install bison$' \
	fedora ./deps.sh --how bison

root $APT qemu-system-x86_64 busybox $CLANGS
printf '#!/bin/sh\necho clang version 14.0.6\n' >"$TMP/bin/clang"
chmod +x "$TMP/bin/clang"
names 'a compiler that is too old' 2 '^missing: clang >= 16, qemu-system-x86_64, busybox \(static\)$' \
	fedora ./deps.sh trace vmtest
names 'names that differ' 2 'dnf install clang qemu-system-x86-core busybox$' \
	fedora ./deps.sh trace vmtest
printf '#!/bin/sh\necho clang version 19.1.7\n' >"$TMP/bin/clang-19"
chmod +x "$TMP/bin/clang-19"
names 'the newer one beside it' 2 '^missing: qemu-system-x86_64, busybox \(static\)$' \
	fedora ./deps.sh trace vmtest
cp /bin/true "$TMP/bin/busybox"
names 'a busybox that is not static' 2 'busybox \(static\)$' \
	fedora ./deps.sh vmtest

root $APT lintian
names 'what a distribution does not have' 0 'not packaged for fedora: lintian$' \
	fedora ./deps.sh check

says 'a group that does not exist' 2 'no group nosuch; the groups are trace' \
	./deps.sh nosuch

# deps.txt must have a package for every command that a script needs.
grep -hoE '^\s*need [a-z0-9-]+' kernel/*.sh kernel/lib/*.sh tests/bench/*.sh |
	awk '{ print $2 }' | sort -u | while read -r name; do
	OS_RELEASE=$TMP/fedora ./deps.sh --how "$name" >/dev/null 2>&1 ||
		echo "$name is not in deps.txt"
done >"$LOG"
check 'each command that a script needs is in deps.txt' [ ! -s "$LOG" ]
tap_end
