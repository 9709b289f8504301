"""The request that is answered now."""

from _sqlock_left_open import request_ended
from _sqlock_who import MOST_NAME, has_tasks, request


class Request(object):
    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name


def begin(method, path):
    """Never fails. The path is without its query: that is data of a user."""
    try:
        has_tasks[0] = True
        request.set(Request(("%s %s" % (method, path))[:MOST_NAME]))
    except Exception:
        pass


def end():
    try:
        current = request.get()
        if current is not None:
            request_ended(current)
            request.set(None)
    except Exception:
        pass
