"""APSW, which begins no transaction by itself."""
import apsw

from protocol import ACTION, DATABASE, INSERT, SELECT, SET_MODE, VERSION, check_mode, hold

connection = apsw.Connection(DATABASE)
check_mode(connection.execute(SET_MODE).get)
connection.execute(INSERT)
version = connection.execute(VERSION).get
if ACTION == "read":
    connection.execute("begin")
    connection.execute(SELECT).fetchall()
elif ACTION == "write":
    connection.execute("begin immediate")
    connection.execute(INSERT)
hold(version)
if ACTION != "idle":
    connection.execute("rollback")
connection.close()
