# SPDX-License-Identifier: GPL-2.0-only
# Checks which lines of the series the tests execute.

## coverage: report which lines of the series the tests execute; build/coverage/
coverage: $(VMTEST_DEPS)
	$(Q)rm -rf $(O)/coverage/vmtest
	$(Q)$(O)/vmtest/vmtest --target $$(tests/coverage/coverage.sh --target) --seed $(SEED) \
		$(VMTEST_FLAGS) --out $(O)/coverage/vmtest
	$(Q)tests/coverage/coverage.sh $(O)/coverage/vmtest/*/
