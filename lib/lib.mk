# SPDX-License-Identifier: GPL-2.0-only
#
# Code that pidnstrace and vmtest share, independent of pids and guests. LIB_SAN_OBJ
# is built with the sanitizers, for unit tests.

LIB_SRC := $(wildcard lib/*.c)
LIB_OBJ := $(LIB_SRC:lib/%.c=$(O)/lib/%.o)
LIB_SAN_OBJ := $(LIB_SRC:lib/%.c=$(O)/unit/lib/%.o)

-include $(wildcard $(O)/lib/*.d $(O)/unit/lib/*.d)

$(foreach t,lib_test escape_test,$(eval $(call unit_test,$(t))))
