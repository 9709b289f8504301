"""Where work comes from that one thread hands over to another: the call site, and the task, of the one that does."""

import weakref

from _sqlock_guard import is_ours
from _sqlock_transactions import site_in
from _sqlock_who import Carried, has_tasks, name_of_task, running_task, this_thread


def carried_from(frame):
    """None: nothing is known. What was handed over already is handed on."""
    try:
        task = running_task()
        before = this_thread().carried
        site = site_in(frame)
        if task is None and before is not None:
            return Carried(site, before.name, before.task)
        has_tasks[0] = True
        return Carried(site, None, None) if task is None else Carried(site, name_of_task(task), weakref.ref(task))
    except Exception as error:
        if not is_ours(error):
            raise
        return None
