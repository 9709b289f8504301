"""What a connection does: its transactions, the calls that matter, and misuse of it."""

import itertools
import weakref

import _sqlock_runs as runs
from _sqlock_runs import add, tell_call
from _sqlock_sites import library_site_of, near_site_of, own, site_of, told_site
from _sqlock_sql import BEGIN, COMMIT, READ, ROLLBACK, WRITE, text_of
from _sqlock_who import at_end, has_tasks, task_name, this_thread, threads, who
from _sqlock_wire import WIRE, send, text

SLOW_NS = 5_000_000
MOST_MISUSES = 256
NOWHERE = (None, 0)

ids = itertools.count(1)
transaction_ids = itertools.count(1)
# All open transactions, by number.
open_transactions = {}
# When a misuse was told, by what it was.
misuses = {}
# Called with a transaction that was begun, and its thread, where there may be tasks (_sqlock_left_open.py).
on_begin = []


class Transaction(object):
    __slots__ = (
        *("number", "state", "thread", "site", "task", "request", "has_read", "has_written", "is_new"),
        *("statements", "inside", "last_end", "last_site", "gap", "gap_after", "gap_before"),
    )

    def __init__(self, state, thread, site, end):
        self.number = next(transaction_ids)
        self.state = weakref.ref(state)
        self.thread = thread.key
        self.site = site
        self.task = None
        self.request = thread.request
        self.has_read = False
        self.has_written = False
        # Whether one of these two may still come.
        self.is_new = True
        self.statements = 0
        self.inside = 0
        self.last_end = end
        self.last_site = site
        self.gap = 0
        self.gap_after = None
        self.gap_before = None


class State(object):
    """Of a connection, which alone has it: it goes when the connection goes."""

    __slots__ = (
        *("id", "epoch", "path", "driver", "in_transaction", "options", "transaction", "is_closed", "__weakref__"),
    )

    def __init__(self, driver, path, options):
        self.id = next(ids)
        self.epoch = WIRE.epoch
        self.driver = driver
        self.in_transaction = driver.in_transaction
        self.path = path
        self.options = options
        self.transaction = None
        self.is_closed = False

    def __del__(self):
        try:
            if not self.is_closed and self.epoch == WIRE.epoch and not WIRE.ended:
                self.is_closed = True
                collected(self)
        except Exception:
            pass


def site_in(frame):
    """None as well where the call came from nowhere, for example from a destructor."""
    found = site_of(frame)
    if found is not None:
        return found
    carried = this_thread().carried if has_tasks[0] else None
    return carried.site if carried is not None and carried.site is not None else library_site_of(frame)


def opened(state, frame, begin, end, error):
    thread = this_thread()
    tell_open(state, who(thread), site_in(frame), begin, end, '"error":%s' % text(error) if error else None)
    state.is_closed = error is not None


