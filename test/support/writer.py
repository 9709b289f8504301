"""Commits rows from the given number on, one a transaction, some of them large; a number on stdout is a row whose
commit has returned.
"""
import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
connection.execute("pragma cache_size=5")
number = int(sys.argv[2])
while True:
    connection.execute("begin immediate")
    connection.execute("insert into rows values (?, ?)", (number, "x" * (number * 37 % 60_000)))
    connection.execute("commit")
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
    number += 1
