# SPDX-License-Identifier: GPL-2.0-only
"""
on_terminal.py STEP... -- CMD...: runs CMD on a new terminal of 33 rows and 101
columns, and prints its output. Steps:

    wait:TEXT    wait until TEXT is printed
    type:TEXT    type TEXT, with Python's escapes, as \\r and \\x1d
    size:RxC     change the size of the terminal
    kill:SIGNAL  send CMD a signal

Exit status: CMD's, or 128 plus its signal; 99 if TEXT was not printed, or CMD
did not end, in time; 98 if the terminal's settings were not restored.
"""
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time

LIMIT_S = 120


class Terminal:
    def __init__(self, command):
        self.master, self.slave = os.openpty()
        self.resize(33, 101)
        self.before = termios.tcgetattr(self.slave)
        self.text = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.master)
            os.login_tty(self.slave) if hasattr(os, "login_tty") else self.login()
            os.execvp(command[0], command)

    def login(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(self.slave, fd)

    def resize(self, rows, columns):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return
        data = os.read(self.master, 65536)
        self.text += data
        sys.stdout.buffer.write(data)
        sys.stdout.flush()

    def wait(self, text):
        until = time.monotonic() + LIMIT_S
        while text not in self.text:
            if time.monotonic() > until:
                self.give_up("%r did not come" % text)
            self.read(0.2)
        self.text = self.text.split(text, 1)[1]

    def give_up(self, why):
        print("\non_terminal.py:", why)
        os.kill(self.pid, signal.SIGKILL)
        sys.exit(99)

    def step(self, step):
        verb, _, arg = step.partition(":")
        if verb == "wait":
            self.wait(arg.encode())
        elif verb == "type":
            os.write(self.master, arg.encode().decode("unicode_escape").encode())
        elif verb == "size":
            self.resize(*map(int, arg.split("x")))
        elif verb == "kill":
            os.kill(self.pid, getattr(signal, arg))
        else:
            self.give_up("no step " + step)

    def settings_are_back(self):
        """Soon: what restores them may be another process than CMD."""
        for _ in range(50):
            if termios.tcgetattr(self.slave) == self.before:
                return True
            time.sleep(0.1)
        return False

    def end(self):
        until = time.monotonic() + LIMIT_S
        while True:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > until:
                self.give_up("it did not end")
        self.read(0.05)
        if not self.settings_are_back():
            print("\non_terminal.py: the terminal has other settings")
            return 98
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


def main():
    split = sys.argv.index("--")
    terminal = Terminal(sys.argv[split + 1:])
    for step in sys.argv[1:split]:
        terminal.step(step)
    sys.exit(terminal.end())


main()
