/** explain --db beside holders that are busy with more than one connection: who blocks now comes first. */
import { expect, test } from "vitest";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, lookAt, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

const LOCKED = "sqlite3.OperationalError: database is locked";
const IN_THIS_PROGRAM = "look in this program";

/** A process that never sleeps for a second, like a server's main thread, writes and has an idle connection. */
const BUSY_WITH_TWO = `
d = sqlite3.connect(path, isolation_level=None)
d.execute("select count(*) from t").fetchall()
threading.Thread(target=lambda: [time.sleep(0.4) for _ in range(200)], daemon=True).start()
c.execute("begin immediate"); c.execute("insert into t values (1)")`;

test.each(["delete", "wal"] as const)(
  "%s: its second connection is no reason to blame it for the message",
  async (mode) => {
    const database = newDatabase(mode);
    const holder = await holding(database, `path = ${JSON.stringify(database)}${BUSY_WITH_TWO}`);
    const failed = await holding(database);
    await expect(failed.run(`c.execute("begin immediate")`)).rejects.toThrow("database is locked");
    await failed.end();
    expect(findingIds(await lookAt(database))).toEqual(["same-process-contention"]);

    const { stdout } = await sqlock(["explain", "--db", database, LOCKED]);
    const [sentence, information, cause] = [
      stdout.search(new RegExp(`^  ${holder.pid} .+ holds the write lock`, "m")),
      stdout.indexOf("info same-process-contention"),
      stdout.indexOf("1. Another program holds a write transaction open"),
    ];
    expect(sentence).toBeGreaterThan(0);
    expect(information).toBeGreaterThan(sentence);
    expect(cause).toBeGreaterThan(information);
    expect(stdout).not.toContain(IN_THIS_PROGRAM);
    expect(stdout).not.toMatch(/This time, on .+ waits for itself/);
  },
);

test("next to it: one whose second connection does wait is told to look into itself", async () => {
  const database = newDatabase("delete");
  const holder = await holding(
    database,
    `path = ${JSON.stringify(database)}
c.execute("begin immediate"); c.execute("insert into t values (1)")
def wait():
    d = sqlite3.connect(path, isolation_level=None, timeout=60)
    d.execute("begin immediate")
threading.Thread(target=wait, daemon=True).start()`,
  );
  // A look that comes between two wakings of a busy machine does not see it poll.
  let stdout = "";
  await until("it polls", async () => {
    ({ stdout } = await sqlock(["explain", "--db", database, LOCKED]));
    return /^This time, on db\.sqlite3: The program waits for itself/m.test(stdout);
  });
  expect(stdout).toContain(IN_THIS_PROGRAM);
  expect(stdout).toMatch(new RegExp(`^  ${holder.pid} .+ holds the write lock`, "m"));

  // Somebody else polls as well: the message may be that one's.
  const other = await holding(database);
  await other.run(`def wait(): sqlite3.connect(${JSON.stringify(database)}, timeout=60).execute("delete from t")
threading.Thread(target=wait, daemon=True).start()`);
  await until("it polls", async () => findingIds(await lookAt(database)).includes("likely-waiting"));
  const both = (await sqlock(["explain", "--db", database, LOCKED])).stdout;
  expect(both).not.toContain(IN_THIS_PROGRAM);
  expect(both).toContain("1. Another program holds a write transaction open");
});