def tell_open(state, by, site, begin, end, more):
    options = "{%s%s}" % (state.options, "," + more if more else "")
    ids = (state.id, by.id, site.id if site else 0, begin // 1000, -(-end // 1000))
    rest = ',%d,%d,%d,%d,%d,"%s",%s,%s' % (ids + (state.driver.name, text(state.path), options))
    send("open", rest, by, site)


def inherited(state, by, site, now):
    """Opened before a fork, and used in the child. What is open of it is the parent's."""
    state.epoch = WIRE.epoch
    state.transaction = None
    tell_open(state, by, site, now, now, '"inherited":true')


def called(state, connection, sql, frame, begin, end, times=1):
    """
    A call that went well. `times`: 0 where it only fetched rows. `sql`: None where it was no statement.

    Written for few steps where there is nothing to tell: inside of a transaction, and one more of the same outside.
    """
    transaction = state.transaction
    if not state.in_transaction(connection):
        if transaction is None:
            return called_outside(state, sql, frame, begin, end, times)
        return ended_by(state, transaction, sql, frame, begin, end, times)
    if transaction is None:
        if state.epoch != WIRE.epoch:
            inherited(state, who(this_thread()), site_in(frame), begin)
        return began(state, site_in(frame), sql, begin, end, "b", times)
    if begin - transaction.last_end > transaction.gap:
        transaction.gap = begin - transaction.last_end
        transaction.gap_after = transaction.last_site
        transaction.gap_before = site_in(frame)
    code = frame.f_code
    transaction.last_site = (code, frame.f_lasti) if id(code) in own else near_site_of(frame)
    transaction.last_end = end
    transaction.statements += times
    transaction.inside += end - begin
    if transaction.is_new and times and sql is not None:
        does = text_of(sql).does
        if does == READ and not transaction.has_read or does == WRITE and not transaction.has_written:
            return mattered(state, transaction, site_in(frame), sql, begin, end, does)
    if end - begin >= SLOW_NS:
        tell_slow(state, site_in(frame), sql, "", begin, end, times)
    return None


def called_outside(state, sql, frame, begin, end, times):
    if state.epoch != WIRE.epoch:
        inherited(state, who(this_thread()), site_in(frame), begin)
    if end - begin >= SLOW_NS:
        return tell_slow(state, site_in(frame), sql, "a", begin, end, times)
    if times:
        code = frame.f_code
        near = (code, frame.f_lasti) if id(code) in own else near_site_of(frame) or NOWHERE
        thread = this_thread()
        task = task_name(thread) if has_tasks[0] else None
        key = (state.id, sql, id(near[0]), near[1], task)
        run = thread.runs.get(key)
        if run is not None and run.times and end < thread.flush_at:
            run.times += 1
            run.end = end
            run.inside += end - begin
        else:
            add(thread, key, state.id, site_in(frame), sql, "a", None, begin, end)
    return None


def ended_by(state, transaction, sql, frame, begin, end, times):
    does = text_of(sql).does if sql is not None else None
    outcome = "commit" if does == COMMIT else "rollback" if does == ROLLBACK else "unknown"
    statements = times if outcome == "unknown" else 0
    ended(state, transaction, outcome, site_in(frame), sql, begin, end, statements)


def mattered(state, transaction, site, sql, begin, end, does):
    flags = "r" if does == READ else "w"
    if does == READ:
        transaction.has_read = True
    else:
        transaction.has_written = True
    transaction.is_new = not (transaction.has_read and transaction.has_written)
    transaction.last_site = site
    if end - begin >= SLOW_NS:
        flags += "s"
    by = who(this_thread())
    tell_call(by, state.id, site, text_of(sql), begin, end, flags, 1, end - begin, None)


def tell_slow(state, site, sql, flags, begin, end, times):
    by = who(this_thread())
    known = None if sql is None else text_of(sql)
    tell_call(by, state.id, site, known, begin, end, flags + "s", times, end - begin, None)


def began(state, site, sql, begin, end, flags, times, result=None):
    thread = this_thread()
    transaction = Transaction(state, thread, site, end)
    known = None if sql is None else text_of(sql)
    if result is not None:
        # Another call may still be the first that reads or writes.
        pass
    elif known is not None and known.does == WRITE:
        transaction.has_written = True
        flags += "w"
    elif known is not None and known.does == READ:
        transaction.has_read = True
        flags += "r"
    if known is not None and known.does != BEGIN:
        transaction.statements = times
    transaction.inside = end - begin
    if end - begin >= SLOW_NS:
        flags += "s"
    state.transaction = transaction
    open_transactions[transaction.number] = transaction
    by = who(thread)
    tell_call(by, state.id, site, known, begin, end, flags, 1, end - begin, result)
    if has_tasks[0]:
        for each in on_begin:
            each(transaction, thread)


def ended(state, transaction, outcome, site, sql, begin, end, statements=0):
    """By the call from `begin` to `end`."""
    if state.transaction is transaction:
        state.transaction = None
    if open_transactions.pop(transaction.number, None) is None:
        return
    gap = begin - transaction.last_end
    after, before = transaction.gap_after, transaction.gap_before
    if gap > transaction.gap:
        after, before = transaction.last_site, site
    after, before = told_site(after), told_site(before)
    by = who(this_thread())
    known = None if sql is None else text_of(sql)
    ids = (state.id, by.id, site.id if site else 0, known.id if known else 0, begin // 1000, -(-end // 1000), outcome)
    inside = transaction.inside + end - begin
    figures = (transaction.statements + statements, inside // 1000, max(gap, transaction.gap) // 1000)
    sites = (after.id if after else 0, before.id if before else 0)
    send("end", ',%d,%d,%d,%d,%d,%d,"%s",%d,%d,%d,%d,%d' % (ids + figures + sites), by, site, known, after, before)


def committed(outcome, state, connection, args, frame, begin, end):
    """commit(), rollback(), the end of a `with` block, or a change of mode that commits or begins."""
    is_inside = state.in_transaction(connection)
    transaction = state.transaction
    if not is_inside and transaction is None:
        return
    if is_inside and not state.driver.begins_anew(connection):
        return
    site = site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, who(this_thread()), site, begin)
        transaction = None
    if transaction is not None:
        ended(state, transaction, outcome, site, None, begin, end)
    if is_inside:
        began(state, site, None, end, end, "b", 0)


def ran_script(state, connection, sql, frame, begin, end):
    """executescript() commits first what is open, and may then begin and end any number of transactions."""
    transaction = state.transaction
    if transaction is not None and state.epoch == WIRE.epoch and state.driver.is_legacy(connection):
        ended(state, transaction, "commit", site_in(frame), None, begin, begin)
    called(state, connection, sql, frame, begin, end)


def failed(state, is_inside, sql, frame, begin, end, error, result):
    thread = this_thread()
    by = who(thread)
    site = site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, by, site, begin)
    transaction = state.transaction
    known = text_of(sql) if isinstance(sql, str) else None
    flags = "e" if transaction is not None else "ae"
    if is_inside and transaction is None:
        # The transaction that Python begins before a statement was begun, and stays.
        return began(state, site, sql if known else None, begin, end, "be", 1, result)
    if end - begin >= SLOW_NS:
        tell_call(by, state.id, site, known, begin, end, flags + "s", 1, end - begin, result)
    else:
        key = (state.id, sql if known else None, site, result, task_name(thread))
        add(thread, key, state.id, site, sql if known else None, flags, result, begin, end)
    if transaction is not None and not is_inside:
        ended(state, transaction, "rollback", site, sql if known else None, begin, end, 1)
    elif transaction is not None:
        transaction.inside += end - begin
        transaction.statements += 1
        transaction.last_end = end
        transaction.last_site = site
    return None


def close_called(state, connection, args, frame, begin, end):
    if not state.is_closed:
        state.is_closed = True
        closed(state, frame, end, "closed")


def closed(state, frame, now, how, outcome="closed"):
    thread = this_thread()
    by = who(thread)
    site = None if frame is None else site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, by, site, now)
    transaction = state.transaction
    if transaction is not None:
        ended(state, transaction, outcome, site, None, now, now)
    runs.flush_connection(thread, state.id)
    rest = ',%d,%d,%d,%d,"%s"' % (state.id, by.id, site.id if site else 0, now // 1000, how)
    send("close", rest, by, site)


def misused(state, kind, frame, now):
    by = who(this_thread())
    site = site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, by, site, now)
    key = (kind, state.id, by, site)
    if now - misuses.get(key, -runs.EVERY_NS) < runs.EVERY_NS:
        return
    if len(misuses) > MOST_MISUSES:
        misuses.clear()
    misuses[key] = now
    tell_misuse(kind, state.id, by, site, now, None)


def tell_misuse(kind, connection, by, site, now, detail):
    rest = ',"%s",%d,%d,%d,%d,%s' % (kind, connection, by.id, site.id if site else 0, now // 1000, text(detail))
    send("misuse", rest, by, site)


def collected(state):
    from time import monotonic_ns

    closed(state, None, monotonic_ns(), "collected")


def thread_ended(thread):
    runs.flush(thread)


at_end.append(thread_ended)


def tell_rest():
    """The process ends: nothing more is seen of what is still open."""
    from time import monotonic_ns

    now = monotonic_ns()
    for transaction in list(open_transactions.copy().values()):
        state = transaction.state()
        if state is not None and state.epoch == WIRE.epoch:
            ended(state, transaction, "closed", None, None, now, now)
    for thread in list(threads.copy().values()):
        runs.flush(thread)


def forget():
    """In a forked child: what is open, and what was not told yet, is the parent's."""
    for transaction in list(open_transactions.copy().values()):
        state = transaction.state()
        if state is not None:
            state.transaction = None
    open_transactions.clear()
    misuses.clear()
