# SPDX-License-Identifier: GPL-2.0-only
# The programs that run inside a guest: static, so that the initramfs needs no file of
# the host. They print KTAP on stdout, and exit with 0 when every test is ok.

GUEST_DIR := tests/guest
# The tests of a guest are those of vmtest/wire/tests.h. A program has the files NAME.c and
# NAME_*.c and, if it needs more, NAME_PARTS; what several programs share is linked as
# needed, from an archive.
semantics_PARTS := refusal $(notdir $(basename $(wildcard $(GUEST_DIR)/cases_*.c \
	$(GUEST_DIR)/keep*.c)))
entrances_PARTS := races_round
purposes_PARTS := $(notdir $(basename $(wildcard $(GUEST_DIR)/purpose_*.c)))
GUEST_SHARED := actor beat bench_hand bench_meter bench_slabs check hold joined ktap ns ops \
	outer_shell program run scene snap stress_word tool tracing tty

GUEST_PROGRAMS := $(sort $(shell sed -n 's/.*\.program = "\([a-z]*\)".*/\1/p' \
	vmtest/wire/tests.h)) selftests
GUEST_TESTS := $(GUEST_PROGRAMS:%=$(O)/guest/%)

$(O)/guest/shared.a: $(GUEST_SHARED:%=$(O)/guest/%.o)
	$(call msg,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^
-include $(GUEST_SHARED:%=$(O)/guest/%.d)

# One rule per program: objects beside it, dependencies from -MMD.
define guest_program
$(1)_OBJ := $$(patsubst %,$(O)/guest/%.o,$$(sort $$($(1)_PARTS) $$(notdir $$(basename \
	$$(wildcard $(GUEST_DIR)/$(1).c $(GUEST_DIR)/$(1)_*.c)))))
$(O)/guest/$(1): $$($(1)_OBJ) $(O)/guest/shared.a
	$$(call build,LD,-static $$^)
-include $$($(1)_OBJ:.o=.d)
endef
$(foreach p,$(GUEST_PROGRAMS) bench_join terminal thread_exec held failing ends filecap, \
	$(eval $(call guest_program,$(p))))

$(O)/guest/%.o: $(GUEST_DIR)/%.c
	$(compile)

# Unit tests of guest code that need no guest.
deal_test_SRC := $(GUEST_DIR)/stress_deal.c
beat_test_SRC := $(addprefix $(GUEST_DIR)/,beat.c ns.c)
$(foreach t,deal_test beat_test,$(eval $(call unit_test,$(t))))

# This program needs libbpf, as bench_bpf does.
$(O)/guest/refuse: $(O)/guest/refuse.o $(O)/guest/command.o
	$(call build,LD,-static $^ $(BPF_LIBS_STATIC))
-include $(O)/guest/refuse.d $(O)/guest/command.d

## guest-tests: build the static test programs for the guest
guest-tests: $(GUEST_TESTS)

## selftests: run the kernel's own selftests, on stock, join and keep, with the sysctl off and on
selftests: programs
	@O=$(O) tests/selftests.sh

## ways: test what pidnstrace sees on a kernel that refuses fentry, or kprobes as well (10 min)
ways: programs $(O)/guest/refuse
	@O=$(O) tests/ways_test.sh stock-6.12 stock-6.1 stock-7.3

## clients: run nsenter, runc, bubblewrap and others, on stock, on join with the sysctl at 0 and 1, and on keep with 2
clients: programs
	@O=$(O) tests/clients_test.sh

## golden-clients: regenerate the golden files of clients
golden-clients: programs
	@O=$(O) tests/clients_test.sh golden

## check-trees: build each kind of kernel tree that KERNEL_SRC accepts (20 min)
check-trees: programs
	$(Q)ALL=1 O=$(O) prove -v --exec "" tests/tree_test.sh

## check-bisect: check that git bisect finds a planted bug in a history of kernels (15 min)
check-bisect: programs
	$(Q)O=$(O) prove -v --exec "" tests/bisect_test.sh
