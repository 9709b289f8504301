"""asyncio: from now on, calls may belong to tasks."""

from _sqlock_who import has_tasks


def loaded(module, finder):
    has_tasks[0] = True
