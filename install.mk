# SPDX-License-Identifier: GPL-2.0-only
#
# Installs pidnstrace only. vmtest runs from the checkout, whose scripts build its
# kernels.

## PREFIX=DIR, DESTDIR=DIR: the prefix (/usr/local), and a staging directory (none)
## bindir=DIR, datadir=DIR, mandir=DIR, bashcompdir=DIR, zshcompdir=DIR, fishcompdir=DIR: individual installation directories
PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
bashcompdir ?= $(datadir)/bash-completion/completions
zshcompdir ?= $(datadir)/zsh/site-functions
fishcompdir ?= $(datadir)/fish/vendor_completions.d

MAN := $(filter-out docs/vmtest%,$(MAN_PAGES))

# MODE:FILE:PLACE
INSTALLED = 755:$(PIDNSTRACE):$(bindir)/pidnstrace \
	644:$(COMPLETION_OUT)/pidnstrace.bash:$(bashcompdir)/pidnstrace \
	644:$(COMPLETION_OUT)/pidnstrace.zsh:$(zshcompdir)/_pidnstrace \
	644:$(COMPLETION_OUT)/pidnstrace.fish:$(fishcompdir)/pidnstrace.fish \
	$(foreach m,$(MAN),644:$m:$(mandir)/man$(patsubst .%,%,$(suffix $m))/$(notdir $m))

## install: install pidnstrace, man pages and completion, below DESTDIR and PREFIX
install: $(PIDNSTRACE) $(call COMPLETION_OF,pidnstrace) $(MAN)
	$(Q)for i in $(INSTALLED); do \
		IFS=: read -r mode file place <<<"$$i"; \
		printf '  %-8s%s\n' INSTALL "$(DESTDIR)$$place"; \
		install -D -m "$$mode" "$$file" "$(DESTDIR)$$place"; \
	done

## uninstall: remove the files that `make install` installs with the same variables
uninstall:
	$(Q)for i in $(INSTALLED); do \
		printf '  %-8s%s\n' REMOVE "$(DESTDIR)$${i##*:}"; \
		rm -f "$(DESTDIR)$${i##*:}"; \
	done
