/**
 * Django: `get_or_create` inside `atomic()` from two threads. Both have read when the first of them writes: the other
 * fails at once.
 */
import { execFileSync } from "node:child_process";
import { expect, type TestContext, test } from "vitest";
import { explain } from "../../support/explain.ts";
import { newProject, startCommand } from "./django/project.ts";

const TIMEOUT_S = 20;

test.for(["delete", "wal"] as const)("%s: one of two fails, long before its timeout", async (mode, context) => {
  const { log, waited } = await race(context, mode);
  expect(log.match(/ shop\.race: saved$/gm)).toHaveLength(1);
  expect(log.match(/^django\.db\.utils\.OperationalError: database is locked$/gm)).toHaveLength(1);
  expect(waited).toBeLessThan(TIMEOUT_S / 4);
});

test("explain says that it is the upgrade, by how long it took", async (context) => {
  const { log, waited } = await race(context, "delete");
  const told = await explain(log, ["--elapsed", `${waited}s`, "--busy-timeout", `${TIMEOUT_S}s`]);
  expect(told.message).toMatchObject({ id: "database-is-locked", library: { id: "django" } });
  expect(told.waited).toMatchObject({ verdict: "at-once" });
  expect(told.causes[0]).toMatchObject({ id: "read-became-writer", standing: "fits" });
  for (const id of ["open-write-transaction", "same-process"])
    expect(told.causes).toContainEqual(expect.objectContaining({ id, standing: "ruled-out" }));
});

test.for(["delete", "wal"] as const)("%s: and so it does by the log alone", async (mode, context) => {
  const { log } = await race(context, mode);
  const told = await explain(log);
  expect(told.waited).toMatchObject({ elapsedMs: expect.any(Number), verdict: "at-once" });
  expect(told.causes[0]).toMatchObject({ id: "read-became-writer", standing: "fits" });
});

interface Race {
  /** What the two threads print. */
  readonly log: string;
  /** For how long, in seconds, the one that failed had waited. */
  readonly waited: number;
}

const races = new Map<string, Promise<Race>>();

/** One race in each mode, for all tests. */
function race(context: TestContext, mode: "delete" | "wal"): Promise<Race> {
  const known = races.get(mode) ?? startRace(context, mode);
  races.set(mode, known);
  return known;
}

/** What counts as at once is under 0.25 s: on a busy machine a statement may take that without any wait. */
const AT_ONCE_S = 0.2;
const MOST_RACES = 5;

async function startRace(context: TestContext, mode: "delete" | "wal", more = MOST_RACES - 1): Promise<Race> {
  const found = await runRace(context, mode);
  return found.waited < AT_ONCE_S || more === 0 ? found : startRace(context, mode, more - 1);
}

async function runRace(context: TestContext, mode: "delete" | "wal"): Promise<Race> {
  const project = newProject(context, TIMEOUT_S);
  const { database, manage } = project;
  const program = `import sqlite3; sqlite3.connect(${JSON.stringify(database)}).execute("pragma journal_mode=${mode}")`;
  execFileSync(manage()[0] ?? "", ["-c", program]);
  const threads = startCommand(project, "race");
  const [, seconds] = await threads.prints(/failed after (\S+) s \(timeout 20\.0 s\)/);
  await threads.ends();
  return { log: threads.output, waited: Number(seconds) };
}
