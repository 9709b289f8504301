/**
 * The one that switches is killed at random moments (SIGKILL, with its worker), while another process commits rows and
 * records what was acknowledged.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { check } from "../support/check.ts";
import { startHolder } from "../support/holder.ts";
import { modeOfFile } from "../support/journal-mode.ts";
import { testSeed } from "../support/seed.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";

const KILLS = repetitions(200, 3);
const SEED = testSeed(repetitions(Date.now() % 1_000_000, 1));

/**
 * Opens, commits a row, closes, again and again: no connection of it stays in the way. `acknowledged` are the rows
 * whose commit returned.
 */
const COMMITTER = (database: string) => `
import threading, time
acknowledged, refused, going = [], 0, True
def commit():
    global refused
    n = 0
    while going:
        n += 1
        try:
            c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=1)
            c.execute("insert into rows values (?, ?)", (n, "x" * (n % 3000)))
            acknowledged.append(n)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error): raise
            refused += 1
        finally:
            c.close()
        time.sleep(0.003)
failed = []
def guarded():
    try: commit()
    except BaseException as error: failed.append(repr(error))
thread = threading.Thread(target=guarded); thread.start()`;

/** Brings it into the mode that the next switch starts from; others come and go meanwhile. */
async function bring(database: string, mode: "wal" | "delete"): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const db = new Database(database, { timeout: 100 });
    try {
      if (db.pragma(`journal_mode = ${mode}`, { simple: true }) === mode) return;
    } catch (error) {
      if (!String((error as { code?: string }).code).startsWith("SQLITE_BUSY")) throw error;
    } finally {
      db.close();
    }
    await sleep(2);
  }
  throw new Error(`it does not get into mode ${mode}`);
}

/** How long an undisturbed switch takes, from its start. */
async function usualMs(database: string, to: "wal" | "delete"): Promise<number> {
  const started = performance.now();
  const child = spawn(NODE, [BIN, "journal-mode", database, to, "--json"], { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
  return performance.now() - started;
}

test.each(["wal", "delete"] as const)(
  `killed ${KILLS} times on the way to %s: whole, every acknowledged row, one of the two modes`,
  { timeout: 1_200_000 },
  async (to) => {
    const from = to === "wal" ? "delete" : "wal";
    const database = await newDatabase(from);
    const maker = new Database(database);
    maker.exec("create table rows(n, text)");
    maker.close();
    let lastsMs = await usualMs(database, to);
    const committer = await startHolder();
    await committer.run(COMMITTER(database));
    const random = xoroshiro128plus(SEED);
    const seen = { killed: 0, "ended before": 0, wal: 0, delete: 0 };
    const deadline = performance.now() + 900_000;
    while (seen.killed < KILLS) {
      if (performance.now() > deadline) throw new Error(`seed ${SEED}: only ${JSON.stringify(seen)} in 15 minutes`);
      await bring(database, from);
      const child = spawn(NODE, [BIN, "journal-mode", database, to, "--json"], { stdio: "ignore", detached: true });
      const exited = once(child, "exit") as Promise<[number | null, string | null]>;
      const started = performance.now();
      await Promise.race([sleep(uniformInt(random, Math.round(lastsMs * 0.2), Math.round(lastsMs * 1.2))), exited]);
      // the worker is of its group
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      const [, signal] = await exited;
      if (signal === "SIGKILL") {
        seen.killed++;
        seen[modeOfFile(database)]++;
      } else {
        seen["ended before"]++;
        // the first may have been slow: what ends before its kill comes must not go on for ever
        lastsMs = (lastsMs + performance.now() - started) / 2;
      }
      const db = new Database(database, { timeout: 5000 });
      expect([SEED, seen.killed, db.pragma("quick_check(1)", { simple: true })]).toEqual([SEED, seen.killed, "ok"]);
      db.close();
    }
    const { failed, acknowledged, refused } = (await committer.run(`
going = False
thread.join()
answer = {"failed": failed, "acknowledged": acknowledged, "refused": refused}`)) as {
      failed: string[];
      acknowledged: number[];
      refused: number;
    };
    expect(failed).toEqual([]);
    expect(await check(database)).toMatchObject({ verdict: "ok" });
    expect(["wal", "delete"]).toContain(modeOfFile(database));
    const db = new Database(database);
    const rows = db.prepare<[], number>("select n from rows").pluck().all();
    db.close();
    const found = new Set(rows);
    console.log(
      `to ${to}, seed ${SEED}: ${JSON.stringify(seen)}, ${acknowledged.length} rows acknowledged, ${refused} refused`,
    );
    expect(rows.length).toBe(found.size);
    expect(acknowledged.filter((n) => !found.has(n))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
  },
);
