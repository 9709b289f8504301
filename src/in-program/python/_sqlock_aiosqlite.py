"""aiosqlite: each connection has a thread, in which it makes the calls of the program's tasks."""

from sys import _getframe

from _sqlock_carried import carried_from
from _sqlock_guard import hide_frame, shown_as_tracer
from _sqlock_who import this_thread

followed = set()


class Handed(object):
    """A function that is called in the other thread."""

    __slots__ = ("function", "carried")

    def __init__(self, function, carried):
        self.function = function
        self.carried = carried

    def __repr__(self):
        return repr(self.function)


def calling(self, *args, **kwargs):
    thread = this_thread()
    before, thread.carried = thread.carried, self.carried
    try:
        return self.function(*args, **kwargs)
    except BaseException as error:
        hide_frame(error)
        raise
    finally:
        thread.carried = before


def loaded(module, finder):
    connection = module.Connection
    if connection in followed:
        return
    followed.add(connection)
    connection._execute = executing(connection._execute)
    connection._connect = connecting(connection._connect)


def executing(original):
    def _execute(self, fn, *args, **kwargs):
        carried = carried_from(_getframe(1))
        return original(self, fn if carried is None else Handed(fn, carried), *args, **kwargs)

    return shown_as_tracer(_execute, original)


def connecting(original):
    def _connect(self, *args, **kwargs):
        carried = carried_from(_getframe(1))
        if carried is not None and not isinstance(self._connector, Handed):
            self._connector = Handed(self._connector, carried)
        return original(self, *args, **kwargs)

    return shown_as_tracer(_connect, original)


Handed.__call__ = shown_as_tracer(calling, calling)
