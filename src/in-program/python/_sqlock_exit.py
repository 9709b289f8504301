"""The end of the process: what is not told yet, and a last message."""

from _sqlock_transactions import tell_rest
from _sqlock_wire import WIRE


def end():
    try:
        tell_rest()
        WIRE.end()
    except Exception:
        pass
