# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels. Made once and kept in $(CACHE), see kernel/build.sh.

KERNEL_TARGETS := $(shell awk '!/^\#/ && NF == 5 { print $$1 }' kernel/targets)
KERNEL_DEFAULTS := $(filter-out %-debug %-kcsan,$(KERNEL_TARGETS))

## KERNEL_SRC=DIR: a kernel tree to use in place of Debian's; it is copied
## BZIMAGE=FILE: a kernel image to use as it is
## JOBS=N: compilers that a kernel build runs at once (one a CPU)
export KERNEL_SRC BZIMAGE

## kernel: make or fetch the kernel of TARGET=T, print its image's path last
.PHONY: kernel
kernel:
	@kernel/build.sh $(TARGET)

## kernels: all of them but those that look for races and bad memory accesses
.PHONY: kernels
kernels:
	@for t in $(KERNEL_DEFAULTS); do kernel/build.sh $$t; done

## check-series: the patches apply without fuzz and pass checkpatch --strict
.PHONY: check-series
check-series:
	@kernel/check-series.sh
