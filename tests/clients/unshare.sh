# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# unshare of util-linux.

step fork unshare --fork --pid sh -c 'exit 7'
step mount-proc unshare --fork --pid --mount-proc sh -c 'exit $$'
# The second child finds no init: the first child was init.
step no-fork unshare --pid sh -c '/bin/true; /bin/true'
# A process that init leaves behind does not survive init.
step init-first unshare --fork --pid sh -c 'sh /clients/init.sh & read -r _ </tmp/fifo; exit 7'
