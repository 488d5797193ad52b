# SPDX-License-Identifier: GPL-2.0-only
#
# Test results as a stream, and its formats: for pidnstrace and vmtest, and with the
# sanitizers for the unit tests of both.

RESULTS_SRC := $(wildcard results/*.c)
RESULTS_OBJ := $(RESULTS_SRC:results/%.c=$(O)/results/%.o)
RESULTS_SAN_OBJ := $(RESULTS_SRC:results/%.c=$(O)/unit/results/%.o)

-include $(wildcard $(O)/results/*.d $(O)/unit/results/*.d)

UNIT_TESTS += $(O)/unit/results_test
check: $(O)/unit/results_make

$(O)/unit/results_test $(O)/unit/results_make: $(O)/unit/%: tests/unit/%.c \
		$(RESULTS_SAN_OBJ) $(LIB_SAN_OBJ)
	$(call build,CC,$(SAN) -MMD -MP -MF $(O)/unit/results/$*.d \
		$< $(RESULTS_SAN_OBJ) $(LIB_SAN_OBJ) -ljansson -lcmocka)

