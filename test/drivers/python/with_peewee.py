"""peewee: atomic() begins a deferred transaction."""
from peewee import SqliteDatabase

from protocol import ACTION, DATABASE, INSERT, MODE, SELECT, VERSION, check_mode, hold

database = SqliteDatabase(DATABASE, pragmas={"journal_mode": MODE})
database.connect()
check_mode(database.journal_mode)
database.execute_sql(INSERT)
version = database.execute_sql(VERSION).fetchone()[0]
if ACTION == "idle":
    hold(version)
else:
    with database.atomic():
        database.execute_sql(SELECT if ACTION == "read" else INSERT).fetchall()
        hold(version)
database.close()
