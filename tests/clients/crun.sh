# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
. /clients/oci.sh
