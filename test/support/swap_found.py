"""Exchanges every `sqlock-*` that appears in a folder with a decoy, again and again, until standard input ends; then
prints how often. How often until now is in the file of descriptor 3.

Usage: swap_found.py FOLDER DECOY. Both stay where they are found last: what is removed is gone.
"""

import ctypes
import os
import select
import sys

AT_FDCWD = -100
RENAME_EXCHANGE = 2

libc = ctypes.CDLL(None, use_errno=True)
folder, decoy = (os.fsencode(each) for each in sys.argv[1:3])
swaps = 0
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    for name in os.listdir(folder):
        if name.startswith(b"sqlock-"):
            path = os.path.join(folder, name)
            for _ in range(50):
                if libc.renameat2(AT_FDCWD, path, AT_FDCWD, decoy, RENAME_EXCHANGE) != 0:
                    break
                swaps += 1
            os.pwrite(3, b"%d" % swaps, 0)
print(swaps, flush=True)
