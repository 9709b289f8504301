"""Mistakes that people make with connections in Flask, each at a path of its own. `/` makes none."""
import os
import sqlite3

from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool

DATABASE = os.environ["DATABASE"]
COUNT = "select count(*) from t"

app = Flask(__name__)
engine = create_engine(
    "sqlite:///" + DATABASE,
    poolclass=QueuePool,
    max_overflow=-1,  # as many as are asked for
    connect_args={"check_same_thread": False},
)
module_wide = sqlite3.connect(DATABASE)
kept = {}
never_returned = []


@app.route("/")
def careful():
    with engine.connect() as connection:
        return str(connection.execute(text(COUNT)).scalar())


@app.route("/other-thread")
def other_thread():
    """The connection belongs to the thread that imported this file; each request has one of its own."""
    return str(module_wide.execute(COUNT).fetchone()[0])


@app.route("/closed")
def closed():
    """The first request closes the connection that it leaves to the next."""
    connection = kept.setdefault("sqlite3", sqlite3.connect(DATABASE, check_same_thread=False))
    answer = connection.execute(COUNT).fetchone()[0]
    connection.close()
    return str(answer)


@app.route("/closed-sqlalchemy")
def closed_sqlalchemy():
    connection = kept.setdefault("sqlalchemy", engine.connect())
    with connection:
        return str(connection.execute(text(COUNT)).scalar())


@app.route("/leak")
def leak():
    """A connection for each item, none of which goes back to the pool."""
    for _ in range(1000):
        connection = engine.connect()
        never_returned.append(connection)
        connection.execute(text(COUNT)).scalar()
    return "1000 items"
