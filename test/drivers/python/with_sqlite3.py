"""Python's sqlite3, with the transactions that it begins by itself: none before a SELECT."""
import sqlite3

from protocol import ACTION, DATABASE, INSERT, MODE, SELECT, SET_MODE, VERSION, check_mode, hold

connection = sqlite3.connect(DATABASE)
check_mode(connection.execute(SET_MODE).fetchone()[0])
with connection:
    connection.execute(INSERT)
version = connection.execute(VERSION).fetchone()[0]
if ACTION == "read":
    connection.execute("begin")
    connection.execute(SELECT).fetchall()
elif ACTION == "write":
    connection.execute(INSERT)
hold(version)
connection.rollback()
connection.close()
