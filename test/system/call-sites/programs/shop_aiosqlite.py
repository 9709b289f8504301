"""aiosqlite: a connection for each task, and a task that does not commit. The right way: one of them, and a lock."""
import asyncio
import os
import sqlite3
import sys

import aiosqlite

FOLDER = os.path.dirname(os.path.abspath(__file__))
IS_RIGHT = sys.argv[1:] == ["right"]
SHOP, FORGOTTEN = os.path.join(FOLDER, "shop.db"), os.path.join(FOLDER, "forgotten.db")


async def order(number, started):
    async with aiosqlite.connect(SHOP, timeout=0.2) as db:
        try:
            await db.execute("INSERT INTO orders VALUES (?)", (number,))
            started.set()
            await asyncio.sleep(0.5)  # the payment service
            await db.commit()
        except sqlite3.OperationalError as error:
            print(error)


async def order_in_turn(db, lock, number):
    await asyncio.sleep(0.1)  # the payment service
    async with lock:
        await db.execute("INSERT INTO orders VALUES (?)", (number,))
        await db.commit()


async def job(db):
    await db.execute("INSERT INTO orders VALUES (0)")
    if IS_RIGHT:
        await db.commit()


async def main():
    for path in (SHOP, FORGOTTEN):
        async with aiosqlite.connect(path) as db:
            await db.execute("PRAGMA journal_mode = WAL")
            await db.execute("CREATE TABLE orders (number INTEGER)")
    if IS_RIGHT:
        lock = asyncio.Lock()
        async with aiosqlite.connect(SHOP) as db:
            await asyncio.gather(*(order_in_turn(db, lock, number) for number in range(5)))
    else:
        started = asyncio.Event()
        first = asyncio.create_task(order(0, started))
        await started.wait()
        await asyncio.gather(first, *(order(number, started) for number in range(1, 5)))
    async with aiosqlite.connect(FORGOTTEN) as db:
        await asyncio.create_task(job(db))


asyncio.run(main())
