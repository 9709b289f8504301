"""Transactions: from the call that begins one to what ends it."""

import itertools
import weakref
from time import monotonic_ns

from _sqlock_runs import SLOW_NS, flush, tell_call
from _sqlock_sites import told_site
from _sqlock_sql import BEGIN, READ, WRITE, text_of
from _sqlock_who import has_tasks, request, this_thread, threads, who
from _sqlock_wire import WIRE, send

numbers = itertools.count(1)
# All open ones, by number.
open_transactions = {}
# Called with one that was begun, and its thread, where there may be tasks (_sqlock_left_open.py).
on_begin = []


class Transaction(object):
    __slots__ = (
        *("number", "state", "thread", "site", "task", "request", "has_read", "has_written", "is_new"),
        *("statements", "inside", "last_end", "last_site", "gap", "gap_after", "gap_before"),
    )

    def __init__(self, state, thread, site, end):
        self.number = next(numbers)
        self.state = weakref.ref(state)
        self.thread = thread.key
        self.site = site
        self.task = None
        self.request = request.get() if has_tasks[0] else None
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


def tell_rest():
    """The process ends: nothing more is seen of what is still open."""
    now = monotonic_ns()
    for transaction in list(open_transactions.copy().values()):
        state = transaction.state()
        if state is not None and state.epoch == WIRE.epoch:
            ended(state, transaction, "closed", None, None, now, now)
    for thread in list(threads.copy().values()):
        flush(thread)


def forget():
    """In a forked child: what is open, and what was not told yet, is the parent's."""
    for transaction in list(open_transactions.copy().values()):
        state = transaction.state()
        if state is not None:
            state.transaction = None
    open_transactions.clear()


WIRE.in_child.append(forget)
