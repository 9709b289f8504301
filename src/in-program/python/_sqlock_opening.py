"""The begin of a connection, and sqlite3.connect()."""

from sys import _getframe
from time import monotonic_ns

import _sqlock_transactions as transactions
from _sqlock_guard import hide_frame, is_ours, shown_as_tracer
from _sqlock_arguments import described

FACTORY_POSITION = 5


def traced_connect(driver, original):
    def connect(*args, **kwargs):
        if len(args) <= FACTORY_POSITION and "factory" not in kwargs:
            kwargs["factory"] = driver.Connection
        try:
            return original(*args, **kwargs)
        except BaseException as error:
            args = kwargs = None
            hide_frame(error)
            raise

    made = shown_as_tracer(connect, original)
    made.__module__ = driver.name
    return made


def opening(driver, original):
    def __init__(self, *args, **kwargs):
        state = prepared(driver, self, args, kwargs, _getframe(1))
        begin = monotonic_ns()
        try:
            original(self, *args, **kwargs)
        except BaseException as error:
            if state is not None:
                tell(driver, state, self, _getframe(1), begin, error)
            self = args = kwargs = state = None
            hide_frame(error)
            raise
        if state is not None:
            tell(driver, state, self, _getframe(1), begin, None)

    return shown_as_tracer(__init__, original)


def prepared(driver, connection, args, kwargs, frame):
    """None: not traced. A connection may be opened anew, which closes what it was."""
    try:
        known = driver.state_of(connection)
        if known is not None and not known.is_closed:
            transactions.close_called(known, connection, args, frame, 0, monotonic_ns())
        state = transactions.State(driver, *described(args, kwargs))
        driver.set_state(connection, state)
        return state
    except Exception as error:
        if not is_ours(error):
            raise
        return None


def tell(driver, state, connection, frame, begin, error):
    try:
        end = monotonic_ns()
        transactions.opened(state, frame, begin, end, None if error is None else driver.result_of(error))
        if error is None and driver.in_transaction(connection):
            transactions.committed("commit", state, connection, (), frame, end, end)
    except Exception as problem:
        if not is_ours(problem):
            raise
