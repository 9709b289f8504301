"""Where work comes from that one thread hands over to another: the call site, and the task, of the one that does."""

import weakref

from _sqlock_guard import is_ours
from _sqlock_sites import site_in
from _sqlock_who import Carried, has_tasks, running_task, task_name, this_thread


def carried_from(frame):
    """None: nothing is known. What was handed over already is handed on."""
    try:
        task = running_task()
        thread = this_thread()
        before = thread.carried
        site = site_in(frame)
        has_tasks[0] = True
        if task is None and before is not None:
            return Carried(site, before.name, before.task)
        return Carried(site, task_name(thread), None if task is None else weakref.ref(task))
    except Exception as error:
        if not is_ours(error):
            raise
        return None
