"""
Python's sqlite3 does what a script says, and logs each call with the monotonic clock: see test/record/script.ts.
Arguments: the file of the log.
"""

import json
import os
import queue
import signal
import sqlite3
import sys
import threading
import time

LOG = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
PATHS = {}
CONNECTIONS = {}
CURSORS = {}


def log(**facts):
    line = {"pid": os.getpid(), "tid": threading.get_native_id(), **facts}
    os.write(LOG, (json.dumps(line) + "\n").encode())


def logged(connection, op, sql, action):
    facts = {"connection": connection, "op": op, "sql": sql, "path": PATHS.get(connection)}
    began = time.monotonic_ns()
    log(**facts, from_ns=began)
    code, row = "SQLITE_OK", None
    begin = time.monotonic_ns()
    try:
        row = action()
        end = time.monotonic_ns()
    except sqlite3.Error as error:
        end = time.monotonic_ns()
        code = getattr(error, "sqlite_errorname", None) or str(error)
    log(**facts, from_ns=begin, to_ns=end, code=code, row=row)


def all_rows(connection, sql):
    cursor = CONNECTIONS[connection].execute(sql)
    rows = cursor.fetchall()
    cursor.close()
    return first_of(rows)


def first_of(rows):
    return [value for value in rows[0] if isinstance(value, (int, float, str))] if rows else None


def one_row(connection, sql):
    cursor = CURSORS[connection] = CONNECTIONS[connection].execute(sql)
    row = cursor.fetchone()
    return first_of([] if row is None else [row])


def open_(connection, timeout, path):
    PATHS[connection] = path
    CONNECTIONS[connection] = sqlite3.connect(
        path, timeout=int(timeout) / 1000, isolation_level=None, check_same_thread=False
    )


def fork(script, log_file):
    global LOG
    pid = os.fork()
    if pid == 0:
        LOG = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(script) as lines:
            for line in lines:
                run(line.rstrip("\n").split("\t")[1:])
        os._exit(0)
    os.waitpid(pid, 0)


def run(words):
    op, *rest = words
    name = rest[0] if rest else None
    if op == "open":
        logged(name, op, None, lambda: open_(*rest))
    elif op == "sql":
        logged(name, op, rest[1], lambda: all_rows(*rest))
    elif op == "fetch":
        logged(name, op, rest[1], lambda: one_row(*rest))
    elif op == "drop":
        logged(name, op, None, lambda: CURSORS.pop(name).close())
    elif op == "close":
        logged(name, op, None, lambda: CONNECTIONS.pop(name).close())
    elif op == "sleep":
        time.sleep(float(name) / 1000)
    elif op == "say":
        os.write(1, (name + "\n").encode())
    elif op == "fork":
        fork(*rest)
    elif op == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        raise ValueError(op)


def work(lines):
    for words in iter(lines.get, None):
        run(words)


THREADS = {}
for line in sys.stdin:
    thread, *words = line.rstrip("\n").split("\t")
    if thread == "main":
        run(words)
        continue
    if thread not in THREADS:
        lines = queue.Queue()
        THREADS[thread] = (threading.Thread(target=work, args=(lines,)), lines)
        THREADS[thread][0].start()
    THREADS[thread][1].put(words)
for thread, lines in THREADS.values():
    lines.put(None)
    thread.join()
