/** A WAL database that two programs hold, as /srv/app/db.sqlite3. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Place, placeWith } from "./place.ts";

const CONNECT = `c = sqlite3.connect("db.sqlite3", isolation_level=None)`;

export function heldDatabase(seconds: number): Promise<Place> {
  return placeWith(async (start) => {
    const reader = await start("manage.py", "runserver");
    await reader.run(
      `${CONNECT}; c.execute("PRAGMA journal_mode = WAL"); c.execute("CREATE TABLE t (a)"); c.execute("INSERT ` +
        'INTO t VALUES (0)")',
    );
    await reader.run(`rows = c.execute("SELECT * FROM t, t AS u")`);
    await reader.run(`c.execute("BEGIN"); c.execute("SELECT * FROM t").fetchall()`);
    const writer = await start("manage.py", "shell");
    await writer.run(
      `${CONNECT}; c.execute("PRAGMA synchronous = OFF")\nfor i in range(3000): c.execute("INSERT INTO t VALUES ` +
        '(?)", [i])',
    );
    await writer.run(`c.execute("BEGIN IMMEDIATE"); c.execute("DELETE FROM t")`);
    await sleep(seconds * 1000);
  });
}
