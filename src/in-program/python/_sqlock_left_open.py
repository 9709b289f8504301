"""Transactions that are still open when what began them has ended: an asyncio task, a thread, a request."""

import weakref
from time import monotonic_ns

from _sqlock_transactions import on_task, open_transactions, tell_misuse
from _sqlock_who import at_end, name_of_task, this_thread, who
from _sqlock_wire import WIRE

# Tasks that tell their end.
watched = weakref.WeakSet()


def begun_in_task(transaction, task):
    transaction.task = weakref.ref(task)
    if task not in watched:
        watched.add(task)
        task.add_done_callback(task_ended)


def task_ended(task):
    try:
        left = [each for each in open_now() if each.task is not None and each.task() is task]
        if left:
            tell(left, this_thread(), "task", name_of_task(task))
    except Exception:
        pass


def thread_ended(thread):
    tell([each for each in open_now() if each.thread == thread.key], thread, "thread")


def request_ended(thread):
    """Of the thread that runs."""
    request = thread.request
    tell([each for each in open_now() if each.thread == thread.key and each.request == request], thread, "request")
    thread.request = None


def open_now():
    return list(open_transactions.copy().values())


def tell(transactions, thread, what, task=None):
    now = monotonic_ns()
    for each in transactions:
        state = each.state()
        if state is None or state.epoch != WIRE.epoch:
            continue
        carried = thread.carried
        if task is not None:
            thread.carried = (None, task)
        try:
            tell_misuse("left-open", state.id, who(thread), each.site, now, what)
        finally:
            thread.carried = carried


on_task.append(begun_in_task)
at_end.append(thread_ended)
