# SPDX-License-Identifier: GPL-2.0-only
#
# Builds each kernel once. kernel/build.sh does the work and keeps the results in
# $(CACHE).

KERNEL_TARGETS := $(shell awk '!/^\#/ && NF == 5 { print $$1 }' kernel/targets)
KERNEL_DEFAULTS := $(filter-out tree %-debug %-kcsan,$(KERNEL_TARGETS))

## KERNEL_SRC=DIR: your own kernel tree (only read), for all targets but stock-*
## BZIMAGE=FILE: a kernel image to boot unchanged
## DEBIAN_MIRROR=URI: the mirror of Debian's packages (on Debian, the host's by default)
## JOBS=N: parallel jobs of make and of a kernel build (one per CPU)
# With make -C as well, these paths are relative to the caller's directory.
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
kernel:
	@kernel/build.sh $(TARGET)

## kernels: build or download all kernels except tree and those with sanitizers
kernels:
	@for t in $(KERNEL_DEFAULTS); do kernel/build.sh $$t; done

## check-series: check that the patches apply without fuzz and pass checkpatch --strict
check-series:
	@kernel/check-series.sh
