/** One look for many databases: for which files it counts when they are opened. */
import {
  appendFileSync,
  copyFileSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { isLookFailure } from "../../src/safe-open/look.ts";
import { type QuietFile, QuietFiles, quietFile } from "../../src/safe-open/quiet-files.ts";
import { startHolder } from "../support/holder.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Four databases that nobody uses, once they are old enough. */
async function databases(): Promise<{ readonly paths: readonly string[]; readonly files: readonly QuietFile[] }> {
  const folder = tempFolder();
  const first = newDatabase("delete", folder);
  const paths = ["a", "b", "c", "d"].map((name) => join(folder, name));
  for (const path of paths) copyFileSync(first, path);
  const files = await until("no file has just been changed", () => {
    const found = paths.flatMap((path) => quietFile(path) ?? []);
    return found.length === paths.length && found;
  });
  return { paths, files };
}

/** Looks, and stops the clock a second later: a busy machine may need longer. */
async function lookAt(files: readonly QuietFile[]): Promise<QuietFiles> {
  const started = performance.now();
  const quiet = await QuietFiles.look(files);
  stopClock(started + 1000);
  return quiet;
}

function stopClock(ms: number): void {
  vi.spyOn(performance, "now").mockReturnValue(ms);
}

test("a file that nobody has open, and that stays as it was: the look counts, for two seconds", async () => {
  const { paths, files } = await databases();
  const quiet = await lookAt(files);
  for (const path of paths) {
    const look = quiet.of(path);
    expect(look !== null && !isLookFailure(look) && look.database.path).toBe(path);
  }
  stopClock(performance.now() + 1100);
  expect(paths.map((path) => quiet.of(path))).toEqual([null, null, null, null]);
});

function writtenWithOldTime(path: string): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, readFileSync(path).fill(1, 2000, 2001));
  utimesSync(path, atime, mtime);
}

function replaced(path: string): void {
  copyFileSync(path, `${path}2`);
  renameSync(`${path}2`, path);
}

/** `quietAgain`: by itself it could be part of a look once more. */
test.each<[string, (path: string) => void, { quietAgain: boolean }]>([
  ["written", (path) => appendFileSync(path, "x"), { quietAgain: true }],
  ["written, its time set back", writtenWithOldTime, { quietAgain: true }],
  ["replaced by a copy", replaced, { quietAgain: true }],
  ["given another name", (path) => linkSync(path, `${path}2`), { quietAgain: true }],
  ["deleted", (path) => rmSync(path), { quietAgain: false }],
  ["given a -journal", (path) => writeFileSync(`${path}-journal`, ""), { quietAgain: false }],
  ["given a -wal", (path) => writeFileSync(`${path}-wal`, ""), { quietAgain: false }],
])("%s since the look: it needs a look of its own, and the others do not", async (_, change, { quietAgain }) => {
  const { paths, files } = await databases();
  const quiet = await lookAt(files);
  change(paths[1] ?? "");
  await until("the change is old enough", () => !quietAgain || quietFile(paths[1] ?? "") !== null);
  expect(paths.map((path) => quiet.of(path) !== null)).toEqual([true, false, true, true]);
});

test("open in a process at the look, or with a companion file: it needs a look of its own", async () => {
  const { paths, files } = await databases();
  const holder = await startHolder();
  await holder.run(`${connect(paths[2] ?? "")}\nc.execute("select count(*) from t").fetchall()`);
  const quiet = await lookAt(files);
  expect(paths.map((path) => quiet.of(path) !== null)).toEqual([true, true, false, true]);
  writeFileSync(`${paths[0]}-wal`, "");
  expect(quietFile(paths[0] ?? "")).toBeNull();
  expect(quietFile(join(tempFolder(), "none"))).toBeNull();
  expect(quietFile(tempFolder())).toBeNull();
});
