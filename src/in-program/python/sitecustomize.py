"""Loaded by every Python that finds this folder first on PYTHONPATH. See docs/architecture.md, "In the program".

Waits for SQLite's modules to be imported, and gives its name back to the program's own sitecustomize. It has to be
readable for Python 2 as well, and is part of each start of Python: nothing is imported that is not there already.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))


def is_traceable():
    """PyPy's sqlite3 is another one."""
    known = sys.version_info >= (3, 8) and sys.implementation.name == "cpython"
    return known and bool(os.environ.get("SQLOCK_TRACE"))


class Finder(object):
    """First in sys.meta_path. It stays there for modules that may still come, and for importlib.reload()."""

    def __init__(self, trace):
        self.trace = trace
        self.cwd = None
        # What is to be done once a module is loaded: the name of our module, whose installed(module) does it.
        self.waiting = {"sqlite3.dbapi2": "_sqlock_sqlite3", "pysqlite3.dbapi2": "_sqlock_sqlite3"}

    def find_spec(self, name, path=None, target=None):
        if name.startswith("_sqlock_"):
            from importlib.util import spec_from_file_location

            return spec_from_file_location(name, os.path.join(FOLDER, name + ".py"))
        if name not in self.waiting:
            return None
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path, target)
            if spec is not None:
                self.follow(spec, self.waiting[name])
                return spec
        return None

    def follow(self, spec, ours):
        """The loader stays what it is. Where it belongs to more modules than this one, only this one is followed."""
        loader = spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None or isinstance(loader, type):
            return

        def exec_module(module):
            if getattr(module, "__spec__", None) is not spec:
                return execute(module)
            if loader.__dict__.get("exec_module") is exec_module:
                del loader.exec_module
            execute(module)
            self.loaded(module, ours)

        try:
            loader.exec_module = exec_module
        except Exception:
            pass

    def loaded(self, module, ours):
        try:
            __import__(ours)
            sys.modules[ours].loaded(module, self)
        except Exception:
            pass


def start():
    try:
        finder = Finder(os.environ["SQLOCK_TRACE"])
        finder.cwd = os.getcwd()
        sys.meta_path.insert(0, finder)
    except Exception:
        pass


if is_traceable():
    start()
sys.path[:] = [each for each in sys.path if not each or os.path.abspath(each) != FOLDER]
if sys.modules.get("sitecustomize") is not None and sys.modules["sitecustomize"].__dict__ is globals():
    # The program's own, if there is one. If not, this import fails as Python's would have: site.py knows the error.
    del sys.modules["sitecustomize"]
    import sitecustomize  # noqa: F401
