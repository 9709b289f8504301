"""Other modules that say where a call comes from. They are looked at only once a program uses SQLite."""

import sys

from _sqlock_import import loaded

# What each is followed by, once it is loaded.
MODULES = {
    "asyncio.tasks": "_sqlock_tasks",
    "concurrent.futures.thread": "_sqlock_executors",
    "asgiref.current_thread_executor": "_sqlock_executors",
    "aiosqlite.core": "_sqlock_aiosqlite",
    "django.core.signals": "_sqlock_django",
    "flask.signals": "_sqlock_flask",
    "multiprocessing.util": "_sqlock_children",
}


def follow(finder):
    """What is loaded already is done now, the rest when it is loaded."""
    for name, ours in MODULES.items():
        finder.waiting[name] = ours
        if name in sys.modules:
            loaded(sys.modules[name], finder, ours)
