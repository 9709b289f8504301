/** One process of the load, seen from the parent: its input, its records, its end. */
import { join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { ownSession } from "../../user/as-user.ts";
import { type ProcessEnd, startError } from "./errors.ts";
import type { LoadConnection, LoadTask } from "./protocol.ts";
import { RecordDecoder, type StressRecord } from "./records.ts";

export const WORKER = join(import.meta.dirname, "../workers/stress.cjs");

export interface LoadProcess {
  /** Null: it could not be started; onFailed got the reason. */
  readonly pid: number | null;
  /** One line of JSON on its standard input. */
  readonly send: (line: object) => void;
  readonly kill: () => void;
  /** All its connections are open. */
  readonly ready: Promise<void>;
  readonly ended: Promise<LoadProcessEnd>;
}

export interface LoadProcessEnd extends ProcessEnd {
  readonly wasReady: boolean;
  /** Connections that did not come to their own end. */
  readonly unfinished: readonly LoadConnection[];
}

interface LoadListener {
  /** Commits, reads and failures. */
  readonly onRecord: (record: StressRecord) => void;
  /** Some bytes were read. */
  readonly onData: () => void;
  readonly onFailed: (error: unknown) => void;
}

export function startLoadProcess(task: LoadTask, { onRecord, onData, onFailed }: LoadListener): LoadProcess {
  const child = execa(process.execPath, [WORKER, "load"], {
    stdio: ["pipe", "ignore", "pipe", "pipe"],
    buffer: { fd3: false, stderr: true },
    reject: false,
    cleanup: false,
    cwd: "/",
    ...ownSession(),
  });
  const { pid } = child;
  const output = child.stdio[3] as unknown as Readable | null;
  if (pid === undefined || output === null) {
    void child.then(({ code, shortMessage }) =>
      onFailed(
        startError(code === undefined ? { kind: "other", message: String(shortMessage) } : { kind: "errno", code }),
      ),
    );
    const never = new Promise<never>(() => undefined);
    return { pid: null, send: () => undefined, kill: () => undefined, ready: never, ended: never };
  }
  const finished = new Set<string>();
  let notReady = task.connections.length;
  let setReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    setReady = resolve;
  });
  const decoder = new RecordDecoder();
  output.on("data", (chunk: Buffer) => {
    onData();
    try {
      for (const record of decoder.push(chunk)) {
        if (record.kind === "ready") notReady--;
        else if (record.kind === "ended") finished.add(keyOf(record));
        else onRecord(record);
      }
      if (notReady === 0) setReady();
    } catch (error) {
      onFailed(error);
    }
  });
  const closed = new Promise<void>((resolve) => {
    output.once("close", resolve);
    output.on("error", () => resolve());
  });
  child.stdin?.on("error", () => undefined); // the process has ended: `ended` reports that
  const send = (line: object) => void child.stdin?.write(`${JSON.stringify(line)}\n`);
  const ended = Promise.all([child, closed]).then(([{ exitCode, signal, stderr }]): LoadProcessEnd => {
    const unfinished = task.connections.filter((connection) => !finished.has(keyOf(connection)));
    return { exitCode, signal, stderr: String(stderr ?? ""), wasReady: notReady === 0, unfinished };
  });
  send(task);
  return { pid, send, kill: () => void child.kill("SIGKILL"), ready, ended };
}

function keyOf({ role, worker }: LoadConnection): string {
  return `${role} ${worker}`;
}
