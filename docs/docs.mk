# SPDX-License-Identifier: GPL-2.0-only
#
# Man pages. Those in docs/ are written by hand; the page of the rules takes its text
# from the program, so that it is always up to date.

MAN_PAGES := $(wildcard docs/*.[1-8]) $(O)/docs/pidnstrace-rules.7

$(O)/docs/pidnstrace-rules.7: docs/pidnstrace-rules.7.in docs/rules.jq $(PIDNSTRACE)
	$(call msg,MAN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(PIDNSTRACE) rules --format json | jq -rf docs/rules.jq >$@.rules
	$(Q)sed -e '/^@RULES@$$/{r $@.rules' -e 'd}' $< >$@

## man: the man pages; the one on the rules is made from the program, in build/docs
.PHONY: man
man: $(MAN_PAGES)
