/** What this thread is: its numbers, its name, and the process's start. */
import { own } from "./own.ts";

export interface Thread {
  /** Node.js's number: 0 is the main thread. */
  readonly number: number;
  readonly name: string | null;
  /** The kernel's; 0: not known. */
  readonly tid: number;
}

interface WorkerThreads {
  readonly isMainThread: boolean;
  readonly threadId: number;
  readonly threadName?: string;
}

export function thisThread(): Thread {
  const {
    isMainThread,
    threadId,
    threadName = "",
  } = own.getBuiltinModule.call(process, "node:worker_threads") as WorkerThreads;
  if (isMainThread) return { number: 0, name: null, tid: kernelThread() };
  const isNamed = threadName !== "" && threadName !== "WorkerThread";
  return { number: threadId, name: isNamed ? threadName : `worker ${threadId}`, tid: kernelThread() };
}

function kernelThread(): number {
  try {
    return Number(own.fs.readlinkSync("/proc/thread-self").split("/").at(-1)) || 0;
  } catch {
    return 0;
  }
}

/** Field 22 of /proc/self/stat; the name before it may have spaces and brackets. */
export function startTicks(): string {
  try {
    const stat = own.fs.readFileSync("/proc/self/stat", "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return "0";
  }
}
