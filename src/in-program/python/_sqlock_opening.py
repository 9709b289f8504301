"""The begin of a connection, and sqlite3.connect()."""

from sys import _getframe
from time import monotonic_ns

import _sqlock_calls as calls
import _sqlock_state as states
from _sqlock_arguments import described
from _sqlock_guard import hide_frame, is_ours, shown_as_tracer
from _sqlock_positional import are_deprecated, named, warn_of

FACTORY_POSITION = 5


def traced_connect(driver, original):
    is_own = driver.name == "sqlite3"

    def connect(*args, **kwargs):
        has_factory = len(args) > FACTORY_POSITION or "factory" in kwargs
        try:
            if is_own and are_deprecated(args, kwargs):
                # What the original does.
                warn_of("sqlite3.connect")
                factory = args[FACTORY_POSITION] if len(args) > FACTORY_POSITION else kwargs.get("factory")
                return (factory if has_factory else driver.Connection)(*args, **kwargs)
            if not has_factory:
                kwargs["factory"] = driver.Connection
            return original(*args, **kwargs)
        except BaseException as error:
            args = kwargs = None
            hide_frame(error)
            raise

    made = shown_as_tracer(connect, original)
    made.__module__ = driver.name
    return made


def opening(driver, original):
    is_own = driver.name == "sqlite3"

    def __init__(self, *args, **kwargs):
        state = prepared(driver, self, args, kwargs, _getframe(1))
        begin = monotonic_ns()
        try:
            if is_own and are_deprecated(args, kwargs):
                warn_of("_sqlite3.Connection")
                original(self, args[0], **named(args, kwargs))
            else:
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
            states.close_called(known, connection, args, frame, 0, monotonic_ns())
        state = states.State(driver, *described(args, kwargs))
        driver.set_state(connection, state)
        return state
    except Exception as error:
        if not is_ours(error):
            raise
        return None


def tell(driver, state, connection, frame, begin, error):
    try:
        end = monotonic_ns()
        states.opened(state, frame, begin, end, None if error is None else driver.result_of(error))
        if error is None and driver.in_transaction(connection):
            calls.committed("commit", state, connection, (), frame, end, end)
    except Exception as problem:
        if not is_ours(problem):
            raise
