"""aiosqlite: Python's sqlite3 in a thread of its own."""
import asyncio

import aiosqlite

from protocol import ACTION, DATABASE, INSERT, SELECT, SET_MODE, VERSION, check_mode, hold


async def first(connection, statement):
    async with connection.execute(statement) as cursor:
        return (await cursor.fetchone())[0]


async def main():
    async with aiosqlite.connect(DATABASE) as connection:
        check_mode(await first(connection, SET_MODE))
        await connection.execute(INSERT)
        await connection.commit()
        version = await first(connection, VERSION)
        if ACTION == "read":
            await connection.execute("begin")
            await connection.execute_fetchall(SELECT)
        elif ACTION == "write":
            await connection.execute(INSERT)
        await asyncio.to_thread(hold, version)
        await connection.rollback()


asyncio.run(main())
