"""A Flask application: a connection that closes before the response is sent, and one that no request closes."""
import os
import sqlite3
import sys

from flask import Flask, g, stream_with_context

FOLDER = os.path.dirname(os.path.abspath(__file__))
IS_RIGHT = sys.argv[1:] == ["right"]
app = Flask(__name__)


def database(name):
    path = os.path.join(FOLDER, name)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE orders (state TEXT)")
    db.execute("INSERT INTO orders VALUES ('new')")
    db.commit()
    db.close()
    return path


STREAM, REQUESTS = database("stream.db"), database("requests.db")


@app.route("/stream")
def stream():
    if "db" not in g:
        g.db = sqlite3.connect(STREAM)

    def rows():
        yield "orders\n"
        yield str(g_db.execute("SELECT count(*) FROM orders").fetchone())

    g_db = g.db
    return app.response_class(stream_with_context(rows()) if IS_RIGHT else rows())


@app.route("/orders")
def orders():
    if IS_RIGHT:
        g.db = sqlite3.connect(REQUESTS)
        return str(g.db.execute("SELECT count(*) FROM orders").fetchone())
    return str(get_db().execute("SELECT count(*) FROM orders").fetchone())


def get_db():
    return sqlite3.connect(REQUESTS)


@app.teardown_appcontext
def close_db(error):
    db = g.pop("db", None)
    if db is not None:
        db.close()


client = app.test_client()
for _ in range(40):
    client.get("/orders")
try:
    print(client.get("/stream").data)
except sqlite3.ProgrammingError as error:
    print(error)
