# SPDX-License-Identifier: GPL-2.0-only
#
# pidnstrace: one static program, for the host and for any guest.

LOADER_LIBS := -lbpf -lelf -lz -ljansson -lxxhash -lpthread
LOADER_OBJ := $(patsubst loader/%.c,$(O)/loader/%.o,$(wildcard loader/*.c))
LOADER_CFLAGS := $(CFLAGS) -I$(BPF_OUT) -MMD -MP

$(O)/pidnstrace: $(LOADER_OBJ)
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^ $(LOADER_LIBS)

$(O)/loader/%.o: loader/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LOADER_CFLAGS) -c -o $@ $<

$(O)/loader/session.o: $(BPF_SKEL)

-include $(LOADER_OBJ:.o=.d)

# Unit tests of what needs no kernel. One program each: NAME_SRC are the files
# of loader/ that it is about.
ksyms_test_SRC := ksyms
hooks_test_SRC := hooks
command_test_SRC := command parse tee
hooks_test_LIBS := -lbpf -lelf -lz

LOADER_TESTS := $(addprefix $(O)/unit/,ksyms_test hooks_test command_test)
UNIT_TESTS += $(LOADER_TESTS)

.SECONDEXPANSION:
$(LOADER_TESTS): $(O)/unit/%: tests/unit/%.c $$($$*_SRC:%=loader/%.c) \
		$(wildcard loader/*.h) loader/loader.mk
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SAN) -Iloader -o $@ $(filter %.c,$^) \
		$($*_LIBS) -lcmocka
