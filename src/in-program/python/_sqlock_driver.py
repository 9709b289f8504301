"""What the tracer needs of a module like sqlite3, taken before a program can change it."""

from time import monotonic_ns

import _sqlock_calls as calls
import _sqlock_state as states
from _sqlock_guard import is_ours

WRONG_THREAD = "SQLite objects created in a thread can only be used in that same thread"
CLOSED = "Cannot operate on a closed database."

# Before Python 3.11 an error has no code of SQLite's.
CODES = (
    ("database is locked", "SQLITE_BUSY"),
    ("database table is locked", "SQLITE_LOCKED"),
    ("database schema is locked", "SQLITE_LOCKED"),
    ("unable to open database file", "SQLITE_CANTOPEN"),
    ("attempt to write a readonly database", "SQLITE_READONLY"),
    ("disk I/O error", "SQLITE_IOERR"),
    ("database disk image is malformed", "SQLITE_CORRUPT"),
    ("file is not a database", "SQLITE_NOTADB"),
    ("database or disk is full", "SQLITE_FULL"),
    ("interrupted", "SQLITE_INTERRUPT"),
)


class Driver(object):
    """The functions that read from C's structures are not those that a subclass in the program may have changed."""

    def __init__(self, name, module, connection, cursor):
        self.name = name
        self.original_connection = connection
        self.original_cursor = cursor
        self.Error = module.Error
        self.ProgrammingError = module.ProgrammingError
        self.connection_of = cursor.__dict__["connection"].__get__
        self.in_transaction = connection.__dict__["in_transaction"].__get__
        autocommit = connection.__dict__.get("autocommit")
        self.autocommit = None if autocommit is None else autocommit.__get__
        self.Connection = None
        self.Cursor = None
        self.set_sql = None
        self.sql_of = None
        self.get_state = None
        self.set_state = None

    def set_class_of_connections(self, made):
        self.Connection = made
        self.get_state = made.__dict__["_sqlock"].__get__
        self.set_state = made.__dict__["_sqlock"].__set__

    def state_of(self, connection):
        """None: it is not traced, for example since its __init__ was never called."""
        try:
            return self.get_state(connection)
        except Exception as error:
            if not is_ours(error):
                raise
            return None

    def state_of_cursor(self, cursor):
        try:
            return self.get_state(self.connection_of(cursor))
        except Exception as error:
            if not is_ours(error):
                raise
            return None

    def is_inside(self, connection):
        """Whether a transaction is open. Closed: none is."""
        try:
            return self.in_transaction(connection)
        except self.ProgrammingError:
            return False

    def begins_anew(self, connection):
        """Whether the connection is in the mode in which a commit begins the next transaction."""
        return self.autocommit is not None and self.autocommit(connection) is False

    def is_legacy(self, connection):
        return self.autocommit is None or self.autocommit(connection) == -1

    def failed(self, state, connection, sql, frame, begin, error):
        """Tells of a call that failed; never fails itself."""
        try:
            now = monotonic_ns()
            if isinstance(error, self.ProgrammingError) and error.args:
                message = str(error.args[0])
                if message.startswith(WRONG_THREAD):
                    return states.misused(state, "wrong-thread", frame, now)
                if message == CLOSED:
                    return states.misused(state, "used-after-close", frame, now)
            inside = self.is_inside(connection)
            calls.failed(state, inside, sql, frame, begin, now, error, self.result_of(error))
        except Exception as problem:
            if not is_ours(problem):
                raise
        return None

    def result_of(self, error):
        if isinstance(error, self.Error):
            name = error.__dict__.get("sqlite_errorname")
            if isinstance(name, str):
                return name
            message = str(error.args[0]) if error.args else ""
            for start, code in CODES:
                if message.startswith(start):
                    return code
        return type(error).__name__[:100]


