# SPDX-License-Identifier: GPL-2.0-only
# The programs that run inside a guest: static, so that the initramfs needs no file of
# the host. They print KTAP on stdout, and exit with 0 when every test is ok.

GUEST_DIR := tests/guest
# The objects of each program; the first two files are shared by all.
semantics_PARTS := ktap ns check run actor ops snap scene joined tracing \
	semantics cases_refusal cases_mainline cases_gate cases_view cases_trace \
	cases_ways cases_life cases_pidfd
purposes_PARTS := ktap ns check run program actor ops tool console purposes \
	purpose_reboot purpose_console purpose_repair
failnth_PARTS := ktap ns check run program actor ops snap scene joined \
	stress_word failnth failnth_cases failnth_fault
races_PARTS := ktap ns check run program actor ops stress_word races \
	races_cases races_proc races_sysctl races_round races_slow
stress_PARTS := ktap ns $(notdir $(basename $(wildcard $(GUEST_DIR)/stress*.c)))

selftests_PARTS := selftests
terminal_PARTS := terminal
thread_exec_PARTS := thread_exec
bench_join_PARTS := ns bench_hand bench_meter bench_join

GUEST_PROGRAMS := semantics purposes failnth races stress selftests
GUEST_TESTS := $(GUEST_PROGRAMS:%=$(O)/guest/%)

# One rule per program: objects beside it, dependencies from -MMD.
define guest_program
$(1)_OBJ := $$($(1)_PARTS:%=$(O)/guest/%.o)
$(O)/guest/$(1): $$($(1)_OBJ)
	$$(call msg,LD,$$@)
	$$(Q)$$(CC) $$(CFLAGS) -static -o $$@ $$^
-include $$($(1)_OBJ:.o=.d)
endef
$(foreach p,$(GUEST_PROGRAMS) bench_join terminal thread_exec,$(eval $(call guest_program,$(p))))

$(O)/guest/%.o: $(GUEST_DIR)/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Unit tests of guest code that needs no kernel, with the sanitizers.
UNIT_TESTS += $(O)/unit/deal_test

$(O)/unit/deal_test: tests/unit/deal_test.c $(GUEST_DIR)/stress_deal.c \
		$(wildcard $(GUEST_DIR)/*.h)
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SAN) -o $@ $(filter %.c,$^) -lcmocka

# This program needs libbpf, as bench_bpf does.
$(O)/guest/refuse: $(O)/guest/refuse.o $(O)/guest/command.o
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^ $(BPF_LIBS_STATIC)
-include $(O)/guest/refuse.d $(O)/guest/command.d

## guest-tests: build the static test programs for the guest
.PHONY: guest-tests
guest-tests: $(GUEST_TESTS)

## selftests: run the kernel's own selftests, on stock and on join, with the sysctl off and on
.PHONY: selftests
selftests: programs
	@O=$(O) tests/selftests.sh

## ways: test what pidnstrace sees on a kernel that refuses fentry, or kprobes as well (10 min)
.PHONY: ways
ways: programs $(O)/guest/refuse
	@O=$(O) tests/ways_test.sh stock-6.12 stock-6.1 stock-7.3

## clients: run nsenter, runc, bubblewrap and others, on stock and on join, with the sysctl off and on
.PHONY: clients
clients: programs
	@O=$(O) tests/clients_test.sh

## golden-clients: regenerate the golden files of clients
.PHONY: golden-clients
golden-clients: programs
	@O=$(O) tests/clients_test.sh golden

## check-trees: build each kind of kernel tree that KERNEL_SRC accepts (20 min)
.PHONY: check-trees
check-trees: programs
	$(Q)ALL=1 O=$(O) prove -v --exec "" tests/tree_test.sh

## check-bisect: check that git bisect finds a planted bug in a history of kernels (15 min)
.PHONY: check-bisect
check-bisect: programs
	$(Q)O=$(O) prove -v --exec "" tests/bisect_test.sh
