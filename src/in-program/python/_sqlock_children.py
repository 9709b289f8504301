"""multiprocessing: its forked children end without atexit, but with finalizers of their own."""

from _sqlock_exit import end
from _sqlock_wire import WIRE

LAST = -1000


def loaded(module, finder):
    module.register_after_fork(WIRE, lambda wire: module.Finalize(None, end, exitpriority=LAST))
