"""Who makes a call: the thread, and what it works on: an asyncio task, or a request of a web framework."""

import itertools
import sys
import _thread
from _contextvars import ContextVar

from _sqlock_wire import WIRE, Definition, text

MOST_WHOS = 2048
MOST_NAME = 200

get_ident = _thread.get_ident
local = _thread._local()
ids = itertools.count(1)
whos = {}
# All that made a call and have not ended, by key.
threads = {}
# Called with a thread when it ends: what still belongs to it is to be told.
at_end = []
# Threads that end, by ident: what is collected with their locals still belongs to them.
ending = {}
MOST_ENDING = 256
# Whether there is anything but threads: asyncio, or a request, or work handed over.
has_tasks = [False]
# The request that is answered now, with its name: of a thread, or of a greenlet.
request = ContextVar("sqlock_request", default=None)


class Thread(object):
    """What is known of the thread that runs now. A forked child's first thread is another one for the kernel."""

    __slots__ = ("ident", "key", "epoch", "tid", "name", "runs", "flush_at", "carried", "is_ending")

    def __init__(self):
        self.ident = get_ident()
        self.key = next(ids)
        self.epoch = 0
        self.tid = 0
        self.name = None
        # Calls outside of transactions that are still to be told (_sqlock_runs.py).
        self.runs = {}
        self.flush_at = 0
        self.carried = None
        self.is_ending = False


class Carried(object):
    """Of work that another thread has handed over: its call site, and the name of its task (and a reference to it)."""

    __slots__ = ("site", "name", "task")

    def __init__(self, site, name, task):
        self.site = site
        self.name = name
        self.task = task


class Guard(object):
    """Belongs to its thread alone: it goes when the thread ends."""

    __slots__ = ("thread",)

    def __init__(self, thread):
        self.thread = thread

    def __del__(self):
        try:
            thread = self.thread
            if thread.ident != get_ident():
                return
            thread.is_ending = True
            if len(ending) > MOST_ENDING:
                ending.clear()
            ending[thread.ident] = thread
            threads.pop(thread.key, None)
            for each in at_end:
                each(thread)
        except Exception:
            pass


def this_thread():
    try:
        return local.thread
    except AttributeError:
        ident = get_ident()
        if ident in ending:
            thread = ending[ident]
            if thread.tid == _thread.get_native_id():
                return thread
            ending.pop(ident, None)
        thread = Thread()
        local.thread = thread
        local.guard = Guard(thread)
        threads[thread.key] = thread
        return thread


def who(thread):
    """The definition of who makes a call now in this thread, which is the one that runs."""
    if thread.epoch != WIRE.epoch:
        thread.epoch = WIRE.epoch
        thread.tid = _thread.get_native_id()
    if not thread.is_ending:
        thread.name = name_of(thread.ident)
    key = (thread.tid, thread.name, task_name(thread))
    known = whos.get(key)
    if known is not None:
        return known
    if len(whos) > MOST_WHOS:
        whos.clear()
    made = Definition(next(ids), "who", "%d,%s,%s" % (key[0], text(key[1]), text(key[2])))
    whos[key] = made
    return made


def forked():
    """A child has one thread: what the others have not told yet is the parent's."""
    thread = this_thread()
    threads.clear()
    threads[thread.key] = thread
    thread.runs.clear()
    thread.flush_at = 0


WIRE.in_child.append(forked)


def name_of(ident):
    """Without threading there is only the main thread, and a look at its table makes no entry for foreign threads."""
    threading = sys.modules.get("threading")
    if threading is None or ident == threading.main_thread().ident:
        return None
    known = threading._active.get(ident)
    return None if known is None else str(known.name)[:MOST_NAME]


def task_name(thread):
    if thread.is_ending:
        return None
    current = request.get()
    if current is not None:
        return current.name
    task = running_task()
    if task is not None:
        return name_of_task(task)
    return None if thread.carried is None else thread.carried.name


def name_of_task(task):
    try:
        return str(task.get_name())[:MOST_NAME]
    except Exception:
        return None


def running_task():
    """The asyncio task of the event loop that runs in this thread."""
    events = sys.modules.get("asyncio.events")
    tasks = sys.modules.get("asyncio.tasks")
    if events is None or tasks is None:
        return None
    loop = events._get_running_loop()
    return None if loop is None else tasks.current_task(loop)
