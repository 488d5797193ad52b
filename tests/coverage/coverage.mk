# SPDX-License-Identifier: GPL-2.0-only
# Checks which lines of the series the tests execute.

COVERAGE_SRC := $(filter-out tests/coverage/main.c, \
	$(wildcard tests/coverage/*.c))
COVERAGE_SHARED := lib/util lib/bytes
COVERAGE_OBJ := $(COVERAGE_SRC:tests/coverage/%.c=$(O)/coverage/obj/%.o) \
	$(COVERAGE_SHARED:%=$(O)/vmtest/obj/%.o)

$(O)/coverage/coverage: $(O)/coverage/obj/main.o $(COVERAGE_OBJ)
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ -ljansson -o $@

$(O)/coverage/obj/%.o: tests/coverage/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

COVERAGE_SAN_OBJ := \
	$(COVERAGE_SRC:tests/coverage/%.c=$(O)/unit/coverage/%.o) \
	$(COVERAGE_SHARED:%=$(O)/unit/vmtest/%.o)
UNIT_TESTS += $(O)/unit/coverage_test

$(O)/unit/coverage/%.o: tests/coverage/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SAN) -MMD -MP -c $< -o $@

$(O)/unit/coverage_test: tests/unit/coverage_test.c $(COVERAGE_SAN_OBJ)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS) $(SAN) -Itests/coverage -MMD -MP \
		-MF $(O)/unit/coverage/coverage_test.d $< $(COVERAGE_SAN_OBJ) \
		-ljansson -lcmocka -o $@

-include $(wildcard $(O)/coverage/obj/*.d $(O)/unit/coverage/*.d)

## coverage: report which lines of the series the tests execute; build/coverage/
.PHONY: coverage
coverage: $(VMTEST_DEPS) $(O)/coverage/coverage
	$(Q)rm -rf $(O)/coverage/vmtest
	$(Q)$(O)/vmtest/vmtest --target join-$(LINE)-gcov --seed $(SEED) \
		$(VMTEST_FLAGS) --out $(O)/coverage/vmtest
	$(Q)tests/coverage/coverage.sh $(O)/coverage/vmtest/*/
