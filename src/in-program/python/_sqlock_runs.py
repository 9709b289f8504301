"""Calls outside of transactions, and calls that fail: the first of a kind is told at once, the others together."""

from _sqlock_sql import text_of
from _sqlock_who import at_end, who
from _sqlock_wire import send, text

EVERY_NS = 50_000_000
# What takes so long is told by itself.
SLOW_NS = 5_000_000
MOST_KINDS = 256
# So many of a kind that is new may be told at once between two times that the others are.
MOST_AT_ONCE = 20


class Run(object):
    """Calls of one connection, site, text and result, of one task in one thread."""

    __slots__ = ("connection", "site", "sql", "flags", "result", "times", "begin", "end", "inside", "who")

    def __init__(self, connection, site, sql, flags, result, by):
        self.connection = connection
        self.site = site
        self.sql = sql
        self.flags = flags
        self.result = result
        self.times = 0
        self.begin = 0
        self.end = 0
        self.inside = 0
        self.who = by


def add(thread, key, connection, site, sql, flags, result, begin, end):
    """
    The thread is the one that runs. Times are in ns. `key` tells its kind from others: it begins with the connection.
    Of calls that are told together, the callers of the site are those of the first.
    """
    runs = thread.runs
    if end >= thread.flush_at or len(runs) > MOST_KINDS:
        flush(thread)
        thread.flush_at = end + EVERY_NS
    run = runs.get(key)
    if run is None:
        run = Run(connection, site, text_of(sql) if sql is not None else None, flags, result, who(thread))
        runs[key] = run
        if len(runs) <= MOST_AT_ONCE:
            tell_call(run.who, connection, run.site, run.sql, begin, end, flags, 1, end - begin, result)
            return
    if not run.times:
        run.begin = begin
    run.times += 1
    run.end = end
    run.inside += end - begin


def flush(thread):
    """A kind that had no further call since the last time is forgotten: its next call is told at once."""
    runs = thread.runs
    for key in list(runs):
        run = runs.get(key)
        if run is not None and not run.times:
            runs.pop(key, None)
        elif run is not None:
            tell(run)


def flush_connection(thread, connection):
    """Before its close is told."""
    for key in list(thread.runs):
        run = thread.runs.pop(key, None) if key[0] == connection else None
        if run is not None and run.times:
            tell(run)


def tell(run):
    times, run.times = run.times, 0
    inside, run.inside = run.inside, 0
    tell_call(run.who, run.connection, run.site, run.sql, run.begin, run.end, run.flags, times, inside, run.result)


def tell_call(by, connection, site, sql, begin, end, flags, times, inside, result):
    ids = (connection, by.id, site.id if site else 0, sql.id if sql else 0)
    figures = (begin // 1000, -(-end // 1000), flags, times, inside // 1000, text(result))
    send("call", ',%d,%d,%d,%d,%d,%d,"%s",%d,%d,%s' % (ids + figures), by, site, sql)


at_end.append(flush)
