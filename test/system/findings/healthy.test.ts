/** Healthy systems: no warning, whatever they do. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { literal } from "../../support/connection.ts";
import { startHolder } from "../../support/holder.ts";
import { has, need } from "../../support/skip.ts";
import { connect, holding, newDatabase } from "../../support/sqlite.ts";
import { lookAt } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { until } from "../../support/until.ts";

const LOOKS = 5;

/** Findings that somebody would be troubled by, of several looks. */
async function troubles(database: string): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < LOOKS; i++) {
    const seen = await lookAt(database);
    found.push(...seen.findings.filter(({ severity }) => severity !== "info").map(({ summary }) => summary));
  }
  return found;
}

/** Python that goes on until the process is killed, unless it fails. */
async function goOn(python: string): Promise<() => Promise<string | undefined>> {
  const holder = await startHolder();
  holder.begin(python);
  const failed = holder.answer().then(
    () => "it ended",
    (error: Error) => (error.message === "the holder ended" ? undefined : error.message),
  );
  return async () => {
    await holder.end();
    return failed;
  };
}

/** A web server's worker: a pool of connections, each of a thread that reads and writes. */
const worker = (database: string) => `
def serve():
    d = sqlite3.connect(${literal(database)}, timeout=30)
    while True:
        d.execute("select count(*) from t").fetchall()
        d.execute("insert into t values (1)")
        d.execute("delete from t where a = 1")
        d.commit()
        time.sleep(0.005)
threads = [threading.Thread(target=serve) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()`;

test.each(["delete", "wal"] as const)(
  "%s: a pre-fork server under load, a shell that looks, a nightly backup",
  async (mode) => {
    const database = await newDatabase(mode);
    await holding(database, `c.execute("select count(*) from t").fetchall()`); // a database browser
    const ends = [await goOn(worker(database)), await goOn(worker(database))];
    ends.push(
      await goOn(`
while True:
    source = sqlite3.connect(${literal(database)}, timeout=30)
    target = sqlite3.connect(${literal(join(tempFolder(), "backup.db"))})
    source.backup(target, pages=5, sleep=0.01)
    source.close(); target.close()`),
    );
    expect(await troubles(database)).toEqual([]);
    for (const end of ends) expect(await end()).toBeUndefined();
  },
);

test("a replicator that keeps a read open for a moment each time, while a writer writes (WAL)", async () => {
  const database = await newDatabase("wal");
  const replicator = await goOn(`
${connect(database)}
while True:
    c.execute("begin"); c.execute("select count(*) from t").fetchall()
    time.sleep(0.05)
    c.execute("rollback")`);
  const writer = await goOn(worker(database));
  expect(await troubles(database)).toEqual([]);
  expect([await replicator(), await writer()]).toEqual([undefined, undefined]);
});

test("copies by VACUUM INTO, .backup and cp of a database that is in use", async (context) => {
  need(context, has("sqlite3"), "sqlite3");
  const database = await newDatabase("wal");
  const writer = await goOn(worker(database));
  await until("it has written", () => (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0);
  const folder = tempFolder();
  const copies: string[] = [];
  for (const [i, sql] of [`vacuum into '${folder}/0'`, `.backup ${folder}/1`].entries()) {
    await execa("sqlite3", ["-cmd", ".timeout 30000", database, sql]);
    copies.push(join(folder, String(i)));
  }
  await writer();
  await execa("sh", ["-c", `cp ${database} ${database}-wal ${folder}`]);
  for (const copy of copies) expect((await lookAt(copy)).findings).toEqual([]);
  // as the original has it, whose writer was killed
  expect((await lookAt(join(folder, "db.sqlite3"))).findings.map(({ id }) => id)).toEqual(["leftover-wal"]);
});

test("fifteen idle connections in each of three processes, as pools keep them", async () => {
  for (const mode of ["delete", "wal"] as const) {
    const database = await newDatabase(mode);
    for (let i = 0; i < 3; i++) {
      const holder = await startHolder();
      await holder.run(`
pool = [sqlite3.connect(${literal(database)}) for _ in range(15)]
for each in pool: each.execute("select count(*) from t").fetchall()`);
    }
    expect((await lookAt(database)).findings).toEqual([]);
  }
});
