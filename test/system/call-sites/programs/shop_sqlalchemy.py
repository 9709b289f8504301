"""SQLAlchemy: a session that loads before slow work, one that nobody ends, a commit for each row, a result not read."""
import os
import sys
import threading
import time

from sqlalchemy import Column, Integer, String, create_engine, event, select
from sqlalchemy.orm import Session, declarative_base

FOLDER = os.path.dirname(os.path.abspath(__file__))
IS_RIGHT = sys.argv[1:] == ["right"]
Base = declarative_base()


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    state = Column(String)


def engine_of(name):
    engine = create_engine(f"sqlite:///{os.path.join(FOLDER, name)}", connect_args={"timeout": 5})

    @event.listens_for(engine, "connect")
    def settings(connection, record):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Order(state="new") for _ in range(1000)])
        session.commit()
    return engine


def pay():
    with Session(engine_of("slow.db")) as session:
        order = session.get(Order, 1)
        order.state = "paying"
        session.commit() if IS_RIGHT else session.flush()
        time.sleep(1.2)  # the payment service
        order.state = "paid"
        session.commit()


def job():
    session = Session(engine_of("forgotten.db"))
    session.add(Order(state="imported"))
    session.flush()
    if IS_RIGHT:
        session.commit()
        session.close()
    else:
        sessions.append(session)


def commit_each():
    with Session(engine_of("rows.db")) as session:
        for _ in range(250):
            session.add(Order(state="imported"))
            if not IS_RIGHT:
                session.commit()
        session.commit()


def refused():
    engine = engine_of("upgrade.db")
    with Session(engine) as session, Session(engine) as other:
        if not IS_RIGHT:
            session.connection().exec_driver_sql("BEGIN")
            order = session.get(Order, 1)
        other.add(Order(state="of another request"))
        other.commit()
        if IS_RIGHT:
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            order = session.get(Order, 1)
        order.state = "paid"
        try:
            session.commit()
        except Exception as error:
            print(type(error).__name__)


sessions = []
slow = threading.Thread(target=pay, name="payments")
slow.start()
forgotten = threading.Thread(target=job, name="job")
forgotten.start()
commit_each()
refused()
forgotten.join()
slow.join()
