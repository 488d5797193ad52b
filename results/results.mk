# SPDX-License-Identifier: GPL-2.0-only
#
# Test results as a stream, and its formats: for pidnstrace and vmtest, and with the
# sanitizers for the unit tests of both.

RESULTS_SRC := $(wildcard results/*.c)
RESULTS_OBJ := $(RESULTS_SRC:results/%.c=$(O)/results/%.o)
RESULTS_SAN_OBJ := $(RESULTS_SRC:results/%.c=$(O)/unit/results/%.o)

$(O)/results/%.o: results/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/unit/results/%.o: results/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

-include $(wildcard $(O)/results/*.d $(O)/unit/results/*.d)

UNIT_TESTS += $(O)/unit/results_test
check: $(O)/unit/results_make

$(O)/unit/results_test $(O)/unit/results_make: $(O)/unit/%: tests/unit/%.c \
		$(RESULTS_SAN_OBJ) $(LIB_SAN_OBJ)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS) $(SAN) -MMD -MP -MF $(O)/unit/results/$*.d \
		-o $@ $< $(RESULTS_SAN_OBJ) $(LIB_SAN_OBJ) -ljansson -lcmocka

