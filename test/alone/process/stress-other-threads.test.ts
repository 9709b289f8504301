/**
 * A process of the load whose threads open and close journals, while another one opens its connection. In a
 * process of its own: any file that another test has left open to write is one of another database.
 */
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { OtherFile, openFile } from "../../../src/features/stress/worker/opened-file.ts";
import { newDatabase } from "../../support/sqlite.ts";

/** Rolls "hot journals" back, as SQLite opens and removes them, and has the descriptor used again at once. */
const JOURNALS = `
const { openSync, closeSync, unlinkSync } = require("node:fs");
const { workerData: { journal, program, stop } } = require("node:worker_threads");
const flag = new Int32Array(stop);
let times = 0;
while (Atomics.load(flag, 0) === 0) {
  const fd = openSync(journal, "w+");
  closeSync(fd);
  unlinkSync(journal);
  closeSync(openSync(program, "r"));
  Atomics.store(flag, 1, ++times);
}
`;

/** A thread that does so with the journal of this database, until the test ends. */
async function journalsOf(path: string): Promise<{ readonly times: () => number }> {
  const stop = new SharedArrayBuffer(8);
  const flag = new Int32Array(stop);
  const workerData = { journal: `${path}-journal`, program: process.execPath, stop };
  const thread = new Worker(JOURNALS, { eval: true, workerData });
  onTestFinished(async () => {
    const exited = once(thread, "exit");
    Atomics.store(flag, 0, 1);
    await exited;
  });
  await once(thread, "online");
  return { times: () => Atomics.load(flag, 1) };
}

test("a journal that another thread closes in the middle of the look is no file of another database", async () => {
  const path = newDatabase();
  const { times } = await journalsOf(path);
  for (let i = 0; i < 300 || times() < 3000; i++) expect(openFile(path, null, {}).db.close().open).toBe(false);
});

test.each(["", "-wal"])("a file of another database that stays open is one: its %s", async (suffix) => {
  const [path, other] = [newDatabase(), newDatabase("wal")];
  await journalsOf(path);
  const fd = openSync(`${other}${suffix}`, "a");
  onTestFinished(() => closeSync(fd));
  for (let i = 0; i < 100; i++) expect(() => openFile(path, null, {})).toThrow(OtherFile);
});

test("its folder may be renamed: a companion file is what lies beside the database", () => {
  const path = newDatabase("wal");
  const { db: first, file } = openFile(path, null, {});
  first.close();
  const folder = dirname(path);
  renameSync(folder, `${folder}-2`);
  const other = newDatabase("wal", mkdir(folder));
  const { db } = openFile(path.replace(folder, `${folder}-2`), file, {});
  db.close();
  const fd = openSync(`${other}-wal`, "a");
  onTestFinished(() => closeSync(fd));
  expect(() => openFile(path.replace(folder, `${folder}-2`), file, {})).toThrow("companion files of another file");
});

function mkdir(path: string): string {
  mkdirSync(path);
  onTestFinished(() => rmSync(`${path}-2`, { recursive: true }));
  return path;
}
