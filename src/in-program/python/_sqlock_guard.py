"""Whether an exception inside of the tracer is its own: all others go on into the program."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep

# Python's warnings skip frames that belong to its import system, which they know by these two words: a warning of an
# adapter of sqlite3's is then still one about the line of the program.
SHOWN_AS = "<sqlock's tracer, skipped by warnings like importlib._bootstrap>"


STANDARD = tuple({os.path.dirname(each) + os.sep for each in (os.__file__, os.path.realpath(os.__file__))})


def is_ours(error):
    """
    The exception of a signal handler may come up anywhere, also inside of the tracer: its traceback has a frame that is
    neither the tracer's nor the standard library's, which the tracer calls. A RecursionError is the program's: Python
    3.8 aborts where it is caught so deep in the stack.
    """
    if isinstance(error, RecursionError):
        return False
    entry = error.__traceback__
    while entry is not None:
        name = entry.tb_frame.f_code.co_filename
        if name != SHOWN_AS and not name.startswith((FOLDER, "<frozen ")) and not is_standard(name):
            return False
        entry = entry.tb_next
    return True


def is_standard(path):
    return path.startswith(STANDARD) and "-packages" + os.sep not in path


def hide_frame(error):
    """
    Takes the frame of the caller, which handles the error and raises it again, out of its traceback. Up to Python 3.10
    the traceback of an error that is raised again is not the error's: there it stays.
    """
    entry = error.__traceback__
    if entry is not None:
        error.__traceback__ = entry.tb_next


def shown_as_tracer(function, original):
    """Makes the function look like the one that it stands for; its line in a traceback says what it is."""
    code = function.__code__
    changes = {"co_filename": SHOWN_AS, "co_name": original.__name__}
    if sys.version_info >= (3, 11):
        changes["co_qualname"] = getattr(original, "__qualname__", original.__name__)
    function.__code__ = code.replace(**changes)
    for name in ("__name__", "__qualname__", "__doc__"):
        setattr(function, name, getattr(original, name))
    function.__wrapped__ = original
    return function
