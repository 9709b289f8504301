"""Names the holders when a test fails with 'database is locked', and closes the connections that a test left open."""
import json
import os
import shlex
import sqlite3
import subprocess

import pytest

DATABASE = os.environ.get("DATABASE", "test.sqlite3")
SQLOCK = shlex.split(os.environ.get("SQLOCK", "sqlock"))


@pytest.fixture
def connect():
    opened = []

    def connection():
        opened.append(sqlite3.connect(DATABASE, timeout=0.2))
        return opened[-1]

    yield connection
    for each in opened:
        each.close()  # an open transaction is rolled back


def pytest_exception_interact(call, report):
    """Called before the fixtures are torn down: the connections are still open and visible."""
    if isinstance(call.excinfo.value, sqlite3.OperationalError) and "locked" in str(call.excinfo.value):
        report.sections.append(("processes that hold the database", holders()))


def holders():
    look = subprocess.run([*SQLOCK, "who-holds", "--json", DATABASE], capture_output=True, text=True, check=False)
    if not look.stdout:
        return look.stderr
    (database,) = json.loads(look.stdout)["databases"]
    if "error" in database:
        return database["error"]["message"]
    return "\n".join(line(holder) for holder in database["holders"])


def line(holder):
    own = "this test process" if holder["pid"] == os.getpid() else " ".join(holder["commandLine"])
    locks = ", ".join(lock["name"] for lock in holder["locks"]) or "none"
    blocks = ", ".join(holder["blocks"]) or "nothing"
    return f"{holder['pid']} ({own}) is {holder['activity']}; locks: {locks}; blocks: {blocks}"
