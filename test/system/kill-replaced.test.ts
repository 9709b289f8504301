/** The database is the file of the first look: where its path leads to another one later, no further signal is sent. */
import { renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type KillDialog, kill } from "../../src/features/kill/kill.ts";
import { killJson, runs } from "../support/kill.ts";
import { killSettings } from "../support/kill-report.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { tempFolder } from "../support/temp.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** Says yes to all that it is asked, and does something before it does. */
const dialog = (before: () => void): KillDialog => ({
  showReport: () => undefined,
  pick: async (candidates) => ({ ended: candidates, continued: [] }),
  showPlan: () => undefined,
  confirm: async () => {
    before();
    return true;
  },
  showChanged: () => undefined,
  confirmSigkill: async () => true,
});

/** Two databases that are written to, and a link (the caller's own) to the first. */
async function twoReleases() {
  const databases = [newDatabase(), newDatabase()] as const;
  const writers = [await holding(databases[0], WRITE), await holding(databases[1], WRITE)] as const;
  const current = join(tempFolder(), "current");
  symlinkSync(databases[0], current);
  const point = () => {
    rmSync(current);
    symlinkSync(databases[1], current);
  };
  return { databases, writers, current, point };
}

test("a link that leads elsewhere meanwhile: it was followed once, and the first database counts", async () => {
  const { databases, writers, current, point } = await twoReleases();
  const result = await kill(current, killSettings(), dialog(point));
  expect(result).toMatchObject({
    kind: "done",
    report: { path: databases[0], givenAs: current, pathChanged: false, outcomes: [{ pid: writers[0].pid }] },
  });
  expect([await runs(writers[0].pid), await runs(writers[1].pid)]).toEqual([false, true]);
});

test.each(["the holder picked", "the holder named"])("a file that is replaced before the signal: %s", async (how) => {
  const { databases, writers } = await twoReleases();
  const replace = () => renameSync(databases[1], databases[0]);
  const settings = how === "the holder named" ? killSettings({ pids: writers.map(({ pid }) => pid) }) : killSettings();
  const result = await kill(databases[0], settings, dialog(replace));
  expect(result).toMatchObject({ kind: "done", report: { pathChanged: true, remaining: [], findings: [] } });
  if (result.kind !== "done") throw new Error(result.kind);
  const refused = result.report.outcomes.find(({ pid }) => pid === writers[0].pid);
  expect(refused).toMatchObject({ result: "refused", holds: null, reason: { kind: "another-file" } });
  expect([await runs(writers[0].pid), await runs(writers[1].pid)]).toEqual([true, true]);
});

test("--pinned, as watch gives it: that file, or nobody", async () => {
  const database = newDatabase();
  const writer = await holding(database, WRITE);
  const { dev, ino } = statSync(database, { bigint: true });
  const named = [database, "--dry-run", "--pid", String(writer.pid), "--pinned"];
  for (const other of [`${dev}:${ino + 1n}`, `${dev + 1n}:${ino}`, "none"])
    expect(await killJson([...named, other])).toMatchObject({ code: 2, error: { code: "another-file" }, outcomes: [] });
  expect(await killJson([...named, `${dev}:${ino}`])).toMatchObject({ code: 0, outcomes: [{ pid: writer.pid }] });
});

test("a file that is replaced after SIGTERM: no SIGKILL, and nothing is said of who holds it", async () => {
  const database = newDatabase();
  const other = newDatabase();
  const writer = await holding(
    database,
    `import signal
signal.signal(signal.SIGTERM, lambda *_: os.rename(${JSON.stringify(other)}, ${JSON.stringify(database)}))
${WRITE}`,
  );
  const answer = await killJson([database, "--yes", "--grace", "300ms"]);
  expect(answer).toMatchObject({
    code: 2,
    pathChanged: true,
    outcomes: [{ pid: writer.pid, result: "survived", signal: "SIGTERM", holds: null, reasonKind: "out-of-sight" }],
    remaining: [],
    error: null,
  });
  expect(answer.outcomes[0]?.reason).toContain("the path now leads to a different file");
  expect(await runs(writer.pid)).toBe(true);
});

test("a file that a holder deletes when it ends is no other one", async () => {
  const database = newDatabase();
  const writer = await holding(
    database,
    `import signal
def end(*_):
    os.remove(${JSON.stringify(database)}); os._exit(0)
signal.signal(signal.SIGTERM, end)
${WRITE}`,
  );
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 0,
    pathChanged: false,
    outcomes: [{ pid: writer.pid, result: "exited" }],
  });
});
