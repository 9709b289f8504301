"""A method of sqlite3's that tells what it did, and otherwise is as it was."""

from sys import _getframe
from time import monotonic_ns

from _sqlock_guard import hide_frame, is_ours, shown_as_tracer

# These functions are written out: a call of a function costs a tenth of what may be added to a statement. None of them
# calls the original inside of an `except`: its error would get another one as its context.

MISSING = object()


def given(*args):
    return [each for each in args if each is not MISSING]


def traced(driver, original, state_of, connection_of, tell):
    """`tell(state, object, args, frame, begin, end)` is called after each call that went well."""

    def call(self, *args, **kwargs):
        state = state_of(self)
        begin = monotonic_ns()
        try:
            result = original(self, *args, **kwargs)
        except BaseException as error:
            if state is not None:
                driver.failed(state, connection_of(self), args[0] if args else None, _getframe(1), begin, error)
            self = args = kwargs = state = None
            hide_frame(error)
            raise
        if state is not None:
            try:
                tell(state, self, args, _getframe(1), begin, monotonic_ns())
            except Exception as error:
                if not is_ours(error):
                    raise
        return result

    return shown_as_tracer(call, original)


def passing(driver, original, state_of, connection_of):
    """Only its errors are looked at: there are many calls of it, none of them long."""

    def call(self, *args, **kwargs):
        try:
            return original(self, *args, **kwargs)
        except BaseException as error:
            state = state_of(self)
            if state is not None:
                driver.failed(state, connection_of(self), None, _getframe(1), monotonic_ns(), error)
            self = args = kwargs = state = None
            hide_frame(error)
            raise

    return shown_as_tracer(call, original)


def passing_with(driver, original, factory):
    """Of a connection: its cursor(), which makes our cursors where the program names no others."""

    def call(self, *args, **kwargs):
        try:
            if args or kwargs:
                return original(self, *args, **kwargs)
            return original(self, factory)
        except BaseException as error:
            state = driver.state_of(self)
            if state is not None:
                driver.failed(state, self, None, _getframe(1), monotonic_ns(), error)
            self = args = kwargs = state = None
            hide_frame(error)
            raise

    return shown_as_tracer(call, original)


def through_cursor(driver, original, method, tell):
    """Of a connection: makes a cursor, whose original method is called."""
    state_of, make, new = driver.state_of, driver.original_connection.cursor, driver.Cursor
    class_of_connections = driver.Connection

    def call(self, sql=MISSING, parameters=MISSING, /, *rest, **kwargs):
        if self.__class__ is class_of_connections:
            try:
                state = self._sqlock
            except AttributeError:
                state = None
        else:
            state = state_of(self)
        begin = monotonic_ns()
        try:
            cursor = make(self, new)
            if rest or kwargs or sql is MISSING:
                method(cursor, *given(sql, parameters), *rest, **kwargs)
            elif parameters is MISSING:
                method(cursor, sql)
            else:
                method(cursor, sql, parameters)
        except BaseException as error:
            if state is not None:
                driver.failed(state, self, sql, _getframe(1), begin, error)
            self = sql = parameters = rest = kwargs = state = cursor = None
            hide_frame(error)
            raise
        if state is not None:
            end = monotonic_ns()
            try:
                cursor._sqlock_sql = sql
                tell(state, self, sql, _getframe(1), begin, end)
            except Exception as error:
                if not is_ours(error):
                    raise
        return cursor

    return shown_as_tracer(call, original)


def executing(driver, original, tell):
    """Of a cursor."""
    state_of, connection_of, set_sql = driver.state_of_cursor, driver.connection_of, driver.set_sql
    class_of_cursors = driver.Cursor

    def call(self, sql=MISSING, parameters=MISSING, /, *rest, **kwargs):
        if self.__class__ is class_of_cursors:
            try:
                connection = self.connection
                state = connection._sqlock
            except AttributeError:
                state = None
        else:
            connection = None
            state = state_of(self)
        begin = monotonic_ns()
        try:
            if rest or kwargs or sql is MISSING:
                result = original(self, *given(sql, parameters), *rest, **kwargs)
            elif parameters is MISSING:
                result = original(self, sql)
            else:
                result = original(self, sql, parameters)
        except BaseException as error:
            if state is not None:
                driver.failed(state, connection_of(self), sql, _getframe(1), begin, error)
            self = sql = parameters = rest = kwargs = state = connection = None
            hide_frame(error)
            raise
        if state is not None:
            end = monotonic_ns()
            try:
                if connection is None:
                    connection = connection_of(self)
                    set_sql(self, sql)
                else:
                    self._sqlock_sql = sql
                tell(state, connection, sql, _getframe(1), begin, end)
            except Exception as error:
                if not is_ours(error):
                    raise
        return result

    return shown_as_tracer(call, original)
