"""Django 5: atomic() begins a deferred transaction."""
from django.conf import settings
from django.db import connection, transaction

from protocol import ACTION, DATABASE, INSERT, SELECT, SET_MODE, VERSION, check_mode, hold

database = {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE, "OPTIONS": {"init_command": SET_MODE}}
settings.configure(DATABASES={"default": database})


def first(statement):
    with connection.cursor() as cursor:
        return cursor.execute(statement).fetchone()[0]


check_mode(first("pragma journal_mode"))
with connection.cursor() as cursor:
    cursor.execute(INSERT)
version = first(VERSION)
if ACTION == "idle":
    hold(version)
else:
    with transaction.atomic():
        if ACTION == "read":
            first(SELECT)
        else:
            with connection.cursor() as cursor:
                cursor.execute(INSERT)
        hold(version)
connection.close()
