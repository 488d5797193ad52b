#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# generic.sh NAME: prints the directory with Debian's kernel package NAME, a meta
# package such as linux-image-amd64, unpacked. The directory is kept in CACHE until a
# newer version appears.
set -euo pipefail
shopt -s inherit_errexit
NAME=$1
. "${BASH_SOURCE%/*}/begin.sh" "$NAME"

unpack()
{
	rm -rf -- "$CACHE/downloads/generic/$NAME"
	make_dir "$DIR"
	apt_download '' "$SCRATCH/deb" "$REAL"
	must_run "unpacking $REAL" "$CACHE/downloads/$NAME.log" \
		dpkg-deb -x "$SCRATCH"/deb/*.deb "$DIR"
	touch "$DIR/.complete"
}

apt_needed "$NAME"
apt_own_lists
REAL=$(apt_resolve_meta '' "$NAME")
[ "$REAL" != "$NAME" ] ||
	die $EXIT_USAGE "apt knows no such kernel; run 'apt-get update' as root"
DIR=$CACHE/downloads/generic/$NAME/$REAL
make_once "generic-$NAME" "$DIR/.complete" unpack
echo "$DIR"
