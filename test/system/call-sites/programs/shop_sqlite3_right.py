"""The same as in shop_sqlite3.py, done right."""
import contextlib
import socket
import sqlite3
import threading
import time

from shop_sqlite3 import database, slow_server


def connect(path, **options):
    return contextlib.closing(sqlite3.connect(path, isolation_level=None, **options))


def closed():
    path = database("never_closed.db")
    for order in range(40):
        with connect(path) as db:
            db.execute("SELECT state FROM orders WHERE id = ?", (order,)).fetchone()


def own_thread():
    path = database("wrong_thread.db")

    def worker():
        with connect(path) as db:
            db.execute("SELECT count(*) FROM orders").fetchone()

    thread = threading.Thread(target=worker, name="worker-1")
    thread.start()
    thread.join()


def fetched_before_close():
    with connect(database("used_after_close.db")) as db:
        rows = db.execute("SELECT * FROM orders").fetchall()
    return rows


def committed():
    path = database("left_open.db")

    def job():
        with connect(path) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("UPDATE orders SET state = 'sent' WHERE id = 1")
            db.execute("COMMIT")

    thread = threading.Thread(target=job, name="job")
    thread.start()
    thread.join()


def begin_immediate():
    path = database("read_then_write.db")
    with connect(path) as one, connect(path) as other:
        other.execute("INSERT INTO orders (state) VALUES ('new')")
        one.execute("BEGIN IMMEDIATE")
        new = one.execute("SELECT count(*) FROM orders WHERE state = 'new'").fetchone()
        one.execute("INSERT INTO orders (state) VALUES (?)", new)
        one.execute("COMMIT")


def network_before_transaction():
    payments = slow_server()
    with connect(database("network.db")) as db:
        db.execute("UPDATE orders SET state = 'paying' WHERE id = 1")
        with socket.create_connection(payments) as answer:
            state = answer.recv(16).decode()
        db.execute("UPDATE orders SET state = ? WHERE id = 1 AND state = 'paying'", (state,))


def one_commit():
    with connect(database("commit_each.db")) as db:
        db.execute("BEGIN IMMEDIATE")
        for _ in range(150):
            db.execute("INSERT INTO orders (state) VALUES ('imported')")
        db.execute("COMMIT")


def read_cursor():
    with connect(database("unread_cursor.db")) as db:
        rows = db.execute("SELECT * FROM orders").fetchall()
        time.sleep(1.3)
    return rows


def with_timeout():
    path = database("no_timeout.db")
    with connect(path) as one, connect(path, timeout=5) as two:
        one.execute("SELECT 1")
        two.execute("SELECT 1")


def own_memory():
    with connect(":memory:") as test, connect(":memory:") as other:
        test.execute("CREATE TABLE orders (state TEXT)")
        other.execute("CREATE TABLE orders (state TEXT)")


if __name__ == "__main__":
    waiting = [threading.Thread(target=each) for each in (network_before_transaction, read_cursor)]
    for each in waiting:
        each.start()
    for each in (
        closed,
        own_thread,
        fetched_before_close,
        committed,
        begin_immediate,
        one_commit,
        with_timeout,
        own_memory,
    ):
        each()
    for each in waiting:
        each.join()
