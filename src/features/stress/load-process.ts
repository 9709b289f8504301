/** One process of the load, from outside: what it is told, what it tells, how it ended. */
import { join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { notStarted } from "./faults.ts";
import type { Member, Task } from "./protocol.ts";
import { Records, type StressRecord } from "./records.ts";

export const WORKER = join(import.meta.dirname, "../workers/stress.cjs");

export interface LoadProcess {
  /** Null: it could not be started, and onFailed was told why. */
  readonly pid: number | null;
  readonly tell: (line: object) => void;
  readonly kill: () => void;
  /** All its members have the database open. */
  readonly ready: Promise<void>;
  readonly ended: Promise<End>;
}

export interface End {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stderr: string;
  /** Before it was ready. */
  readonly early: boolean;
  /** Its members that did not come to their own end. */
  readonly cutOff: readonly Member[];
}

interface Listener {
  readonly onRecord: (record: StressRecord) => void;
  /** Something was read. */
  readonly onPiece: () => void;
  readonly onFailed: (error: unknown) => void;
}

export function startProcess(task: Task, { onRecord, onPiece, onFailed }: Listener): LoadProcess {
  const child = execa(process.execPath, [WORKER, "load"], {
    stdio: ["pipe", "ignore", "pipe", "pipe"],
    buffer: { fd3: false, stderr: true },
    reject: false,
    cleanup: false,
    cwd: "/",
  });
  const { pid } = child;
  const output = child.stdio[3] as unknown as Readable | null;
  const never = new Promise<never>(() => undefined);
  if (pid === undefined || output === null) {
    void child.then(({ code, shortMessage }) => onFailed(notStarted(code ?? String(shortMessage))));
    return { pid: null, tell: () => undefined, kill: () => undefined, ready: never, ended: never };
  }
  const done = new Set<string>();
  let waiting = task.members.length;
  let setReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    setReady = resolve;
  });
  const records = new Records();
  output.on("data", (piece: Buffer) => {
    onPiece();
    try {
      for (const record of records.take(piece)) {
        if (record.kind === "ready") waiting--;
        else if (record.kind === "ended") done.add(nameOf(record));
        else onRecord(record);
      }
      if (waiting === 0) setReady();
    } catch (error) {
      onFailed(error);
    }
  });
  const closed = new Promise<void>((resolve) => {
    output.once("close", resolve);
    output.on("error", () => resolve());
  });
  child.stdin?.on("error", () => undefined);
  const tell = (line: object) => void child.stdin?.write(`${JSON.stringify(line)}\n`);
  const ended = Promise.all([child, closed]).then(([{ exitCode, signal, stderr }]): End => {
    const cutOff = task.members.filter((member) => !done.has(nameOf(member)));
    return { exitCode, signal, stderr: String(stderr ?? ""), early: waiting > 0, cutOff };
  });
  tell(task);
  return { pid, tell, kill: () => void child.kill("SIGKILL"), ready, ended };
}

function nameOf({ role, worker }: Member): string {
  return `${role} ${worker}`;
}
