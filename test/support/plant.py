"""Plants one thing after the other under a name, and takes it away again, until standard input ends; prints how often.
How often until now is in the file of descriptor 3.

Usage: plant.py NAME TARGET OWN. A link to TARGET, a pipe, a hard link of OWN, a setuid file: what a hostile user can
have there. What is another user's is left alone.
"""

import os
import select
import sys

name, target, own = sys.argv[1:4]
plants = 0


def plant(kind):
    if kind == 0:
        os.symlink(target, name)
    elif kind == 1:
        os.mkfifo(name)
    elif kind == 2:
        os.link(own, name)
    else:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o777))
        os.chmod(name, 0o6777)


print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.0005)[0]:
    try:
        plant(plants % 4)
    except FileExistsError:
        pass
    else:
        plants += 1
        os.pwrite(3, b"%d" % plants, 0)
    try:
        os.unlink(name)
    except (FileNotFoundError, PermissionError):
        pass
print(plants, flush=True)
