"""What a connection is opened with: the arguments of sqlite3.connect()."""

import os

from _sqlock_wire import quoted

DEFAULT_TIMEOUT = 5.0
URI_POSITION = 7
MOST_PATH = 3000
MEMORY = ":memory:"


def described(args, kwargs):
    """The path, and the options as JSON without their braces."""
    database = argument(args, kwargs, 0, "database")
    timeout = argument(args, kwargs, 1, "timeout", DEFAULT_TIMEOUT)
    name = os.fsdecode(database) if isinstance(database, (str, bytes, os.PathLike)) else ""
    path, memory, read_only = name, None, False
    if argument(args, kwargs, URI_POSITION, "uri", False) and name.startswith("file:"):
        path, memory, read_only = parsed(name)
    if path in ("", MEMORY):
        path = None
    if path is not None:
        path = os.path.join(os.getcwd(), path)
        if len(quoted(path)) > MOST_PATH:
            path = None
    wait = "%d" % (timeout * 1000) if isinstance(timeout, (int, float)) else "null"
    shared = "null" if memory is None else quoted(memory[:200])
    options = '"timeoutMs":%s,"memory":%s,"readOnly":%s' % (wait, shared, "true" if read_only else "false")
    return path, options


def argument(args, kwargs, position, name, default=None):
    return args[position] if position < len(args) else kwargs.get(name, default)


def parsed(uri):
    """Of a file: URI as SQLite reads it: path, name of a shared memory database, whether it is read only."""
    from urllib.parse import unquote

    rest, _, query = uri[len("file:") :].partition("#")[0].partition("?")
    if rest.startswith("//"):
        rest = rest[2:]
        rest = rest[rest.find("/") :] if "/" in rest else ""
    path = unquote(rest)
    options = dict(each.partition("=")[::2] for each in query.split("&") if each)
    mode, cache = unquote(options.get("mode", "")), unquote(options.get("cache", ""))
    is_read_only = mode == "ro" or options.get("immutable", "") in ("1", "true", "yes", "on")
    if mode == "memory" or path == MEMORY:
        return None, (path or MEMORY) if cache == "shared" else None, is_read_only
    return path, None, is_read_only
