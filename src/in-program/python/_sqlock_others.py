"""Other modules that say where a call comes from. They are looked at only once a program uses SQLite."""

import sys


def follow(finder):
    """What is loaded already is done now, the rest when it is loaded."""
    for name, ours in ():
        if name in sys.modules:
            finder.loaded(sys.modules[name], ours)
        finder.waiting[name] = ours
