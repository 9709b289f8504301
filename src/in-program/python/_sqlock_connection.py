"""Connections that tell what they do."""

import sys

import _sqlock_calls as calls
import _sqlock_state as states
from _sqlock_call import passing_with, through_cursor, traced
from _sqlock_opening import opening

# Up to Python 3.10, execute() of a connection calls its methods cursor() and, of the cursor, execute(); up to 3.8 the
# end of a `with` block calls its commit() or rollback().
EXECUTES_ITSELF = sys.version_info >= (3, 11)
EXITS_ITSELF = sys.version_info >= (3, 9)


def connection_class(driver):
    base = driver.original_connection
    made = type(
        base.__name__,
        (base,),
        {"__slots__": ("_sqlock",), "__module__": base.__module__, "__doc__": base.__doc__},
    )
    del made.__slots__
    driver.set_class_of_connections(made)
    cursor = driver.original_cursor
    is_own_library = driver.name == "sqlite3"
    made.__init__ = opening(driver, base.__init__)
    made.cursor = passing_with(driver, base.cursor, driver.Cursor)
    if EXECUTES_ITSELF and is_own_library:
        made.execute = through_cursor(driver, base.execute, cursor.execute, calls.called)
        made.executemany = through_cursor(driver, base.executemany, cursor.executemany, calls.called)
        made.executescript = through_cursor(driver, base.executescript, cursor.executescript, calls.ran_script)
    made.commit = method(driver, base.commit, lambda *call: calls.committed("commit", *call))
    made.rollback = method(driver, base.rollback, lambda *call: calls.committed("rollback", *call))
    if EXITS_ITSELF and is_own_library:
        made.__exit__ = method(driver, base.__exit__, left_block)
    made.close = method(driver, base.close, states.close_called)
    made.backup = method(driver, base.backup, worked)
    for name in ("isolation_level", "autocommit"):
        if name in base.__dict__:
            setattr(made, name, changing(driver, base.__dict__[name]))
    return made


def method(driver, original, tell):
    return traced(driver, original, driver.state_of, itself, tell)


def itself(connection):
    return connection


def left_block(state, connection, args, *call):
    calls.committed("commit" if not args or args[0] is None else "rollback", state, connection, args, *call)


def worked(state, connection, args, frame, begin, end):
    """A call that may take long, and is no statement."""
    calls.called(state, connection, None, frame, begin, end, 0)


def changing(driver, original):
    """An attribute that may end or begin a transaction when it is set."""

    def tell(state, connection, args, frame, begin, end):
        if driver.is_inside(connection) != (state.transaction is not None):
            calls.committed("commit", state, connection, args, frame, begin, end)

    # Python says what a property lets one do by whether it has these functions.
    change = traced(driver, original.__set__, driver.state_of, itself, tell)
    return property(original.__get__, change, original.__delete__, original.__doc__)
