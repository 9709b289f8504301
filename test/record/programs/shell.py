"""
The shell sqlite3 does what a script says: this program types it, and logs when. See test/record/script.ts. What stands
in the log includes the way through two pipes. Arguments: the file of the log.
"""

import json
import os
import signal
import subprocess
import sys
import time

LOG = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
shells = {}
paths = {}
CODES = {"(5)": "SQLITE_BUSY", "(6)": "SQLITE_LOCKED"}


def ask(shell, text):
    shell.stdin.write(text + "\n.print --done--\n")
    shell.stdin.flush()
    lines = []
    for line in shell.stdout:
        if line == "--done--\n":
            return lines
        lines.append(line.rstrip("\n"))
    raise EOFError(lines)


def logged(name, op, sql, action):
    shell = shells.get(name)
    facts = {"connection": name, "op": op, "sql": sql, "path": paths[name]}
    if shell is not None:
        facts.update(pid=shell.pid, tid=shell.pid)
        os.write(LOG, (json.dumps({**facts, "from_ns": time.monotonic_ns()}) + "\n").encode())
    begin = time.monotonic_ns()
    lines = action()
    end = time.monotonic_ns()
    pid = shells[name].pid
    errors = [line for line in lines if "rror" in line]
    code = next((name for line in errors for text, name in CODES.items() if text in line), None)
    row = None
    if not errors and lines and lines[0].replace("|", "").isdigit():
        row = [int(value) for value in lines[0].split("|")]
    code = code or ("SQLITE_ERROR" if errors else "SQLITE_OK")
    facts.update(pid=pid, tid=pid, from_ns=begin, to_ns=end, code=code, row=row)
    os.write(LOG, (json.dumps(facts) + "\n").encode())


def start(name, timeout, path):
    paths[name] = path
    shells[name] = subprocess.Popen(
        ["sqlite3", "-batch", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return ask(shells[name], f".timeout {timeout}")


def end(name):
    shells[name].stdin.close()
    shells[name].wait()
    return []


for line in sys.stdin:
    op, name, *rest = line.rstrip("\n").split("\t")[1:]
    if op == "open":
        paths[name] = rest[1]
        shells.pop(name, None)
        logged(name, op, None, lambda: start(name, *rest))
    elif op == "sql":
        rest[0] += ";"  # it is a part of the text
        logged(name, op, rest[0], lambda: ask(shells[name], rest[0]))
    elif op == "close":
        logged(name, op, None, lambda: end(name))
    elif op == "sleep":
        time.sleep(float(name) / 1000)
    elif op == "say":
        os.write(1, (name + "\n").encode())
    elif op == "die":
        for shell in shells.values():
            shell.send_signal(signal.SIGKILL)
    else:
        raise ValueError(op)
