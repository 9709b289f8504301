/**
 * The parts of stress that open a database with SQLite, each in a process of its own: `load` is a process of the load,
 * `drop PATH DEVICE INODE TABLE MS FOLDER` drops the table after a parent that was killed, and without arguments it
 * does one job (src/worker/run.ts).
 */
import { rmSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";
import { keepNatives } from "../../../worker/keep-natives.ts";
import { serve } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { copy } from "./copy.ts";
import { runLoad, runThread, type ThreadData } from "./load.ts";
import { drop, dropTable, prepare } from "./prepare.ts";
import { verify } from "./verify.ts";

const [command, path, device, inode, table, busyMs, reserve = ""] = process.argv.slice(2);

// Ctrl-C at a terminal signals all processes of the group: the parent ends its workers, and DROP TABLE must go on.
if (isMainThread) process.on("SIGINT", () => undefined);

keepNatives();
if (!isMainThread) runThread(workerData as ThreadData);
else if (command === "load") runLoad();
else if (
  command === "drop" &&
  path !== undefined &&
  device !== undefined &&
  inode !== undefined &&
  table !== undefined
) {
  if (reserve !== "") removeReserve(reserve);
  dropTable(path, { device, inode }, table, Number(busyMs));
} else
  serve<Job, Message>("sqlock stress", async (job, { send }) => {
    if (job.kind === "copy") await copy(job.copy, send);
    else if (job.kind === "prepare") prepare(job, send);
    else if (job.kind === "verify") verify(job, send);
    else drop(job, send);
  });

/** What is left of it must not keep the table. */
function removeReserve(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // another process has put something in its place
  }
}
