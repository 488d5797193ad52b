# SPDX-License-Identifier: GPL-2.0-only
#
# Includes all other makefiles. `make help` lists the targets. Everything built goes
# below $(O); kernels and downloads are cached in $(CACHE).

.DEFAULT_GOAL := all
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# A single goal is built on all CPUs. Several goals may each boot guests, so make then
# runs one command at a time, unless -j is given.
ifeq ($(filter-out 0 1,$(words $(MAKECMDGOALS))),)
MAKEFLAGS += -j$(or $(JOBS),$(shell nproc))
endif

## O=DIR: the build directory (build)
O ?= build
CC := gcc
## CLANG=PROGRAM, BPFTOOL=PROGRAM: compiler and bpftool for the BPF programs (from PATH)
ifeq ($(origin CLANG),undefined)
CLANG := $(or $(shell ./deps.sh --clang),clang)
endif
BPFTOOL ?= $(or $(shell PATH=$$PATH:/usr/sbin command -v bpftool),bpftool)
## CACHE=DIR: downloads, kernels and saved guests (~/.cache/pidns-vmtest)
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/pidns-vmtest
## EXTRA_CFLAGS=WORDS, EXTRA_LDFLAGS=WORDS: additional flags, for packages of a distribution
CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -iquote . -iquote $(O)/gen $(EXTRA_CFLAGS)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
export O CACHE

## V=1: print the commands
V ?= 0
ifeq ($(V),1)
Q :=
msg =
else
Q := @
msg = @printf '  %-8s%s\n' '$(1)' '$(2)';
endif

# $(call build,CC or LD,WORDS): makes $@ with the compiler, from WORDS.
define build
$(call msg,$1,$@)
$(Q)mkdir -p $(@D)
$(Q)$(CC) $(CFLAGS) $2 -o $@
endef

# $(call compile,FLAGS): makes the object $@ of $<, and its dependency file.
compile = $(call build,CC,$1 -MMD -MP -c $<)

# The object of FOLDER/NAME.c is $(O)/FOLDER/NAME.o, and for unit tests, with the
# sanitizers, $(O)/unit/FOLDER/NAME.o.
$(O)/%.o: %.c
	$(compile)

$(O)/unit/%.o: %.c
	$(call compile,$(SAN))

# $(call link_for_guest,OBJECTS,STATIC LIBRARIES,SHARED ONES): links $@. A guest has
# no libraries, so its programs are static where possible. Fedora and Arch have no
# static library but libc, and libelf.a of Debian 13 lacks eu_search_tree_init: on these,
# the program is packed with its shared libraries.
define link_for_guest
$(Q)$(CC) $(CFLAGS) $(EXTRA_LDFLAGS) -static -o $@ $1 $2 2>$@.log || { \
	echo "  no static $(@F) ($@.log): it needs shared libraries"; \
	$(CC) $(CFLAGS) $(EXTRA_LDFLAGS) -o $@ $1 $3; }
endef

# Missing packages are installed before anything else: make updates an included file
# first, then restarts, with the tools in place. A goal requires only its own packages:
# the tracer needs no QEMU, a run needs no browser.
GOALS := $(or $(MAKECMDGOALS),all)
NO_GOALS := help clean uninstall
TRACE_GOALS := pidnstrace man install deb
VMTEST_GOALS := all programs vmtest kernel kernels guest-tests completion \
	mutants mutants-control mutants-rules mutants-rate history failnth sanitizers
## DEPS=none: do not check for packages; else the groups of deps.sh to check (those that the goals need)
DEPS ?= $(or $(strip $(if $(filter-out $(NO_GOALS) $(TRACE_GOALS) $(VMTEST_GOALS),$(GOALS)),all, \
	$(if $(filter $(TRACE_GOALS) $(VMTEST_GOALS),$(GOALS)),trace) \
	$(if $(filter deb,$(GOALS)),package) \
	$(if $(filter $(VMTEST_GOALS),$(GOALS)),vmtest))),none)
ifneq ($(filter-out $(NO_GOALS),$(GOALS)),)
HOST := $(shell uname -m)
ifneq ($(HOST),x86_64)
$(error This machine is $(HOST), and nothing here works on it: guests are x86-64, \
	and pidnstrace reads the system calls of x86-64 only (bpf/kernel.h))
endif
endif

