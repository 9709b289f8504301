/** A WAL database, as /srv/app/db.sqlite3, in which an import keeps three web processes from writing. */
import type { Holder } from "../../test/support/hold.ts";
import { type Place, placeWith } from "./place.ts";

export interface Contended extends Place {
  /** The import works, and the others try to write, for about so many seconds; returns when all are done. */
  readonly run: (seconds: number) => Promise<void>;
}

const PORTS = ["8001", "8002", "8003"];

/** Of the time: what the import does, and how long the others wait for it. */
const HELD = 0.7;
const TIMEOUT = 0.45;

export async function contendedDatabase(): Promise<Contended> {
  const web: Holder[] = [];
  let works: Holder | undefined;
  const place = await placeWith(async (start) => {
    works = await start("manage.py", "import");
    await works.run(`
c = sqlite3.connect("db.sqlite3", isolation_level=None)
c.execute("PRAGMA journal_mode = WAL")
c.execute("CREATE TABLE article (id INTEGER PRIMARY KEY, title)")
c.execute("CREATE TABLE session (id INTEGER PRIMARY KEY, seen)")
c.executemany("INSERT INTO session VALUES (?, 0)", [[1], [2], [3]])
`);
    for (const port of PORTS) web.push(await start("web.py", "--port", port));
  });
  const run = async (seconds: number) => {
    // each article comes from a slow server, while the transaction is open
    await works?.run('c.execute("BEGIN IMMEDIATE")');
    works?.begin(`
for i in range(20):
    time.sleep(${(seconds * HELD) / 20})
    c.execute("INSERT INTO article (title) VALUES (?)", [f"article {i}"])
c.execute("COMMIT")
`);
    for (const [i, each] of web.entries())
      each.begin(`
c = sqlite3.connect("db.sqlite3", isolation_level=None, timeout=${seconds * TIMEOUT})
time.sleep(${(i * seconds) / 40})
for _ in range(3):
    try:
        c.execute("UPDATE session SET seen = 1700000000 WHERE id = ?", [${i + 1}])
        break
    except sqlite3.OperationalError:
        time.sleep(${seconds / 100})
`);
    await Promise.all([works, ...web].map((each) => each?.answer()));
  };
  return { ...place, run };
}
