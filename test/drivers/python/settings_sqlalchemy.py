"""The settings that are advised for SQLAlchemy, as they are printed: what they do."""
import json
import sqlite3
import sys

from sqlalchemy import create_engine, event  # noqa: F401

path, code = sys.argv[1], json.loads(sys.argv[2])
url = f"sqlite:///{path}"
found = {}
engine = eval(code["timeout"])
for printed in (code["wal"], code["checkpoint"], code["immediate"]):
    exec(printed)
with engine.connect() as conn:
    for name, of in (("timeout", "busy_timeout"), ("wal", "journal_mode"), ("checkpoint", "wal_autocheckpoint")):
        found[name] = conn.exec_driver_sql(f"pragma {of}").scalar()
    conn.rollback()
    with conn.begin():
        try:
            sqlite3.connect(path, timeout=0, isolation_level=None).execute("begin immediate")
            found["immediate"] = False
        except sqlite3.OperationalError:
            found["immediate"] = True
one = eval(code["connection"])
assert (one.pool.size(), one.pool._max_overflow) == (1, 0)
print(json.dumps(found))
