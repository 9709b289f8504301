"""Exchanges two names with each other, again and again, until standard input ends; then prints how often.
How often until now is in the file of descriptor 3.

Usage: swap.py NAME OTHER [PAUSE_US [BURST]]. Each exchange is one system call (renameat2, RENAME_EXCHANGE): both names
exist at every moment. PAUSE_US: between two bursts of BURST exchanges (1), in microseconds.
"""

import ctypes
import os
import select
import sys

AT_FDCWD = -100
RENAME_EXCHANGE = 2

libc = ctypes.CDLL(None, use_errno=True)
name, other = (os.fsencode(each) for each in sys.argv[1:3])
pause = int(sys.argv[3]) / 1e6 if len(sys.argv) > 3 else 0
burst = int(sys.argv[4]) if len(sys.argv) > 4 else 1
swaps = 0


def swap(times):
    global swaps
    for _ in range(times):
        if libc.renameat2(AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        swaps += 1


swap(2 * burst)  # the names are as they were
print("ready", flush=True)
while not select.select([sys.stdin], [], [], pause)[0]:
    swap(burst)
    os.pwrite(3, b"%d" % swaps, 0)
swap(swaps % 2)
print(swaps, flush=True)
