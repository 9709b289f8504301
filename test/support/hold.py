"""A process that holds what a test wants held. It runs the Python text of each line on stdin (JSON strings) and answers
each with a line.

Names in the text live on from line to line. `sqlite3`, `os`, `fcntl`, `struct`, `time`, `threading` are there.
The answer is {"ok": value of the name `answer`, or null} or {"error": text}.
"""
import fcntl, json, os, sqlite3, struct, sys, threading, time

space = {module.__name__: module for module in (fcntl, os, sqlite3, struct, sys, threading, time)}
for line in sys.stdin:
    space["answer"] = None
    try:
        exec(json.loads(line), space)
        print(json.dumps({"ok": space["answer"]}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
