"""The settings that are advised for Django, as they are printed: what they do."""
import json
import sqlite3
import sys

from django.conf import settings

path, code = sys.argv[1], json.loads(sys.argv[2])
options = {}
commands = []
for printed in (code["timeout"], code["immediate"], code["wal"], code["checkpoint"]):
    given = eval("{" + printed + "}")["OPTIONS"]
    commands += [given.pop("init_command")] if "init_command" in given else []
    options.update(given)
options["init_command"] = "; ".join(commands)
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}}
)

from django.db import connection, transaction  # noqa: E402


def pragma(name):
    with connection.cursor() as cursor:
        return cursor.execute(f"pragma {name}").fetchone()[0]


found = {
    "timeout": pragma("busy_timeout"),
    "wal": pragma("journal_mode"),
    "checkpoint": pragma("wal_autocheckpoint"),
}
with transaction.atomic():
    try:
        sqlite3.connect(path, timeout=0, isolation_level=None).execute("begin immediate")
        found["immediate"] = False
    except sqlite3.OperationalError:
        found["immediate"] = True
print(json.dumps(found))
