#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that the kernel series can be sent: on the pristine source, whatever KERNEL_SRC is.
. "${BASH_SOURCE%/*}/host.sh"
export CACHE=$USER_CACHE

LIMIT=1800 says 'the patches of the kernel series can be sent' 0 '' kernel/check-series.sh
tap_end
