# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Its grandchild outlives the child, is then init's, and ends before it does.
sh -c 'sh /clients/init.sh &'
read -r pid </tmp/fifo
kill "$pid"
while kill -0 "$pid" 2>/dev/null; do :; done
exit 7
