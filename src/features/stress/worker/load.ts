/**
 * A process of the load. On standard input it gets its task, and then the time window of the round; on descriptor 3 it
 * writes a record of each transaction.
 */
import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { isFolderGone } from "../../../worker/sqlite-error.ts";
import { FAULT_EXIT, type LoadConnection, type LoadTask, type TimeWindow, type WorkerFault } from "../protocol.ts";
import { waitForStart } from "./clock.ts";
import { connect } from "./connection.ts";
import { runReader } from "./reader.ts";
import { RecordWriter } from "./record-writer.ts";
import { GATE_BYTES, openGate, waitAtGate } from "./start-gate.ts";
import { runWriter } from "./writer.ts";

export function runLoad(): void {
  process.title = "sqlock stress";
  const task = JSON.parse(readLine()) as LoadTask;
  const [connection] = task.connections;
  if (task.connections.length > 1) startThreads(task);
  else if (connection !== undefined) runConnection(task, connection, () => JSON.parse(readLine()) as TimeWindow);
}

export interface ThreadData {
  readonly task: LoadTask;
  readonly connection: LoadConnection;
  readonly gate: SharedArrayBuffer;
}

/** In a thread of a process with several connections. */
export function runThread({ task, connection, gate }: ThreadData): void {
  runConnection(task, connection, () => waitAtGate(gate));
}

/** `waitForWindow`: blocks until the time window of the round is known. */
function runConnection(task: LoadTask, connection: LoadConnection, waitForWindow: () => TimeWindow): void {
  try {
    const records = new RecordWriter();
    const db = connect(task.path, task.file, task.settings.busyTimeoutMs);
    records.write({ kind: "ready", ...connection });
    const clock = waitForStart(waitForWindow());
    const run = connection.role === "writer" ? runWriter : runReader;
    run(db, task, connection.worker, clock, records);
    db.close();
    records.write({ kind: "ended", ...connection });
  } catch (error) {
    exitWith(error);
  }
}

/** Each connection has a thread. The main thread reads the time window and opens the gate. */
function startThreads(task: LoadTask): void {
  const gate = new SharedArrayBuffer(GATE_BYTES);
  for (const connection of task.connections) {
    const workerData: ThreadData = { task, connection, gate };
    const thread = new Worker(import.meta.filename, { workerData });
    thread.on("error", exitWith);
    thread.on("exit", (code) => (code === 0 ? undefined : process.exit(code)));
  }
  const chunks: Buffer[] = [];
  process.stdin.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (!chunk.includes("\n")) return;
    openGate(gate, JSON.parse(Buffer.concat(chunks).toString()) as TimeWindow);
    process.stdin.unref();
  });
  process.stdin.on("end", () => process.exit(FAULT_EXIT)); // the parent has ended
}

/** Writes the error to stderr, for the parent. EPIPE: there is no parent any more. */
function exitWith(error: unknown): never {
  const { code = isFolderGone(error) ? "ENOENT" : undefined, message } = error as NodeJS.ErrnoException;
  if (code === "EPIPE") process.exit(FAULT_EXIT);
  if (typeof code !== "string") throw error;
  writeSync(2, `${JSON.stringify({ code, message } satisfies WorkerFault)}\n`);
  process.exit(FAULT_EXIT);
}

/** Byte by byte: what follows the line must stay unread. */
function readLine(): string {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  for (;;) {
    if (readSync(0, byte) === 0) process.exit(FAULT_EXIT); // the parent has ended
    if (byte[0] === 10) return Buffer.from(bytes).toString();
    bytes.push(byte[0] ?? 0);
  }
}
