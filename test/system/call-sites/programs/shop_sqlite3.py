"""A shop with Python's sqlite3 alone: each function does one thing as many programs do it, in a database of its own."""
import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))


def database(name, journal="WAL"):
    """A path with a table."""
    path = os.path.join(FOLDER, name)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {journal}")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT)")
        db.executemany("INSERT INTO orders (state) VALUES (?)", [("new",)] * 2000)
        db.commit()
    return path


def never_closed():
    path = database("never_closed.db")

    def state_of(order):
        with sqlite3.connect(path) as db:  # ends the transaction, not the connection
            return db.execute("SELECT state FROM orders WHERE id = ?", (order,)).fetchone()

    for order in range(40):
        state_of(order)


def wrong_thread():
    db = sqlite3.connect(database("wrong_thread.db"))

    def worker():
        with contextlib.suppress(sqlite3.ProgrammingError):
            db.execute("SELECT count(*) FROM orders")

    thread = threading.Thread(target=worker, name="worker-1")
    thread.start()
    thread.join()
    db.close()


def used_after_close():
    path = database("used_after_close.db")

    def rows():
        db = sqlite3.connect(path)
        try:
            for state in ("new", "sent"):
                yield db.execute("SELECT count(*) FROM orders WHERE state = ?", (state,)).fetchone()
        finally:
            db.close()

    def all_rows():
        db = sqlite3.connect(path)
        cursor = db.execute("SELECT * FROM orders")
        db.close()
        return cursor.fetchall()

    list(rows())
    with contextlib.suppress(sqlite3.ProgrammingError):
        all_rows()


def left_open():
    path = database("left_open.db")

    def job():
        db = sqlite3.connect(path, check_same_thread=False)
        jobs.append(db)
        db.execute("UPDATE orders SET state = 'sent' WHERE id = 1")

    jobs = []
    thread = threading.Thread(target=job, name="job")
    thread.start()
    thread.join()
    jobs[0].close()


def read_then_write():
    path = database("read_then_write.db")
    one, other = sqlite3.connect(path), sqlite3.connect(path)
    one.isolation_level = None
    one.execute("BEGIN")
    new = one.execute("SELECT count(*) FROM orders WHERE state = 'new'").fetchone()
    other.execute("INSERT INTO orders (state) VALUES ('new')")
    other.commit()
    with contextlib.suppress(sqlite3.OperationalError):
        one.execute("INSERT INTO orders (state) VALUES (?)", new)
    one.rollback()
    one.close()
    other.close()


def deadlock():
    """While another one writes, whoever has read is refused at once: waiting could last forever."""
    path = database("deadlock.db", journal="DELETE")
    one = sqlite3.connect(path, isolation_level=None)
    one.execute("BEGIN")
    new = one.execute("SELECT count(*) FROM orders").fetchone()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    other = subprocess.Popen([sys.executable, __file__, "write", path], **pipes)
    other.stdout.readline()
    with contextlib.suppress(sqlite3.OperationalError):
        one.execute("INSERT INTO orders (state) VALUES (?)", new)
    one.rollback()
    other.communicate()
    one.close()


def write(path):
    """In another process, until its input ends."""
    db = sqlite3.connect(path)
    db.execute("INSERT INTO orders (state) VALUES ('new')")
    print("written", flush=True)
    sys.stdin.read()
    db.commit()
    db.close()


def slow_server():
    """Answers after 1.2 s."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        client, _ = listening.accept()
        with client:
            time.sleep(1.2)
            client.sendall(b"paid")

    threading.Thread(target=serve, name="server", daemon=True).start()
    return listening.getsockname()


def network_in_transaction():
    db = sqlite3.connect(database("network.db"))
    payments = slow_server()
    db.execute("UPDATE orders SET state = 'paying' WHERE id = 1")
    with socket.create_connection(payments) as answer:
        state = answer.recv(16).decode()
    db.execute("UPDATE orders SET state = ? WHERE id = 1", (state,))
    db.commit()
    db.close()


def commit_each():
    db = sqlite3.connect(database("commit_each.db"))
    for order in range(250):
        db.execute("INSERT INTO orders (state) VALUES ('imported')")
        db.commit()
    db.close()


def unread_cursor():
    db = sqlite3.connect(database("unread_cursor.db"))
    cursor = db.execute("SELECT * FROM orders")
    first = cursor.fetchone()
    time.sleep(2)
    cursor.close()
    db.close()
    return first


def no_timeout():
    path = database("no_timeout.db")
    db = sqlite3.connect(path)
    no_wait = sqlite3.connect(path, timeout=0)
    no_wait.execute("SELECT count(*) FROM orders").fetchone()
    no_wait.close()
    db.close()


def shared_memory():
    def connect():
        return sqlite3.connect("file:shop_test?mode=memory&cache=shared", uri=True)

    test, app = connect(), connect()
    test.execute("CREATE TABLE orders (state TEXT)")
    app.close()
    test.close()


if sys.argv[1:2] == ["write"]:
    write(sys.argv[2])
elif __name__ == "__main__":
    waiting = [
        threading.Thread(target=network_in_transaction, name="network"),
        threading.Thread(target=unread_cursor, name="reader"),
    ]
    for each in waiting:
        each.start()
    for each in (
        never_closed,
        wrong_thread,
        used_after_close,
        left_open,
        read_then_write,
        deadlock,
        commit_each,
        no_timeout,
        shared_memory,
    ):
        each()
    for each in waiting:
        each.join()
