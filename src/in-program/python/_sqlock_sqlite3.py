"""SQLite's module for Python: its connections and cursors become subclasses that tell what they do."""

import atexit
import os

import _sqlock_left_open  # noqa: F401
from _sqlock_connection import connection_class
from _sqlock_cursor import cursor_class
from _sqlock_driver import Driver
from _sqlock_exit import end
from _sqlock_others import follow
from _sqlock_opening import traced_connect
from _sqlock_wire import WIRE

# By the original class of connections: after a reload of the module they are the same ones.
classes = {}


def loaded(module, finder):
    """Called each time that sqlite3.dbapi2, or a module like it, was loaded."""
    if not WIRE.path and not start(finder):
        return
    original = (module.connect, module.Connection, module.Cursor)
    if original[1] not in classes:
        classes[original[1]] = made(module, *original)
    connect, module.Connection, module.Cursor = classes[original[1]]
    module.connect = connect


def start(finder):
    if not is_main_interpreter() or not WIRE.start(finder.trace):
        return False
    follow(finder)
    atexit.register(end)
    os.register_at_fork(after_in_child=forked)
    return True


def made(module, connect, connection, cursor):
    driver = Driver(module.__name__.partition(".")[0], module, connection, cursor)
    driver.Cursor = cursor_class(driver)
    driver.Connection = connection_class(driver)
    return traced_connect(driver, connect), driver.Connection, driver.Cursor


def is_main_interpreter():
    """Another one of the same process would number its messages as this one does."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
        except ImportError:
            continue
        return interpreters.get_current() == interpreters.get_main()
    return True


def forked():
    try:
        WIRE.forked()
    except Exception:
        pass
