# SPDX-License-Identifier: GPL-2.0-only
#
# Completion for bash, zsh and fish, generated from the programs' own help: a new
# option is completed without a change here.

COMPLETION_OUT := $(O)/completion
SHELLS := bash zsh fish
COMPLETION_OF = $(SHELLS:%=$(COMPLETION_OUT)/$(1).%)
COMPLETION := $(call COMPLETION_OF,pidnstrace) $(call COMPLETION_OF,vmtest)

## completion: build the completions of pidnstrace and vmtest for bash, zsh and fish, in build/completion
completion: $(COMPLETION)

$(COMPLETION_OUT)/pidnstrace.table: $(PIDNSTRACE)
$(COMPLETION_OUT)/vmtest.table: $(O)/vmtest/vmtest kernel/targets \
	tests/mutants/mutants.txt tests/mutants/history.txt
$(COMPLETION_OUT)/%.table: completion/table.sh completion/help.awk
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)completion/table.sh $(filter %/$*,$^) >$@

# A completion file is the output of SHELL.awk, followed by SHELL.in.
define completion_for
$(COMPLETION_OUT)/%.$(1): $(COMPLETION_OUT)/%.table completion/$(1).awk \
		completion/$(1).in
	$$(call msg,GEN,$$@)
	$$(Q)awk -v program=$$* -f completion/$(1).awk $$< >$$@
	$$(Q)sed '/^# SPDX/,/^$$$$/d; s/PROGRAM/$$*/g' completion/$(1).in >>$$@
endef
$(foreach s,$(SHELLS),$(eval $(call completion_for,$(s))))
