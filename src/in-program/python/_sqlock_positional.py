"""Python 3.13 and 3.14 warn of positional arguments: a warning about the line of the program, not the tracer's."""

import sys
from _warnings import warn

from _sqlock_guard import hide_frame

IS_DEPRECATED = (3, 13) <= sys.version_info < (3, 15)
NAMES = ("timeout", "detect_types", "isolation_level", "check_same_thread", "factory", "cached_statements", "uri")
TEXT = (
    "Passing more than 1 positional argument to %s() is deprecated. Parameters 'timeout', 'detect_types', "
    "'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only "
    "parameters in Python 3.15."
)


def are_deprecated(args, kwargs):
    """False as well where they are wrong in another way, of which Python tells."""
    if not IS_DEPRECATED or len(args) < 2:
        return False
    return len(args) <= len(NAMES) + 1 and not any(each in kwargs for each in NAMES[: len(args) - 1])


def warn_of(name):
    """Warnings skip the frames of the functions that stand for sqlite3's."""
    try:
        warn(TEXT % name, DeprecationWarning, 2)
    except DeprecationWarning as error:
        hide_frame(error)
        raise


def named(args, kwargs):
    return dict(zip(NAMES, args[1:]), **kwargs)
