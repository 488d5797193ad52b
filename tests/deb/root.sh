#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# root.sh DEB - a Debian root file system, as a tar archive, with the essential
# packages and what DEB depends on: made once by mmdebstrap from where apt has
# its packages here, and kept in CACHE. Prints its path.
set -euo pipefail
: "${CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}"

# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
depends=$(dpkg-deb -f "$1" Depends | sed 's/ *([^)]*)//g; s/|[^,]*//g; s/ //g')
key=$(cat - "$0" <<<"$suite $depends" | sha256sum | cut -c 1-16)
root=$CACHE/debian/$suite-$key.tar
mkdir -p "$CACHE/debian"
exec 9>"$CACHE/debian/lock"
flock 9
if [ ! -s "$root" ]; then
	echo "making a Debian $suite root file system, a minute or two" >&2
	find "$CACHE/debian" -name "*.tar" -mtime +30 -delete
	# Without perl, which usrmerge would want, the guest is half as large. Of
	# other packages documentation and translations are ballast, but ours are
	# to be installed: the rule goes before the archive is made. The manual's
	# directories are there as in any Debian: one that dpkg knows of and does
	# not find it forgets when ours goes, and that would be a difference.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
			'Created-By: Packages' |
		awk -v suite="$suite" '$1 == "Debian" && $3 == suite {
			print "deb", $2, $3, $4 }' | sort -u |
		mmdebstrap --format=tar --variant=essential --include="usr-is-merged,$depends" \
			--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
			--dpkgopt='path-exclude=/usr/share/doc/*' \
			--dpkgopt='path-exclude=/usr/share/man/*' \
			--dpkgopt='path-include=/usr/share/man/man?' \
			--dpkgopt='path-exclude=/usr/share/locale/*' \
			--dpkgopt='path-exclude=/usr/share/zoneinfo/*' \
			--dpkgopt='path-exclude=/usr/lib/*/gconv/*' \
			--customize-hook='rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"' \
			"$suite" "$root.new" - >"$root.log" 2>&1 || {
		tail -n 5 "$root.log" >&2
		echo "no Debian root file system: see $root.log" >&2
		exit 2
	}
	mv "$root.new" "$root"
fi
echo "$root"
