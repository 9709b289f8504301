"""Transactions that are still open when what began them has ended: an asyncio task, a thread, a request."""

import weakref
from time import monotonic_ns

from _sqlock_state import tell_misuse
from _sqlock_transactions import on_begin, open_transactions
from _sqlock_who import Carried, at_end, name_of_task, running_task, this_thread, who
from _sqlock_wire import WIRE

# Tasks that tell their end.
watched = weakref.WeakSet()


def begun(transaction, thread):
    """The task that it belongs to may be one of an event loop in another thread."""
    task = running_task()
    if task is not None:
        transaction.task = weakref.ref(task)
        watch(task)
    elif thread.carried is not None and thread.carried.task is not None:
        transaction.task = thread.carried.task
        task = thread.carried.task()
        if task is not None and task not in watched:
            task.get_loop().call_soon_threadsafe(watch, task)


def watch(task):
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


def request_ended(request):
    tell([each for each in open_now() if each.request is request], this_thread(), "request")


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
            thread.carried = Carried(None, task, None)
        try:
            tell_misuse("left-open", state.id, who(thread), each.site, now, what)
        finally:
            thread.carried = carried


on_begin.append(begun)
at_end.append(thread_ended)
