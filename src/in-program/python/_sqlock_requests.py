"""The request that a thread answers now."""

from _sqlock_left_open import request_ended
from _sqlock_who import MOST_NAME, has_tasks, this_thread


def begin(method, path):
    """Never fails. The path is without its query: that is data of a user."""
    try:
        has_tasks[0] = True
        this_thread().request = ("%s %s" % (method, path))[:MOST_NAME]
    except Exception:
        pass


def end():
    try:
        thread = this_thread()
        if thread.request is not None:
            request_ended(thread)
    except Exception:
        pass
