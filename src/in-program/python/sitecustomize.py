"""Loaded by every Python that finds this folder first on PYTHONPATH. See docs/architecture.md, "In the program".

It waits for SQLite's module, and gives its name back to the program's own sitecustomize. Each start of Python pays for
this file, and compiles it where the folder may not be written to: it is short, and Python 2 can read it too.
"""

import os
import sys

FOLDER = os.path.dirname(__file__)


class Finder(object):
    waiting = {"sqlite3.dbapi2": "_sqlock_sqlite3", "pysqlite3.dbapi2": "_sqlock_sqlite3"}

    def find_spec(self, name, path=None, target=None):
        if name in self.waiting:
            import _sqlock_import

            return _sqlock_import.find(self, name, path, target)
        if name.startswith("_sqlock_"):
            from importlib.util import spec_from_file_location

            return spec_from_file_location(name, os.path.join(FOLDER, name + ".py"))


if os.environ.get("SQLOCK_TRACE") and sys.version_info >= (3, 8) and sys.implementation.name == "cpython":
    finder = Finder()
    finder.trace = os.environ["SQLOCK_TRACE"]
    sys.meta_path.insert(0, finder)
sys.path[:] = [each for each in sys.path if each != FOLDER]
del sys.modules["sitecustomize"]
# The program's own, if there is one. If not, this import fails as Python's would have: site.py knows the error.
import sitecustomize
