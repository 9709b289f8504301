"""Thread pools: what a worker calls comes from where the work was submitted."""

from sys import _getframe

from _sqlock_carried import carried_from
from _sqlock_guard import shown_as_tracer
from _sqlock_who import this_thread

followed = set()


def loaded(module, finder):
    """A module with a _WorkItem, whose __init__ is called by submit(), and whose run() by the worker."""
    item = module._WorkItem
    if item in followed:
        return
    followed.add(item)
    item.__init__ = made(item.__init__)
    item.run = run(item.run)


def made(original):
    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self._sqlock = carried_from(_getframe(1))

    return shown_as_tracer(__init__, original)


def run(original):
    """Exceptions of the work end in the original."""

    def run(self, *args, **kwargs):
        carried = getattr(self, "_sqlock", None)
        if carried is None:
            return original(self, *args, **kwargs)
        thread = this_thread()
        before, thread.carried = thread.carried, carried
        try:
            return original(self, *args, **kwargs)
        finally:
            thread.carried = before

    return shown_as_tracer(run, original)
