/**
 * Everything of stress that opens a database with SQLite, in processes of their own: `load` is a part of the load,
 * `drop PATH TABLE MS FOLDER` takes the table away after a parent that was killed, and without an argument it does one
 * job (run.ts).
 */
import { rmSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";
import { keepNatives } from "../../../worker/keep-natives.ts";
import { serve } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { copy } from "./copy.ts";
import { runLoad } from "./load.ts";
import { drop, dropTable, prepare } from "./prepare.ts";
import { runThread, type ThreadData } from "./thread.ts";
import { verify } from "./verify.ts";

const [what, path, table, busyMs, reserve = ""] = process.argv.slice(2);

// Ctrl-C at a terminal reaches all of its processes: the parent ends its workers, and a table that is being dropped is
// dropped to the end.
if (isMainThread) process.on("SIGINT", () => undefined);

keepNatives();
if (!isMainThread) runThread(workerData as ThreadData);
else if (what === "load") runLoad();
else if (what === "drop" && path !== undefined && table !== undefined) {
  if (reserve !== "") rmSync(reserve, { recursive: true, force: true });
  dropTable(path, table, Number(busyMs));
} else
  serve<Job, Message>("sqlock stress", async (job, { send }) => {
    if (job.kind === "copy") await copy(job.look, send);
    else if (job.kind === "prepare") prepare(job, send);
    else if (job.kind === "verify") verify(job, send);
    else drop(job, send);
  });
