"""A writer: transactions on DATABASE, one after the other, until its stdin ends; then what came of them as a line of
JSON. With "closing", each in a connection of its own.

Every transaction leaves the tables consistent, so that whatever a check sees between two of them is right.
"""
import json, os, random, select, sqlite3, sys, time

database, closing, seed = sys.argv[1], sys.argv[2] == "closing", int(sys.argv[3])
choose = random.Random(seed)
errors, commits, longest = {}, 0, 0.0


def connect():
    connection = sqlite3.connect(database, isolation_level=None, timeout=5)
    connection.execute("pragma foreign_keys=on")
    connection.execute("pragma synchronous=off")
    return connection


def transaction(connection):
    connection.execute("begin immediate")
    try:
        row = (os.getpid(), "n" * choose.randrange(300))
        parent = connection.execute("insert into parent(writer, note) values (?, ?)", row).lastrowid
        rows = [(parent, choose.randrange(1000), "d" * choose.randrange(900)) for _ in range(choose.randrange(1, 20))]
        connection.executemany("insert into child(parent_id, n, data) values (?, ?, ?)", rows)
        connection.execute("update child set n = n + 1, data = data || 'x' where id % 50 = ?", (choose.randrange(50),))
        connection.execute("delete from child where parent_id <= ?", (parent - 150,))
        connection.execute("delete from parent where id <= ?", (parent - 150,))
        connection.execute("update counted set commits = commits + 1")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


connection = None
print("ready", flush=True)
while not select.select([sys.stdin], [], [], choose.random() / 200)[0]:
    started = time.monotonic()
    try:
        connection = connection or connect()
        transaction(connection)
        commits += 1
    except sqlite3.Error as error:
        name = f"{type(error).__name__}: {error}"
        errors[name] = errors.get(name, 0) + 1
    longest = max(longest, time.monotonic() - started)
    if closing and connection:
        connection.close()
        connection = None
print(json.dumps({"commits": commits, "errors": errors, "longestMs": round(longest * 1000)}), flush=True)
