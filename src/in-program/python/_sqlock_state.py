"""What is known of a connection; how it was opened and closed, and misuse of it."""

import itertools
from _thread import interrupt_main
from time import monotonic_ns

from _sqlock_runs import EVERY_NS, flush_connection
from _sqlock_sites import package_of, site_in
from _sqlock_transactions import ended
from _sqlock_who import this_thread, who
from _sqlock_wire import WIRE, send, text

MOST_MISUSES = 256

ids = itertools.count(1)
# When a misuse was told, by what it was.
misuses = {}


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
        except KeyboardInterrupt:
            # Nothing can be raised from here: it comes once more.
            interrupt_main()
        except Exception:
            pass


def opened(state, frame, begin, end, error):
    thread = this_thread()
    more = '"error":%s' % text(error) if error else None
    library = package_of(frame)
    if library is not None:
        more = '"library":%s%s' % (text(library), "," + more if more else "")
    tell_open(state, who(thread), site_in(frame), begin, end, more)
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
    flush_connection(thread, state.id)
    rest = ',%d,%d,%d,%d,"%s"' % (state.id, by.id, site.id if site else 0, now // 1000, how)
    send("close", rest, by, site)


def collected(state):
    closed(state, None, monotonic_ns(), "collected")


def misused(state, kind, frame, now):
    by = who(this_thread())
    site = site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, by, site, now)
    key = (kind, state.id, by, site)
    if now - misuses.get(key, -EVERY_NS) < EVERY_NS:
        return
    if len(misuses) > MOST_MISUSES:
        misuses.clear()
    misuses[key] = now
    tell_misuse(kind, state.id, by, site, now, None)


def tell_misuse(kind, connection, by, site, now, detail):
    rest = ',"%s",%d,%d,%d,%d,%s' % (kind, connection, by.id, site.id if site else 0, now // 1000, text(detail))
    send("misuse", rest, by, site)


WIRE.in_child.append(misuses.clear)
