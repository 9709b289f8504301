"""Cursors that tell what they do."""

import _sqlock_calls as calls
from _sqlock_call import executing, passing, traced
from _sqlock_runs import SLOW_NS


def cursor_class(driver):
    base = driver.original_cursor
    made = type(
        base.__name__,
        (base,),
        {"__slots__": ("_sqlock_sql",), "__module__": base.__module__, "__doc__": base.__doc__},
    )
    del made.__slots__
    driver.set_sql = made.__dict__["_sqlock_sql"].__set__
    driver.sql_of = made.__dict__["_sqlock_sql"].__get__
    made.execute = executing(driver, base.execute, calls.called)
    made.executemany = executing(driver, base.executemany, calls.called)
    made.executescript = executing(driver, base.executescript, calls.ran_script)
    of = (driver.state_of_cursor, driver.connection_of)

    def fetched(state, cursor, args, frame, begin, end):
        if state.transaction is not None or end - begin >= SLOW_NS:
            calls.called(state, driver.connection_of(cursor), sql_of(driver, cursor), frame, begin, end, 0)

    made.fetchmany = traced(driver, base.fetchmany, *of, fetched)
    made.fetchall = traced(driver, base.fetchall, *of, fetched)
    made.fetchone = passing(driver, base.fetchone, *of)
    made.__iter__ = passing(driver, base.__iter__, *of)
    return made


def sql_of(driver, cursor):
    try:
        return driver.sql_of(cursor)
    except AttributeError:
        return None
