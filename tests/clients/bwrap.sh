# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# bubblewrap, which can also enter a pid namespace by a file descriptor.

step unshare bwrap --unshare-pid --dev-bind / / --proc /proc sh -c 'exit 7'
step as-pid-1 bwrap --unshare-pid --as-pid-1 --dev-bind / / sh -c 'exit 7'
# bwrap is the namespace's init, and reaps a grandchild whose parent has exited.
step orphan bwrap --unshare-pid --dev-bind / / --proc /proc sh /clients/orphan.sh
container container unshare --fork --pid sh /clients/init.sh
exec 5<"/proc/$INIT/ns/pid"
enter=step
[ "$GATE" != keep ] || enter=forsaken
$enter pidns bwrap --pidns 5 --dev-bind / / sh -c 'exit 7'
$enter leader-pidns setsid -f -w bwrap --pidns 5 --dev-bind / / sh -c 'exit 7'
end_container
