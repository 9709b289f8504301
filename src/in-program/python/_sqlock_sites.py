"""Call sites: which lines of the program's own code a call came from."""

import itertools
import os
import sys
from sys import _getframe

from _sqlock_guard import FOLDER, SHOWN_AS, STANDARD
from _sqlock_who import has_tasks, this_thread
from _sqlock_wire import Definition, quoted, text

MOST_CODES = 4096
MOST_SITES = 8192
# How far the stack is searched: for the program's own code, and from there on for the code that called it.
MOST_FRAMES = 200
CONTEXT_FRAMES = 8
MOST_CONTEXT = 2
MOST_PATH = 800
MOST_PACKAGE = 100
MOST_LINE = 3800

PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
# Programs that only start a library.
PROGRAMS = {
    os.path.dirname(sys.executable or ""),
    os.path.join(sys.prefix, "bin"),
    os.path.join(sys.base_prefix, "bin"),
    "/usr/bin",
    "/usr/local/bin",
}
# What the driver is made of: never a place that says something about the program.
DRIVERS = (os.sep + "sqlite3" + os.sep, os.sep + "pysqlite3" + os.sep)

OWN, LIBRARY, NEITHER = 1, 2, 3
# How far below own_frame_at() the frame is that called the driver.
CALLERS = (5, 6, 7, 4, 8)
# A line of a library is called by several others: so many ways up are remembered.
MOST_PATHS = 4
# Fewer frames are walked as fast.
WORTH_A_JUMP = 4

ids = itertools.count(1)
# By the id of a code object, which is kept, so that its id stays its own.
own = {}
other = {}
sites = {}
# By the line of a library that called the driver: how far up the program's own code was, and what was on the way there.
depths = {}
# A line may have several calls: one site.
same_text = {}


def start_folder():
    """What the path of a script that was given as a relative one, as Python 3.8 keeps it, is relative to."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


START_FOLDER = start_folder()


def site_of(frame):
    """The site of a call made in this frame, or None."""
    found = own_frame(frame)
    if found is None:
        return None
    key = (id(found.f_code), found.f_lasti)
    frame = found.f_back
    left = CONTEXT_FRAMES
    while frame is not None and left and len(key) <= MOST_CONTEXT * 2:
        code = id(frame.f_code)
        if code in own or (code not in other and classify(frame) == OWN):
            key += (code, frame.f_lasti)
        frame = frame.f_back
        left -= 1
    known = sites.get(key)
    return known if known is not None else made(key, False)


def site_in(frame):
    """None as well where the call came from nowhere, for example from a destructor."""
    found = site_of(frame)
    if found is not None:
        return found
    carried = this_thread().carried if has_tasks[0] else None
    return carried.site if carried is not None and carried.site is not None else library_site_of(frame)


def near_site_of(frame):
    """Like site_of(), but cheaper: the frame alone that is the program's own, as something to give to told_site()."""
    found = own_frame(frame)
    return None if found is None else (found.f_code, found.f_lasti)