DEPS_MK := $(O)/deps/$(subst $() ,+,$(strip $(DEPS))).mk
ifneq ($(strip $(DEPS)),none)
include $(DEPS_MK)
endif
$(DEPS_MK): deps.sh deps.txt
	@mkdir -p $(@D)
	@./deps.sh $(DEPS)
	@echo '# packages: present' >$@

UNIT_TESTS :=

# $(call unit_test,NAME): the unit test NAME of the files in NAME_SRC, all compiled with
# the sanitizers, with the libraries NAME_LIBS.
define unit_test
UNIT_TESTS += $(O)/unit/$(1)
$(O)/unit/$(1): tests/unit/$(1).c $$($(1)_SRC) $$(LIB_SAN_OBJ) $$(UNIT_HEADERS)
	$$(call build,CC,$$(SAN) $$(filter %.c %.o,$$^) $$($(1)_LIBS) -lcmocka)
endef
UNIT_HEADERS := $(wildcard bpf/*.h lib/*.h loader/*/*.h tests/guest/*.h vmtest/*/*.h)

all: programs

include kernel/kernel.mk
include bpf/bpf.mk
include lib/lib.mk
include results/results.mk
include loader/loader.mk
include tests/tests.mk
include vmtest/vmtest.mk
include completion/completion.mk
include tests/coverage/coverage.mk
include tests/bench/bench.mk
include tests/unit/unit.mk
include tests/fuzz/fuzz.mk
include docs/docs.mk
include tests/bench/trace.mk
include install.mk
include debian/deb.mk
include tests/machines/machines.mk
include tests/bugs/bugs.mk
include tests/matrix/matrix.mk

# The targets that `make help` lists are not files.
.PHONY: all $(shell sed -n 's/^\#\# \([a-z0-9-]*\): .*/\1/p' $(MAKEFILE_LIST))

## programs: build pidnstrace, vmtest and the programs for the guest
programs: $(O)/pidnstrace $(O)/vmtest/vmtest $(O)/guest/init \
	$(GUEST_TESTS) $(COMPLETION)

# The kernels of `make check`; `make vmtest` boots fewer by default. keep-6.12-gcov
# counts the executed lines of the series.
CHECK_TARGETS := $(if $(BZIMAGE)$(KERNEL_SRC),$(TARGET),stock-6.12 stock-6.1 stock-7.3 seed-6.12 \
	join-6.12 keep-6.12 keep-6.12-gcov)

CHECK_PROGRAMS := $(addprefix $(O)/guest/,terminal thread_exec held failing ends \
	filecap refuse) \
	$(BENCH_PROGRAMS)

## check: unit tests, the form and the coverage of the series, one seed on each target; prints a tally last
check: programs $(CHECK_PROGRAMS) $(MAN_PAGES) \
	$(UNIT_TESTS) $(FUZZ_PROGRAMS) $(REPORT_MAKE) deb
	@O=$(O) VMTEST_ARGS="$(CHECK_TARGETS:%=--target %) --seed $(SEED)" \
		tests/check.sh $(UNIT_TESTS)

## check-units: only the unit tests
check-units: programs $(UNIT_TESTS)
	@O=$(O) tests/check.sh units $(UNIT_TESTS)

## check-guests: run the part of check that boots guests ROUNDS times (10), or until a round fails
check-guests: programs $(CHECK_PROGRAMS)
	@O=$(O) VMTEST_ARGS="$(CHECK_TARGETS:%=--target %) --seed $(SEED)" \
		tests/check.sh guests $(or $(ROUNDS),10)

## clean: remove what was built (kernels stay in the cache)
clean:
	rm -rf $(O)

# Prints "## target: text" and "## VARIABLE=VALUE: text" of all makefiles
define HELP_AWK
BEGIN { print "pidns-vmtest: setns(2) into pid namespaces, traced, judged and stressed in VMs\n" }
/^## [a-z0-9-]+: / || /^## [A-Za-z_]+=[^:]*: / {
	name = substr($$0, 4, index($$0, ": ") - 4)
	text = substr($$0, index($$0, ": ") + 2)
	if (name ~ /=/)
		variables = variables sprintf("  %s\n      %s\n", name, text)
	else
		printf "  make %-16s %s\n", name, text
}
END { printf "\nVariables, after the target or in the environment:\n%s", variables }
endef

## help: print this list
help: export HELP := $(HELP_AWK)
help:
	@awk "$$HELP" $(MAKEFILE_LIST) || [ $$? = 141 ]
