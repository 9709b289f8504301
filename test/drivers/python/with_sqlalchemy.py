"""SQLAlchemy 2 with a pool of connections. It leaves the transactions to Python's sqlite3, which begins none before a
SELECT: a read lasts until all rows are fetched. Another connection of the pool is idle."""
from sqlalchemy import create_engine, event, text

from protocol import ACTION, DATABASE, INSERT, SELECT, SET_MODE, VERSION, check_mode, hold

engine = create_engine(f"sqlite:///{DATABASE}")


@event.listens_for(engine, "connect")
def set_mode(connection, _):
    check_mode(connection.execute(SET_MODE).fetchone()[0])


with engine.connect() as one, engine.connect() as other:
    one.execute(text(INSERT))
    one.commit()
    other.execute(text(SELECT)).scalar()
    version = other.execute(text(VERSION)).scalar()
with engine.connect() as connection:
    if ACTION == "read":
        rows = connection.execute(text("select a from t"))
        rows.fetchone()
    elif ACTION == "write":
        connection.execute(text(INSERT))
    hold(version)
    connection.rollback()
engine.dispose()
