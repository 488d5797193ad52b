# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels, built once and kept in $(CACHE), see kernel/build.sh.

KERNEL_TARGETS := $(shell awk '!/^\#/ && NF == 5 { print $$1 }' kernel/targets)
KERNEL_DEFAULTS := $(filter-out tree %-debug %-kcsan,$(KERNEL_TARGETS))

## KERNEL_SRC=DIR: your own kernel tree, for targets tree and join-*; it is only read
## BZIMAGE=FILE: a kernel image to boot unchanged
## DEBIAN_MIRROR=URI: the mirror of Debian's packages, on a host other than Debian
## JOBS=N: compilers that a kernel build runs at once (one per CPU)
# A path is relative to the caller's directory, also with make -C.
shell_quoted = '$(subst ','\'',$(1))'
as_called = $(shell f=$(call shell_quoted,$(1)) pwd=$(call shell_quoted,$(PWD)); \
	case $$f in (/*) ;; (*) [ ! -e "$$pwd/$$f" ] || f=$$pwd/$$f ;; esac; printf '%s' "$$f")
ifneq ($(BZIMAGE),)
override BZIMAGE := $(call as_called,$(BZIMAGE))
endif
ifneq ($(KERNEL_SRC),)
override KERNEL_SRC := $(call as_called,$(KERNEL_SRC))
endif
export KERNEL_SRC BZIMAGE DEBIAN_MIRROR

## kernel: build or download the kernel of TARGET=T; prints the path of its image last
.PHONY: kernel
kernel:
	@kernel/build.sh $(TARGET)

## kernels: build or download all kernels but those with sanitizers
.PHONY: kernels
kernels:
	@for t in $(KERNEL_DEFAULTS); do kernel/build.sh $$t; done

## check-series: check that the patches apply without fuzz and pass checkpatch --strict
.PHONY: check-series
check-series:
	@kernel/check-series.sh
