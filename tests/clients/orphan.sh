# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Leaves a grandchild that outlives its parent, becomes a child of init, and ends
# before this script.
sh -c 'sh /clients/init.sh &'
read -r pid </tmp/fifo
kill "$pid"
while kill -0 "$pid" 2>/dev/null; do :; done
exit 7