def own_frame(frame):
    """
    The innermost frame that is the program's own. Under a library it is mostly as far up as the last time that this
    line of the library called: the frames on the way there are not looked at one by one, but at its entry and halfway.
    """
    key = (id(frame.f_code), frame.f_lasti)
    known = depths.get(key)
    if known is not None:
        found = own_frame_at(frame, known)
        if found is not None:
            return found
    codes = []
    while frame is not None and len(codes) < MOST_FRAMES:
        code = id(frame.f_code)
        if code in own or (code not in other and classify(frame) == OWN):
            depth = len(codes)
            if depth >= WORTH_A_JUMP:
                if len(depths) > MOST_SITES:
                    depths.clear()
                path = (depth, codes[depth - 1], codes[depth // 2])
                depths[key] = (path, *(known or ())[: MOST_PATHS - 1])
            return frame
        codes.append(code)
        frame = frame.f_back
    return None


def own_frame_at(frame, paths):
    for base in CALLERS:
        if _getframe(base) is frame:
            break
    else:
        return None
    for depth, entry, middle in paths:
        try:
            if (
                id(_getframe(base + depth - 1).f_code) == entry
                and id(_getframe(base + depth // 2).f_code) == middle
            ):
                found = _getframe(base + depth)
                if id(found.f_code) in own:
                    return found
        except ValueError:
            pass
    return None


def told_site(near):
    if near is None or isinstance(near, Definition):
        return near
    key = (id(near[0]), near[1])
    found = sites.get(key)
    return found if found is not None else made(key, False)


def library_site_of(frame):
    """Where no frame is the program's own: the innermost ones of libraries."""
    key = ()
    left = MOST_FRAMES
    while frame is not None and left > 0 and len(key) <= MOST_CONTEXT * 2:
        known = other.get(id(frame.f_code))
        if known is not None and known[1] == LIBRARY:
            key += (id(frame.f_code), frame.f_lasti)
        frame = frame.f_back
        left -= 1
    if not key:
        return None
    found = sites.get(key)
    return found if found is not None else made(key, True)


def package_of(frame):
    """The library that opens a connection for the program, or the Flask that called the program's own code; or None."""
    left = MOST_FRAMES
    is_within = False
    while frame is not None and left:
        code = frame.f_code
        if id(code) not in own and id(code) not in other:
            classify(frame)
        if id(code) in own:
            is_within = True
        elif other.get(id(code), (None, None))[1] == LIBRARY:
            name = package_in(code.co_filename)
            if not is_within or name == "flask":
                return name
        frame = frame.f_back
        left -= 1
    return None


def package_in(path):
    for each in PACKAGES:
        if each in path:
            return path.rpartition(each)[2].partition(os.sep)[0].partition(".")[0][:MOST_PACKAGE]
    return None


def classify(frame):
    code = frame.f_code
    kind = kind_of(code.co_filename, frame.f_globals.get("__name__"))
    if len(own) + len(other) > MOST_CODES:
        sites.clear()
        same_text.clear()
        own.clear()
        other.clear()
        depths.clear()
    if kind == OWN:
        own[id(code)] = (code, OWN)
    else:
        other[id(code)] = (code, kind)
    return kind


def kind_of(path, module):
    if path.startswith("<"):
        is_main = module == "__main__" and path in ("<string>", "<stdin>")
        return OWN if is_main or path.startswith("<ipython-") else NEITHER
    if path.startswith(FOLDER) or path == SHOWN_AS:
        return NEITHER
    if any(each in path for each in PACKAGES):
        return NEITHER if any(each in path for each in DRIVERS) else LIBRARY
    if path.startswith(STANDARD) or ".zip" + os.sep in path:
        return NEITHER
    return NEITHER if os.path.dirname(path) in PROGRAMS else OWN


def made(key, is_library):
    frames = []
    for at in range(0, len(key), 2):
        known = own.get(key[at]) or other.get(key[at])
        if known is not None:
            frames.append(shown(known[0], key[at + 1]))
    while len(frames) > 1 and sum(map(len, frames)) > MOST_LINE:
        frames.pop()
    if not frames:
        return None
    if len(sites) > MOST_SITES:
        sites.clear()
        same_text.clear()
    rest = "[%s],%s" % (",".join(frames), "true" if is_library else "false")
    site = same_text.get(rest)
    if site is None:
        site = same_text[rest] = Definition(next(ids), "site", rest)
    sites[key] = site
    return site


def shown(code, at):
    path = code.co_filename
    if not path.startswith("<") and not os.path.isabs(path):
        path = os.path.join(START_FOLDER, path)
    name = None if code.co_name == "<module>" else code.co_name[:200]
    return "[%s,%d,%s]" % (quoted(path[-MOST_PATH:]), line_of(code, at), text(name))


def line_of(code, at):
    """The line of an instruction, as frame.f_lineno has it."""
    if sys.version_info >= (3, 10):
        for start, end, line in code.co_lines():
            if start <= at < end and line is not None:
                return line
        return code.co_firstlineno
    import dis

    line = code.co_firstlineno
    for start, each in dis.findlinestarts(code):
        if start > at:
            break
        line = each
    return line
