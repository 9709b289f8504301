/** A process of the load: told what to do on standard input, and when to begin; tells what it did on descriptor 3. */
import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { isFolderGone } from "../../../worker/sqlite-error.ts";
import type { Fault, Go, Member, Task } from "../protocol.ts";
import { FAULT_EXIT } from "../protocol.ts";
import { clockOf } from "./clock.ts";
import { connect } from "./connection.ts";
import { GATE_BYTES, open as openGate } from "./gate.ts";
import { runReader } from "./reader.ts";
import { RecordsOut } from "./records-out.ts";
import { runWriter } from "./writer.ts";

export function runLoad(): void {
  process.title = "sqlock stress";
  const task = JSON.parse(readLine()) as Task;
  const [only] = task.members;
  if (task.members.length > 1) runThreads(task);
  else if (only !== undefined) runAlone(task, only);
}

function runAlone(task: Task, member: Member): void {
  try {
    const out = new RecordsOut();
    const db = connect(task.path, task.settings.busyTimeoutMs);
    out.send({ kind: "ready", ...member });
    const clock = clockOf(JSON.parse(readLine()) as Go);
    (member.role === "writer" ? runWriter : runReader)(db, task, member.worker, clock, out);
    db.close();
    out.send({ kind: "ended", ...member });
  } catch (error) {
    endWith(error);
  }
}

/** Each thread has its connection; this one waits for the word to go, and gives it on. */
function runThreads(task: Task): void {
  const gate = new SharedArrayBuffer(GATE_BYTES);
  for (const member of task.members) {
    const thread = new Worker(import.meta.filename, { workerData: { task, member, gate } });
    thread.on("error", endWith);
    thread.on("exit", (code) => (code === 0 ? undefined : process.exit(code)));
  }
  const pieces: Buffer[] = [];
  process.stdin.on("data", (piece: Buffer) => {
    pieces.push(piece);
    if (!piece.includes("\n")) return;
    openGate(gate, JSON.parse(Buffer.concat(pieces).toString()) as Go);
    process.stdin.unref();
  });
  process.stdin.on("end", () => process.exit(FAULT_EXIT)); // the parent has ended
}

/** Says why on stderr. Nobody to tell is no fault: then there is nobody to hear that either. */
export function endWith(error: unknown): never {
  const { code = isFolderGone(error) ? "ENOENT" : undefined, message } = error as NodeJS.ErrnoException;
  if (code === "EPIPE") process.exit(FAULT_EXIT);
  if (typeof code !== "string") throw error;
  writeSync(2, `${JSON.stringify({ code, message } satisfies Fault)}\n`);
  process.exit(FAULT_EXIT);
}

/** By bytes: what comes after it is not to be read yet. */
function readLine(): string {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  for (;;) {
    if (readSync(0, byte) === 0) process.exit(FAULT_EXIT); // the parent has ended
    if (byte[0] === 10) return Buffer.from(bytes).toString();
    bytes.push(byte[0] ?? 0);
  }
}
