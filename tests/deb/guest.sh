#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the guest: guest.sh ROOT.TAR GOOD.DEB BAD.DEB - Debian's dpkg installs and
# purges GOOD.DEB, which works in between and leaves nothing behind, and
# BAD.DEB, whose script leaves a file behind and spoils two, is found out. KTAP
# on stdout.
set -u
# shellcheck source=tests/tap.sh
. /tap.sh
ROOT=/debian
# In the Debian system; by its path: of a mere name busybox would take its own
IN=(busybox chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C)

# Every path with its mode and owner, and a link's target or a file's sum. What
# dpkg writes for itself is left out: its log, its database of all packages and
# the copy of what that was before, and its locks.
state()
{
	"${IN[@]}" sh -c 'find / -xdev ! -type f -printf "%p %M %U:%G %l\n"
		find / -xdev -type f -printf "%p %M %U:%G\n"
		find / -xdev -type f -exec sha256sum {} +' |
		grep -v -e '/var/log/dpkg\.log' -e '/var/lib/dpkg/status\(-old\)\?\>' \
			-e '/var/lib/dpkg/\(lock\|lock-frontend\|triggers/Lock\)\>' |
		sort
}

# same: is everything as it was before? What is not goes into the log.
same()
{
	state >"$TMP/after"
	busybox diff -U 0 "$TMP/before" "$TMP/after" >"$LOG"
}

mkdir $ROOT
mount -t tmpfs -o size=90% none $ROOT
tar -x -f "$1" -C $ROOT || exit 1
cp "$2" $ROOT/run/good.deb
cp "$3" $ROOT/run/bad.deb
mount -t proc none $ROOT/proc
mount -t sysfs none $ROOT/sys
mount --bind /dev $ROOT/dev

echo 'KTAP version 1'
state >"$TMP/before"
grep -q '^[0-9a-f]\{64\}  /usr/bin/dpkg$' "$TMP/before"
tap $? 'the system and its files are known'

says 'dpkg installs it' 0 'Setting up pidnstrace' "${IN[@]}" dpkg -i /run/good.deb
"${IN[@]}" dpkg --verify pidnstrace >"$LOG" 2>&1 && [ ! -s "$LOG" ]
tap $? 'its files are as they were packed'
says 'the program runs, with the libraries it depends on' 0 'using libbpf' \
	"${IN[@]}" pidnstrace --version
says 'it says what this kernel offers' 0 change_pid "${IN[@]}" pidnstrace probe
says 'it shows a new pid namespace' 0 '] fork  = unshare[' \
	"${IN[@]}" pidnstrace trace -- unshare --fork --pid true
for file in bash-completion/completions/pidnstrace zsh/vendor-completions/_pidnstrace \
		fish/vendor_completions.d/pidnstrace.fish \
		doc/pidnstrace/copyright doc/pidnstrace/changelog.gz \
		man/man1/pidnstrace.1.gz man/man5/pidnstrace-formats.5.gz \
		man/man7/pidnstrace-rules.7.gz; do
	[ -s "$ROOT/usr/share/$file" ]
	tap $? "/usr/share/$file is there"
done
says 'dpkg purges it' 0 'Removing pidnstrace' "${IN[@]}" dpkg --purge pidnstrace
same
tap $? 'everything is as it was before'

says 'dpkg installs one that is not so clean' 0 'Setting up pidnstrace' \
	"${IN[@]}" dpkg -i /run/bad.deb
says 'dpkg purges it, too' 0 'Removing pidnstrace' \
	"${IN[@]}" dpkg --purge pidnstrace
same
for line in '+/var/lib/left-behind ' '+/etc/issue -rwxrwxrwx' '+.*  /etc/issue.net$'; do
	grep -q "^$line" "$LOG"
	tap $? "it is found out: $line"
done
tap_end
