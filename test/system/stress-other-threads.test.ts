/** A process of the load whose threads open and close journals, while another one opens its connection. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { openFile } from "../../src/features/stress/worker/opened-file.ts";
import { newDatabase } from "../support/sqlite.ts";

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

test("a journal that another thread closes in the middle of the look is no file of another database", async () => {
  const path = newDatabase();
  const stop = new SharedArrayBuffer(8);
  const flag = new Int32Array(stop);
  const workerData = { journal: `${path}-journal`, program: process.execPath, stop };
  const thread = new Worker(JOURNALS, { eval: true, workerData });
  try {
    await once(thread, "online");
    const times = () => Atomics.load(flag, 1);
    for (let i = 0; i < 300 || times() < 3000; i++) expect(openFile(path, null, {}).db.close().open).toBe(false);
  } finally {
    Atomics.store(flag, 0, 1);
    await once(thread, "exit");
  }
});
