/** A writer is ended at random moments: the database stays whole, and every acknowledged row is there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { type Candidate, candidatesOf } from "../../src/features/kill/candidates.ts";
import { ownPids, sendSignal } from "../../src/features/kill/process.ts";
import { guard } from "../../src/features/kill/selection.ts";
import { inspect } from "../../src/inspect/inspect.ts";
import { isPathError } from "../../src/model/report.ts";
import { check } from "../support/check.ts";
import { pythonPath } from "../support/holder.ts";
import { killJson } from "../support/kill.ts";
import { testSeed } from "../support/seed.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";

const KILLS = repetitions(250, 5);
const SEED = testSeed(repetitions(Date.now() % 1_000_000, 1));

/** So many of them run the whole program; the others call its parts, which takes a tenth of the time. */
const WHOLE_RUNS = repetitions(25, 1);

const WRITER = fileURLToPath(new URL("../support/writer.py", import.meta.url));

async function writer(database: string, first: number) {
  const child = spawn(pythonPath(), ["-S", WRITER, database, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => acknowledged.push(Number(line)));
  const closed = once(lines, "close");
  await once(lines, "line");
  return { pid: child.pid ?? 0, exited: once(child, "exit"), closed, acknowledged };
}

/** The candidate of a pid, where it holds the database at this moment. */
async function candidate(database: string, pid: number): Promise<Candidate | null> {
  const { databases } = await inspect([database], { locksOnly: true, staleAfterMs: 10_000 });
  const [report] = databases;
  if (report === undefined || isPathError(report)) throw new Error("no report");
  return candidatesOf(report, new Set()).find(({ holder }) => holder.pid === pid) ?? null;
}

test.each(["delete", "wal"] as const)(
  `a writer that is ended ${KILLS} times (%s)`,
  { timeout: 1_800_000 },
  async (mode) => {
    const database = await newDatabase(mode);
    const db = new Database(database);
    db.exec("create table rows(n integer primary key, text)");
    db.close();
    const random = xoroshiro128plus(SEED);
    const acknowledged: number[] = [];
    const signals = { SIGTERM: 0, SIGKILL: 0 };
    for (let i = 0, next = 1; i < KILLS; i++, next += 100_000) {
      const holder = await writer(database, next);
      await sleep(uniformInt(random, 0, 40));
      const name = uniformInt(random, 0, 1) === 0 ? "SIGTERM" : "SIGKILL";
      if (i % Math.ceil(KILLS / WHOLE_RUNS) === 0) {
        const answer = await killJson([
          database,
          "--yes",
          "--pid",
          String(holder.pid),
          "--force",
          "--signal",
          name.slice(3),
        ]);
        expect(answer.outcomes.map(({ pid }) => pid)).toEqual([holder.pid]);
      }
      while ((await Promise.race([holder.exited, sleep(0)])) === undefined) {
        const found = await candidate(database, holder.pid);
        if (found === null) continue;
        const selection = {
          pids: [holder.pid],
          stale: false,
          likely: false,
          force: true,
          interactive: false,
          picked: false,
        };
        const [target] = guard({ candidates: [found], refusals: [] }, selection, ownPids()).candidates;
        if (target !== undefined) sendSignal({ pid: holder.pid, startTicks: target.holder.startTicks ?? -1n }, name);
      }
      signals[name]++;
      await holder.closed;
      acknowledged.push(...holder.acknowledged);
    }
    expect(await check(database)).toMatchObject({ verdict: "ok" });
    const after = new Database(database);
    const found = new Set(after.prepare<[], number>("select n from rows").pluck().all());
    after.close();
    console.log(
      `${mode}, seed ${SEED}: ${JSON.stringify(signals)}, ${acknowledged.length} rows acknowledged, ${found.size}` +
        " found",
    );
    expect(acknowledged.filter((n) => !found.has(n))).toEqual([]);
    // of each, at most the one transaction in flight
    expect(found.size - acknowledged.length).toBeLessThanOrEqual(KILLS);
  },
);
