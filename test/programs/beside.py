"""Comes in between where a process gives up a lock: AT_RELEASE of at-release.c. DATABASE LOG leave|stay

It connects, commits a row if it can, and logs the journal mode that it found. `leave`: rows that need pages of their
own. `stay`: a row on the last page; the first one stays connected until the next one comes.
"""
import os, sqlite3, sys, time

database, log, how = sys.argv[1:]
row = 7 if how == "stay" else "7" * 5000


def commit():
    """The connection, or None where the other one has kept its lock."""
    c = sqlite3.connect(database, isolation_level=None, timeout=0)
    try:
        mode = c.execute("pragma journal_mode").fetchone()[0]
        c.execute("insert into t values (?)", (row,))
    except sqlite3.OperationalError as error:
        if "locked" not in str(error): raise
        return None
    with open(log, "a") as file: file.write(mode + "\n")
    return c


def until(path):
    end = time.monotonic() + 60
    while not os.path.exists(path):
        if time.monotonic() > end: raise TimeoutError(path)
        time.sleep(0.01)


if how == "leave":
    c = commit()
    if c is not None: c.close()
elif not os.path.exists(log):
    committed, child = os.pipe()
    if os.fork() > 0:
        os.close(child)
        os.read(committed, 1)
    else:
        c = commit()
        if c is not None:
            os.write(child, b"x")
            until(log + ".next")
            c.close()
            open(log + ".left", "x").close()
elif not os.path.exists(log + ".next"):
    open(log + ".next", "x").close()
    until(log + ".left")
