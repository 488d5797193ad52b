# SPDX-License-Identifier: GPL-2.0-only
# Tests on other machines. Each target writes its rows of docs/machines.md.

## check-debian13: test the project in a chroot of Debian 13, with its QEMU and that of its backports (20 min)
check-debian13:
	$(Q)tests/machines/debian13.sh $(O)/machines

## check-kvm: test vmtest under KVM, in a guest whose CPU emulates SVM (2 min)
check-kvm: programs
	$(Q)O=$(O) tests/machines/kvm.sh $(O)/machines/kvm

## check-user: run the README's two commands without root (45 min)
check-user:
	$(Q)tests/machines/user.sh $(O)/machines/user
