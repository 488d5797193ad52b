# SPDX-License-Identifier: GPL-2.0-only
# The VM runner, the guest's init, and the targets that run them.

VMTEST_SRC := $(filter-out vmtest/guest/%,$(wildcard vmtest/*/*.c))
VMTEST_OBJ := $(VMTEST_SRC:vmtest/%.c=$(O)/vmtest/obj/%.o)
VMTEST_LIBS := -ljansson -lelf -lxxhash
VMTEST_CPPFLAGS := -DVMTEST_TOP='"$(CURDIR)"'

$(O)/vmtest/vmtest: $(O)/vmtest/obj/main.o $(VMTEST_OBJ) $(RESULTS_OBJ) $(LIB_OBJ)
	$(call build,LD,$^ $(VMTEST_LIBS))

$(O)/vmtest/obj/%.o: vmtest/%.c
	$(call compile,$(VMTEST_CPPFLAGS))

# init reads the job and the report with jansson.
GUEST_INIT_SRC := $(wildcard vmtest/guest/*.c) vmtest/lib/lines.c vmtest/lib/util.c
GUEST_INIT_OBJ := $(GUEST_INIT_SRC:vmtest/%.c=$(O)/vmtest/obj/%.o) \
	$(addprefix $(O)/lib/,escape.o memory.o msg.o)

$(O)/guest/init: $(GUEST_INIT_OBJ)
	$(call msg,LD,$@)
	$(Q)mkdir -p $(@D)
	$(call link_for_guest,$^,-ljansson,-ljansson)

# Unit tests of the runner's parts, and of the runner itself against fake guests, all
# under ASan and UBSan.
VMTEST_UNIT_SRC := $(wildcard tests/unit/vmtest_test_*.c)
VMTEST_UNIT := $(VMTEST_UNIT_SRC:tests/unit/%.c=$(O)/unit/%)
VMTEST_UNIT_FAKE := $(O)/unit/vmtest_fakeqemu $(O)/unit/vmtest_fakerr $(O)/unit/vmtest_guest
VMTEST_SAN_OBJ := $(VMTEST_SRC:vmtest/%.c=$(O)/unit/vmtest/%.o) \
	$(RESULTS_SAN_OBJ) $(LIB_SAN_OBJ)
VMTEST_UNIT_FLAGS = $(SAN) -DUNIT_DIR='"$(abspath $(O)/unit)"' $(VMTEST_CPPFLAGS) \
	-MF $(O)/unit/vmtest/$*.d
VMTEST_HARNESS := $(O)/unit/vmtest_harness.o $(O)/unit/vmtest_cases.o $(O)/unit/hostile.o
UNIT_TESTS += $(VMTEST_UNIT)

$(O)/unit/vmtest/%.o: vmtest/%.c
	$(call compile,$(SAN) $(VMTEST_CPPFLAGS))

$(O)/unit/vmtest/vmtest: $(O)/unit/vmtest/main.o $(VMTEST_SAN_OBJ)
	$(call build,LD,$(SAN) $^ $(VMTEST_LIBS))

$(VMTEST_HARNESS): $(O)/unit/%.o: tests/unit/%.c
	$(Q)mkdir -p $(O)/unit/vmtest
	$(call compile,$(VMTEST_UNIT_FLAGS))

$(VMTEST_UNIT): $(O)/unit/%: tests/unit/%.c $(VMTEST_SAN_OBJ) $(VMTEST_HARNESS) \
		$(O)/unit/vmtest/vmtest $(VMTEST_UNIT_FAKE)
	$(call build,CC,$(VMTEST_UNIT_FLAGS) -MMD -MP $< $(VMTEST_SAN_OBJ) \
		$(VMTEST_HARNESS) $(VMTEST_LIBS) -lcmocka)

# Unit tests of guest code that needs no guest.
subtest_test_SRC := vmtest/guest/subtest.c vmtest/guest/line.c vmtest/lib/lines.c \
	vmtest/lib/util.c $(RESULTS_SAN_OBJ)
subtest_test_LIBS := -ljansson
guest_input_test_SRC := vmtest/guest/input.c
$(foreach t,subtest_test guest_input_test,$(eval $(call unit_test,$(t))))

# Built without sanitizers: started and killed by the dozen, or packed.
$(O)/unit/vmtest_fakerr: tests/unit/vmtest_fakerr.c
	$(call build,CC,$<)

FAKEQEMU_SRC := tests/unit/vmtest_fakeqemu.c $(wildcard tests/unit/vmtest_fakeguest*.c)

$(O)/unit/vmtest_fakeqemu: $(FAKEQEMU_SRC) tests/unit/vmtest_fakeqemu.h
	$(call build,CC,$(FAKEQEMU_SRC))

$(O)/unit/vmtest_guest: tests/unit/vmtest_guest.c
	$(call build,CC,-static $<)

-include $(wildcard $(O)/vmtest/obj/*.d $(O)/vmtest/obj/*/*.d \
	$(O)/unit/vmtest/*.d $(O)/unit/vmtest/*/*.d)

VMTEST_DEPS := $(O)/vmtest/vmtest $(O)/guest/init $(O)/pidnstrace \
	$(GUEST_TESTS)
## TARGET=T: the targets to boot, out of `vmtest --list` (stock-6.12 seed-6.12 join-6.12 keep-6.12)
# An image without a target is one row, named after its version. A tree is the target
# tree, and keep-* or join-*, the first whose series applies.
VMTEST_TARGETS := $(or $(TARGET),$(if $(BZIMAGE)$(KERNEL_SRC),,stock-6.12 seed-6.12 join-6.12 \
	keep-6.12))
## SEED=N, SEED=N..M: the seed, or one run for each seed from N to M (1)
SEED ?= 1
## VMTEST_JOBS=N: guests at once (as many as CPUs and memory allow, at most 8)
VMTEST_AT_ONCE := $(VMTEST_JOBS:%=--jobs %)

## VMTEST_FLAGS=OPTIONS: additional options for vmtest, see `build/vmtest/vmtest --help`
## QEMU=PROGRAM: the program that runs the guests (qemu-system-x86_64)

## vmtest: boot stock, seed, join and keep kernels, test them, and print the table
vmtest: $(VMTEST_DEPS)
	$(Q)$(O)/vmtest/vmtest $(VMTEST_TARGETS:%=--target %) \
		--seed $(SEED) $(VMTEST_AT_ONCE) $(VMTEST_FLAGS)

## MUTANTS_JOBS=N: guests with a mutant at once (one per CPU of the host, as most guests have one CPU)
MUTANTS_JOBS ?= $(shell nproc)
## ONLY=ID,...: run only these mutants, or with mutants-rules only these rules
## MUTANTS_TABLE=FILE: a table of mutants of your own; TARGET=T names the kernel that has them (tests/mutants/mutants.txt)
## LINE=7.3: the kernel line for mutants, failnth, coverage and selftests (6.12)
LINE ?= 6.12
export LINE
MUTANTS_KERNEL := $(if $(TARGET),--target $(TARGET),--line $(LINE)) \
	$(MUTANTS_TABLE:%=--mutants-table %)
MUTANTS := $(O)/vmtest/vmtest --jobs $(MUTANTS_JOBS) $(MUTANTS_KERNEL) $(VMTEST_FLAGS) \
	$(if $(ONLY),--only $(ONLY))

## mutants: check that each known fault is found in a kernel with this fault (5 min on 2 CPUs; ONLY=ID,...)
mutants: $(VMTEST_DEPS)
	$(Q)$(MUTANTS) --mutants

## mutants-control: run the same kernel without a fault, 50 seeds: nothing may be found (apart from the 10 min)
mutants-control: $(VMTEST_DEPS)
	$(Q)$(O)/vmtest/vmtest $(VMTEST_AT_ONCE) $(MUTANTS_KERNEL) $(VMTEST_FLAGS) \
		--mutants-control

## mutants-rules: check that each rule of the catalogue is violated by a mutant, in a live run
mutants-rules: $(VMTEST_DEPS)
	$(Q)$(MUTANTS) --mutants-rules

## mutants-rate: count in how many of 10 seeds each race is found, with and without widening
mutants-rate: $(VMTEST_DEPS)
	$(Q)$(MUTANTS) --mutants-rate

## history: count in how many of 10 seeds each bug that mainline once had is found: 95 % of the bugs, each in 9 (12 min on 2 CPUs)
history: $(VMTEST_DEPS)
	$(Q)$(MUTANTS) --mutants-history

## failnth: let each allocation of setns, fork and unshare fail once; see build/failnth.txt
failnth: $(VMTEST_DEPS)
	$(Q)for t in $(or $(TARGET),keep-$(LINE)); do \
		$(O)/vmtest/vmtest --target $$t --tests failnth \
			--out $(O)/failnth >&2; \
		printf '# %s\n' $$t; \
		sed -n 's/^ *# failnth | //p' $(O)/failnth/$$t-1/tests.ktap; \
	done | tee $(O)/failnth.txt

# These kernels check themselves and are some ten times slower, so the defaults are
# three seeds and a hundred operations of stress (300 joins).
## OPS=N: operations of the stress test under sanitizers (100)
SANITIZER_TARGETS := keep-6.12-debug keep-6.12-kcsan
SANITIZER_SEED := $(if $(filter command environment,$(firstword \
	$(origin SEED))),$(SEED),1..3)

## sanitizers: run the tests on KASAN + lockdep + kmemleak, and on KCSAN, SEED=1..3
sanitizers: $(VMTEST_DEPS)
	$(Q)prove --exec "" tests/sanitizer_test.sh
	$(Q)$(O)/vmtest/vmtest $(SANITIZER_TARGETS:%=--target %) \
		--seed $(SANITIZER_SEED) --ops $(or $(OPS),100) --out $(O)/sanitizers \
		$(VMTEST_AT_ONCE) $(VMTEST_FLAGS)

## NAME=NAME: the splats that golden-splats regenerates (all)

## golden-splats: regenerate tests/golden/splats, from kernels that fail on purpose (30 min; NAME=... for some)
golden-splats: $(VMTEST_DEPS) $(O)/unit/vmtest_test_fault
	$(Q)tests/golden/splats/remake.sh $(O)/unit/vmtest_test_fault $(NAME)

## bench-icount: compare the instructions executed in two runs of the same seed
bench-icount: $(VMTEST_DEPS)
	$(Q)vmtest/bench-icount.sh $(O)/vmtest/vmtest $(or $(TARGET),join-6.12) $(SEED)

## bench-boot: compare the time from bare QEMU to init with that from vmtest to its first test
bench-boot: $(VMTEST_DEPS)
	$(Q)vmtest/bench-boot.sh $(O)/vmtest/vmtest $(or $(TARGET),join-6.12)
