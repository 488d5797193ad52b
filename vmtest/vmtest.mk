# SPDX-License-Identifier: GPL-2.0-only
# The VM runner and the guest's init.

VMTEST_SRC := $(filter-out vmtest/main.c,$(wildcard vmtest/*.c))
VMTEST_OBJ := $(VMTEST_SRC:vmtest/%.c=$(O)/vmtest/obj/%.o)
VMTEST_LIBS := -ljansson -lelf
VMTEST_CPPFLAGS := -DVMTEST_TOP='"$(CURDIR)"'

$(O)/vmtest/vmtest: $(O)/vmtest/obj/main.o $(VMTEST_OBJ)
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(VMTEST_LIBS) -o $@

$(O)/vmtest/obj/%.o: vmtest/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(VMTEST_CPPFLAGS) -MMD -MP -c $< -o $@

# jansson's static library reads the job and the report in the guest.
GUEST_INIT_SRC := $(wildcard vmtest/guest/*.c)
GUEST_INIT_OBJ := $(GUEST_INIT_SRC:vmtest/guest/%.c=$(O)/vmtest/obj/guest/%.o)

$(O)/guest/init: $(GUEST_INIT_OBJ) $(O)/vmtest/obj/ktap.o
	$(call msg,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static $^ -ljansson -o $@

-include $(wildcard $(O)/vmtest/obj/*.d $(O)/vmtest/obj/guest/*.d)
